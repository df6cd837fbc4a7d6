//! A binary that links this store beside the command's own plug-ins: homes kept in redb, next to
//! homes that are not.
//!
//! The counter's components are those that `cargo xtask guests` built: `MYRHIZA_APPS` names the
//! folder.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;

const WITH: &str = env!("CARGO_BIN_EXE_myrhiza-redb");
const WITHOUT: &str = env!("CARGO_BIN_EXE_myrhiza-without-redb");

/// A home and the binary it is driven with.
struct Home {
    binary: &'static str,
    path: PathBuf,
}

impl Home {
    /// Makes a home that the store keeps.
    fn make(binary: &'static str, folder: &TempDir, store: &str) -> Self {
        let home = Self { binary, path: folder.path().join(store) };
        home.ok(["init", "--no-passphrase", "--store", store]);
        home
    }

    /// The same home, opened with another binary.
    fn with(&self, binary: &'static str) -> Self {
        Self { binary, path: self.path.clone() }
    }

    /// The exit code of a command and what it printed.
    fn run<A: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = A>) -> (i32, Value) {
        let mut command = Command::new(self.binary);
        command.args(arguments).arg("--json").arg("--home").arg(&self.path).stdin(Stdio::null());
        let output = command.output().unwrap();
        let value = serde_json::from_slice(&output.stdout)
            .unwrap_or_else(|error| panic!("{command:?}: {error}: {output:?}"));
        (output.status.code().unwrap(), value)
    }

    #[track_caller]
    fn ok<A: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = A>) -> Value {
        let (code, value) = self.run(arguments);
        assert_eq!(code, 0, "{value}");
        value
    }

    #[track_caller]
    fn fails<A: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = A>) -> Value {
        let (code, value) = self.run(arguments);
        assert_ne!(code, 0, "{value}");
        value["error"].clone()
    }

    fn install(&self, bundle: &Path) {
        self.ok(["app".as_ref(), "install".as_ref(), bundle.as_os_str(), "--yes".as_ref()]);
    }

    /// Hands what it has of the topic to another home.
    fn hand(&self, other: &Home) {
        let file = self.path.with_extension("myrtopic");
        self.ok(["topic".as_ref(), "export".as_ref(), "lobby".as_ref(), file.as_os_str()]);
        other.ok(["topic".as_ref(), "import".as_ref(), file.as_os_str()]);
    }

    fn root(&self) -> Value {
        self.ok(["root", "lobby"])
    }
}

/// The counter, signed by whoever lives in that home.
fn counter(author: &Home, folder: &TempDir) -> PathBuf {
    let components = std::env::var_os("MYRHIZA_APPS");
    let components = components
        .expect("MYRHIZA_APPS names no folder of components; run `cargo xtask test kernel`");
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../apps/counter");
    let bundle = folder.path().join("counter.myr");
    author.ok([
        "pack".as_ref(),
        sources.as_os_str(),
        "--components".as_ref(),
        components.as_os_str(),
        "--output".as_ref(),
        bundle.as_os_str(),
    ]);
    author.ok(["sign".as_ref(), bundle.as_os_str()]);
    bundle
}

#[test]
fn homes_in_redb_and_in_lmdb_act_apart_and_agree() {
    let folder = tempfile::tempdir().unwrap();
    let redb = Home::make(WITH, &folder, "redb");
    let lmdb = Home::make(WITHOUT, &folder, "lmdb");
    assert!(
        fs::read_to_string(redb.path.join("config.toml")).unwrap().contains("store = \"redb\"")
    );
    assert!(redb.path.join("store/redb/store.redb").is_file());

    let bundle = counter(&redb, &folder);
    redb.install(&bundle);
    lmdb.install(&bundle);
    redb.ok(["topic", "create", "counter", "--name", "lobby"]);
    let ticket = redb.ok(["topic", "invite", "lobby"])["ticket"].as_str().unwrap().to_owned();
    lmdb.ok(["topic", "join", &ticket]);
    redb.ok(["do", "lobby", "increment", "10"]);
    redb.ok(["do", "lobby", "reset"]);
    lmdb.ok(["do", "lobby", "increment", "3"]);
    assert_ne!(redb.root(), lmdb.root());
    redb.hand(&lmdb);
    lmdb.hand(&redb);
    assert_eq!(redb.root(), lmdb.root());
    assert_eq!(redb.ok(["log", "lobby"]), lmdb.ok(["log", "lobby"]));
    assert_eq!(redb.ok(["doctor"])["ok"], true);
}

#[test]
fn a_build_without_the_store_says_which_it_has_and_leaves_the_home_alone() {
    let folder = tempfile::tempdir().unwrap();
    let home = Home::make(WITH, &folder, "redb");
    let id = home.ok(["id"]);
    let without = home.with(WITHOUT);
    for command in [["id"].as_slice(), &["topic", "list"], &["config", "store", "lmdb"]] {
        let error = without.fails(command);
        assert_eq!(error["code"], "no-store", "{error}");
        let cause = error["cause"].as_str().unwrap();
        assert!(cause.contains("the store `redb` wrote it"), "{error}");
        assert!(
            cause.contains("there is no store `redb` in this build; there is `lmdb`"),
            "{error}"
        );
    }
    assert_eq!(without.run(["doctor"]).1["ok"], false);
    assert_eq!(home.ok(["id"]), id);
    assert_eq!(home.ok(["topic", "list"]), json!([]));

    let new = Home { binary: WITHOUT, path: folder.path().join("new") };
    let error = new.fails(["init", "--no-passphrase", "--store", "redb"]);
    assert_eq!(error["code"], "unknown-store", "{error}");
    assert!(!new.path.exists());
}

#[test]
fn a_setting_does_not_turn_one_store_into_another() {
    let folder = tempfile::tempdir().unwrap();
    let home = Home::make(WITH, &folder, "redb");
    assert_eq!(home.fails(["config", "store", "lmdb"])["code"], "other-store");
    fs::write(home.path.join("config.toml"), "store = \"lmdb\"\n").unwrap();
    let error = home.fails(["id"]);
    assert_eq!(error["code"], "other-store", "{error}");
    assert!(error["next"].as_str().unwrap().contains("store = \"redb\""), "{error}");
    fs::write(home.path.join("config.toml"), "store = \"redb\"\n").unwrap();
    home.ok(["id"]);
}
