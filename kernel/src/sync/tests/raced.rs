//! What comes between a question and its answer, and what cannot be taken: neither keeps two logs apart for
//! good, nor is it sent again and again.

use super::hostile::{log_of, met, say};
use super::pipe::{End, kind};
use super::*;
use crate::codec::CodecError;
use crate::event::UnverifiedEvent;
use crate::state::trie::LogKey;
use crate::sync::message::{Message, Summary};
use crate::sync::{Offence, Role, limits};

const COMPARE: u8 = 4;
const EVENTS: u8 = 10;
const AFTER: u8 = 8;

/// How many of a kind it has to say.
fn said(end: &mut End, what: u8) -> usize {
    end.out.drain(..).filter(|bytes| kind(bytes) == what).count()
}

/// [SYNC-9] [SYNC-10]
#[test]
fn what_is_new_while_roots_are_compared_keeps_nobody_from_what_comes_later() {
    let (world, events) = random_topic(1, 30);
    let app = |parents: &[EventId], text| world.app(&mut world.founder.clone(), parents, 0, text);
    let at_the_end = app(&[events[events.len() - 1].id()], b"new");
    for new in [at_the_end, app(&[], b"new")] {
        let mut pipe = exchanged(&world, &events, &events);
        let end = &mut pipe.ends[0];
        let effects = end.session.touched(world.id(), &end.node, 0).unwrap();
        end.follow(effects, 0);
        pipe.ends[1].author(std::slice::from_ref(&new), 0);
        pipe.run();
        assert!(pipe.ends[0].node.has(&new));
        let later = app(&[new.id()], b"later");
        pipe.ends[1].author(std::slice::from_ref(&later), 0);
        pipe.run();
        assert!(pipe.ends[0].node.has(&later), "nobody would ever have told of it");
        assert!(pipe.synced(world.id()));
    }
}

/// [SYNC-7] [SYNC-12]
#[test]
fn a_walk_that_had_no_room_for_what_it_found_goes_on_once_there_is_some() {
    let large = World::founded_by(Admission::Open, 60);
    let many = fan(&large, 2 * limits::WANTED + 1000);
    let small = World::founded_by(Admission::Open, 61);
    let few = fan(&small, 80);
    let mut pipe = Pipe::new(Node::with(&large, &many[..900]), Node::with(&large, &many[100..]));
    // What the dialer has asked for is on its way while the other topic is walked.
    let mut late = Vec::new();
    let mut exchange = |pipe: &mut Pipe| loop {
        let out = pipe.ends[1].out.drain(..).collect::<Vec<_>>();
        let (events, others): (Vec<_>, Vec<_>) =
            out.into_iter().partition(|bytes| kind(bytes) == EVENTS);
        late.extend(events);
        pipe.ends[1].out.extend(others);
        if !pipe.flight() {
            return;
        }
    };
    exchange(&mut pipe);
    assert_eq!(pipe.ends[0].session.wanted(), limits::WANTED, "of the one topic");
    for (n, some) in [(0, &few[..60]), (1, &few[20..])] {
        let end = &mut pipe.ends[n];
        end.node.add(&small, some);
        let effects = end.session.add_topic(small.id(), &end.node, 0).unwrap();
        end.follow(effects, 0);
    }
    exchange(&mut pipe);
    for bytes in late {
        pipe.ends[0].receive(&bytes, 0);
    }
    pipe.run();
    assert!(pipe.synced(large.id()) && pipe.synced(small.id()));
    assert_eq!(pipe.offences(), []);
}

/// [SYNC-6] [SYNC-11]
#[test]
fn who_says_to_have_less_than_they_were_sent_is_not_sent_it_again() {
    let (world, events) = random_topic(1, 60);
    let tip = Some(LogKey { height: 0, id: world.genesis.id() });
    let summary = Summary { root: Node::with(&world, &[]).root(world.id()), tip };
    let nothing = Message::Compared { topic: 0, summary, streams: false };
    let mut end = met(Role::Dialer, &world, &events);
    end.out.clear();
    say(&mut end, &nothing);
    let out: Vec<_> = end.out.drain(..).map(|bytes| kind(&bytes)).collect();
    assert_eq!(out, [EVENTS, COMPARE]);
    for minute in 1..5 {
        say(&mut end, &nothing);
        assert!(end.out.is_empty(), "it rests");
        end.tick(minute * limits::REST_MS + 1);
        assert_eq!(said(&mut end, COMPARE), 1);
    }
    assert_eq!(end.offences(), []);
}

/// What only a later version can read.
fn of_a_later_version(event: &Event) -> Vec<u8> {
    let bytes = event.to_bytes();
    let later = |at: usize| {
        let mut later = bytes.clone();
        later[at] += 1;
        let error = UnverifiedEvent::decode(&later).err()?;
        matches!(error, CodecError::UpdateNeeded { field: "version", .. }).then_some(later)
    };
    (0..bytes.len()).find_map(later).unwrap()
}

/// [SYNC-1]
#[test]
fn an_event_of_a_later_version_is_not_waited_for_once_it_is_there() {
    let (world, events) = random_topic(1, 10);
    let chain = line(&world, 2);
    for role in [Role::Dialer, Role::Listener] {
        let mut end = met(role, &world, &events);
        let summary = log_of(&end.node, world.id());
        match role {
            Role::Dialer => {
                say(&mut end, &Message::Compared { topic: 0, summary, streams: false });
            }
            Role::Listener => say(&mut end, &Message::Compare { topic: 0, summary }),
        }
        say(&mut end, &Message::Events { topic: 0, events: vec![chain[1].to_bytes()] });
        assert_eq!(end.session.wanted(), 1);
        let later = of_a_later_version(&chain[0]);
        say(&mut end, &Message::Events { topic: 0, events: vec![later] });
        assert_eq!(end.session.wanted(), 0);
        end.tick(2 * limits::ANSWER_MS);
        assert_eq!(end.offences(), [], "{role:?}");
        assert!(!end.session.is_closed(), "{role:?}");
    }
}

/// [SYNC-1] [SYNC-6]
#[test]
fn two_logs_that_such_an_event_keeps_apart_do_not_send_everything_again() {
    let (world, events) = random_topic(1, 60);
    // The older home leads, and asks for everything once.
    let mut old = met(Role::Dialer, &world, &events[..5]);
    let theirs = log_of(&Node::with(&world, &events), world.id());
    let streams = Message::Compared { topic: 0, summary: theirs, streams: true };
    old.out.clear();
    say(&mut old, &streams);
    let all = events[5..].iter().map(Event::to_bytes);
    let all = all.chain([of_a_later_version(&events[0])]).collect();
    say(&mut old, &Message::Events { topic: 0, events: all });
    say(&mut old, &Message::End { topic: 0 });
    assert_eq!(said(&mut old, COMPARE), 1);
    // The newer one has one event more than the older one can take.
    let more = world.app(&mut world.founder.clone(), &[], 0, b"of a later version");
    let all: Vec<_> = events.iter().cloned().chain([more]).collect();
    let summary = log_of(&Node::with(&world, &all), world.id());
    say(&mut old, &Message::Compared { topic: 0, summary, streams: false });
    assert_eq!(said(&mut old, AFTER), 0);
    assert_eq!(old.offences(), []);

    // The same, seen by the newer one: it is no flood to lack what one cannot read.
    let mut new = met(Role::Listener, &world, &all);
    let start = log_of(&Node::with(&world, &[]), world.id());
    say(&mut new, &Message::Compare { topic: 0, summary: start });
    assert_eq!(said(&mut new, EVENTS), 1);
    say(&mut new, &Message::Compare { topic: 0, summary: start });
    assert_eq!(new.offences(), [] as [Offence; 0]);
    assert_eq!(said(&mut new, EVENTS), 0);
}
