//! A folder with homes in it, and the command run in them.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;

use serde_json::Value;
use tempfile::TempDir;

use crate::{Clock, Host, Ran};

/// The `myrhiza` command, beside which this test was built.
///
/// # Panics
/// If it is not there.
pub fn command() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    // `target/debug/deps/TEST`
    let folder = test.ancestors().nth(2).unwrap();
    let command = folder.join("myrhiza").with_extension(std::env::consts::EXE_EXTENSION);
    assert!(command.is_file(), "{} was not built; run `cargo xtask test e2e`", command.display());
    command
}

/// Where the apps' components are.
///
/// # Panics
/// If `MYRHIZA_APPS` does not say.
pub fn components() -> PathBuf {
    let built = std::env::var_os("MYRHIZA_APPS");
    built.expect("MYRHIZA_APPS names no folder of components; run `cargo xtask test e2e`").into()
}

/// A folder of this repository's apps.
fn sources(app: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../apps").join(app)
}

/// A folder that goes away with the test.
pub struct Folder(TempDir);

impl Folder {
    /// An empty one.
    #[expect(clippy::new_without_default, reason = "it makes a folder")]
    pub fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// A path in it.
    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// A home that is not there yet.
    pub fn home(&self, name: &str) -> Home {
        Home::at(self.path(name))
    }

    /// A home with unsealed keys.
    pub fn made(&self, name: &str) -> Home {
        let home = self.home(name);
        home.run(["init", "--no-passphrase"]).ok();
        home
    }

    /// A file with these bytes.
    pub fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        std::fs::write(self.path(name), bytes).unwrap();
        self.path(name)
    }

    /// An app's bundle, signed by the person of `author`.
    pub fn signed(&self, author: &Home, app: &str) -> PathBuf {
        self.signed_from(author, app, &components())
    }

    /// The same with components of another folder.
    pub fn signed_from(&self, author: &Home, app: &str, components: &Path) -> PathBuf {
        let file = self.path(&format!("{app}.myr"));
        author.pack(&sources(app), components, &file).ok();
        author.json(["sign".as_ref(), file.as_os_str()]).ok();
        file
    }

    /// Two homes with both apps, `author`'s own among them.
    pub fn pair(&self) -> (Home, Home) {
        let (alice, bob) = (self.made("alice"), self.made("bob"));
        for app in ["counter", "poll"] {
            let bundle = self.signed(&alice, app);
            alice.install(&bundle).ok();
            bob.install(&bundle).ok();
        }
        (alice, bob)
    }

    /// Homes with the counter, the first of which signed it.
    pub fn counters<const N: usize>(&self, names: [&str; N]) -> [Home; N] {
        let homes = names.map(|name| self.made(name));
        let bundle = self.signed(&homes[0], "counter");
        homes.iter().for_each(|home| drop(home.install(&bundle).ok()));
        homes
    }
}

/// A home, there or not.
pub struct Home {
    /// Its folder.
    pub path: PathBuf,
    /// Where its commands run, if not here.
    pub host: Option<Arc<Host>>,
    /// What tells its commands the time, if not the system's clock.
    pub clock: Option<Clock>,
    /// Where its node's page is, if not beside the command.
    pub shell: Option<PathBuf>,
}

impl Home {
    /// The home in a folder, on this host.
    pub fn at(path: PathBuf) -> Self {
        Self { path, host: None, clock: None, shell: None }
    }

    /// The same home, whose commands run on a host from now on.
    pub fn on(self, host: &Arc<Host>) -> Self {
        Self { host: Some(host.clone()), ..self }
    }

    /// The command on this home, without a terminal and with nothing of this process's settings.
    pub fn command<A: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = A>) -> Command {
        let mut command = match &self.host {
            Some(host) => host.command(command()),
            None => Command::new(command()),
        };
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("MYRHIZA_") {
                command.env_remove(name);
            }
        }
        if let Some(clock) = &self.clock {
            clock.tell(&mut command);
        }
        if let Some(shell) = &self.shell {
            command.env("MYRHIZA_SHELL", shell);
        }
        command.args(arguments).arg("--home").arg(&self.path).stdin(Stdio::null());
        command
    }

    /// Runs the command on it.
    pub fn run<A: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = A>) -> Ran {
        Ran::of(&mut self.command(arguments))
    }

    /// With `--json`.
    pub fn json<A: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = A>) -> Ran {
        Ran::of(self.command(arguments).arg("--json"))
    }

    /// A file of it.
    pub fn file(&self, name: impl AsRef<Path>) -> PathBuf {
        self.path.join(name)
    }

    /// Packs an app.
    pub fn pack(&self, sources: &Path, components: &Path, file: &Path) -> Ran {
        self.json([
            "pack".as_ref(),
            sources.as_os_str(),
            "--components".as_ref(),
            components.as_os_str(),
            "--output".as_ref(),
            file.as_os_str(),
        ])
    }

    /// Installs a bundle, whatever it asks for.
    pub fn install(&self, bundle: &Path) -> Ran {
        self.json(["app".as_ref(), "install".as_ref(), bundle.as_os_str(), "--yes".as_ref()])
    }

    /// Founds a topic.
    pub fn found(&self, app: &str, name: &str) -> String {
        let made = self.json(["topic", "create", app, "--name", name]).ok().value();
        made["topic"].as_str().unwrap().to_owned()
    }

    /// A ticket for a topic.
    pub fn invite(&self, topic: &str) -> String {
        let made = self.json(["topic", "invite", topic]).ok().value();
        made["ticket"].as_str().unwrap().to_owned()
    }

    /// A ticket for somebody who may invite others.
    pub fn invite_host(&self, topic: &str) -> String {
        let made = self.json(["topic", "invite", topic, "--may-invite"]).ok().value();
        made["ticket"].as_str().unwrap().to_owned()
    }

    /// Comes into a topic.
    pub fn join(&self, ticket: &str) {
        self.json(["topic", "join", ticket]).ok();
    }

    /// Hands what this home has of a topic to another.
    pub fn hand(&self, topic: &str, other: &Home) -> Value {
        let file = self.export(topic);
        other.import(&file).ok().value()
    }

    /// A file with what this home has of a topic.
    pub fn export(&self, topic: &str) -> PathBuf {
        let file = self.path.with_extension("myrtopic");
        self.json(["topic".as_ref(), "export".as_ref(), topic.as_ref(), file.as_os_str()]).ok();
        file
    }

    /// Takes in a topic's file.
    pub fn import(&self, file: &Path) -> Ran {
        self.json(["topic".as_ref(), "import".as_ref(), file.as_os_str()])
    }

    /// What it did, accepted: the event's id.
    #[track_caller]
    pub fn act(&self, topic: &str, intent: &[&str]) -> String {
        let done = self.json([&["do", topic], intent].concat()).ok().value();
        assert_eq!((&done["verdict"], &done["reason"]), (&"accept".into(), &"".into()));
        done["event"].as_str().unwrap().to_owned()
    }

    /// What it did not do, and why.
    pub fn refused(&self, topic: &str, intent: &[&str]) -> String {
        let done = self.json([&["do", topic], intent].concat()).exits(1).value();
        assert_eq!((&done["verdict"], &done["event"]), (&"reject".into(), &Value::Null), "{done}");
        done["reason"].as_str().unwrap().to_owned()
    }

    /// What a topic has come to.
    #[track_caller]
    pub fn root(&self, topic: &str) -> Value {
        self.json(["root", topic]).ok().value()
    }

    /// How many events of a topic are here.
    #[track_caller]
    pub fn count(&self, topic: &str) -> u64 {
        self.root(topic)["events"].as_u64().unwrap()
    }

    /// A topic's events, in order.
    pub fn log(&self, topic: &str) -> Vec<Value> {
        self.json(["log", topic]).ok().value().as_array().unwrap().clone()
    }

    /// The ids of a topic's events, in order.
    pub fn events(&self, topic: &str) -> Vec<String> {
        self.log(topic).iter().map(|event| event["id"].as_str().unwrap().to_owned()).collect()
    }

    /// It has each of these events, and each was accepted.
    #[track_caller]
    pub fn has(&self, topic: &str, acknowledged: &[String]) {
        let log = self.log(topic);
        for id in acknowledged {
            let found = log.iter().find(|event| event["id"] == id.as_str());
            let event = found.unwrap_or_else(|| panic!("{} lost {id}", self.path.display()));
            assert_eq!(event["verdict"], "accept", "{event}");
        }
    }
}
