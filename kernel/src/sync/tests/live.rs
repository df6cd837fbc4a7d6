//! New events between peers in sync.

use super::*;
use crate::sync::message::Message;
use crate::sync::{Offence, limits};

fn count(pipe: &Pipe, which: impl Fn(&Message) -> bool) -> usize {
    pipe.flights.iter().flatten().filter(|(_, message)| which(message)).count()
}

/// [SYNC-10]
#[test]
fn a_new_event_reaches_the_other_in_one_message_and_does_not_come_back() {
    let (world, events) = random_topic(1, 30);
    for n in [0, 1] {
        let mut pipe = exchanged(&world, &events, &events);
        pipe.flights.clear();
        let new = world.app(&mut world.founder.clone(), &[events[9].id()], 0, b"new");
        pipe.ends[n].author(std::slice::from_ref(&new), 0);
        pipe.run();
        assert!(pipe.ends[1 - n].node.has(&new));
        // Whoever got it announces it too, to everybody.
        let end = &mut pipe.ends[1 - n];
        let effects = end.session.announce(world.id(), &[new.id()], &end.node, 0).unwrap();
        end.follow(effects, 0);
        pipe.run();
        assert_eq!(count(&pipe, |m| matches!(m, Message::Events { .. })), 1);
        assert_eq!(
            count(&pipe, |m| !matches!(m, Message::Events { .. } | Message::Credit { .. })),
            0
        );
        assert!(pipe.synced(world.id()) && pipe.offences().is_empty());
    }
}

/// [SYNC-10] [SYNC-11]
#[test]
fn what_came_from_another_peer_first_is_no_offence_unless_it_is_said_again() {
    let (world, events) = random_topic(1, 30);
    let mut pipe = exchanged(&world, &events, &events);
    let new = world.app(&mut world.founder.clone(), &[events[9].id()], 0, b"new");
    let end = &mut pipe.ends[1];
    end.node.take(world.id(), std::slice::from_ref(&new));
    let message = Message::Events { topic: 0, events: vec![new.to_bytes()] };
    end.receive(&message.to_bytes(), 0);
    assert_eq!(end.offences(), []);
    end.receive(&message.to_bytes(), 0);
    assert_eq!(end.offences(), [Offence::Useless]);
}

/// [SYNC-10]
#[test]
fn what_a_new_event_names_is_pulled_from_its_sender() {
    let (world, events) = random_topic(1, 10);
    for (n, depth) in [(0, 3), (1, 3), (0, 80), (1, 80)] {
        let mut pipe = exchanged(&world, &events, &events);
        pipe.flights.clear();
        let chain = line(&world, depth);
        let (last, before) = chain.split_last().unwrap();
        pipe.ends[n].node.take(world.id(), before);
        pipe.ends[n].author(std::slice::from_ref(last), 0);
        pipe.run();
        assert!(pipe.ends[1 - n].node.has(last), "{n} {depth}");
        assert!(pipe.synced(world.id()), "{n} {depth}");
        let pulls = count(&pipe, |m| matches!(m, Message::Want { .. }));
        assert!(pulls <= limits::PULLS as usize, "{pulls}");
        assert!(depth > 3 || pulls == depth - 1, "{pulls}");
        assert_eq!(pipe.offences(), []);
    }
}

/// [SYNC-10] [SYNC-11]
#[test]
fn parents_that_never_come_are_asked_for_so_often_and_no_more() {
    let (world, events) = random_topic(1, 10);
    let mut pipe = exchanged(&world, &events, &events);
    let chain = line(&world, 200);
    let end = &mut pipe.ends[1];
    end.out.clear();
    let mut next = chain.len();
    // Whatever is asked for is answered by what has a parent that is unknown too.
    for _ in 0..100 {
        next -= 1;
        end.receive(
            &Message::Events { topic: 0, events: vec![chain[next].to_bytes()] }.to_bytes(),
            0,
        );
        if end.out.iter().any(|bytes| super::pipe::kind(bytes) == 14) {
            break;
        }
    }
    assert_eq!(chain.len() - next, limits::PULLS as usize + 1, "then roots are compared");

    // One who says that it does not have what its event names is a liar.
    let mut pipe = exchanged(&world, &events, &events);
    let end = &mut pipe.ends[1];
    end.receive(&Message::Events { topic: 0, events: vec![chain[9].to_bytes()] }.to_bytes(), 0);
    end.receive(&Message::Absent { topic: 0, ids: vec![chain[8].id()] }.to_bytes(), 0);
    assert_eq!(end.offences(), [Offence::Lie]);
}

/// [SYNC-10]
#[test]
fn an_event_that_releases_others_makes_roots_be_compared() {
    let (world, events) = random_topic(1, 10);
    let chain = line(&world, 2);
    for n in [0, 1] {
        let mut pipe = exchanged(&world, &events, &events);
        // From elsewhere: it waits for its parent here.
        pipe.ends[n].node.take(world.id(), &chain[1..]);
        pipe.ends[1 - n].author(&chain[..1], 0);
        pipe.run();
        assert!(pipe.ends[1 - n].node.has(&chain[1]));
        assert!(pipe.synced(world.id()));
    }
}

/// [SYNC-9]
#[test]
fn what_changed_otherwise_is_found_by_comparing_again() {
    let (world, events) = random_topic(1, 40);
    for n in [0, 1] {
        let mut pipe = exchanged(&world, &events[..20], &events[..20]);
        pipe.ends[n].node.take(world.id(), &events);
        let end = &mut pipe.ends[n];
        let effects = end.session.touched(world.id(), &end.node, 0).unwrap();
        end.follow(effects, 0);
        pipe.run();
        assert!(pipe.synced(world.id()));
        assert_eq!(pipe.ends[1 - n].node.root(world.id()).count, events.len() as u64);
    }
}
