//! Kills in the midst of writing, disks that are full, homes that two want.

use std::ffi::OsStr;
use std::fs;
use std::io::Read as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use myrhiza_e2e::{Folder, Home, Node, Ran};

/// A random pause, from the time that it is.
fn pause(most: Duration) {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    let part = f64::from(now.subsec_nanos() % 1_000_003) / 1_000_003.0;
    std::thread::sleep(most.mul_f64(part));
}

/// The root that another home comes to from nothing but the events.
fn refolded(folder: &Folder, home: &Home, topic: &str) -> serde_json::Value {
    let fresh = folder.made("fresh");
    fresh.install(&folder.path("counter.myr")).ok();
    home.hand(topic, &fresh);
    fresh.root(topic)
}

#[test]
fn what_was_acknowledged_survives_kills_in_the_midst_of_acting() {
    let folder = Folder::new();
    let (alice, _) = folder.pair();
    alice.found("counter", "lobby");
    let mut acknowledged = Vec::new();
    for _ in 0..25 {
        let mut child = alice
            .command(["do", "lobby", "increment", "1"])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        pause(Duration::from_millis(700));
        child.kill().unwrap();
        child.wait().unwrap();
        let mut told = String::new();
        child.stdout.take().unwrap().read_to_string(&mut told).unwrap();
        if told.ends_with('\n') {
            acknowledged.push(told.trim().to_owned());
        }
    }
    let events = alice.events("lobby");
    assert!(acknowledged.iter().all(|id| events.contains(id)), "{acknowledged:?} {events:?}");
    alice.json(["doctor"]).ok();
    alice.act("lobby", &["increment", "1"]);
    assert_eq!(refolded(&folder, &alice, "lobby"), alice.root("lobby"));
}

#[test]
fn a_kill_in_the_midst_of_an_import_leaves_a_home_that_imports_the_rest() {
    let folder = Folder::new();
    let (alice, bob) = folder.pair();
    alice.found("counter", "lobby");
    for _ in 0..20 {
        alice.act("lobby", &["increment", "1"]);
    }
    let file = folder.path("lobby.myrtopic");
    alice.json(["topic".as_ref(), "export".as_ref(), "lobby".as_ref(), file.as_os_str()]).ok();
    for _ in 0..15 {
        let mut child = bob
            .command(["topic".as_ref(), "import".as_ref(), file.as_os_str()])
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        pause(Duration::from_millis(300));
        child.kill().unwrap();
        child.wait().unwrap();
        bob.json(["topic", "list"]).ok();
    }
    bob.import(&file).ok();
    assert_eq!(bob.root("lobby"), alice.root("lobby"));
}

#[test]
fn a_kill_in_the_midst_of_leaving_leaves_the_home_and_its_other_topics_whole() {
    let folder = Folder::new();
    let (alice, bob) = folder.pair();
    alice.found("counter", "other");
    alice.found("counter", "lobby");
    alice.act("lobby", &["increment", "1"]);
    alice.hand("lobby", &bob);
    let (other, lobby) = (alice.root("other"), alice.root("lobby"));
    for _ in 0..12 {
        let mut child = alice
            .command(["topic", "leave", "lobby", "--yes"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        pause(Duration::from_millis(120));
        child.kill().unwrap();
        child.wait().unwrap();
        assert_eq!(alice.root("other"), other);
        bob.hand("lobby", &alice);
        assert_eq!(alice.root("lobby"), lobby);
    }
}

/// A pipe that nobody writes to.
fn pipe(path: &Path) {
    assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
}

#[test]
fn a_pipe_is_refused_where_a_file_is_read_and_stops_no_node() {
    let folder = Folder::new();
    let alice = folder.made("alice");
    let given = folder.path("pipe");
    pipe(&given);
    let refuse = || {
        let commands: [&[&str]; 5] =
            [&["inspect"], &["sign"], &["publish"], &["topic", "import"], &["app", "install"]];
        for command in commands {
            let arguments = command.iter().map(OsStr::new).chain([given.as_os_str()]);
            alice.json(arguments).fails(2, "no-regular-file");
        }
    };
    refuse();
    let node = Node::up(&alice, &[]);
    refuse();
    alice.json(["topic", "list"]).ok();
    node.stop();
    for name in ["config.toml", "keys/certificate", "keys/sealed", "home.toml"] {
        let (file, aside) = (alice.file(name), folder.path("aside"));
        fs::rename(&file, &aside).unwrap();
        pipe(&file);
        alice.json(["id"]).fails(2, "no-regular-file");
        fs::rename(&aside, &file).unwrap();
    }
    alice.json(["id"]).ok();
}

#[test]
fn two_processes_that_act_at_once_wait_for_each_other() {
    let folder = Folder::new();
    let (alice, _) = folder.pair();
    alice.found("counter", "lobby");
    let acting = |_| alice.command(["do", "lobby", "increment", "1"]).stdout(Stdio::null()).spawn();
    let children: Vec<_> = (0..4).map(|n: u32| acting(n).unwrap()).collect();
    for mut child in children {
        assert!(child.wait().unwrap().success());
    }
    let seqs: Vec<_> = alice.log("lobby").iter().map(|e| e["seq"].as_u64().unwrap()).collect();
    assert_eq!(seqs, [0, 1, 2, 3, 4], "no number twice, none left out");
}

#[test]
fn sealed_keys_are_needed_to_act_and_not_to_look() {
    let folder = Folder::new();
    let author = folder.made("author");
    let bundle = folder.signed(&author, "counter");
    let home = folder.home("alice");
    let with = |arguments: &[&str], passphrase: &str| {
        Ran::of(home.command(arguments).arg("--json").env("MYRHIZA_PASSPHRASE", passphrase))
    };
    with(&["init"], "open sesame").ok();
    home.install(&bundle).ok();
    home.json(["topic", "create", "counter", "--name", "lobby"]).fails(4, "needs-confirmation");
    with(&["topic", "create", "counter", "--name", "lobby"], "open sesame").ok();
    home.json(["do", "lobby", "increment", "1"]).fails(4, "needs-confirmation");
    with(&["do", "lobby", "increment", "1"], "open says me").fails(1, "wrong-passphrase");
    assert_eq!(home.log("lobby").len(), 1);
    with(&["do", "lobby", "increment", "1"], "open sesame").ok();
    for look in [["view", "lobby"], ["state", "lobby"], ["root", "lobby"], ["log", "lobby"]] {
        home.json(look).ok();
    }
}

/// A small file system in memory; `None` where this process may not make one.
struct SmallDisk<'a>(&'a Path);

impl<'a> SmallDisk<'a> {
    fn at(path: &'a Path, bytes: &str) -> Option<Self> {
        fs::create_dir(path).unwrap();
        let mount = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &format!("size={bytes}"), "none"])
            .arg(path)
            .stderr(Stdio::null())
            .status();
        mount.is_ok_and(|status| status.success()).then_some(Self(path))
    }
}

impl Drop for SmallDisk<'_> {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(self.0).status();
    }
}

#[test]
fn a_full_disk_is_told_and_leaves_the_home_as_it_was() {
    let folder = Folder::new();
    let disk = folder.path("disk");
    let Some(_disk) = SmallDisk::at(&disk, "8m") else {
        eprintln!("skipped: mounting a small disk needs root");
        return;
    };
    let author = folder.made("author");
    let home = Home::at(disk.join("alice"));
    home.json(["init", "--no-passphrase"]).ok();
    home.install(&folder.signed(&author, "counter")).ok();
    home.found("counter", "lobby");
    home.act("lobby", &["increment", "1"]);
    let before = home.root("lobby");

    // Everything there is, to the last page.
    let filler = disk.join("filler");
    for block in [1 << 16, 1 << 12] {
        let mut file = fs::OpenOptions::new().create(true).append(true).open(&filler).unwrap();
        while std::io::Write::write_all(&mut file, &vec![1; block]).is_ok() {}
    }
    let mut failures = 0;
    for _ in 0..50 {
        let ran = home.json(["do", "lobby", "increment", "1"]);
        if ran.code != Some(0) {
            ran.fails(1, "disk-full");
            failures += 1;
        }
    }
    assert!(failures > 0, "fifty events fit into no space");
    let found = home.json(["doctor"]).exits(1).value();
    let space = found["checks"].as_array().unwrap().iter().find(|check| check["name"] == "space");
    assert_eq!(space.unwrap()["ok"], false, "{found}");
    let other = Home::at(disk.join("bob"));
    other.json(["init", "--no-passphrase"]).fails(1, "disk-full");
    assert!(!other.path.exists());
    let told = home.log("lobby").len();
    fs::remove_file(filler).unwrap();
    assert_eq!(home.log("lobby").len(), told);
    assert!(home.root("lobby")["events"].as_u64() >= before["events"].as_u64());
    home.act("lobby", &["increment", "1"]);
    assert_eq!(refolded(&folder, &home, "lobby"), home.root("lobby"));
}
