//! Nodes that are killed in the midst of it.

use std::fs;
use std::path::Path;

use myrhiza_e2e::{
    Case, Folder, Host, Lan,
    Needs::{Loopback, SlowLinks},
    Node, agree, components, fill, took, until,
};
use serde_json::json;

pub(crate) const CASES: &[Case] = &[
    (Loopback, "a_receiver_that_is_killed_keeps_what_it_had_and_goes_on", receiver),
    (Loopback, "a_sender_that_is_killed_is_found_again_and_goes_on", sender),
    (Loopback, "who_was_killed_and_comes_back_elsewhere_gives_bundles", giver),
    (SlowLinks, "a_fetch_that_is_killed_leaves_no_half_bundle_and_goes_on", fetch),
];

/// Events of the history that is under way.
const HISTORY: u64 = 30_000;
/// How far it is at each kill, in eighths.
const INSTANTS: [u64; 3] = [1, 3, 5];

fn receiver() {
    let folder = Folder::new();
    let [alice, bob] = folder.counters(["alice", "bob"]);
    let topic = alice.found("counter", "steps");
    fill(&alice, "steps", HISTORY);
    let _node = Node::up(&alice, &[]);
    bob.join(&alice.invite("steps"));
    let (mut acknowledged, mut in_the_midst) = (Vec::new(), 0);
    for eighths in INSTANTS {
        let node = Node::up(&bob, &[]);
        until("a part of history", || node.events(&topic) >= HISTORY * eighths / 8);
        acknowledged.push(bob.act("steps", &["increment", "2"]));
        let had = node.events(&topic);
        node.kill();
        let has = bob.count("steps");
        assert!(had <= has, "of {had} events {has} were there after the kill");
        in_the_midst += u64::from(has < HISTORY);
        acknowledged.push(bob.act("steps", &["increment", "3"]));
    }
    assert!(in_the_midst > 0, "all had come before each kill");
    let _other = Node::up(&bob, &[]);
    agree(&topic, [&alice, &bob], HISTORY + 2 + acknowledged.len() as u64);
    alice.has("steps", &acknowledged);
    bob.json(["doctor"]).ok();
}

fn giver() {
    let folder = Folder::new();
    let [alice, bob] = folder.counters(["alice", "bob"]);
    let topic = alice.found("counter", "steps");
    let node = Node::up(&alice, &[]);
    bob.join(&alice.invite("steps"));
    let _other = Node::up(&bob, &[]);
    agree(&topic, [&alice, &bob], 2);
    node.kill();
    // On another port, while the old connection is not known to be dead.
    let _node = Node::up(&alice, &[]);
    alice.act("steps", &["increment", "1"]);
    agree(&topic, [&alice, &bob], 3);
    alice.install(&folder.signed(&alice, "poll")).ok();
    alice.found("poll", "lunch");
    let ticket = alice.invite("lunch");
    took("a bundle comes from who was killed", || {
        bob.json(["app", "install", &ticket, "--yes"]).ok();
    });
}

fn sender() {
    let folder = Folder::new();
    let [alice, bob] = folder.counters(["alice", "bob"]);
    let topic = alice.found("counter", "steps");
    fill(&alice, "steps", HISTORY);
    let port = Node::free_port();
    let up = || Node::up(&alice, &["--listen", &port]);
    let mut node = up();
    bob.join(&alice.invite("steps"));
    let other = Node::up(&bob, &[]);
    let (mut acknowledged, mut in_the_midst) = (Vec::new(), 0);
    for eighths in INSTANTS {
        until("a part of history", || other.events(&topic) >= HISTORY * eighths / 8);
        acknowledged.push(alice.act("steps", &["increment", "2"]));
        node.kill();
        let has = other.events(&topic);
        in_the_midst += u64::from(has < HISTORY);
        acknowledged.push(alice.act("steps", &["increment", "3"]));
        node = up();
        took("a sender that was killed is heard again", || {
            let more = HISTORY.min(has + HISTORY / 16);
            until("more of history", || other.events(&topic) >= more);
        });
    }
    assert!(in_the_midst > 0, "all had come before each kill");
    agree(&topic, [&alice, &bob], HISTORY + 2 + acknowledged.len() as u64);
    bob.has("steps", &acknowledged);
    alice.json(["doctor"]).ok();
}

/// Bytes a bundle is made larger by.
const PADDING: usize = 1 << 20;

/// The apps' components, one of which is large.
fn padded(folder: &Folder) -> std::path::PathBuf {
    let padded = folder.path("components");
    fs::create_dir(&padded).unwrap();
    for file in fs::read_dir(components()).unwrap() {
        let file = file.unwrap().path();
        let name = Path::new(file.file_name().unwrap()).to_owned();
        if file.is_file() && name.to_str().unwrap().starts_with("counter") {
            fs::copy(&file, padded.join(name)).unwrap();
        }
    }
    // A custom section, which decides nothing: number, length, the length of a name, the name.
    let mut section = vec![0];
    let mut length = PADDING + 1;
    while length >= 0x80 {
        section.push(length as u8 | 0x80);
        length >>= 7;
    }
    section.extend([length as u8, 0]);
    // What no compression makes less of: another byte each time, by a linear congruence.
    let mut state = 1_u32;
    section.extend((0..PADDING).map(|_| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    }));
    let files = fs::read_dir(&padded).unwrap().map(|file| file.unwrap().path());
    let shown = files.filter(|file| file.to_str().unwrap().ends_with("counter-interaction.wasm"));
    let file = shown.last().unwrap();
    fs::write(&file, [fs::read(&file).unwrap(), section].concat()).unwrap();
    padded
}

fn fetch() {
    let folder = Folder::new();
    let (lan, hosts) = (Lan::new(), [Host::new(), Host::new()]);
    let _port = lan.plug(&hosts[0], "10.0.0.1/24");
    let port = lan.plug(&hosts[1], "10.0.0.2/24");
    let [alice, bob] = [folder.made("alice").on(&hosts[0]), folder.made("bob").on(&hosts[1])];
    let bundle = folder.signed_from(&alice, "counter", &padded(&folder));
    assert!(fs::metadata(&bundle).unwrap().len() as usize > PADDING);
    alice.install(&bundle).ok();
    let up = |home| Node::up(home, &["--listen", "0.0.0.0:4433"]);
    let mut node = up(&alice);
    let topic = alice.found("counter", "steps");
    bob.join(&alice.invite("steps"));
    port.slow("2mbit");
    for kills_receiver in [true, false] {
        let before = port.received();
        let other = up(&bob);
        until("a part of the bundle", || port.received() > before + PADDING as u64 / 4);
        if kills_receiver {
            other.kill();
        } else {
            node.kill();
            other.stop();
            node = up(&alice);
        }
        assert!(port.received() < before + PADDING as u64, "all had come before the kill");
        // Nothing of it is taken for a bundle.
        bob.json(["app", "install", "steps", "--yes"]).fails(3, "not-offered");
        assert_eq!(bob.json(["app", "list"]).ok().value(), json!([]));
    }
    let before = port.received();
    let _other = up(&bob);
    bob.json(["app", "install", "steps", "--yes"]).ok();
    eprintln!("      of {PADDING} bytes the last part took {}", port.received() - before);
    agree(&topic, [&alice, &bob], 2);
    bob.act("steps", &["increment", "3"]);
    agree(&topic, [&alice, &bob], 3);
    drop(node);
}
