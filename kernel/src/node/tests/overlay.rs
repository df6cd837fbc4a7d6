//! A topic of many nodes, each of which is connected to a few. See each test's name.

use myrhiza_kernel_api::PeerAddress;

use super::net::{self, Net, address, node_key, seat};
use crate::node::dial::Dialer;
use crate::node::neighbours::{HEARSAY, INCOMING};
use crate::node::{Choice, DEGREE, LINKS, PEERS, Told, Why};
use crate::testing::World;

/// Nodes that choose `degree` peers each; all know the first, which is told of nobody.
fn star(degree: usize, count: usize) -> (World, Net) {
    let (world, scopes, joins) = net::members(count, 1024);
    let seats = scopes.iter().map(|scope| seat(&world, scope, &joins)).collect();
    let mut net = Net::choosing(degree, seats);
    for n in 1..count {
        net.hear_of(n, &[0], world.id());
        net.settle();
        net.pass(1);
    }
    net.pass(60);
    (world, net)
}

fn degrees(net: &Net) -> Vec<usize> {
    net.nodes.iter().map(|node| node.peers().len()).collect()
}

/// What the log of a node tells of connections that ended.
fn ends(net: &Net, n: usize, why: &Why) -> usize {
    let ended = |told: &&Told| matches!(told, Told::Disconnected { why: it, .. } if it == why);
    net.told[n].iter().filter(ended).count()
}

#[test]
fn each_node_has_a_few_neighbours_and_events_reach_all() {
    let (world, mut net) = star(3, 24);
    let degrees = degrees(&net);
    assert!(degrees.iter().all(|degree| (3..=14).contains(degree)), "{degrees:?}");
    assert!(degrees.iter().sum::<usize>() <= 24 * 6, "{degrees:?}");
    // The one that all came by is let go by most.
    assert!(degrees[0] < 12, "{degrees:?}");
    for n in 0..24 {
        net.act(n, world.id(), &format!("by {n}"));
    }
    let rounds = net.settle_in_rounds();
    assert!(net.agree(world.id()));
    assert!(rounds < 12, "{rounds}");
    assert!(!net.told.iter().flatten().any(|told| matches!(told, Told::Offence { .. })));
}

/// Bytes that each node takes in for one event, as many times its size, and how many hops the last
/// of the nodes is away.
fn cost(degree: usize, count: usize, text: &str) -> (f64, usize) {
    let (world, mut net) = star(degree, count);
    let size = text.len() + 270;
    let (before, mut rounds) = (net.bytes, 0);
    for n in 0..count {
        net.act(n, world.id(), text);
        rounds = rounds.max(net.settle_in_rounds());
    }
    assert!(net.agree(world.id()));
    let bytes = (net.bytes - before) as f64 / (count * count) as f64;
    (bytes / size as f64, rounds)
}

#[test]
fn an_event_costs_each_node_a_few_times_its_size() {
    let text = "x".repeat(300);
    for (degree, count) in [(100, 16), (8, 16), (DEGREE, 16), (4, 16), (3, 16)] {
        let (times, rounds) = cost(degree, count, &text);
        println!("{count} nodes choose {degree} each: {times:.1} times, {rounds} rounds");
        let most = if degree == 100 { 16.0 } else { 1.5 * degree as f64 + 1.0 };
        assert!(times < most, "{degree}: {times}");
    }
}

#[test]
fn a_neighbour_that_is_gone_is_replaced_and_nobody_is_left_alone() {
    let (world, mut net) = star(3, 16);
    // A third of the nodes is gone at once.
    for gone in [2, 5, 8, 11, 14] {
        (0..16).filter(|n| *n != gone).for_each(|n| net.cut(n, gone));
    }
    net.pass(60);
    net.act(0, world.id(), "without a third");
    net.settle();
    let roots = net.roots(world.id());
    let there = |n: &usize| ![2, 5, 8, 11, 14].contains(n);
    assert!((0..16).filter(there).all(|n| roots[n] == roots[0]));
    assert!(degrees(&net).iter().enumerate().all(|(n, degree)| !there(&n) || *degree >= 3));
    for a in 0..16 {
        (0..a).for_each(|b| net.heal(a, b));
    }
    net.pass(400);
    assert!(net.agree(world.id()));
}

#[test]
fn two_halves_that_were_long_apart_come_together() {
    let (world, mut net) = star(3, 16);
    let pairs = || (0..8).flat_map(|a| (8..16).map(move |b| (a, b)));
    pairs().for_each(|(a, b)| net.cut(a, b));
    net.pass_minutes(120);
    net.act(0, world.id(), "here");
    net.act(15, world.id(), "there");
    net.settle();
    assert!(!net.agree(world.id()));
    pairs().for_each(|(a, b)| net.heal(a, b));
    net.pass(400);
    assert!(net.agree(world.id()));
}

#[test]
fn neighbours_change_in_time_and_no_event_is_missed() {
    let (world, mut net) = star(3, 16);
    let neighbours =
        |net: &Net| -> Vec<_> { net.nodes[4].peers().iter().map(|peer| peer.peer).collect() };
    let before = neighbours(&net);
    for hour in 0..6 {
        net.pass_minutes(60);
        net.act(hour, world.id(), "now and then");
        net.settle();
        assert!(net.agree(world.id()), "{hour}");
    }
    assert_ne!(neighbours(&net), before);
    let let_go: usize = (0..16).map(|n| ends(&net, n, &Why::Surplus)).sum();
    assert!((16..16 * 6 * 6).contains(&let_go), "{let_go}");
}

#[test]
fn a_node_that_is_full_lets_a_newcomer_in_and_keeps_whom_it_has_chosen() {
    let count = INCOMING + 3;
    let (world, scopes, joins) = net::members(count, 1024);
    let seats = scopes.iter().map(|scope| seat(&world, scope, &joins)).collect();
    let mut net = Net::choosing(3, seats);
    // Everybody wants the first for good, and it has no say in that.
    (1..=INCOMING).for_each(|n| net.connect(n, 0));
    net.settle();
    net.pass(120);
    assert_eq!(ends(&net, 0, &Why::Displaced), 0, "nobody has to go while there is room");
    assert_eq!(degrees(&net)[0], INCOMING);
    net.act(0, world.id(), "before");
    net.settle();
    // All but one have brought something.
    let first = &net.nodes[0];
    let idle = (1..=INCOMING).find(|n| !first.dialer.is_chosen(&node_key(*n))).unwrap();
    let now_ms = first.now_ms;
    for n in (1..=INCOMING).filter(|n| *n != idle) {
        net.nodes[0].merits.useful(&node_key(n), now_ms);
    }
    let newcomer = INCOMING + 1;
    net.hear_of(newcomer, &[0], world.id());
    net.pass(2);
    assert!(degrees(&net)[newcomer] > 0);
    let displaced = |told: &Told| match told {
        Told::Disconnected { peer, why: Why::Displaced } => Some(*peer),
        _ => None,
    };
    let displaced: Vec<_> = net.told[0].iter().filter_map(displaced).collect();
    assert_eq!(displaced, [node_key(idle)], "who brought something stays");
    net.pass(180);
    assert_eq!(net.roots(world.id())[newcomer], net.roots(world.id())[0]);
    assert!(degrees(&net)[0] <= LINKS);
    assert!(ends(&net, 0, &Why::Displaced) > 0);
    // Nobody that it has chosen itself had to go.
    let told = &net.told[0];
    assert!(told.iter().any(|told| matches!(told, Told::Connected { .. })));
    assert!(net.nodes[0].peers().iter().all(|peer| peer.peer != node_key(0)));
    // One that wants the first alone comes in again, however full it is.
    net.connect(newcomer + 1, 0);
    net.pass(300);
    assert_eq!(net.roots(world.id())[newcomer + 1], net.roots(world.id())[0]);
}

#[test]
fn what_a_peer_says_of_others_leads_nobody_away_from_them() {
    let (world, mut net) = star(3, 4);
    let nowhere = PeerAddress { addresses: vec!["net:nowhere".parse().unwrap()], ..address(2) };
    let is_at = |net: &Net| {
        let known = net.nodes[0].runtime().peers_of(world.id()).unwrap();
        let kept = known.into_iter().find(|peer| peer.key == node_key(2)).unwrap();
        (net.nodes[0].dialer.addresses(&node_key(2)), kept.addresses)
    };
    // What is known is tried first, and what another says after it.
    let both = [address(2).addresses, nowhere.addresses.clone()].concat();
    net.nodes[0].heard_of(node_key(2), world.id(), vec![address(2)]);
    for _ in 0..2 {
        net.nodes[0].heard_of(node_key(1), world.id(), vec![nowhere.clone()]);
        assert_eq!(is_at(&net), (both.clone(), both.clone()));
    }
    // Nor where it is remembered, and not kept in mind any more.
    net.nodes[0].dialer = Dialer::new(Choice::new([0; 32]));
    net.nodes[0].heard_of(node_key(1), world.id(), vec![nowhere.clone()]);
    assert_eq!(is_at(&net), (both.clone(), both));
    net.nodes[0].heard_of(node_key(2), world.id(), vec![nowhere.clone()]);
    assert_eq!(is_at(&net), (nowhere.addresses.clone(), nowhere.addresses));
}

#[test]
fn what_a_peer_says_of_others_takes_no_place_of_those_one_has_met() {
    let (world, mut net) = star(3, 4);
    net.nodes[0].heard_of(node_key(2), world.id(), vec![address(2)]);
    for first in [100, 116, 132, 148, 164] {
        let others = (first..first + 16).map(address).collect();
        net.nodes[0].heard_of(node_key(1), world.id(), others);
    }
    let known = net.nodes[0].runtime().peers_of(world.id()).unwrap();
    assert!(known.len() <= HEARSAY && known.iter().any(|peer| peer.key == node_key(2)));
    net.nodes[0].heard_of(node_key(200), world.id(), vec![address(200)]);
    let known = net.nodes[0].runtime().peers_of(world.id()).unwrap();
    assert_eq!(known[0].key, node_key(200), "who speaks for itself is the latest");
}

#[test]
fn who_comes_is_kept_in_mind_though_all_whom_a_node_was_told_of_are_dead() {
    let (world, scopes, joins) = net::members(2, 1024);
    let seats = scopes.iter().map(|scope| seat(&world, scope, &joins)).collect();
    let mut net = Net::choosing(3, seats);
    // Nobody is there, and few of them were tried often enough to be given up.
    let dead: Vec<_> = (100..100 + PEERS).map(address).collect();
    for told in dead.chunks(16) {
        net.nodes[0].heard_of(node_key(99), world.id(), told.to_vec());
    }
    net.pass(3);
    assert!(net.nodes[0].dialer.addresses(&node_key(1)).is_empty());
    net.connect(1, 0);
    net.pass(3);
    assert_eq!(net.nodes[0].dialer.addresses(&node_key(1)), address(1).addresses);
    net.cut(0, 1);
    net.pass(60);
    assert_eq!(net.nodes[0].dialer.addresses(&node_key(1)), address(1).addresses);
}
