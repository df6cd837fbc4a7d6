//! A peer that lies, floods, stalls or asks without end.

use myrhiza_kernel_api::{ComponentId, EventId, Hash, TopicId};

use super::pipe::{End, Pipe};
use super::*;
use crate::drift::interval::View;
use crate::drift::limits::{ANSWER_MS, EVENTS, INQUIRIES, INQUIRY_MS, PERIOD_MS, ROUNDS, VOTES};
use crate::drift::message::{Claim, Message};
use crate::drift::report::Shown;
use crate::drift::split::Span;
use crate::drift::{Effect, Engine, Point, Vote, Why};
use crate::order::Place;
use crate::runtime::VoteAt;
use crate::state::trie::{Address, Trie};
use crate::sync::Offence;
use crate::testing::key;

/// Two whose states differ after event 20 of 40.
fn apart() -> (Pipe, TopicId, Scope) {
    let (world, events, bob) = topic(2, 40, 40);
    let at = events[20..].iter().find(is_write).unwrap();
    let pipe = pair(&world, &events, &bob, [None, Some(Broken::Event(at.id()))]);
    (pipe, world.id(), bob)
}

/// The dialer, who has asked, and Bob's true vote.
fn asked() -> (End, Vote, TopicId) {
    let (pipe, topic, _) = apart();
    let [mut dialer, mut listener] = pipe.ends;
    let vote = listener.node.signed(VoteAt::Anchor).unwrap();
    dialer.hear(&vote, 0);
    assert!(matches!(dialer.last(), Some(Message::Ask { .. })));
    (dialer, vote, topic)
}

/// The listener, who has answered.
fn answered() -> (End, TopicId) {
    let (pipe, topic, _) = apart();
    let [mut dialer, mut listener] = pipe.ends;
    let vote = Box::new(dialer.node.signed(VoteAt::Anchor).unwrap());
    listener.say(&Message::Ask { vote, anchors: Vec::new() });
    assert!(matches!(listener.last(), Some(Message::Answer { agreed: None, .. })));
    (listener, topic)
}

fn whole() -> Span {
    Span::new(0, 40).unwrap()
}

fn lies() -> Vec<Hash> {
    vec![Hash([9; 32]); whole().ends().len()]
}

/// The offence with which an end has dropped an inquiry.
fn dropped(end: &End) -> Option<Offence> {
    assert!(!end.session.is_inquiring(), "the inquiry goes on");
    let offence = end.offences().last().copied();
    assert_eq!(end.ends().last().copied(), offence.map(Why::Offended));
    offence
}

/// [DRIFT-5]
#[test]
fn what_does_not_belong_there_ends_an_inquiry() {
    let topic = asked().2;
    let part = |part| Message::Part { topic, part };
    let values = |more| Message::Values { topic, outcome: None, values: Vec::new(), more };
    let walk = |position| Message::Walk { topic, position, places: vec![Address::ROOT] };
    let records = || Message::Records { topic, records: Vec::new() };
    for message in [part(None), walk(40), records(), values(false)] {
        let (mut end, ..) = asked();
        end.say(&message);
        assert_eq!(dropped(&end), Some(Offence::Order), "{message:?}");
    }
    let split = |span| Message::Split { topic, span, digests: lies() };
    let other = Span::new(0, 39).unwrap();
    for message in [part(None), walk(40), records(), values(false), split(other)] {
        let (mut end, _) = answered();
        end.say(&message);
        assert_eq!(dropped(&end), Some(Offence::Order), "{message:?}");
    }
    // The roles are fixed, and there is one inquiry at a time.
    let (mut end, vote, _) = asked();
    end.say(&Message::Ask { vote: Box::new(vote), anchors: Vec::new() });
    assert_eq!(dropped(&end), Some(Offence::Order));
    let (mut end, topic) = answered();
    let vote = Box::new(end.node.signed(VoteAt::Anchor).unwrap());
    end.say(&Message::Ask { vote, anchors: Vec::new() });
    assert_eq!(dropped(&end), Some(Offence::Order));
    // What comes when there is none is told, and costs nothing.
    end.say(&part(None));
    assert_eq!(end.offences().last(), Some(&Offence::Repeat));
    end.say(&Message::End { topic, why: 4 });
    let (mut end, _) = answered();
    end.receive(&[0x82, 0x18, 36, 0], 0);
    assert_eq!(dropped(&end), Some(Offence::Malformed));
    end.receive(&[0x81, 0x18, 41], 0);
    assert!(matches!(end.told.last(), Some(Effect::UpdateNeeded { .. })));
}

/// [DRIFT-5]
#[test]
fn a_follower_that_lies_is_found_out() {
    let agreed = |agreed| {
        let (mut end, vote, _) = asked();
        end.say(&Message::Answer { vote: Box::new(vote), agreed });
        end
    };
    // An anchor it was not offered.
    assert_eq!(dropped(&agreed(Some(7))), Some(Offence::Lie));
    let split = || {
        let mut end = agreed(None);
        let said = end.last();
        assert!(matches!(said, Some(Message::Split { span, .. }) if span == whole()), "{said:?}");
        end
    };
    let (.., topic) = asked();
    let part = |low, high| Message::Part { topic, part: Span::new(low, high) };
    // No part of what was asked about, and none at all after one.
    for (low, high) in [(0, 40), (0, 1), (3, 7), (38, 41)] {
        let mut end = split();
        end.say(&part(low, high));
        assert_eq!(dropped(&end), Some(Offence::Lie), "{low}..{high}");
    }
    let first = whole().ends()[0];
    let mut end = split();
    end.say(&part(0, first));
    assert!(matches!(end.last(), Some(Message::Split { .. })));
    end.say(&Message::Part { topic, part: None });
    assert_eq!(dropped(&end), Some(Offence::Lie));
    // A root it did not vote for; a record too few; states that do not differ.
    let walking = |position: Option<u64>| {
        let mut end = split();
        match position {
            None => end.say(&Message::Part { topic, part: None }),
            Some(_) => {
                end.say(&part(0, first));
                end.say(&part(0, 1));
            }
        }
        let said = end.last();
        assert!(matches!(said, Some(Message::Walk { .. })), "{said:?}");
        end
    };
    for records in [vec![vec![0]], vec![], vec![vec![]], vec![vec![9; 40]]] {
        let mut end = walking(None);
        end.say(&Message::Records { topic, records: records.clone() });
        assert_eq!(dropped(&end), Some(Offence::Lie), "{records:?}");
    }
    let mut end = walking(Some(1));
    let genesis = Place { epoch: 0, height: 0, id: EventId(topic.0) };
    let view = View::after(end.node.home.reader(), topic, genesis).unwrap().unwrap();
    let own = Trie::state(topic).record(&view.overlay, Address::ROOT).unwrap().unwrap();
    end.say(&Message::Records { topic, records: vec![own] });
    assert_eq!(dropped(&end), Some(Offence::NoProgress));
    // Values that are not those of its trie, or of other keys.
    let mut end = walking(Some(1));
    end.say(&Message::Records { topic, records: vec![vec![0]] });
    let Some(Message::Values { values, .. }) = end.last() else { panic!("no values") };
    let mut wrong = values.clone();
    wrong[0].1 = Some(Shown::of(b"x"));
    end.say(&Message::Values { topic, outcome: None, values: wrong, more: false });
    assert_eq!(dropped(&end), Some(Offence::Lie));
    assert!(end.node.reports().iter().all(|report| report.explanation.is_none()));
}

/// [DRIFT-2] [DRIFT-5]
#[test]
fn an_inquiry_needs_two_votes_that_count_and_differ() {
    let (mut pipe, topic, bob) = apart();
    let ours = pipe.ends[0].node.signed(VoteAt::Anchor).unwrap();
    let theirs = pipe.ends[1].node.signed(VoteAt::Anchor).unwrap();
    let engine = || Engine::new(ComponentId([4; 32]), "other", "3");
    let stranger = Vote::sign(*ours.at(), ours.state_root(), engine(), &key(77));
    let elsewhere = Point { log_root: Hash([3; 32]), ..*ours.at() };
    let elsewhere =
        Vote::sign(elsewhere, ours.state_root(), engine(), &pipe.ends[0].node.scope.device);
    let nowhere = Point { count: 13, ..*ours.at() };
    let nowhere = Vote::sign(nowhere, ours.state_root(), engine(), &pipe.ends[0].node.scope.device);
    let same =
        Vote::sign(*ours.at(), theirs.state_root(), engine(), &pipe.ends[0].node.scope.device);
    let cases = [
        (stranger, Why::NotCounted),
        (elsewhere, Why::Unequal),
        (nowhere, Why::NotThere),
        (same, Why::Agreed),
    ];
    for (n, (vote, why)) in cases.into_iter().enumerate() {
        // Beyond what is answered in a while.
        let now_ms = n as u64 * (PERIOD_MS + 1);
        let ask = Message::Ask { vote: Box::new(vote), anchors: Vec::new() };
        pipe.ends[1].receive(&ask.to_bytes(), now_ms);
        assert_eq!(pipe.ends[1].last(), Some(Message::End { topic, why: why.number() }));
        assert!(!pipe.ends[1].session.is_inquiring());
    }
    // The same on the other side.
    for (vote, why) in [
        (Vote::sign(*ours.at(), ours.state_root(), engine(), &bob.device), Why::Agreed),
        (Vote::sign(*ours.at(), Hash([1; 32]), engine(), &key(77)), Why::NotCounted),
    ] {
        let (mut end, ..) = asked();
        end.say(&Message::Answer { vote: Box::new(vote), agreed: None });
        assert_eq!(end.ends(), [why]);
        assert_eq!(end.last(), Some(Message::End { topic, why: why.number() }));
    }
    // Claims about anchors that nobody asks about.
    let claim = |count| Claim { count, log_root: Hash([0; 32]), state_root: Hash([0; 32]) };
    for anchors in [vec![claim(40)], vec![claim(41)], vec![claim(40 + EVENTS)]] {
        let (mut pipe, ..) = apart();
        let vote = Box::new(ours.clone());
        pipe.ends[1].say(&Message::Ask { vote, anchors });
        assert_eq!(pipe.ends[1].offences(), [Offence::Order]);
    }
}

/// [DRIFT-7]
#[test]
fn floods_and_endless_walks_are_ended() {
    // One inquiry about a point, and few in a while.
    let (mut end, topic) = answered();
    let (mut pipe, ..) = apart();
    let mut vote = || Box::new(pipe.ends[0].node.signed(VoteAt::Anchor).unwrap());
    end.say(&Message::End { topic, why: 0 });
    assert_eq!(end.ends(), [Why::ByPeer(0)]);
    for n in 1..=INQUIRIES {
        end.say(&Message::Ask { vote: vote(), anchors: Vec::new() });
        let want = if n < INQUIRIES { Offence::Repeat } else { Offence::Flood };
        assert_eq!(end.offences().last(), Some(&want), "{n}");
    }
    // So many votes.
    let (mut end, _) = answered();
    for _ in 0..VOTES {
        end.say(&Message::Vote { vote: vote(), own: true });
    }
    assert_eq!(end.offences(), []);
    end.say(&Message::Vote { vote: vote(), own: true });
    assert_eq!(dropped(&end), Some(Offence::Flood));
    // A leader that asks and asks.
    let (mut end, topic) = answered();
    let equal = Message::Split { topic, span: whole(), digests: lies() };
    end.say(&equal);
    let first = whole().ends()[0];
    let part = Some(Message::Part { topic, part: Span::new(0, first) });
    assert_eq!(end.last(), part);
    end.say(&equal);
    assert_eq!(dropped(&end), Some(Offence::Order), "the same question twice");
    let (mut end, topic) = answered();
    end.say(&Message::Split { topic, span: whole(), digests: lies() });
    let span = Span::new(0, first).unwrap();
    let digests = vec![Hash([9; 32]); span.ends().len()];
    end.say(&Message::Split { topic, span, digests });
    for _ in 0..ROUNDS {
        end.say(&Message::Walk { topic, position: 1, places: vec![Address::ROOT] });
        assert!(matches!(end.last(), Some(Message::Records { .. })));
    }
    end.say(&Message::Walk { topic, position: 1, places: vec![Address::ROOT] });
    assert_eq!(dropped(&end), Some(Offence::Flood));
}

/// [DRIFT-7]
#[test]
fn who_does_not_answer_or_takes_too_long_is_not_waited_for() {
    let (mut end, ..) = asked();
    let effects = end.session.tick(ANSWER_MS);
    assert_eq!(effects, []);
    let effects = end.session.tick(ANSWER_MS + 1);
    end.follow(effects, 0);
    assert_eq!((end.ends(), end.offences()), (vec![Why::Silent], vec![]));
    // Answers that come one by one hold a snapshot no longer than that.
    let (mut end, topic) = answered();
    end.say(&Message::Split { topic, span: whole(), digests: lies() });
    let span = Span::new(0, whole().ends()[0]).unwrap();
    let digests = vec![Hash([9; 32]); span.ends().len()];
    end.say(&Message::Split { topic, span, digests });
    let walk = Message::Walk { topic, position: 1, places: vec![Address::ROOT] }.to_bytes();
    let mut now_ms = 0;
    while end.session.is_inquiring() {
        assert!(now_ms <= INQUIRY_MS + ANSWER_MS);
        now_ms += ANSWER_MS / 2;
        end.receive(&walk, now_ms);
        let effects = end.session.tick(now_ms);
        end.follow(effects, now_ms);
    }
    assert_eq!(end.ends(), [Why::Silent]);
}

/// [DRIFT-5]
#[test]
fn a_log_that_changes_meanwhile_ends_an_inquiry() {
    let (world, events, bob) = topic(2, 40, 40);
    let at = events[20..].iter().find(is_write).unwrap();
    let mut pipe = pair(&world, &events, &bob, [None, Some(Broken::Event(at.id()))]);
    let vote = pipe.ends[1].node.signed(VoteAt::Anchor).unwrap();
    pipe.ends[0].hear(&vote, 0);
    let mut late = world.founder.clone();
    let late = world.app(&mut late, &[events[1].id()], Op::Write as u32, b"\x01");
    pipe.ends[0].node.home.take(&[late]).unwrap();
    pipe.run();
    for end in &pipe.ends {
        assert_eq!((end.ends(), end.offences()), (vec![Why::Unequal], vec![]));
    }
}
