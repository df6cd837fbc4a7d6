//! One person with several homes, and homes that are copies: [HOME-5], [IDENTITY-6].

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::process::Command;
use std::time::{Instant, UNIX_EPOCH};

use myrhiza_kernel::identity::{DeviceRequest, SecretKey};
use serde_json::{Value, json};

use myrhiza_e2e::{Folder, Home, Node, Ran, agree};

/// One more home of alice's, with both apps.
fn second(folder: &Folder, alice: &Home, name: &str) -> Home {
    let home = folder.home(name);
    let asked = home.json(["init", "--device", "--no-passphrase", "--name", name]).ok().value();
    let request = asked["request"].as_str().unwrap();
    let added = alice.json(["device", "add", request, "--yes"]).ok().value();
    assert_eq!((&added["scope"], &added["name"]), (&asked["scope"], &name.into()));
    home.json(["device", "accept", added["answer"].as_str().unwrap(), "--yes"]).ok();
    for app in ["counter", "poll"] {
        home.install(&folder.path(&format!("{app}.myr"))).ok();
    }
    home
}

/// A topic of alice's, and her phone with all of it.
fn shared(app: &str) -> (Folder, Home, Home) {
    let folder = Folder::new();
    let (alice, _) = folder.pair();
    alice.found(app, "lobby");
    let phone = second(&folder, &alice, "phone");
    alice.hand("lobby", &phone);
    (folder, alice, phone)
}

fn scope(home: &Home) -> String {
    home.json(["id"]).ok().value()["scope"].as_str().unwrap().to_owned()
}

/// The device of that name, as a home lists it.
fn listed(home: &Home, name: &str) -> Value {
    let devices = home.json(["device", "list"]).ok().value();
    let found = devices.as_array().unwrap().iter().find(|device| device["name"] == name);
    found.unwrap_or_else(|| panic!("{devices}")).clone()
}

/// The rows of the first table that a view has.
fn rows(home: &Home) -> Value {
    let view = home.json(["view", "lobby"]).ok().value();
    let nodes = view["nodes"].as_array().unwrap().iter();
    nodes.filter(|node| node["kind"] == "table").map(|node| node["rows"].clone()).next().unwrap()
}

#[test]
fn a_device_asks_is_certified_and_is_the_same_person_from_then_on() {
    let folder = Folder::new();
    let (alice, _) = folder.pair();
    let phone = folder.home("phone");
    let asked = phone.json(["init", "--device", "--no-passphrase", "--name", "phone"]).ok().value();
    let request = asked["request"].as_str().unwrap();
    assert_eq!(fs::read_to_string(phone.file("keys/request")).unwrap().trim(), request);
    let error = phone.json(["id"]).fails(1, "waits-for-answer");
    assert!(error["next"].as_str().unwrap().contains("device accept"), "{error}");
    phone.json(["doctor"]).exits(1);

    alice.json(["device", "add", &request[..request.len() - 1]]).fails(1, "bad-device-text");
    alice.json(["device", "add", request]).fails(4, "needs-confirmation");
    let shown = alice.run(["device", "add", request, "--yes", "--name", "pocket"]).ok();
    assert!(shown.stderr.contains("myrscope1"), "{}", shown.stderr);
    let answer = shown.stdout.trim();
    assert!(answer.starts_with("myranswer1"), "{answer}");

    let other = folder.home("other");
    other.json(["init", "--device", "--no-passphrase"]).ok();
    other.json(["device", "accept", answer, "--yes"]).fails(1, "other-device");
    phone.json(["device", "accept", request, "--yes"]).fails(1, "bad-device-text");
    phone.json(["device", "accept", answer]).fails(4, "needs-confirmation");
    phone.json(["device", "accept", answer, "--yes"]).ok();
    phone.json(["device", "accept", answer, "--yes"]).fails(1, "not-waiting");
    alice.json(["device", "accept", answer, "--yes"]).fails(1, "not-waiting");
    assert!(!phone.file("keys/request").exists());
    let (id, person) = (phone.json(["id"]).ok().value(), alice.json(["id"]).ok().value());
    assert_eq!((&id["id"], &id["scope"]), (&person["id"], &asked["scope"]));
    assert_eq!(id["scope_name"], "pocket");
    phone.json(["doctor"]).ok();

    let error = phone.json(["device", "add", request, "--yes"]).fails(1, "no-long-term-key");
    assert!(error["cause"].as_str().unwrap().contains("long-term key"), "{error}");
    phone.json(["device", "revoke", "pocket", "--yes"]).fails(1, "no-long-term-key");
}

#[test]
fn a_device_is_called_by_a_short_name_that_can_be_seen() {
    let folder = Folder::new();
    let (alice, _) = folder.pair();
    let phone = folder.home("phone");
    let long = "a".repeat(65);
    for name in ["a\u{1b}[2J", "\u{202e}a", " ", &long] {
        let made = phone.json(["init", "--device", "--no-passphrase", "--name", name]);
        let error = made.fails(2, "bad-name");
        assert!(error["cause"].as_str().unwrap().contains("1 to 64 bytes"), "{error}");
        assert!(!phone.path.exists());
    }
    // Also one that another program asks for.
    let key = SecretKey::from_seed(&[3; 32]);
    let request = DeviceRequest::sign(&key, "a\u{1b}[2J").unwrap().to_text();
    alice.json(["device", "add", &request, "--yes"]).fails(2, "bad-name");
    alice.json(["device", "add", &request, "--yes", "--name", &long]).fails(2, "bad-name");
    alice.json(["device", "add", &request, "--yes", "--name", "phone"]).ok();
}

#[test]
fn the_answer_opens_sealed_keys_and_seals_them_again() {
    let folder = Folder::new();
    let (alice, _) = folder.pair();
    let phone = folder.home("phone");
    let with = |arguments: &[&str], passphrase: &str| {
        Ran::of(phone.command(arguments).arg("--json").env("MYRHIZA_PASSPHRASE", passphrase))
    };
    let asked = with(&["init", "--device"], "secret").ok().value();
    assert_eq!(asked["sealed"], true);
    let request = asked["request"].as_str().unwrap();
    let added = alice.json(["device", "add", request, "--yes"]).ok().value();
    let answer = added["answer"].as_str().unwrap();
    with(&["device", "accept", answer, "--yes"], "wrong").fails(1, "wrong-passphrase");
    with(&["device", "accept", answer, "--yes"], "secret").ok();
    assert_eq!(with(&["id"], "").ok().value()["sealed"], true);
    with(&["passwd", "--no-passphrase"], "secret").ok();
}

#[test]
fn who_votes_from_two_homes_has_voted_once() {
    let (_folder, alice, phone) = shared("poll");
    assert_eq!(phone.json(["topic", "list"]).ok().value()[0]["member"], true);
    alice.act("lobby", &["create", "Lunch?", "soup", "bread"]);
    alice.act("lobby", &["vote", "0"]);
    alice.hand("lobby", &phone);
    assert_eq!(rows(&phone), json!([["0", "soup", "1"], ["1", "bread", "0"]]));
    phone.act("lobby", &["vote", "1"]);
    phone.hand("lobby", &alice);
    assert_eq!(rows(&alice), json!([["0", "soup", "0"], ["1", "bread", "1"]]));
    assert_eq!(alice.root("lobby"), phone.root("lobby"));
    // What only the one who made it may do, their other home may.
    phone.act("lobby", &["end"]);
    let kinds: Vec<_> = phone.log("lobby").iter().map(|event| event["kind"].clone()).collect();
    assert_eq!(kinds.iter().filter(|kind| *kind == "delegate").count(), 1, "{kinds:?}");
}

#[test]
fn what_one_person_counts_on_two_homes_adds_up_and_both_are_the_founder() {
    let (_folder, alice, phone) = shared("counter");
    alice.act("lobby", &["increment", "5"]);
    phone.act("lobby", &["increment", "2"]);
    phone.hand("lobby", &alice);
    alice.hand("lobby", &phone);
    assert_eq!(alice.root("lobby"), phone.root("lobby"));
    phone.act("lobby", &["reset"]);
    phone.hand("lobby", &alice);
    assert_eq!(alice.root("lobby"), phone.root("lobby"));
}

#[test]
fn a_device_that_was_revoked_is_out_wherever_that_was_possible_and_the_rest_is_told() {
    let (folder, alice, phone) = shared("counter");
    let bob = folder.home("bob");
    phone.act("lobby", &["increment", "1"]);
    phone.hand("lobby", &alice);
    // The phone has this too, and never came in.
    alice.found("counter", "hall");
    alice.hand("hall", &phone);
    // Here alice is nothing.
    bob.found("counter", "theirs");
    bob.hand("theirs", &alice);
    // Of this the phone knows nothing.
    alice.found("poll", "closet");
    let device = listed(&alice, "phone");
    assert_eq!((&device["here"], &device["scope"]), (&false.into(), &scope(&phone).into()));
    assert_eq!(device["topics"].as_array().unwrap().len(), 1, "{device}");
    assert_eq!(listed(&alice, "device")["here"], true);

    alice.json(["device", "revoke", "tablet", "--yes"]).fails(3, "not-found");
    alice.json(["device", "revoke", "phone"]).fails(4, "needs-confirmation");
    let done = alice.json(["device", "revoke", "phone", "--yes"]).ok().value();
    let mut ended: Vec<_> =
        done["revoked"].as_array().unwrap().iter().map(|topic| topic["name"].clone()).collect();
    ended.sort_by_key(ToString::to_string);
    assert_eq!(ended, ["closet", "hall", "lobby"], "{done}");
    assert_eq!(done["failed"], json!([]));
    let again = alice.json(["device", "revoke", &scope(&phone)[..12], "--yes"]).ok().value();
    assert_eq!(again["revoked"], json!([]), "{again}");
    assert_eq!(listed(&alice, "phone")["topics"][0]["member"], false);

    for topic in ["lobby", "hall"] {
        phone.act(topic, &["increment", "100"]);
        phone.hand(topic, &alice);
        alice.hand(topic, &phone);
        assert_eq!(alice.root(topic), phone.root(topic));
        let void = alice
            .log(topic)
            .into_iter()
            .filter(|event| event["kind"] == "app" && event["verdict"] == "reject");
        assert_eq!(void.count(), 1, "{topic}");
        assert_ne!(phone.json(["do", topic, "increment", "1"]).code, Some(0));
    }
    phone.json(["do", "lobby", "increment", "1"]).fails(1, "removed");
}

#[test]
fn where_a_topic_cannot_be_told_to_end_a_device_the_command_fails_and_says_so() {
    let folder = Folder::new();
    let (alice, _) = folder.pair();
    alice.found("counter", "lobby");
    // Without the app, nothing is folded.
    let carol = folder.made("carol");
    carol.json(["topic", "join", &alice.invite("lobby")]).ok();
    let spare = folder.home("spare");
    let asked = spare.json(["init", "--device", "--no-passphrase", "--name", "spare"]).ok().value();
    let request = asked["request"].as_str().unwrap();
    carol.json(["device", "add", request, "--yes"]).ok();
    let done = carol.json(["device", "revoke", "spare", "--yes"]).exits(1).value();
    assert_eq!(done["failed"][0]["name"], "lobby", "{done}");
    assert!(done["failed"][0]["reason"].as_str().unwrap().contains("not installed"), "{done}");
    carol.install(&folder.path("counter.myr")).ok();
    alice.hand("lobby", &carol);
    let done = carol.json(["device", "revoke", "spare", "--yes"]).ok().value();
    assert_eq!(done["revoked"][0]["name"], "lobby", "{done}");
}

fn copy(from: &Path, to: &Path) {
    assert!(Command::new("cp").arg("-a").args([from, to]).status().unwrap().success());
}

#[test]
fn a_copied_home_signs_with_a_key_of_its_own() {
    let folder = Folder::new();
    let (alice, bob) = folder.pair();
    alice.found("counter", "lobby");
    bob.json(["topic", "join", &alice.invite("lobby")]).ok();
    bob.hand("lobby", &alice);
    alice.hand("lobby", &bob);
    bob.act("lobby", &["increment", "1"]);
    let twin = folder.home("twin");
    copy(&bob.path, &twin.path);
    let old = scope(&bob);
    let doctor = twin.json(["doctor"]).ok().value();
    let checks = doctor["checks"].as_array().unwrap();
    let check = checks.iter().find(|check| check["name"] == "original").unwrap();
    assert!(check["detail"].as_str().unwrap().contains("copy"), "{check}");

    let told = twin.run(["do", "lobby", "increment", "2"]).ok().stderr;
    assert!(told.contains("this home is a copy"), "{told}");
    let told = twin.run(["do", "lobby", "increment", "4"]).ok().stderr;
    assert!(!told.contains("copy"), "{told}");
    bob.act("lobby", &["increment", "8"]);
    assert_eq!(scope(&bob), old, "the original keeps its key");
    assert_ne!(scope(&twin), old);
    assert_eq!(twin.json(["id"]).ok().value()["id"], bob.json(["id"]).ok().value()["id"]);
    twin.hand("lobby", &alice);
    bob.hand("lobby", &alice);
    alice.hand("lobby", &twin);
    assert_eq!(alice.json(["forks", "lobby"]).ok().value(), json!([]));
    assert_eq!(alice.root("lobby"), twin.root("lobby"));
    assert_eq!(alice.log("lobby").iter().filter(|event| event["verdict"] != "accept").count(), 0);
    let devices = twin.json(["device", "list"]).ok().value();
    assert_eq!(devices.as_array().unwrap().len(), 2, "{devices}");
    twin.json(["device", "revoke", &old[..16], "--yes"]).ok();
}

#[test]
fn a_copy_that_cannot_come_in_before_the_app_is_there_is_told_so() {
    let folder = Folder::new();
    let (alice, bob) = (folder.made("alice"), folder.made("bob"));
    let (first, second) = (folder.signed(&alice, "counter"), folder.signed(&alice, "counter2"));
    alice.install(&first).ok();
    bob.install(&first).ok();
    alice.found("counter", "lobby");
    bob.json(["topic", "join", &alice.invite("lobby")]).ok();
    bob.hand("lobby", &alice);
    alice.install(&second).ok();
    alice.json(["app", "upgrade", "lobby", "--yes"]).ok();
    alice.hand("lobby", &bob);
    let twin = folder.home("twin");
    copy(&bob.path, &twin.path);
    // It does not wait for a peer: none would share the topic with its new key.
    let start = Instant::now();
    let synced = twin.json(["sync", "--patience", "300"]).exits(1);
    assert!(start.elapsed().as_secs() < 300);
    assert_eq!(synced.value()["topics"][0]["state"], "outside", "{}", synced.stdout);
    assert!(synced.stderr.contains("app install FILE"), "{}", synced.stderr);
    twin.install(&second).ok();
    twin.act("lobby", &["increment", "1"]);
    let synced = twin.json(["sync", "--patience", "1"]).exits(1).value();
    assert_eq!(synced["topics"][0]["state"], "unreached", "{synced}");
}

#[test]
fn a_home_put_back_from_a_back_up_in_place_does_not_sign_over_what_it_signed_since() {
    let folder = Folder::new();
    let (alice, _) = folder.pair();
    alice.found("counter", "lobby");
    alice.act("lobby", &["increment", "1"]);
    let backup = folder.path("backup");
    copy(&alice.path, &backup);
    alice.act("lobby", &["increment", "2"]);
    let file = folder.path("since.myrtopic");
    alice.json(["topic".as_ref(), "export".as_ref(), "lobby".as_ref(), file.as_os_str()]).ok();
    let old = scope(&alice);
    // Into the very files that are there.
    copy(&backup.join("."), &alice.path);
    assert_eq!(scope(&alice), old);
    alice.act("lobby", &["increment", "4"]);
    assert_ne!(scope(&alice), old);
    alice.import(&file).ok();
    assert_eq!(alice.json(["forks", "lobby"]).ok().value(), json!([]));
    assert_eq!(alice.events("lobby").len(), 5, "genesis, three acts and a delegate");
}

#[test]
fn a_moved_home_is_no_copy_and_a_sealed_copy_needs_its_passphrase() {
    let folder = Folder::new();
    let home = folder.home("alice");
    let with = |home: &Home, arguments: &[&str]| {
        Ran::of(home.command(arguments).arg("--json").env("MYRHIZA_PASSPHRASE", "secret"))
    };
    with(&home, &["init"]).ok();
    let old = scope(&home);
    let moved = folder.home("moved");
    fs::rename(&home.path, &moved.path).unwrap();
    with(&moved, &["passwd", "--no-passphrase"]).ok();
    assert_eq!(scope(&moved), old);
    Ran::of(moved.command(["passwd"]).env("MYRHIZA_NEW_PASSPHRASE", "secret")).ok();

    let twin = folder.home("twin");
    copy(&moved.path, &twin.path);
    twin.json(["passwd", "--no-passphrase"]).fails(4, "needs-confirmation");
    assert_eq!(scope(&twin), old);
    with(&twin, &["passwd", "--no-passphrase"]).ok();
    assert_ne!(scope(&twin), old);
}

#[test]
fn a_copied_home_without_the_long_term_key_signs_nothing() {
    let (folder, _alice, phone) = shared("counter");
    phone.act("lobby", &["increment", "1"]);
    let twin = folder.home("twin");
    copy(&phone.path, &twin.path);
    twin.json(["do", "lobby", "increment", "1"]).fails(1, "copied-home");
    assert_eq!(twin.events("lobby"), phone.events("lobby"));
    phone.act("lobby", &["increment", "1"]);
}

/// Makes a copy look like its original from inside, as the image of a disk does.
fn pass_off(home: &Home) {
    let path = home.file("keys/original");
    let metadata = fs::metadata(&path).unwrap();
    let born = metadata.created().unwrap().duration_since(UNIX_EPOCH).unwrap().as_nanos();
    fs::write(path, format!("{} {born}\n", metadata.ino())).unwrap();
}

#[test]
fn a_home_that_was_imaged_and_used_twice_is_told_so() {
    let folder = Folder::new();
    let (alice, bob) = folder.pair();
    alice.found("counter", "lobby");
    bob.json(["topic", "join", &alice.invite("lobby")]).ok();
    bob.hand("lobby", &alice);
    alice.hand("lobby", &bob);
    let twin = folder.home("twin");
    copy(&bob.path, &twin.path);
    pass_off(&twin);
    bob.act("lobby", &["increment", "1"]);
    twin.act("lobby", &["increment", "2"]);
    twin.hand("lobby", &alice);
    let file = folder.path("alice.myrtopic");
    alice.json(["topic".as_ref(), "export".as_ref(), "lobby".as_ref(), file.as_os_str()]).ok();
    let told = bob.import(&file).ok().stderr;
    assert!(told.contains("the home was copied"), "{told}");
    bob.hand("lobby", &alice);
    assert_eq!(alice.root("lobby"), bob.root("lobby"));
    let forks = alice.json(["forks", "lobby"]).ok().value();
    assert_eq!(forks.as_array().unwrap().len(), 1, "{forks}");
    // Who has neither topic nor home can check it.
    let (proof, nowhere) = (forks[0]["proof"].as_str().unwrap(), folder.home("nowhere"));
    let shows = nowhere.json(["forks", "--check", proof]).ok().value();
    assert_eq!((&shows["scope"], &shows["seq"]), (&json!(scope(&bob)), &forks[0]["seq"]));
    for bad in [&proof[2..], &proof[..proof.len() - 2], "zz"] {
        nowhere.json(["forks", "--check", bad]).fails(1, "no-proof");
    }
    nowhere.json(["forks"]).fails(2, "usage");
}

/// [EVENT-10]
#[test]
fn who_may_not_invite_brings_a_tablet_in_over_the_network() {
    let folder = Folder::new();
    let (alice, bob) = folder.pair();
    let _node = Node::up(&alice, &[]);
    let topic = alice.found("counter", "lobby");
    let bobs = Node::up(&bob, &[]);
    bob.json(["topic", "join", &alice.invite("lobby")]).ok();
    agree(&topic, [&alice, &bob], 2);
    let refused = bob.json(["topic", "invite", "lobby"]).fails(1, "no-ticket");
    assert!(refused["next"].as_str().unwrap().contains("--device"), "{refused}");
    let made = bob.json(["topic", "invite", "lobby", "--device"]).ok().value();
    let ticket = made["ticket"].as_str().unwrap();
    alice.json(["topic", "join", ticket]).fails(1, "bad-input");
    alice.json(["topic", "revoke", ticket]).fails(1, "device-ticket");

    let tablet = second(&folder, &bob, "tablet");
    tablet.json(["topic", "join", ticket]).ok();
    let awaited = tablet.json(["do", "lobby", "increment", "1"]).fails(1, "awaited");
    assert!(awaited["next"].as_str().unwrap().contains("myrhiza up"), "{awaited}");
    assert_eq!(tablet.json(["topic", "list"]).ok().value()[0]["member"], Value::Null);
    // From any peer that has the topic, not from Bob's other home alone.
    let _tablets = Node::up(&tablet, &[]);
    agree(&topic, [&alice, &tablet], 2);
    bobs.stop();
    tablet.act("lobby", &["increment", "1"]);
    agree(&topic, [&alice, &tablet], 4);
    assert_eq!(tablet.json(["topic", "list"]).ok().value()[0]["member"], true);
    let _bobs = Node::up(&bob, &[]);
    agree(&topic, [&bob, &tablet], 4);
    assert_eq!(rows(&bob), json!([[rows(&bob)[0][0], "1"]]), "they are one person");
}
