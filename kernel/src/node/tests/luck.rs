//! Crowds, clocks and disks: what goes wrong without anybody's lie.

use std::sync::Arc;

use myrhiza_store_kit::{Faults, Operation};

use super::attacker::{Attacker, Siege, siege};
use super::net::{Net, failing, node_key, seat};
use crate::event::UnverifiedEvent;
use crate::event::payload::Admission;
use crate::export::Opening;
use crate::node::{Input, LINKS, Seat, Told};
use crate::sync::Role;
use crate::testing::World;

const YEARS_MS: i64 = 10 * 365 * 86_400_000;

#[test]
fn connections_on_which_nothing_is_said_leave_room_for_others_and_go() {
    let Siege { world, mut net, .. } = siege(3, 0, 20);
    let mut n = 0;
    for second in 0..40 {
        for _ in 0..25 {
            n += 1;
            Attacker::silent(&mut net, 0, n, Role::Listener);
        }
        if second == 20 {
            // Both find a place at once, whoever opens it.
            net.connect(1, 0);
            net.connect(0, 2);
            net.settle();
            let honest = |n: usize| net.nodes[0].peers().iter().any(|p| p.peer == node_key(n));
            assert!(honest(1) && honest(2));
        }
        net.pass(1);
        assert!(net.nodes[0].peers().len() <= LINKS);
    }
    let event = net.made(1, world.id(), "an honest word");
    net.settle();
    assert!(net.has(0, &event) && net.has(2, &event));
    net.pass(12);
    assert_eq!(net.nodes[0].peers().len(), 2, "who does not greet is left");
    assert_eq!(net.blamed(), [""; 0]);
}

#[test]
fn a_key_that_two_nodes_use_has_one_connection_at_a_time() {
    let Siege { world, mut net, .. } = siege(2, 0, 20);
    net.connect(1, 0);
    net.settle();
    for n in 0..300 {
        // One after the other, each as often as the other is let in.
        Attacker::met(
            &mut net,
            0,
            7,
            if n % 3 == 0 { Role::Dialer } else { Role::Listener },
            world.id(),
        );
        let event = net.made(1, world.id(), "an honest word");
        net.settle();
        assert!(net.has(0, &event));
        assert_eq!(net.nodes[0].peers().len(), 2);
    }
    assert!(net.nodes[0].weight() < 1_000, "{}", net.nodes[0].weight());
    assert_eq!(net.blamed(), [""; 0]);
}

#[test]
fn a_clock_that_jumps_drops_nobody_and_stops_nothing() {
    for (jump, after) in [YEARS_MS, -900_000].into_iter().flat_map(|jump| {
        // At any moment of the exchange, there and back.
        [0, 1, 4, 10, 20].map(|after| (jump, after))
    }) {
        let Siege { world, mut net, .. } = siege(3, 0, 0);
        (0..300).for_each(|n| net.act(1, world.id(), &format!("{n}")));
        net.connect(0, 1);
        net.connect(2, 0);
        (0..after).for_each(|step| assert!(net.deliver(step)));
        for skew in [jump, 0] {
            net.skew_ms.insert(0, skew);
            net.take(0, Input::Tick);
        }
        net.pass(3);
        assert!(net.agree(world.id()));
        assert_eq!(net.blamed(), [""; 0]);
        let lost = |told: &Told| matches!(told, Told::Disconnected { .. });
        assert!(!net.told.iter().flatten().any(lost), "{jump} {after}");
    }
}

#[test]
fn what_is_waited_for_with_a_wrong_clock_does_not_last_until_the_clock_says() {
    let Siege { world, mut net, .. } = siege(2, 0, 0);
    net.connect(0, 1);
    net.settle();
    net.skew_ms.insert(0, YEARS_MS);
    net.cut(0, 1);
    net.pass(30);
    net.skew_ms.insert(0, 0);
    let tried = |net: &Net| {
        let not_reached = |told: &&Told| matches!(told, Told::NotReached { .. });
        net.told[0].iter().filter(not_reached).count()
    };
    let before = tried(&net);
    net.pass(90);
    assert!(tried(&net) > before);
    net.heal(0, 1);
    net.act(0, world.id(), "before they meet again");
    net.pass(400);
    assert!(net.agree(world.id()));
}

#[test]
fn a_full_disk_in_the_midst_of_an_exchange_loses_nothing_and_holds_up_nobody_else() {
    let (world, faults) = (World::new(Admission::Open), Arc::new(Faults::default()));
    let seats = (0..3).map(|n| match n {
        1 => failing(&world, &world.founder, &[], &faults),
        _ => seat(&world, &world.founder, &[]),
    });
    let mut net = Net::new(seats.collect());
    let acknowledged = net.made(1, world.id(), "acknowledged");
    (0..3_000).for_each(|n| net.act(0, world.id(), &format!("{n}")));
    net.connect(1, 0);
    net.connect(2, 0);
    (0..16).for_each(|step| assert!(net.deliver(step)));
    (0..10_000).for_each(|_| faults.arm(Operation::CommitBefore, 0));
    for _ in 0..40 {
        net.pass(1);
        let event = net.made(2, world.id(), "an honest word");
        net.settle();
        assert!(net.has(0, &event) && net.has(1, &acknowledged));
    }
    let full = |told: &Told| matches!(told, Told::Fault { .. });
    assert!(net.told[1].iter().any(full));
    let before = net.dials.values().sum::<usize>();
    assert!(before < 60, "it is tried ever more seldom: {before}");
    faults.disarm();
    net.pass(400);
    assert!(net.agree(world.id()) && net.has(2, &acknowledged));
    assert_eq!(net.blamed(), [""; 0]);
}

#[test]
fn whom_to_look_for_is_read_again_where_that_failed() {
    for passing in 0..6 {
        let (world, faults) = (World::new(Admission::Open), Arc::new(Faults::default()));
        let seats = (0..2).map(|n| match n {
            0 => failing(&world, &world.founder, &[], &faults),
            _ => seat(&world, &world.founder, &[]),
        });
        let mut net = Net::new(seats.collect());
        net.connect(0, 1);
        net.settle();
        assert_eq!(net.nodes[0].runtime().peers_of(world.id()).unwrap().len(), 1);
        // As after a restart: what it knows is in its store.
        net.restart(0);
        net.act(1, world.id(), "meanwhile");
        let before = net.dials[&(0, 1)];
        faults.arm(Operation::Read, passing);
        net.start(0);
        net.settle();
        faults.disarm();
        net.pass(3);
        assert!(net.agree(world.id()), "{passing}");
        assert!(net.dials[&(0, 1)] > before, "{passing}: it is not left to the other");
    }
}

/// A seat of a thousand topics of other founders, with a few events in each.
fn thousand(worlds: &[World], extra: bool) -> Seat {
    let mut seat = seat(&worlds[0], &worlds[0].founder, &[]);
    for (n, world) in worlds.iter().enumerate() {
        if n > 0 {
            let genesis = UnverifiedEvent::decode(&world.genesis.to_bytes()).unwrap();
            let opening = Opening { genesis, bundles: 0 };
            let name = format!("topic {n}");
            let import = seat.runtime.begin_import(&opening, Some(&name), 0).unwrap();
            seat.runtime.finish_import(import, &crate::event::verify_all).unwrap();
        }
        if extra && n % 10 == 0 {
            let event = world.app(&mut world.founder.clone(), &[], 0, b"more");
            seat.runtime.ingest(world.id(), &[event], 0).unwrap();
        }
    }
    seat.runtime.take_changes();
    seat
}

#[test]
fn a_thousand_topics_are_shared_on_one_connection_and_none_waits_for_another() {
    let worlds: Vec<_> = (0..1_000).map(|n| World::founded_by(Admission::Open, 300 + n)).collect();
    let mut net = Net::new(vec![thousand(&worlds, false), thousand(&worlds, true)]);
    // Who knows one of them, and says so of four thousand more.
    let crowd = Attacker::met(&mut net, 0, 1, Role::Listener, worlds[500].id());
    let tag = |n: u16| {
        let mut tag = [0; 32];
        tag[..2].copy_from_slice(&n.to_be_bytes());
        myrhiza_kernel_api::Hash(tag)
    };
    let tags = (0..4_095).map(tag).collect();
    crowd.say(&mut net, &crate::sync::message::Message::Tags { tags });
    net.connect(0, 1);
    net.settle();
    let shared = &net.nodes[0].peers().iter().map(|peer| peer.topics.len()).collect::<Vec<_>>();
    assert!(shared.contains(&1_000) && shared.contains(&1), "{shared:?}");
    assert!(worlds.iter().all(|world| net.agree(world.id())));
    let spent: u64 = net.nodes[0].peers().iter().map(|peer| peer.traffic.sent).sum();
    assert!(spent < 1_000 * 400, "{spent} bytes");
    // Idle topics cost nothing.
    net.pass(60);
    let after: u64 = net.nodes[0].peers().iter().map(|peer| peer.traffic.sent).sum();
    assert!(after - spent < 20_000, "{}", after - spent);
    assert!(net.nodes[0].weight() < 100, "{}", net.nodes[0].weight());
    assert_eq!(net.blamed(), [""; 0]);
}
