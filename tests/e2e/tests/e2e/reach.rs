//! How nodes find each other: through a relay alone, and at a new address.

use myrhiza_e2e::{Case, Folder, Host, Lan, Needs::Hosts, Node, agree, took, until};

use crate::links::{LISTEN, Pair};

pub(crate) const CASES: &[Case] = &[
    (Hosts, "a_node_whose_address_changes_is_reached_again", address_changes),
    (Hosts, "nodes_that_only_a_relay_can_reach_share_a_topic", relay_only),
];

fn address_changes() {
    let mut pair = Pair::new();
    pair.ports[1].move_to("10.0.0.9/24");
    let [alice, bob] = &pair.homes;
    let mut acknowledged = vec![alice.act("steps", &["increment", "1"])];
    acknowledged.push(bob.act("steps", &["increment", "1"]));
    took("a node with a new address is reached", || agree(&pair.topic, [alice, bob], 4));
    until("the new address to be told", || {
        let addresses = bob.json(["peers"]).ok().value()["addresses"].to_string();
        addresses.contains("10.0.0.9") && !addresses.contains("10.0.0.2")
    });

    // Somebody new is led to it by a ticket, and who was up all along by what they heard.
    let host = Host::new();
    let _port = pair.lan.plug(&host, "10.0.0.3/24");
    let carol = pair.folder.made("carol").on(&host);
    carol.install(&pair.folder.path("counter.myr")).ok();
    let ticket = bob.invite("steps");
    pair.nodes[0].take().unwrap().stop();
    let _node = Node::up(&carol, LISTEN);
    carol.join(&ticket);
    agree(&pair.topic, [bob, &carol], 5);
    acknowledged.push(carol.act("steps", &["increment", "1"]));
    let _node = Node::up(alice, LISTEN);
    took("a node that was down finds the new address", || {
        agree(&pair.topic, [alice, bob, &carol], 6);
    });
    alice.has("steps", &acknowledged);
}

/// Where the relay is, for both of the networks it is in.
const RELAY: &str = "10.9.9.9";

fn relay_only() {
    let folder = Folder::new();
    let (lans, hosts, between) =
        ([Lan::new(), Lan::new()], [Host::new(), Host::new()], Host::new());
    let networks = ["10.1.0", "10.2.0"];
    between.run("ip", &["address", "add", &format!("{RELAY}/32"), "dev", "lo"]);
    let mut ports = Vec::new();
    for ((lan, host), network) in lans.iter().zip(&hosts).zip(networks) {
        ports.push(lan.plug(host, &format!("{network}.1/24")));
        ports.push(lan.plug(&between, &format!("{network}.9/24")));
        host.run("ip", &["route", "add", RELAY, "via", &format!("{network}.9")]);
    }
    // It passes no packets on: neither host knows a way to the other.
    let url = format!("http://{RELAY}:3340");
    let listen = ["--listen", "0.0.0.0:3340", "--plain", "--url", &url];
    let relay = Node::relay(Some(&between), folder.path("relay"), &listen);
    let [alice, bob] = folder.counters(["alice", "bob"]);
    let (alice, bob) = (alice.on(&hosts[0]), bob.on(&hosts[1]));
    let up = |home| Node::up(home, &["--listen", "0.0.0.0:4433", "--relay", &url]);
    let _nodes = [up(&alice), up(&bob)];
    let topic = alice.found("counter", "steps");
    bob.join(&alice.invite("steps"));
    took("two nodes meet by a relay", || agree(&topic, [&alice, &bob], 2));
    let act = || [&alice, &bob].map(|home| home.act("steps", &["increment", "1"]));
    let mut acknowledged = Vec::from(act());
    agree(&topic, [&alice, &bob], 4);

    // Nothing else led from one to the other.
    relay.kill();
    acknowledged.extend(act());
    let counts = [&alice, &bob].map(|home| home.count("steps"));
    assert_eq!(counts, [5, 5], "there was another way");
    let _relay = Node::relay(Some(&between), folder.path("relay"), &listen);
    took("they meet again when the relay is back", || agree(&topic, [&alice, &bob], 6));
    [&alice, &bob].iter().for_each(|home| home.has("steps", &acknowledged));
}
