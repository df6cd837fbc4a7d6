//! Many nodes, and many topics.

use std::process::Command;
use std::thread;
use std::time::Duration;

use myrhiza_e2e::{Case, Folder, Home, Needs::Loopback, Node, agree, took, until};

pub(crate) const CASES: &[Case] = &[
    (Loopback, "a_thousand_topics_are_shared_and_cost_little_when_nothing_happens", topics),
    (Loopback, "sixteen_nodes_that_all_act_agree", sixteen),
];

/// Bytes of memory a node may have in use, compiled app and all.
const MEMORY: u64 = 256 << 20;

fn sixteen() {
    let folder = Folder::new();
    let names: [String; 16] = std::array::from_fn(|n| format!("node{n}"));
    let homes = folder.counters(names.each_ref().map(String::as_str));
    let all: Vec<&Home> = homes.iter().collect();
    let topic = homes[0].found("counter", "steps");
    let nodes: Vec<_> = homes.iter().map(|home| Node::up(home, &[])).collect();
    let ticket = homes[0].json(["topic", "invite", "steps", "--uses", "15"]).ok().value();
    homes[1..].iter().for_each(|home| home.join(ticket["ticket"].as_str().unwrap()));
    took("sixteen nodes come together", || agree(&topic, &all, 16));
    let mut acknowledged = Vec::new();
    for round in 1..=2 {
        let act = |home: &Home| home.act("steps", &["increment", "1"]);
        acknowledged.extend(thread::scope(|scope| {
            let acting: Vec<_> = homes.iter().map(|home| scope.spawn(move || act(home))).collect();
            acting.into_iter().map(|acts| acts.join().unwrap()).collect::<Vec<_>>()
        }));
        took("what sixteen did at once is everywhere", || agree(&topic, &all, 16 + 16 * round));
    }
    homes[9].has("steps", &acknowledged);
    let memory: Vec<_> = nodes.iter().map(Node::memory).collect();
    let (least, most) = (memory.iter().min().unwrap() >> 20, memory.iter().max().unwrap() >> 20);
    eprintln!("      each of sixteen nodes has {least} to {most} MB in use");
    assert!(memory.iter().all(|bytes| *bytes < MEMORY));
}

/// How many.
const TOPICS: usize = 1_000;

fn topics() {
    let folder = Folder::new();
    let [alice] = folder.counters(["alice"]);
    let node = Node::up(&alice, &[]);
    let names: Vec<_> = (0..TOPICS).map(|n| format!("topic{n}")).collect();
    took(&format!("{TOPICS} topics are founded"), || {
        names.iter().for_each(|name| drop(alice.found("counter", name)));
    });
    let founded = node.memory();
    node.stop();
    // A copy of the home is another of the same person's, which comes into all of their topics.
    let twin = folder.home("twin");
    let copied = Command::new("cp").arg("-a").args([&alice.path, &twin.path]).status();
    assert!(copied.unwrap().success());
    let (node, started) = took("its node starts again", || Node::up(&alice, &[]));
    let (other, _) = took("and its copy's", || Node::up(&twin, &["--connect", &node.address()]));
    assert!(started < Duration::from_secs(30));
    let complete = |home: &Home| {
        let synced = home.json(["sync"]).value();
        let topics = synced["topics"].as_array().unwrap();
        topics.iter().filter(|topic| topic["complete"] == true && topic["events"] == 2).count()
    };
    took("all topics are shared", || {
        until("all topics to be shared", || [&alice, &twin].iter().all(|h| complete(h) == TOPICS));
    });

    // Nothing happens: nothing is sent, and nobody computes.
    let used = || (node.processor() + other.processor(), traffic(&alice));
    let (before, seconds) = (used(), 10);
    thread::sleep(Duration::from_secs(seconds));
    let after = used();
    let (milliseconds, bytes) = ((after.0 - before.0) / seconds, (after.1 - before.1) / seconds);
    eprintln!("      idle: {milliseconds} ms of processor time of both and {bytes} B a second");
    assert!(milliseconds < 300 && bytes < 4096, "the nodes do not rest");

    for (name, at) in [(&names[0], 0), (&names[TOPICS / 2], 1), (&names[TOPICS - 1], 0)] {
        let (home, there) = if at == 0 { (&alice, &twin) } else { (&twin, &alice) };
        let event = home.act(name, &["increment", "1"]);
        let (_, elapsed) = took("a live event in one of many topics", || {
            until("a live event", || there.count(name) == 3);
        });
        there.has(name, &[event]);
        assert!(elapsed < Duration::from_secs(5));
    }
    let memory = [&node, &other].map(Node::memory);
    let [one, two] = memory.map(|bytes| bytes >> 20);
    eprintln!(
        "      with {TOPICS} topics: {one} and {two} MB in use; founding took {}",
        founded >> 20
    );
    assert!(memory.iter().all(|bytes| *bytes < MEMORY));
}

/// Bytes that went over all connections of a home's node.
fn traffic(home: &Home) -> u64 {
    let peers = home.json(["peers"]).ok().value();
    let peers = peers["peers"].as_array().unwrap().iter();
    peers.map(|peer| peer["sent"].as_u64().unwrap() + peer["received"].as_u64().unwrap()).sum()
}
