//! Events that use all the fuel they may, and batches of megabytes: they take their time, and nobody
//! else's.

use myrhiza_kernel_api::EventId;
use myrhiza_kernel_api::limits::{FUEL_STATE_APPLY, PAYLOAD_BYTES};

use super::attacker::{Attacker, Siege, siege};
use super::net::{Net, seat};
use crate::event::Event;
use crate::event::payload::Admission;
use crate::node::pace::{EVENTS, SLICE, WAITING_BYTES};
use crate::node::{Input, Told, Why};
use crate::state::trie::{LogKey, Root};
use crate::sync::message::{Message, Summary};
use crate::sync::{Role, limits};
use crate::testing::{HEAVY, Home, Op, Scope, World};

/// A line of events that use all the fuel they may.
pub(super) fn heavy(world: &World, scope: &mut Scope, count: usize) -> Vec<Event> {
    let event = |n: usize| {
        let payload = [HEAVY, &n.to_be_bytes()[6..]].concat();
        world.app(scope, &[], Op::Write as u32, &payload)
    };
    (0..count).map(event).collect()
}

fn events(net: &Net, world: &World) -> u64 {
    net.nodes[0].runtime().root(world.id()).unwrap().events
}

#[test]
fn a_batch_that_would_take_long_is_taken_in_pieces_and_credit_given_for_the_whole() {
    let Siege { world, mut net, mut hostile, joins } = siege(1, 1, 0);
    let mut attacker = Attacker::met(&mut net, 0, 1, Role::Listener, world.id());
    net.settle();
    let batch = heavy(&world, &mut hostile[0], 300);
    attacker.send(&mut net, &batch);
    net.settle();
    let most = 2 * SLICE / FUEL_STATE_APPLY;
    let (mut before, mut rounds) = (events(&net, &world), 0);
    assert!(before <= 2 + most, "{before}");
    attacker.hear(&mut net);
    while events(&net, &world) < 302 {
        assert_eq!(attacker.credit, limits::WINDOW - 1, "it is not all there");
        net.take(0, Input::GoOn);
        let now = events(&net, &world);
        assert!((1..=most).contains(&(now - before)), "{before}, {now}");
        (before, rounds) = (now, rounds + 1);
        attacker.hear(&mut net);
    }
    assert!((5..=20).contains(&rounds), "{rounds}");
    assert_eq!(attacker.credit, limits::WINDOW);
    assert!(!net.nodes[0].has_more());
    let home = Home::with(
        &world,
        &[std::slice::from_ref(&world.genesis), &joins[..], &batch[..]].concat(),
    );
    assert_eq!(home.runtime.root(world.id()).unwrap(), net.roots(world.id())[0]);
    assert!(!net.told[0].iter().any(|told| matches!(told, Told::Offence { .. })));
}

/// Of what waited for one event all would be taken with it.
#[test]
fn what_waited_for_one_event_is_taken_in_pieces_too() {
    for is_line in [true, false] {
        let Siege { world, mut net, mut hostile, joins } = siege(1, 1, 0);
        let mut attacker = Attacker::met(&mut net, 0, 1, Role::Listener, world.id());
        net.settle();
        let mut batch = heavy(&world, &mut hostile[0], 1);
        batch.extend(match is_line {
            true => heavy(&world, &mut hostile[0], 299),
            false => (0..299u16)
                .map(|n| {
                    let payload = [HEAVY, &n.to_be_bytes()].concat();
                    world.app(&mut hostile[0].clone(), &[], Op::Write as u32, &payload)
                })
                .collect(),
        });
        attacker.send(&mut net, &batch[1..]);
        net.settle();
        assert_eq!(events(&net, &world), 2);
        attacker.send(&mut net, &batch[..1]);
        net.settle();
        let most = 2 * SLICE / FUEL_STATE_APPLY;
        let (mut before, mut rounds) = (events(&net, &world), 0);
        assert!(before <= 2 + most, "{before}");
        while before < 302 {
            assert!(net.nodes[0].has_more(), "{before}");
            net.take(0, Input::GoOn);
            let now = events(&net, &world);
            assert!((1..=most).contains(&(now - before)), "{before}, {now}");
            (before, rounds) = (now, rounds + 1);
        }
        assert!((5..=20).contains(&rounds), "{rounds}");
        assert!(!net.nodes[0].has_more());
        attacker.hear(&mut net);
        assert_eq!(attacker.credit, limits::WINDOW);
        let all = [std::slice::from_ref(&world.genesis), &joins[..], &batch[..]].concat();
        let home = Home::with(&world, &all);
        assert_eq!(home.runtime.root(world.id()).unwrap(), net.roots(world.id())[0]);
        assert!(!net.told[0].iter().any(|told| matches!(told, Told::Offence { .. })));
    }
}

/// A node that is killed before all that waited was taken.
#[test]
fn what_is_yet_to_be_taken_of_what_waited_is_taken_by_the_next_node() {
    let Siege { world, mut net, mut hostile, .. } = siege(1, 1, 0);
    let mut attacker = Attacker::met(&mut net, 0, 1, Role::Listener, world.id());
    net.settle();
    let batch = heavy(&world, &mut hostile[0], 100);
    attacker.send(&mut net, &batch[1..]);
    attacker.send(&mut net, &batch[..1]);
    net.settle();
    while events(&net, &world) == 2 {
        net.take(0, Input::GoOn);
    }
    assert!(events(&net, &world) < 102);
    net.restart(0);
    net.start(0);
    net.pass(20);
    assert_eq!(events(&net, &world), 102);
}

/// [SYNC-10]
#[test]
fn a_batch_that_is_taken_in_pieces_has_what_is_missing_asked_for_in_order_and_once() {
    let Siege { world, mut net, mut hostile, .. } = siege(1, 2, 0);
    let mut attacker = Attacker::met(&mut net, 0, 1, Role::Listener, world.id());
    net.settle();
    // It says it has the same, so that it is heard live.
    let root = net.nodes[0].runtime().root(world.id()).unwrap();
    let tip = root.tip.map(|tip| LogKey { height: tip.height, id: tip.id });
    let summary = Summary { root: Root { hash: root.log, count: root.events }, tip };
    attacker.say(&mut net, &Message::Compare { topic: 0, summary });
    net.settle();
    attacker.hear(&mut net);
    let mut batch = Vec::new();
    for n in 0..9 {
        batch.extend(heavy(&world, &mut hostile[0], 10));
        let missing = [EventId([200 - n; 32]), EventId([7; 32])];
        batch.push(world.app(&mut hostile[1].clone(), &missing, Op::Write as u32, &[n]));
    }
    attacker.send(&mut net, &batch);
    net.settle();
    let mut asked = Vec::new();
    let mut pieces = 0;
    while net.nodes[0].has_more() {
        net.take(0, Input::GoOn);
        pieces += 1;
        asked.extend(attacker.hear(&mut net).into_iter().filter_map(|message| match message {
            Message::Want { ids, .. } => Some(ids),
            _ => None,
        }));
    }
    assert!(pieces > 2, "{pieces}");
    let want: Vec<_> = [7].into_iter().chain(192..=200).map(|n| EventId([n; 32])).collect();
    assert_eq!(asked, [want]);
}

#[test]
fn what_another_peer_sends_for_the_topic_does_not_wait_for_all_of_it() {
    let Siege { world, mut net, mut hostile, joins } = siege(2, 3, 0);
    net.connect(1, 0);
    net.settle();
    let mut sent = Vec::new();
    for (n, scope) in hostile.iter_mut().enumerate() {
        let mut attacker = Attacker::met(&mut net, 0, n as u16, Role::Listener, world.id());
        let batch = heavy(&world, scope, 60);
        attacker.send(&mut net, &batch);
        sent.extend(batch);
    }
    net.settle();
    assert!(net.nodes[0].has_more());
    let honest = net.made(1, world.id(), "an honest word");
    net.settle();
    assert!(net.has(0, &honest) && net.nodes[0].has_more());
    net.pass(100);
    assert!(net.agree(world.id()));
    let all = [std::slice::from_ref(&world.genesis), &joins[..], &sent[..], &[honest]].concat();
    let home = Home::with(&world, &all);
    assert_eq!(home.runtime.root(world.id()).unwrap(), net.roots(world.id())[0]);
    assert_eq!(net.blamed(), [""; 0]);
}

#[test]
fn what_is_cheap_is_taken_all_at_once() {
    let world = World::new(Admission::Open);
    let seats = (0..2).map(|_| seat(&world, &world.founder, &[]));
    let mut net = Net::new(seats.collect());
    (0..3_000).for_each(|n| net.act(1, world.id(), &format!("{n}")));
    net.connect(0, 1);
    net.settle();
    assert!(net.agree(world.id()));
    assert!((3_000..=EVENTS).contains(&net.nodes[0].pace.at_once(world.id())));
}

#[test]
fn of_more_than_there_is_room_for_those_who_sent_most_are_left() {
    let Siege { world, mut net, mut hostile, .. } = siege(2, 8, 3_000);
    net.connect(1, 0);
    net.settle();
    let mut debtor = Attacker::met(&mut net, 0, 99, Role::Listener, world.id());
    for _ in 0..limits::WINDOW {
        let event = world.app(&mut hostile[0], &[], Op::Write as u32, b"long ago");
        debtor.send(&mut net, &[event]);
    }
    net.settle();
    let waits = net.nodes[0].pace.intake.bytes();
    assert!(waits > 0, "so much is owed that late events wait");
    // Of a member who comes back, who is not to suffer for what others send.
    let back = world.app(&mut hostile[7], &[], Op::Write as u32, b"long ago");
    net.import(1, world.id(), std::slice::from_ref(&back));
    net.settle();
    let mut attackers = Vec::new();
    for (n, scope) in hostile[1..7].iter_mut().enumerate() {
        let mut attacker = Attacker::met(&mut net, 0, n as u16, Role::Listener, world.id());
        for n in 0..limits::WINDOW as u8 {
            let event = world.app(scope, &[], Op::Write as u32, &vec![n; PAYLOAD_BYTES]);
            attacker.send(&mut net, &[event]);
        }
        net.settle();
        assert!(net.nodes[0].pace.intake.bytes() <= WAITING_BYTES);
        attackers.push(attacker);
    }
    let out = attackers.iter().filter(|attacker| attacker.is_out(&net)).count();
    assert_eq!(out, 1);
    let behind = |told: &&Told| matches!(told, Told::Disconnected { why: Why::Behind, .. });
    assert_eq!(net.told[0].iter().filter(behind).count(), 1);
    assert!(!debtor.is_out(&net) && !net.has(0, &back), "it is not all taken at once");
    net.pass(25);
    assert!(net.has(0, &back));
    assert!(!net.told[0].iter().any(|told| matches!(told, Told::Offence { .. })));
}
