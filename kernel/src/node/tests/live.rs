use super::net::{self, Net, node_key, seat};
use crate::event::payload::Admission;
use crate::node::{Input, LinkId, Seat, Told, Why};
use crate::sync::Role;
use crate::testing::{Dice, World};

/// An open topic whose members' joins every home has.
fn members(count: usize) -> (World, Vec<Seat>) {
    let (world, scopes, joins) = net::members(count, 1024);
    let seats = scopes.iter().map(|scope| seat(&world, scope, &joins)).collect();
    (world, seats)
}

fn net(count: usize) -> (World, Net) {
    let (world, seats) = members(count);
    (world, Net::new(seats))
}

#[test]
fn what_one_does_reaches_the_other_at_once() {
    let (world, mut net) = net(2);
    net.act(0, world.id(), "before");
    net.connect(1, 0);
    net.settle();
    assert!(net.agree(world.id()));
    net.act(1, world.id(), "live");
    net.act(0, world.id(), "as well");
    net.settle();
    assert!(net.agree(world.id()));
    assert_eq!(net.roots(world.id())[0].events, 1 + 1 + 3);
    let complete = |told: &Told| matches!(told, Told::Complete { events: 3, .. });
    assert!(net.told.iter().all(|told| told.iter().any(complete)));
    assert!(net.nodes[0].peers()[0].topics[&world.id()].complete);
}

#[test]
fn who_slept_is_connected_anew_at_once_and_who_has_another_network_keeps_what_it_has() {
    let (world, mut net) = net(2);
    net.connect(1, 0);
    net.settle();
    let slept = |net: &Net| {
        let ended = |told: &&Told| matches!(told, Told::Disconnected { why: Why::Slept, .. });
        net.told[1].iter().filter(ended).count()
    };
    net.take(1, Input::Awake { slept: false });
    net.settle();
    assert_eq!((slept(&net), net.nodes[1].peers().len()), (0, 1));
    net.take(1, Input::Awake { slept: true });
    net.settle();
    assert_eq!((slept(&net), net.nodes[1].peers().len()), (1, 1), "without time passing");
    net.act(0, world.id(), "good morning");
    net.settle();
    assert!(net.agree(world.id()));
}

#[test]
fn what_one_does_reaches_those_behind_the_other() {
    let (world, mut net) = net(4);
    (0..3).for_each(|n| net.connect(n, n + 1));
    net.settle();
    net.act(0, world.id(), "from the first");
    net.act(3, world.id(), "from the last");
    net.settle();
    assert!(net.agree(world.id()));
    assert_eq!(net.roots(world.id())[0].events, 4 + 2);
}

#[test]
fn who_knows_one_node_comes_to_know_the_others() {
    let (world, mut net) = net(5);
    (1..5).for_each(|n| net.connect(n, 0));
    net.settle();
    net.pass(3);
    // Those in a star know each other now: without its centre they are still together.
    (1..5).for_each(|n| net.cut(n, 0));
    net.act(1, world.id(), "without the centre");
    net.settle();
    let roots = net.roots(world.id());
    assert!(roots[1..].iter().all(|root| *root == roots[1]) && roots[0] != roots[1]);
    assert_eq!(net.nodes[1].runtime().peers_of(world.id()).unwrap().len(), 4);
    assert!(net.nodes[1..].iter().all(|node| node.peers().len() == 3));
}

#[test]
fn a_cut_link_comes_back_and_brings_what_was_done_apart() {
    let (world, mut net) = net(2);
    net.connect(0, 1);
    net.settle();
    net.cut(0, 1);
    (0..300).for_each(|n| net.act(n % 2, world.id(), &format!("apart {n}")));
    net.pass(600);
    assert!(!net.agree(world.id()));
    let before = net.dials[&(0, 1)];
    net.heal(0, 1);
    net.pass(400);
    assert!(net.agree(world.id()));
    assert_eq!(net.dials[&(0, 1)], before + 1);
    net.act(0, world.id(), "together again");
    net.settle();
    assert!(net.agree(world.id()));
}

#[test]
fn of_two_connections_between_two_nodes_one_stays() {
    let (world, mut net) = net(2);
    net.connect(0, 1);
    net.connect(1, 0);
    net.settle();
    net.pass(5);
    assert_eq!(net.nodes.iter().map(|node| node.peers().len()).collect::<Vec<_>>(), [1, 1]);
    // A node that was restarted dials again, before its end is known to be gone.
    net.wire(0, 1);
    net.settle();
    net.act(0, world.id(), "after");
    net.settle();
    assert!(net.agree(world.id()));
    assert_eq!(net.nodes.iter().map(|node| node.peers().len()).collect::<Vec<_>>(), [1, 1]);
    assert!(net.dials.values().all(|dials| *dials <= 2), "{:?}", net.dials);
}

#[test]
fn a_node_with_this_ones_key_is_refused() {
    let (_, mut net) = net(1);
    let opened =
        Input::Opened { link: LinkId(7), peer: node_key(0), role: Role::Listener, nonce: [1; 32] };
    net.take(0, opened);
    assert!(matches!(&net.told[0][..], [Told::Refused { .. }]));
    assert_eq!(net.nodes[0].peers(), []);
}

#[test]
fn a_peer_without_a_common_topic_is_let_go() {
    let (_, mut seats) = members(1);
    let other = World::founded_by(Admission::Open, 5);
    seats.push(seat(&other, &other.founder, &[]));
    let mut net = Net::new(seats);
    net.connect(0, 1);
    net.pass(32);
    let useless = |told: &Told| matches!(told, Told::Disconnected { why: Why::Useless, .. });
    assert!(net.told.iter().flatten().any(useless));
    // It is asked again, but ever more seldom.
    net.pass(3_600);
    assert!(net.dials[&(0, 1)] < 30, "{:?}", net.dials);
}

#[test]
fn a_topic_that_was_left_is_shared_no_longer_and_others_are() {
    let (world, mut seats) = members(2);
    let other = World::founded_by(Admission::Open, 5);
    for seat in &mut seats {
        let opening = crate::export::Opening {
            genesis: crate::event::UnverifiedEvent::decode(&other.genesis.to_bytes()).unwrap(),
            bundles: 0,
        };
        let import = seat.runtime.begin_import(&opening, Some("other"), 0).unwrap();
        seat.runtime.finish_import(import, &crate::event::verify_all).unwrap();
    }
    let mut net = Net::new(seats);
    net.connect(0, 1);
    net.settle();
    assert_eq!(net.nodes[0].peers()[0].topics.len(), 2);
    let now_ms = net.now_ms;
    let topic = other.id();
    let (_, outputs) =
        net.nodes[1].call(|seat| seat.runtime.leave(topic, &seat.certificate).unwrap(), now_ms);
    net.follow(1, outputs);
    net.settle();
    assert!(net.nodes[0].peers()[0].topics[&other.id()].denied);
    net.act(0, world.id(), "of the first topic");
    net.settle();
    assert!(net.agree(world.id()));
}

#[test]
fn any_order_of_frames_cuts_and_acts_ends_in_agreement() {
    for seed in 0..40 {
        let mut dice = Dice(seed);
        let count = 3 + dice.below(3);
        let (world, mut net) = net(count);
        for n in 1..count {
            net.connect(n, dice.below(n));
        }
        for step in 0..400 {
            let (a, b) = (dice.below(count), dice.below(count));
            match dice.below(20) {
                0 | 1 => net.act(a, world.id(), &format!("{step}")),
                2 if a != b => net.cut(a, b),
                3 | 4 if a != b => net.heal(a, b),
                5 if a != b => net.connect(a, b),
                6 => {
                    net.now_ms += 700;
                    net.take(a, Input::Tick);
                }
                _ => {
                    let which = dice.below(8);
                    net.deliver(which);
                }
            }
        }
        (0..count).for_each(|a| (0..a).for_each(|b| net.heal(a, b)));
        net.pass(700);
        assert!(net.agree(world.id()), "seed {seed}: {:?}", net.roots(world.id()));
    }
}

#[test]
fn of_many_peers_one_sends_the_history() {
    let (world, mut net) = net(5);
    let history = 1 + 4 + 600;
    (0..600).for_each(|n| net.act(0, world.id(), &format!("{n}")));
    (1..4).for_each(|n| net.connect(n, 0));
    net.pass(2);
    // The last comes to know the others by the first, and all of them have it.
    net.connect(4, 0);
    net.pass(3);
    assert!(net.agree(world.id()));
    assert_eq!(net.roots(world.id())[4].events, history);
    let received: u64 = net.nodes[4].peers().iter().map(|peer| peer.traffic.received).sum();
    let once: u64 = net.nodes[1].peers().iter().map(|peer| peer.traffic.received).sum();
    assert!(received < once * 5 / 4, "{received} where one alone sent {once}");
    assert_eq!(net.nodes[4].peers().len(), 4);
    assert!(net.nodes[4].peers().iter().all(|peer| peer.topics[&world.id()].complete));
}

#[test]
fn of_many_peers_that_lead_at_once_one_sends_the_history() {
    let (world, mut net) = net(5);
    (0..600).for_each(|n| net.act(0, world.id(), &format!("{n}")));
    (1..4).for_each(|n| net.connect(n, 0));
    net.pass(2);
    let before = net.bytes;
    net.connect(4, 0);
    net.pass(2);
    let once = net.bytes - before;
    // Another that has nothing is found by all of them at the same time.
    let (world, mut net) = self::net(5);
    (0..600).for_each(|n| net.act(0, world.id(), &format!("{n}")));
    (1..4).for_each(|n| net.connect(n, 0));
    net.pass(2);
    let before = net.bytes;
    (0..4).for_each(|n| net.connect(n, 4));
    net.settle_in_rounds();
    net.pass(5);
    assert!(net.agree(world.id()));
    let bytes = net.bytes - before;
    assert!(bytes < once * 5 / 4, "{bytes} where one alone sent {once}");
    assert!(!net.told.iter().flatten().any(|told| matches!(told, Told::Offence { .. })));
}
