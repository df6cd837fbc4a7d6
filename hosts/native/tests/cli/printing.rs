//! What is printed where: on outputs that fail, for programs, and on lines nobody colours.

use std::fs::{self, OpenOptions};
use std::process::{Command, Stdio};

use myrhiza_e2e::{Folder, Home, command, fill};

/// A command whose standard output takes nothing: its exit code, and what it says on the other.
fn unheard(home: &Home, arguments: &[&str]) -> (Option<i32>, String) {
    let full = OpenOptions::new().write(true).open("/dev/full").unwrap();
    let ran = home.command(arguments).stdout(full).stderr(Stdio::piped()).output().unwrap();
    (ran.status.code(), String::from_utf8(ran.stderr).unwrap())
}

#[test]
fn what_was_done_and_could_not_be_printed_is_not_said_to_be_undone() {
    if !cfg!(target_os = "linux") {
        eprintln!("skipped: there is no /dev/full");
        return;
    }
    let folder = Folder::new();
    let (alice, _) = folder.pair();
    alice.found("counter", "lobby");
    let (code, told) = unheard(&alice, &["do", "lobby", "increment", "1"]);
    assert_eq!(code, Some(1), "{told}");
    assert!(told.contains("was carried out") && told.contains("myrhiza log"), "{told}");
    assert!(!told.contains("nothing was changed"), "{told}");

    let (code, told) = unheard(&alice, &["do", "lobby", "increment", "1", "--json"]);
    assert_eq!(code, Some(1), "{told}");
    let told: serde_json::Value = serde_json::from_str(&told).unwrap();
    assert_eq!(told["error"]["code"], "not-printed", "{told}");
    assert_eq!(alice.log("lobby").len(), 3, "both are signed and kept");

    let (code, told) = unheard(&alice, &["root", "nowhere", "--json"]);
    assert_eq!(code, Some(3));
    assert!(told.contains("\"not-found\""), "what failed is told where it can be: {told}");
}

#[test]
fn a_usage_that_is_not_understood_is_told_in_sentences() {
    let home = Folder::new().home("nobody");
    for (arguments, what, cause, next) in [
        (&["topic", "create"][..], "not whole", "<APP> is missing", "myrhiza topic create"),
        (&["fly"], "there is no command `fly`", "", "myrhiza"),
        (&["topci"], "there is no command `topci`", "", "perhaps `topic`"),
        (&["topic"], "not whole", "what to do", "myrhiza"),
        (&["id", "--wings"], "`--wings` was not understood", "", "myrhiza id"),
        (&["log", "x", "--limit", "many"], "`many`", "invalid digit", "--help"),
        (&["completions", "dish"], "`dish`", "bash", "--help"),
        (&["log", "x", "--limit"], "needs a value", "", "--help"),
    ] {
        let error = home.json(arguments).fails(2, "usage");
        for (part, says) in [("what", what), ("cause", cause), ("next", next)] {
            let text = error[part].as_str().unwrap();
            assert!(text.contains(says) && !text.contains('\n'), "{arguments:?}: {error}");
        }
    }
}

#[test]
fn help_is_a_command_and_a_home_that_is_set_is_not_asked_for() {
    let run = |arguments: &[&str]| {
        let ran = Command::new(command()).args(arguments).env("MYRHIZA_HOME", "/nowhere").output();
        let ran = ran.unwrap();
        (ran.status.code(), String::from_utf8([ran.stdout, ran.stderr].concat()).unwrap())
    };
    let (code, told) = run(&["help"]);
    assert!(code == Some(0) && told.contains("topic"), "{told}");
    let (code, told) = run(&["help", "topic", "create"]);
    assert!(code == Some(0) && told.contains("<APP>"), "{told}");
    let (code, told) = run(&["topic", "create"]);
    assert!(code == Some(2) && !told.contains("--home <DIR>"), "{told}");
    assert_eq!(run(&["id"]).0, Some(3), "and it is the home that is meant");
}

#[test]
fn logs_on_a_pipe_have_no_colours() {
    let folder = Folder::new();
    let home = folder.made("alice");
    let told = home.run(["id", "--log", "debug"]).ok().stderr;
    assert!(told.contains("opened the home") && !told.contains('\u{1b}'), "{told:?}");
}

#[test]
fn a_log_that_cannot_be_read_to_its_end_is_an_error_and_nothing_else() {
    let folder = Folder::new();
    let (alice, _) = folder.pair();
    let topic = alice.found("counter", "lobby");
    fill(&alice, &topic, 1_500);
    let log = alice.log("lobby");
    let store = alice.json(["config", "store"]).ok().value()["store"].as_str().unwrap().to_owned();
    let data = alice.file("store").join(store).join("data.mdb");
    if !data.exists() {
        eprintln!("skipped: this build's store keeps no data.mdb");
        return;
    }
    // The head of the id that the last event names, as it stands in the event.
    let named = log.last().unwrap()["prev"].as_str().unwrap().to_owned();
    let id: Vec<_> =
        (0..32).map(|at| u8::from_str_radix(&named[2 * at..2 * at + 2], 16).unwrap()).collect();
    let head = [&[0x58_u8, 0x20][..], &id].concat();
    let mut bytes = fs::read(&data).unwrap();
    let found = |bytes: &[u8]| bytes.windows(head.len()).position(|bytes| bytes == head);
    assert!(found(&bytes).is_some());
    while let Some(at) = found(&bytes) {
        bytes[at] = 0xff;
    }
    fs::write(&data, bytes).unwrap();
    let ran = alice.json(["log", "lobby"]).exits(1);
    assert_eq!(ran.value()["error"]["what"], "the log was not read", "{}", ran.stdout);
    let lines = alice.run(["log", "lobby", "--jsonl"]).exits(1);
    assert!(lines.stdout.lines().count() >= 1_000);
}
