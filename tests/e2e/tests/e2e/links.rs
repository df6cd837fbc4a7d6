//! Links that are cut, peers that stand still, connections of which only one end is left.

use std::thread;
use std::time::{Duration, Instant};

use myrhiza_e2e::{
    Case, Folder, Home, Host, Lan,
    Needs::{Hosts, Loopback},
    Node, Port, agree, took, until,
};

pub(crate) const CASES: &[Case] = &[
    (Hosts, "after_a_cut_both_have_what_either_did", cut_and_heal),
    (Hosts, "a_peer_that_vanished_is_missed_and_taken_back", half_open),
    (Hosts, "a_peer_that_comes_back_at_once_is_taken_back", comes_back),
    (Loopback, "a_peer_that_stands_still_holds_up_nobody", stands_still),
];

/// Where nodes listen on hosts of their own.
pub(crate) const LISTEN: &[&str] = &["--listen", "0.0.0.0:4433"];

/// Two homes on two hosts, and how these are reached.
pub(crate) struct Pair {
    pub(crate) folder: Folder,
    pub(crate) lan: Lan,
    pub(crate) homes: [Home; 2],
    pub(crate) nodes: [Option<Node>; 2],
    pub(crate) ports: [Port; 2],
    pub(crate) topic: String,
}

impl Pair {
    /// They share `steps`, and nobody did anything there.
    pub(crate) fn new() -> Self {
        let (folder, lan, hosts) = (Folder::new(), Lan::new(), [Host::new(), Host::new()]);
        let ports = [lan.plug(&hosts[0], "10.0.0.1/24"), lan.plug(&hosts[1], "10.0.0.2/24")];
        let [alice, bob] = folder.counters(["alice", "bob"]);
        let (alice, bob) = (alice.on(&hosts[0]), bob.on(&hosts[1]));
        let nodes = [&alice, &bob].map(|home| Some(Node::up(home, LISTEN)));
        let topic = alice.found("counter", "steps");
        bob.join(&alice.invite_host("steps"));
        agree(&topic, [&alice, &bob], 2);
        Self { folder, lan, homes: [alice, bob], nodes, ports, topic }
    }

    /// Both act.
    fn act(&self) -> [String; 2] {
        self.homes.each_ref().map(|home| home.act("steps", &["increment", "1"]))
    }

    fn agree(&self, events: u64) {
        agree(&self.topic, [&self.homes[0], &self.homes[1]], events);
    }

    /// How many peers bob's node believes itself connected to.
    fn peers_of_bob(&self) -> usize {
        self.homes[1].json(["peers"]).ok().value()["peers"].as_array().unwrap().len()
    }
}

fn cut_and_heal() {
    let pair = Pair::new();
    let (mut acknowledged, mut events) = (Vec::new(), 2);
    // Briefly, so that the connection outlives it; by the cable; for longer than it can.
    for (pulls_the_cable, seconds) in [(false, 4), (true, 4), (false, 45)] {
        let port = &pair.ports[1];
        if pulls_the_cable {
            port.unplug()
        } else {
            port.cut()
        }
        acknowledged.extend(pair.act());
        events += 2;
        thread::sleep(Duration::from_secs(seconds));
        let counts = pair.homes.each_ref().map(|home| home.count("steps"));
        assert_eq!(counts, [events - 1; 2], "the cut was not felt");
        if pulls_the_cable {
            port.replug()
        } else {
            port.heal()
        }
        took(&format!("agreement after {seconds} s apart"), || pair.agree(events));
    }
    pair.homes.iter().for_each(|home| home.has("steps", &acknowledged));
}

fn half_open() {
    let mut pair = Pair::new();
    pair.ports[0].cut();
    pair.nodes[0].take().unwrap().kill();
    pair.ports[0].heal();
    assert_eq!(pair.peers_of_bob(), 1, "bob was told");
    let start = Instant::now();
    let mut acknowledged = vec![pair.homes[1].act("steps", &["increment", "1"])];
    took("a peer that vanished is missed", || until("to be alone", || pair.peers_of_bob() == 0));
    assert!(start.elapsed() < Duration::from_secs(60));
    acknowledged.push(pair.homes[0].act("steps", &["increment", "1"]));
    pair.nodes[0] = Some(Node::up(&pair.homes[0], LISTEN));
    took("a peer that was missed is taken back", || pair.agree(4));
    pair.homes.iter().for_each(|home| home.has("steps", &acknowledged));
}

fn comes_back() {
    let mut pair = Pair::new();
    let (mut acknowledged, mut events) = (Vec::new(), 2);
    // Whoever of the two opened the connection that is dead.
    for killed in [0, 1] {
        pair.ports[killed].cut();
        pair.nodes[killed].take().unwrap().kill();
        pair.ports[killed].heal();
        acknowledged.extend(pair.act());
        events += 2;
        pair.nodes[killed] = Some(Node::up(&pair.homes[killed], LISTEN));
        let (_, elapsed) = took("a peer that comes back is taken back", || pair.agree(events));
        assert!(elapsed < Duration::from_secs(20));
    }
    pair.homes.iter().for_each(|home| home.has("steps", &acknowledged));
}

fn stands_still() {
    let folder = Folder::new();
    let [alice, bob, carol] = folder.counters(["alice", "bob", "carol"]);
    let nodes = [&alice, &bob, &carol].map(|home| Node::up(home, &[]));
    let topic = alice.found("counter", "steps");
    bob.join(&alice.invite("steps"));
    carol.join(&alice.invite("steps"));
    agree(&topic, [&alice, &bob, &carol], 3);
    nodes[1].freeze(true);
    let mut acknowledged = Vec::new();
    for n in 0..20 {
        acknowledged.push(alice.act("steps", &["increment", "1"]));
        acknowledged.push(carol.act("steps", &["increment", "1"]));
        let (_, elapsed) = took("beside one that stands still", || {
            agree(&topic, [&alice, &carol], 5 + 2 * n);
        });
        assert!(elapsed < Duration::from_secs(10), "it was held up");
    }
    nodes[1].freeze(false);
    agree(&topic, [&alice, &bob, &carol], 43);
    bob.has("steps", &acknowledged);
}
