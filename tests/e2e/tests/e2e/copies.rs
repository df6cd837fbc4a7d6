//! Two nodes with one key: `docs/adr/copied-home.md` says what is seen and what is not.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::process::Command;
use std::time::UNIX_EPOCH;

use myrhiza_e2e::{Case, Folder, Home, Needs::Loopback, Node, agree, until};
use serde_json::json;

pub(crate) const CASES: &[Case] = &[
    (Loopback, "a_copy_of_a_home_runs_beside_it_as_another_and_nothing_forks", copied),
    (Loopback, "an_image_of_a_home_that_runs_beside_it_loses_nothing_and_is_proven", imaged),
];

/// Two homes that share a topic and are down, and a copy of the second.
fn with_a_copy() -> (Folder, [Home; 3], String) {
    let folder = Folder::new();
    let [alice, bob] = folder.counters(["alice", "bob"]);
    let nodes = [&alice, &bob].map(|home| Node::up(home, &[]));
    let topic = alice.found("counter", "steps");
    bob.join(&alice.invite("steps"));
    agree(&topic, [&alice, &bob], 2);
    nodes.into_iter().for_each(Node::stop);
    let twin = folder.home("twin");
    let copied = Command::new("cp").arg("-a").args([&bob.path, &twin.path]).status();
    assert!(copied.unwrap().success());
    (folder, [alice, bob, twin], topic)
}

fn scope(home: &Home) -> String {
    home.json(["id"]).ok().value()["scope"].as_str().unwrap().to_owned()
}

fn copied() {
    let (_folder, homes, topic) = with_a_copy();
    let [alice, bob, twin] = &homes;
    let node = Node::up(alice, &[]);
    let connect = ["--connect", &node.address()];
    let others = [bob, twin].map(|home| Node::up(home, &connect));
    assert_ne!(others[0].started["id"], others[1].started["id"], "both have one node's key");
    assert_ne!(scope(bob), scope(twin));
    let mut acknowledged = Vec::new();
    for _ in 0..3 {
        acknowledged.extend(homes.each_ref().map(|home| home.act("steps", &["increment", "1"])));
    }
    // Founded, joined, the copy came in, nine acts.
    agree(&topic, [alice, bob, twin], 12);
    for home in &homes {
        home.has("steps", &acknowledged);
        assert_eq!(home.json(["forks", "steps"]).ok().value(), json!([]));
    }
}

/// Makes a copy look like its original from inside, as the image of a disk does.
fn pass_off(home: &Home) {
    let path = home.file("keys/original");
    let metadata = fs::metadata(&path).unwrap();
    let born = metadata.created().unwrap().duration_since(UNIX_EPOCH).unwrap().as_nanos();
    fs::write(path, format!("{} {born}\n", metadata.ino())).unwrap();
}

fn imaged() {
    let (_folder, homes, topic) = with_a_copy();
    let [alice, bob, twin] = &homes;
    pass_off(twin);
    let node = Node::up(alice, &[]);
    let connect = ["--connect", &node.address()];
    let others = [bob, twin].map(|home| Node::up(home, &connect));
    assert_eq!(others[0].started["id"], others[1].started["id"], "the image was seen to be one");
    assert_eq!(scope(bob), scope(twin));
    // Each in turn, so that two events have one number; then with what the others did.
    let mut acknowledged = Vec::new();
    for _ in 0..3 {
        acknowledged.extend(homes.each_ref().map(|home| home.act("steps", &["increment", "1"])));
    }
    // Both have their say: what was acknowledged anywhere is with the third in the end.
    until("all that was acknowledged to arrive", || {
        let events = alice.events("steps");
        acknowledged.iter().all(|id| events.contains(id))
    });
    alice.has("steps", &acknowledged);
    // Not silently: who has both has the proof.
    until("a proof", || {
        alice.json(["forks", "steps"]).ok().value()[0]["scope"] == scope(bob).as_str()
    });
    // One of the two is ended, as the user is told to; the other goes on and all have one state.
    let [_node, other] = others;
    other.stop();
    let events = alice.count("steps");
    agree(&topic, [alice, bob], events);
    assert!(!bob.json(["forks", "steps"]).ok().value().as_array().unwrap().is_empty());
}
