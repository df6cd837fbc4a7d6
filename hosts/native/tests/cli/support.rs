//! A folder with homes in it, and the command run in it.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

pub(crate) const MYRHIZA: &str = env!("CARGO_BIN_EXE_myrhiza");

/// A folder that goes away with the test.
pub(crate) struct Folder(TempDir);

impl Folder {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// A home that is not there yet.
    pub(crate) fn home(&self, name: &str) -> Home {
        Home { path: self.path(name) }
    }

    /// A home with unsealed keys.
    pub(crate) fn made(&self, name: &str) -> Home {
        let home = self.home(name);
        home.run(["init", "--no-passphrase"]).ok();
        home
    }

    pub(crate) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        std::fs::write(self.path(name), bytes).unwrap();
        self.path(name)
    }
}

/// A home, there or not.
pub(crate) struct Home {
    pub(crate) path: PathBuf,
}

impl Home {
    /// The command on this home, without a terminal and with nothing of this process's settings.
    pub(crate) fn command<A: AsRef<OsStr>>(
        &self,
        arguments: impl IntoIterator<Item = A>,
    ) -> Command {
        let mut command = Command::new(MYRHIZA);
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("MYRHIZA_") {
                command.env_remove(name);
            }
        }
        command.args(arguments).arg("--home").arg(&self.path).stdin(Stdio::null());
        command
    }

    pub(crate) fn run<A: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = A>) -> Ran {
        Ran::of(&mut self.command(arguments))
    }

    /// With `--json`.
    pub(crate) fn json<A: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = A>) -> Ran {
        Ran::of(self.command(arguments).arg("--json"))
    }

    pub(crate) fn file(&self, name: impl AsRef<Path>) -> PathBuf {
        self.path.join(name)
    }
}

/// A command that ended.
pub(crate) struct Ran {
    command: String,
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ran {
    pub(crate) fn of(command: &mut Command) -> Self {
        let Output { status, stdout, stderr } = command.output().unwrap();
        Self {
            command: format!("{command:?}"),
            code: status.code(),
            stdout: String::from_utf8(stdout).unwrap(),
            stderr: String::from_utf8(stderr).unwrap(),
        }
    }

    /// It ended with that code.
    #[track_caller]
    pub(crate) fn exits(self, code: i32) -> Self {
        let Self { command, stdout, stderr, .. } = &self;
        assert_eq!(self.code, Some(code), "{command}\n--- stdout\n{stdout}--- stderr\n{stderr}");
        self
    }

    /// It did what it was asked.
    #[track_caller]
    pub(crate) fn ok(self) -> Self {
        self.exits(0)
    }

    /// What it printed, as JSON.
    #[track_caller]
    pub(crate) fn value(&self) -> Value {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|error| panic!("{}: {error}: {:?}", self.command, self.stdout))
    }

    /// It failed with that exit code and `error.code`, in the shape of every failure.
    #[track_caller]
    pub(crate) fn fails(self, exit: i32, code: &str) -> Value {
        let value = self.exits(exit).value();
        let error = value["error"].as_object().unwrap();
        let keys: Vec<_> = error.keys().map(String::as_str).collect();
        assert_eq!(keys, ["cause", "code", "next", "what"], "{value}");
        assert!(
            error.values().all(|text| text.as_str().is_some_and(|text| !text.is_empty())),
            "{value}"
        );
        assert_eq!(error["code"], code, "{value}");
        value["error"].clone()
    }
}

/// A folder of this repository's apps.
fn sources(app: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../apps").join(app)
}

/// Where the apps' components are.
pub(crate) fn components() -> PathBuf {
    let built = std::env::var_os("MYRHIZA_APPS");
    built.expect("MYRHIZA_APPS names no folder of components; run `cargo xtask test e2e`").into()
}

impl Folder {
    /// An app's bundle, signed by the person of `author`.
    pub(crate) fn signed(&self, author: &Home, app: &str) -> PathBuf {
        let file = self.path(&format!("{app}.myr"));
        author.pack(&sources(app), &components(), &file).ok();
        author.json(["sign".as_ref(), file.as_os_str()]).ok();
        file
    }

    /// Two homes with both apps, `author`'s own among them.
    pub(crate) fn pair(&self) -> (Home, Home) {
        let (alice, bob) = (self.made("alice"), self.made("bob"));
        for app in ["counter", "poll"] {
            let bundle = self.signed(&alice, app);
            alice.install(&bundle).ok();
            bob.install(&bundle).ok();
        }
        (alice, bob)
    }
}

impl Home {
    pub(crate) fn pack(&self, sources: &Path, components: &Path, file: &Path) -> Ran {
        self.json([
            "pack".as_ref(),
            sources.as_os_str(),
            "--components".as_ref(),
            components.as_os_str(),
            "--output".as_ref(),
            file.as_os_str(),
        ])
    }

    pub(crate) fn install(&self, bundle: &Path) -> Ran {
        self.json(["app".as_ref(), "install".as_ref(), bundle.as_os_str(), "--yes".as_ref()])
    }

    /// Founds a topic.
    pub(crate) fn found(&self, app: &str, name: &str) -> String {
        let made = self.json(["topic", "create", app, "--name", name]).ok().value();
        made["topic"].as_str().unwrap().to_owned()
    }

    pub(crate) fn invite(&self, topic: &str) -> String {
        let made = self.json(["topic", "invite", topic]).ok().value();
        made["ticket"].as_str().unwrap().to_owned()
    }

    /// Hands what this home has of a topic to another.
    pub(crate) fn hand(&self, topic: &str, other: &Home) -> Value {
        let file = self.path.with_extension("myrtopic");
        self.json(["topic".as_ref(), "export".as_ref(), topic.as_ref(), file.as_os_str()]).ok();
        other.import(&file).ok().value()
    }

    pub(crate) fn import(&self, file: &Path) -> Ran {
        self.json(["topic".as_ref(), "import".as_ref(), file.as_os_str()])
    }

    /// What it did, accepted.
    pub(crate) fn act(&self, topic: &str, intent: &[&str]) -> String {
        let done = self.json([&["do", topic], intent].concat()).ok().value();
        assert_eq!((&done["verdict"], &done["reason"]), (&"accept".into(), &"".into()));
        done["event"].as_str().unwrap().to_owned()
    }

    /// What it did not do, and why.
    pub(crate) fn refused(&self, topic: &str, intent: &[&str]) -> String {
        let done = self.json([&["do", topic], intent].concat()).exits(1).value();
        assert_eq!((&done["verdict"], &done["event"]), (&"reject".into(), &Value::Null), "{done}");
        done["reason"].as_str().unwrap().to_owned()
    }

    pub(crate) fn root(&self, topic: &str) -> Value {
        self.json(["root", topic]).ok().value()
    }

    pub(crate) fn log(&self, topic: &str) -> Vec<Value> {
        self.json(["log", topic]).ok().value().as_array().unwrap().clone()
    }

    /// The ids of a topic's events, in order.
    pub(crate) fn events(&self, topic: &str) -> Vec<String> {
        self.log(topic).iter().map(|event| event["id"].as_str().unwrap().to_owned()).collect()
    }
}
