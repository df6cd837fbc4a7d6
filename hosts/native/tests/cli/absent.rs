//! Nodes that are gone, stand still or see other files than who asks them, and what is said there.

use std::ffi::OsStr;
use std::fs::{self, File, OpenOptions};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;
use std::os::unix::ffi::OsStrExt as _;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use myrhiza_e2e::{Folder, Node, Ran, agree};

/// [HOME-3]
#[test]
fn who_has_the_port_of_a_node_that_was_killed_is_told_nothing() {
    let folder = Folder::new();
    let alice = folder.made("alice");
    let node = Node::up(&alice, &[]);
    let gone = fs::read(alice.file("node.json")).unwrap();
    let api = node.started["api"].as_str().unwrap().trim_start_matches("http://").to_owned();
    node.kill();
    let signed = fs::read(alice.file("lock")).unwrap();
    let (listener, told) = (TcpListener::bind(api).unwrap(), Arc::new(AtomicUsize::new(0)));
    let heard = told.clone();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let (mut stream, mut bytes) = (stream.unwrap(), [0; 1024]);
            // Who only looks whether somebody is there says nothing.
            if stream.read(&mut bytes).is_ok_and(|read| read > 0) {
                heard.fetch_add(1, Ordering::SeqCst);
                let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}");
            }
        }
    });
    for _ in 0..10 {
        fs::write(alice.file("node.json"), &gone).unwrap();
        fs::write(alice.file("lock"), &signed).unwrap();
        let asking = |_| alice.command(["id", "--json"]).stdout(Stdio::piped()).spawn().unwrap();
        let asking: Vec<_> = (0..8).map(asking).collect();
        for child in asking {
            assert!(child.wait_with_output().unwrap().status.success());
        }
        assert!(!alice.file("node.json").exists(), "whoever has the home takes it away");
    }
    assert_eq!(told.load(Ordering::SeqCst), 0, "a command was sent to somebody else");
    // And it says so, in one line, who has the home now.
    let lock = fs::read_to_string(alice.file("lock")).unwrap();
    assert!(lock.ends_with(" myrhiza id\n") && lock.lines().count() == 1, "{lock:?}");
}

#[test]
fn a_node_that_stands_still_is_said_to_be_waited_for() {
    let folder = Folder::new();
    let alice = folder.made("alice");
    let node = Node::up(&alice, &[]);
    node.freeze(true);
    let mut asking = alice
        .command(["topic", "list"])
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = String::new();
    BufReader::new(asking.stderr.as_mut().unwrap()).read_line(&mut said).unwrap();
    assert!(said.contains("waiting for the home's node (process"), "{said}");
    alice.json(["ui"]).exits(1);
    node.freeze(false);
    assert!(asking.wait().unwrap().success());
}

#[test]
fn through_a_node_only_a_ticket_is_read_from_standard_input() {
    let folder = Folder::new();
    let alice = folder.made("alice");
    let _node = Node::up(&alice, &[]);
    let long = folder.write("input", "00".repeat(150 << 10));
    let with = |arguments: &[&str]| {
        let mut command = alice.command(arguments);
        Ran::of(command.arg("--json").stdin(File::open(&long).unwrap()))
    };
    with(&["state", "-"]).fails(3, "not-found");
    with(&["do", "nowhere", "write", "-"]).fails(3, "not-found");
    with(&["topic", "join", "-"]).fails(2, "too-long");
    with(&["topic", "revoke", "-"]).fails(2, "too-long");
    // Nor is a node blamed for the name of a folder that it cannot be told.
    let nameless = folder.path("").join(OsStr::from_bytes(b"caf\xe9"));
    fs::create_dir(&nameless).unwrap();
    let mut command = alice.command(["id", "--json"]);
    let error = Ran::of(command.current_dir(&nameless)).fails(2, "not-utf8");
    assert!(error["cause"].as_str().unwrap().contains("current folder"), "{error}");
}

#[test]
fn a_node_that_sees_other_mounts_takes_files_of_the_home_alone() {
    let can = Command::new("unshare").args(["--mount", "true"]).stderr(Stdio::null()).status();
    if !can.is_ok_and(|status| status.success()) {
        eprintln!("skipped: a mount namespace needs root");
        return;
    }
    let folder = Folder::new();
    let (alice, _) = folder.pair();
    alice.found("counter", "steps");
    let up = alice.command(["up", "--json"]);
    let mut shut_in = Command::new("unshare");
    shut_in.arg("--mount").arg(up.get_program()).args(up.get_args()).stdin(Stdio::null());
    let _node = Node::start(shut_in, alice.path.clone());
    let file = folder.path("steps.myrtopic");
    let export = |file: &std::path::Path| {
        alice.json(["topic".as_ref(), "export".as_ref(), "steps".as_ref(), file.as_os_str()])
    };
    let error = export(&file).fails(1, "other-mounts");
    assert!(error["next"].as_str().unwrap().contains("the home's folder"), "{error}");
    export(&alice.file("../steps.myrtopic")).fails(1, "other-mounts");
    assert!(!file.exists());
    let within = alice.file("steps.myrtopic");
    export(&within).ok();
    assert!(within.exists());
    for command in [&["topic", "import"][..], &["publish"], &["sign"], &["app", "install"]] {
        let bundle = folder.path("counter.myr");
        let arguments = command.iter().map(OsStr::new).chain([bundle.as_os_str()]);
        alice.json(arguments).fails(1, "other-mounts");
    }
    // What is no file goes on.
    alice.json(["app", "install", "steps", "--yes"]).ok();
    alice.act("steps", &["increment", "1"]);
}

#[test]
fn a_log_that_nobody_takes_ends_no_command_and_no_node() {
    if !cfg!(target_os = "linux") {
        eprintln!("skipped: there is no /dev/full");
        return;
    }
    let folder = Folder::new();
    let alice = folder.made("alice");
    let full = || OpenOptions::new().write(true).open("/dev/full").unwrap();
    let logged = |arguments: &[&str]| {
        let mut command = alice.command(arguments);
        command.args(["--log", "trace"]).stderr(full()).stdout(Stdio::piped());
        command
    };
    let ran = logged(&["id", "--json"]).output().unwrap();
    assert_eq!(ran.status.code(), Some(0), "{ran:?}");
    // The same on a pipe that is closed at its other end.
    let mut command = alice.command(["id", "--json", "--log", "trace"]);
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    assert_eq!(command.stderr(writer).stdout(Stdio::null()).status().unwrap().code(), Some(0));

    let mut node = logged(&["up", "--json"]).spawn().unwrap();
    let mut started = String::new();
    BufReader::new(node.stdout.as_mut().unwrap()).read_line(&mut started).unwrap();
    alice.json(["peers"]).ok();
    alice.json(["topic", "list"]).ok();
    let pid = rustix::process::Pid::from_raw(i32::try_from(node.id()).unwrap()).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
    assert!(node.wait().unwrap().success());
}

#[test]
fn a_sync_has_a_day_at_most_and_looks_where_it_is_told() {
    let folder = Folder::new();
    let (alice, bob) = folder.pair();
    for patience in ["9223372036854775807", "18446744073709551615", "86401"] {
        alice.json(["sync", "--patience", patience]).fails(2, "usage");
    }
    let node = Node::up(&alice, &[]);
    let topic = alice.found("counter", "steps");
    let bobs = Node::up(&bob, &[]);
    bob.join(&alice.invite("steps"));
    agree(&topic, [&alice, &bob], 2);
    bobs.stop();
    node.stop();
    // It is at another port now, and the one it had takes nothing and says nothing.
    let node = Node::up(&alice, &[]);
    alice.act("steps", &["increment", "1"]);
    let start = Instant::now();
    let synced = bob.json(["sync", "--connect", &node.address()]).ok().value();
    assert_eq!(synced["topics"][0]["complete"], true, "{synced}");
    assert!(
        start.elapsed().as_secs() < 8,
        "it waited for where the peer was: {:?}",
        start.elapsed()
    );
    assert_eq!(bob.root("steps"), alice.root("steps"));
}
