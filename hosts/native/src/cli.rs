//! The command line.

use std::env;
use std::ffi::OsString;
use std::io::Write as _;
use std::path::PathBuf;

use clap::error::ErrorKind;
use clap::{CommandFactory as _, FromArgMatches as _, Parser, Subcommand};
use myrhiza_kernel_api::{Kind, Registry};
use serde::Serialize;

use crate::commands;
use crate::console;
use crate::context::{Context, Lent};
use crate::exit::Exit;
use crate::failure::{Failure, Outcome, code};
use crate::node::{self, NodeFile};
use crate::output::{self, Output};
use crate::steps::WithKernel;
use crate::{logging, plugins, text, usage};

/// Run apps with people you know, without a server between you
#[derive(Parser)]
#[command(name = "myrhiza", version, propagate_version = true)]
pub(crate) struct Cli {
    /// Where the home is [env: MYRHIZA_HOME] [default: the platform's data folder]
    #[arg(long, global = true, value_name = "DIR")]
    home: Option<PathBuf>,
    /// Print JSON
    #[arg(long, global = true)]
    json: bool,
    /// What to log to standard error: a level, or `target=level` [env: MYRHIZA_LOG] [default: warn]
    #[arg(long, global = true, value_name = "FILTER")]
    log: Option<String>,
    /// Log as JSON
    #[arg(long, global = true)]
    log_json: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Init(commands::init::Init),
    Id(commands::id::Id),
    Passwd(commands::passwd::Passwd),
    Doctor(commands::doctor::Doctor),
    Config(commands::config::Config),
    Inspect(commands::inspect::Inspect),
    Pack(commands::pack::Pack),
    Sign(commands::sign::Sign),
    Publish(commands::publish::Publish),
    #[command(subcommand)]
    Device(commands::device::Device),
    #[command(subcommand)]
    App(commands::app::App),
    #[command(subcommand)]
    Topic(commands::topic::Topic),
    Do(commands::act::Do),
    View(commands::view::View),
    State(commands::state::State),
    Log(commands::log::Log),
    Root(commands::root::Root),
    Proof(commands::proof::Proof),
    Forks(commands::dag::Forks),
    Pending(commands::dag::Pending),
    Drift(commands::drift::Drift),
    Up(commands::up::Up),
    Ui(commands::ui::Ui),
    Peers(commands::peers::Peers),
    Sync(commands::sync::Sync),
    #[cfg(feature = "relay")]
    Relay(commands::relay::Relay),
    Completions(commands::completions::Completions),
}

impl Command {
    /// True if it is about the home, and so is the node's to run while the node has the home. What
    /// asks for a passphrase is not.
    fn is_of_home(&self) -> bool {
        #[cfg(feature = "relay")]
        if matches!(self, Self::Relay(_)) {
            return false;
        }
        // What proves something by itself needs no home, and may be longer than what a node is sent.
        if matches!(self, Self::Forks(forks) if forks.is_check()) {
            return false;
        }
        // It looks at the store for another that has the home.
        if matches!(self, Self::Doctor(doctor) if doctor.is_started_by_another()) {
            return false;
        }
        !matches!(
            self,
            Self::Init(_)
                | Self::Inspect(_)
                | Self::Pack(_)
                | Self::Passwd(_)
                | Self::Up(_)
                | Self::Ui(_)
                | Self::Completions(_)
        )
    }

    /// True if it reads standard input where it is the node's to run.
    fn reads_input(&self) -> bool {
        matches!(self, Self::Topic(topic) if topic.reads_ticket())
    }

    fn run(self, cx: &Context<'_>) -> Outcome<Exit> {
        match self {
            Self::Init(command) => command.run(cx),
            Self::Id(command) => command.run(cx),
            Self::Passwd(command) => command.run(cx),
            Self::Doctor(command) => command.run(cx),
            Self::Config(command) => command.run(cx),
            Self::Inspect(command) => command.run(cx),
            Self::Pack(command) => command.run(cx),
            Self::Sign(command) => command.run(cx),
            Self::Publish(command) => command.run(cx),
            Self::Device(command) => command.run(cx),
            Self::App(command) => command.run(cx),
            Self::Topic(command) => command.run(cx),
            Self::Do(command) => command.run(cx),
            Self::View(command) => command.run(cx),
            Self::State(command) => command.run(cx),
            Self::Log(command) => command.run(cx),
            Self::Root(command) => command.run(cx),
            Self::Proof(command) => command.run(cx),
            Self::Forks(command) => command.run(cx),
            Self::Pending(command) => command.run(cx),
            Self::Drift(command) => command.run(cx),
            Self::Up(command) => command.run(cx),
            Self::Ui(command) => command.run(cx),
            Self::Peers(command) => command.run(cx),
            Self::Sync(command) => command.run(cx),
            #[cfg(feature = "relay")]
            Self::Relay(command) => command.run(cx),
            Self::Completions(command) => command.run(cx, &mut Cli::command()),
        }
    }
}

/// Runs this process's command line and tells what went wrong, if anything did.
pub(crate) fn run(extra: &[(Kind, &'static str)]) -> Exit {
    let arguments: Vec<OsString> = std::env::args_os().collect();
    let matches = match Cli::command().try_get_matches_from(&arguments) {
        Ok(matches) => matches,
        Err(error) => {
            return unparsed(&error, arguments.iter().any(|argument| argument == "--json"));
        }
    };
    let command = words(&matches);
    let cli = match Cli::from_arg_matches(&matches) {
        Ok(cli) => cli,
        Err(error) => return unparsed(&error, false),
    };
    let output = Output { json: cli.json };
    match execute(cli, &arguments, command, extra) {
        Ok(exit) => exit,
        Err(failure) => tell(&failure, output),
    }
}

fn execute(
    cli: Cli,
    arguments: &[OsString],
    command: String,
    extra: &[(Kind, &'static str)],
) -> Outcome<Exit> {
    // Read here and not by clap, which would show them in every usage as if they had to be given.
    let variable = |name| env::var_os(name).filter(|value| !value.is_empty());
    let log = cli.log.or_else(|| Some(variable("MYRHIZA_LOG")?.to_string_lossy().into_owned()));
    let home = cli.home.or_else(|| variable("MYRHIZA_HOME").map(PathBuf::from));
    logging::start(log.as_deref().unwrap_or(logging::DEFAULT), cli.log_json)?;
    let plugins = [plugins::EXPECTED, extra].concat();
    let registry = registry(&plugins)?;
    let output = Output { json: cli.json };
    let cx = Context { output, registry, plugins, home, command, lent: None };
    if !cli.command.is_of_home() {
        return cli.command.run(&cx);
    }
    let (home, reads) = (cx.home_path()?, cli.command.reads_input());
    if let Some(node) = NodeFile::up_soon(&home)? {
        return node::forward(&node, arguments, reads);
    }
    match cli.command.run(&cx) {
        // A node may have taken the home just before the command would have.
        Err(failure) if failure.code == code::HOME_IN_USE => match NodeFile::up_soon(&home)? {
            Some(node) => node::forward(&node, arguments, reads),
            None => Err(failure),
        },
        ran => ran,
    }
}

/// The plug-ins that are linked, and all that are to be.
pub(crate) fn registry(plugins: &[(Kind, &'static str)]) -> Outcome<Registry> {
    Registry::collect(plugins).map_err(|error| {
        Failure::refused(
            "plug-ins",
            "this build of myrhiza is not whole",
            error.to_string(),
            "build it again with the plug-ins its features name",
        )
    })
}

/// Runs a command line in a node, for whoever asked it; or a later step of it.
pub(crate) fn serve(
    arguments: &[OsString],
    plugins: &[(Kind, &'static str)],
    lent: Lent<'_>,
    step: Option<WithKernel>,
) -> Outcome<Exit> {
    // The command line was understood before it was sent, by a program that may be another version.
    let parsed = Cli::command().try_get_matches_from(arguments).and_then(|matches| {
        let command = words(&matches);
        Cli::from_arg_matches(&matches).map(|cli| (cli, command))
    });
    let (cli, command) = parsed.map_err(|error| usage::failure(&error))?;
    // Such a command would wait for the home that this node has, or do without the passphrase what
    // needs it.
    if !cli.command.is_of_home() {
        return Err(Failure::refused(
            "node",
            format!("`{command}` was not run"),
            "it is not a running node's to do",
            "run it as a process of its own, after stopping the node if it needs the home",
        ));
    }
    let (output, registry) = (Output { json: cli.json }, registry(plugins)?);
    let (home, plugins) = (Some(lent.home.borrow().path().to_owned()), plugins.to_vec());
    let cx = Context { output, registry, plugins, home, command, lent: Some(lent) };
    match step {
        None => cli.command.run(&cx),
        Some(step) => cx.act(step),
    }
}

/// `myrhiza topic create`: the command without its arguments.
fn words(matches: &clap::ArgMatches) -> String {
    let mut words = String::from("myrhiza");
    let mut at = matches;
    while let Some((name, deeper)) = at.subcommand() {
        words.push(' ');
        words.push_str(name);
        at = deeper;
    }
    words
}

/// Help and version are no errors; everything else that clap says is one of usage.
fn unparsed(error: &clap::Error, json: bool) -> Exit {
    let asked = matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion);
    if asked || !json {
        // A closed pipe is no failure.
        let _ = error.print();
        return if asked { Exit::Ok } else { Exit::Usage };
    }
    tell(&usage::failure(error), Output { json })
}

/// The shape of every failure with `--json`.
#[derive(Serialize)]
struct Told<'a> {
    error: ToldError<'a>,
}

#[derive(Serialize)]
struct ToldError<'a> {
    code: &'a str,
    what: &'a str,
    cause: &'a str,
    next: &'a str,
}

fn tell(failure: &Failure, output: Output) -> Exit {
    let Failure { exit, code: named, what, cause, next } = failure;
    let told = if output.json {
        let error = ToldError { code: named, what, cause, next };
        let told = Told { error };
        let on_stdout = match &**named {
            // What could not be printed there: neither could this.
            code::UNPRINTED => Err(std::io::ErrorKind::Other.into()),
            _ => output::write_json(&mut console::out(), &told),
        };
        on_stdout.or_else(|_| output::write_json(&mut console::err(), &told))
    } else {
        let mut err = console::err();
        let mut print = |label: &str, words: &str| -> std::io::Result<()> {
            let mut label = label.to_owned();
            for line in text::lines(words) {
                writeln!(err, "{label:<7}{line}")?;
                label.clear();
            }
            Ok(())
        };
        print("error:", what)
            .and_then(|()| print("cause:", cause))
            .and_then(|()| print("next:", next))
    };
    // There is nobody left to tell that nobody listens.
    let _ = told;
    *exit
}
