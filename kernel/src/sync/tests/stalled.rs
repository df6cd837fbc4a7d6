//! Peers that do not answer, and connections that end.

use super::hostile::{closed_for, met, say, summary};
use super::pipe::End;
use super::*;
use crate::sync::message::{Message, Summary};
use crate::sync::{Effect, Offence, Reason, Role, limits};

/// [SYNC-11]
#[test]
fn who_does_not_answer_is_dropped() {
    let (world, events) = random_topic(1, 60);
    let mut end = End::new(Node::with(&world, &events), Role::Listener);
    end.tick(limits::GREETING_MS);
    assert!(!end.session.is_closed());
    end.tick(limits::GREETING_MS + 1);
    assert!(end.told.contains(&Effect::Close(Reason::Silent)));

    let late = limits::ANSWER_MS + 1;
    // To a comparison, a question, a request, a stream.
    let mut ends: Vec<_> = (0..4).map(|_| met(Role::Dialer, &world, &events)).collect();
    say(&mut ends[1], &Message::Compared { topic: 0, summary: summary(90), streams: false });
    say(&mut ends[2], &Message::Compared { topic: 0, summary: summary(90), streams: true });
    let root = ends[3].node.root(world.id());
    let same = Summary { root, tip: None };
    say(&mut ends[3], &Message::Compared { topic: 0, summary: same, streams: false });
    let orphan = line(&world, 3)[2].to_bytes();
    say(&mut ends[3], &Message::Events { topic: 0, events: vec![orphan] });
    for (n, end) in ends.iter_mut().enumerate() {
        end.tick(limits::ANSWER_MS);
        assert!(!end.session.is_closed(), "{n}");
        end.tick(late);
        assert_eq!(closed_for(end), Some(Offence::Stalled), "{n}");
    }
    // Who asks for events and gives no credit for them.
    let large: Vec<_> = (0..30u8)
        .map(|n| world.app(&mut world.founder.clone(), &[], 0, &vec![n; 300_000]))
        .collect();
    let mut end = met(Role::Listener, &world, &large);
    say(&mut end, &Message::Compare { topic: 0, summary: summary(1) });
    say(&mut end, &Message::After { topic: 0, after: None });
    end.tick(late);
    assert_eq!(closed_for(&end), Some(Offence::Stalled));
    // While this home is still at work, the peer is not to blame.
    let mut end = met(Role::Dialer, &world, &[]);
    end.ingests = false;
    say(&mut end, &Message::Compared { topic: 0, summary: summary(90), streams: true });
    say(&mut end, &Message::Events { topic: 0, events: vec![events[1].to_bytes()] });
    end.tick(late);
    assert!(!end.session.is_closed());
    // Nothing comes of a closed session.
    let mut end = met(Role::Listener, &world, &events);
    say(&mut end, &Message::Bye { reason: 5 });
    assert!(end.told.contains(&Effect::Close(Reason::ByPeer(5))));
    end.out.clear();
    say(&mut end, &Message::Compare { topic: 0, summary: summary(1) });
    assert!(end.out.is_empty());
}
