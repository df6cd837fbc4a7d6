use clap::Subcommand;
use myrhiza_api::apps::{Short, Shown};
use myrhiza_kernel::bundle::Bundle;

use super::{authors, install, publish, upgrade};
use crate::context::{Context, now_ms};
use crate::exit::Exit;
use crate::failure::Outcome;
use crate::runtime::{app, told};
use crate::{terminal, text};

/// Install, list, upgrade and remove apps
#[derive(Subcommand)]
pub(crate) enum App {
    /// Show what a bundle may do, and install it if you agree
    Install {
        /// A file with a signed bundle; or, from peers: a ticket, whose topic is joined, the topic
        /// that waits for a bundle, a bundle's id, or an author and the name of an app they published
        #[arg(value_name = "FILE|TICKET|TOPIC|BUNDLE|AUTHOR/NAME")]
        from: String,
        /// Agree to what is shown
        #[arg(long)]
        yes: bool,
        /// Install it also if its author has revoked it, and keep to it
        #[arg(long)]
        pin: bool,
    },
    /// List the installed apps
    List,
    /// Go on with a later version of its app in a topic
    Upgrade {
        /// The topic's name, or the start of its id
        topic: String,
        /// That version's name, or the start of its bundle's id [default: the newest installed]
        app: Option<String>,
        /// What `app hand-over` printed, where the version is by another author than the topic's
        /// first; more than one in the order they were made
        #[arg(long, value_name = "HEX")]
        hand_over: Vec<String>,
        /// Agree to what is shown
        #[arg(long)]
        yes: bool,
    },
    /// As its author, let an app go on under another person's key
    HandOver {
        /// Its name, or the start of its bundle's id
        app: String,
        /// The next author
        person: String,
        /// What was printed when it was handed over to you, if it was
        #[arg(long, value_name = "HEX")]
        hand_over: Vec<String>,
    },
    /// Show what an author has published and revoked
    Published {
        /// `myr1…`, or the author's key in hex [default: you]
        author: Option<String>,
    },
    /// As its author, tell everybody that nobody is to go on with a bundle; for ever
    Revoke {
        /// Its name or the start of its id, of what you published or of what is installed
        bundle: String,
        /// Why, for those who run it
        #[arg(long)]
        reason: String,
        /// The bundle to go on with, named in the same way
        #[arg(long, value_name = "BUNDLE")]
        successor: Option<String>,
        /// Agree to what is shown
        #[arg(long)]
        yes: bool,
    },
    /// Keep to an app although its author has revoked it
    #[command(arg = terminal::unasked_yes())]
    Pin {
        /// Its name, or the start of its bundle's id
        app: String,
    },
    /// Remove an app that no topic needs
    #[command(arg = terminal::unasked_yes())]
    Remove {
        /// Its name, or the start of its bundle's id
        app: String,
    },
}

impl App {
    pub(crate) fn run(self, cx: &Context<'_>) -> Outcome<Exit> {
        match self {
            Self::Install { from, yes, pin } => {
                offers::find(cx, from, move |cx, runtime, found| {
                    let bundle = install::found(cx, runtime, found, yes, pin)?;
                    short(cx, &bundle, "installed")
                })
            }
            Self::List => list(cx),
            Self::Upgrade { topic, app, hand_over, yes } => {
                let (app, hand_overs) = (app.as_deref(), &*hand_over);
                upgrade::upgrade(cx, &upgrade::Upgrade { topic: &topic, app, hand_overs, yes })
            }
            Self::HandOver { app, person, hand_over } => {
                upgrade::hand_over(cx, &app, &person, &hand_over)
            }
            Self::Published { author } => authors::published(cx, author.as_deref()),
            Self::Revoke { bundle, reason, successor, yes } => {
                let (bundle, reason, successor) = (&*bundle, &*reason, successor.as_deref());
                publish::revoke(cx, &publish::Revoke { bundle, reason, successor, yes })
            }
            Self::Pin { app: asked } => {
                let (_home, mut runtime) = cx.open_runtime()?;
                let bundle = app(&runtime, &asked)?;
                let what = format!("{} was not pinned", bundle.manifest().name);
                runtime.pin(bundle.id()).map_err(told(what))?;
                short(cx, &bundle, "pinned")
            }
            Self::Remove { app: asked } => {
                let (_home, mut runtime) = cx.open_runtime()?;
                let bundle = app(&runtime, &asked)?;
                runtime
                    .uninstall(bundle.id())
                    .map_err(told(format!("{} was not removed", bundle.manifest().name)))?;
                short(cx, &bundle, "removed")
            }
        }
    }
}

fn short(cx: &Context<'_>, bundle: &Bundle, done: &str) -> Outcome<Exit> {
    let short = Short::from(bundle);
    cx.output.print(&short, |out| {
        writeln!(out, "{done} {} {} ({})", text::line(&short.name), short.version, short.bundle)
    })?;
    Ok(Exit::Ok)
}

fn list(cx: &Context<'_>) -> Outcome<Exit> {
    let (_home, runtime) = cx.open_runtime()?;
    let apps = runtime.apps().map_err(told("the apps were not read"))?;
    let listed = apps.iter().map(|bundle| Shown::of(&runtime, bundle, now_ms()));
    let listed = listed.collect::<Result<Vec<_>, _>>();
    let listed = listed.map_err(told("what authors say was not read"))?;
    cx.output.remark_if(
        listed.is_empty(),
        "no app is installed; `myrhiza app install FILE` installs one",
    );
    cx.output.print(&listed, |out| {
        listed.iter().try_for_each(|app| {
            let name = text::line(&app.name);
            writeln!(out, "{}  {name} {}  by {}", &app.id[..16], app.version, app.author_name)?;
            authors::words(&app.word).map_or(Ok(()), |words| writeln!(out, "  REVOKED {words}"))
        })
    })?;
    Ok(Exit::Ok)
}
