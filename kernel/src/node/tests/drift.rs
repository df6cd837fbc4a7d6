//! [DRIFT-3], [DRIFT-5]: what nodes make of each other's states. See each test's name.

use std::collections::BTreeSet;

use super::net::{self, Net, broken, node_key, seat};
use crate::codec::Canonical;
use crate::dag::Graph;
use crate::drift::{Effect, Point, Session, Vote};
use crate::identity::SecretKey;
use crate::node::{Input, LinkId, Told};
use crate::runtime::{KnownVote, VoteAt};
use crate::sync::{Offence, Role};
use crate::testing::{Broken, World, key};

/// An open topic of so many, with an anchor after every `interval` events. All but the founder have
/// a backend that is broken so.
fn net(count: usize, interval: u32, how: Option<Broken>) -> (World, Net) {
    let sound = if how.is_some() { 1 } else { count };
    net_of(count, interval, how, sound)
}

/// The same, where so many are sound.
fn net_of(count: usize, interval: u32, how: Option<Broken>, sound: usize) -> (World, Net) {
    let (world, scopes, joins) = net::members(count, interval);
    let seat = |(n, scope)| match how {
        Some(how) if n >= sound => broken(&world, scope, &joins, how),
        _ => seat(&world, scope, &joins),
    };
    let seats = scopes.iter().enumerate().map(seat).collect();
    (world, Net::new(seats))
}

fn votes(net: &mut Net, n: usize, world: &World) -> Vec<KnownVote> {
    let now_ms = net.now_ms;
    let (votes, outputs) = net.nodes[n].call(|seat| seat.runtime.votes(world.id()), now_ms);
    net.follow(n, outputs);
    votes.unwrap()
}

/// The events that are said to be where states part, in what a node was told.
fn told_of(told: &[Told]) -> Vec<Option<myrhiza_kernel_api::EventId>> {
    let event = |told: &Told| match told {
        Told::Drift { event, .. } => Some(*event),
        _ => None,
    };
    told.iter().filter_map(event).collect()
}

#[test]
fn two_nodes_with_one_broken_backend_find_the_event_and_the_key_whoever_dials() {
    for dialer in [0, 1] {
        let (world, mut net) = net(2, 8, Some(Broken::Key(b'x')));
        net.connect(dialer, 1 - dialer);
        net.settle();
        for (n, text) in ["a", "b", "xyz", "c", "x again", "d"].into_iter().enumerate() {
            net.act(n % 2, world.id(), text);
            net.settle();
        }
        net.pass(3);
        for (node, told) in net.nodes.iter().zip(&net.told) {
            let reports = node.runtime().drift_reports(world.id()).unwrap();
            assert_eq!(reports.len(), 1, "{reports:#?}");
            let why = reports[0].explanation.as_ref().unwrap();
            let snapshot = node.runtime().read().unwrap();
            let event = Graph::new(&*snapshot, world.id()).event(why.event.unwrap()).unwrap();
            assert_eq!(event.body().payload(), b"xyz");
            let keys: Vec<_> = why.keys.iter().map(|differing| &differing.key[..]).collect();
            assert_eq!((keys, why.more), (vec![&b"\x01x"[..]], false));
            assert_ne!(why.keys[0].here, why.keys[0].there);
            assert_eq!(why.again, Some(true), "it is broken alike every time");
            assert_eq!(told_of(told).last(), Some(&Some(event.id())));
            assert!(!told.iter().any(|told| matches!(told, Told::Offence { .. })));
        }
        // The next anchor is no news.
        let before = net.told.iter().map(|told| told_of(told).len()).collect::<Vec<_>>();
        (0..8).for_each(|n| net.act(n % 2, world.id(), "e"));
        net.settle();
        net.pass(3);
        assert_eq!(net.told.iter().map(|told| told_of(told).len()).collect::<Vec<_>>(), before);
        assert_eq!(votes(&mut net, 0, &world)[0].vote.at().count, 16);
    }
}

#[test]
fn who_comes_to_an_anchor_apart_compares_when_they_meet() {
    let (world, mut net) = net(2, 8, Some(Broken::Key(b'x')));
    (0..6).for_each(|n| net.act(0, world.id(), ["a", "x"][n % 2]));
    net.pass(3);
    net.connect(1, 0);
    net.settle();
    net.pass(3);
    for node in &net.nodes {
        let reports = node.runtime().drift_reports(world.id()).unwrap();
        assert!(matches!(&reports[..], [report] if report.explanation.is_some()), "{reports:#?}");
    }
}

#[test]
fn an_anchor_after_every_event_is_no_flood_and_sound_nodes_agree() {
    let (world, mut net) = net(3, 1, None);
    (0..3).for_each(|n| net.connect(n, (n + 1) % 3));
    net.settle();
    for second in 0..90 {
        (0..7).for_each(|n| net.act(n % 3, world.id(), &format!("{second} {n}")));
        net.pass(1);
    }
    net.pass(2);
    for n in 0..3 {
        let votes = votes(&mut net, n, &world);
        let said: Vec<_> =
            votes.iter().map(|known| (known.vote.at().count, known.agrees)).collect();
        assert_eq!(said, [(3 + 630, Some(true)); 2]);
        assert_eq!(net.nodes[n].runtime().drift_reports(world.id()).unwrap(), []);
        let bad = |told: &Told| matches!(told, Told::Offence { .. } | Told::Drift { .. });
        assert!(!net.told[n].iter().any(bad));
    }
}

#[test]
fn of_a_topic_that_is_not_shared_with_a_peer_no_vote_is_taken() {
    let (world, mut net) = net(2, 2, None);
    let now_ms = net.now_ms;
    let (vote, _) = net.nodes[0].call(
        |seat| {
            let (runtime, signer) = seat.parts();
            runtime.vote(world.id(), signer, VoteAt::Anchor).unwrap().unwrap()
        },
        now_ms,
    );
    let told = Session::new(Role::Dialer, node_key(1), 0).tell(&vote, true).remove(0);
    let Effect::Send(bytes) = told else { panic!("{told:?}") };
    let (link, role, peer) = (LinkId(77), Role::Listener, node_key(5));
    net.take(1, Input::Opened { link, peer, role, nonce: [1; 32] });
    net.take(1, Input::Frame { link, bytes });
    assert_eq!(votes(&mut net, 1, &world), []);
    // A peer it is shared with may tell it.
    net.connect(0, 1);
    net.settle();
    net.pass(2);
    assert_eq!(votes(&mut net, 1, &world).len(), 1);
}

#[test]
fn an_inquiry_that_was_cut_off_is_made_when_they_meet_again() {
    let (world, mut net) = net(2, 8, Some(Broken::Key(b'x')));
    net.connect(0, 1);
    net.settle();
    (0..6).for_each(|n| net.act(n % 2, world.id(), "x"));
    net.settle();
    net.now_ms += 1_000;
    (0..2).for_each(|n| net.take(n, Input::Tick));
    while net.nodes[0].inquiries() == 0 {
        assert!(net.deliver(0));
    }
    net.cut(0, 1);
    let explained = |net: &Net, n: usize| {
        let reports = net.nodes[n].runtime().drift_reports(world.id()).unwrap();
        reports.iter().any(|report| report.explanation.is_some())
    };
    assert!(!explained(&net, 0) && !explained(&net, 1));
    net.heal(0, 1);
    net.pass(400);
    assert!(explained(&net, 0) && explained(&net, 1));
}

#[test]
fn on_request_states_are_compared_between_anchors_too() {
    for (asks, dialer) in [(0, 0), (0, 1), (1, 0)] {
        let (world, mut net) = net(2, 1_000, Some(Broken::Key(b'x')));
        net.connect(dialer, 1 - dialer);
        net.settle();
        (0..6).for_each(|n| net.act(n % 2, world.id(), ["a", "x"][n % 2]));
        net.settle();
        net.pass(3);
        let reports =
            |net: &Net, n: usize| net.nodes[n].runtime().drift_reports(world.id()).unwrap();
        assert_eq!((reports(&net, 0), reports(&net, 1)), (Vec::new(), Vec::new()));
        let (told, outputs) = net.nodes[asks].vote_now(world.id(), net.now_ms);
        assert_eq!(told, 1);
        net.follow(asks, outputs);
        net.settle();
        for n in 0..2 {
            let reports = reports(&net, n);
            let [report] = &reports[..] else { panic!("{reports:?}") };
            let why = report.explanation.as_ref().unwrap();
            assert_eq!(why.keys[0].key, b"\x01x");
        }
    }
}

/// [DRIFT-7]
#[test]
fn so_many_inquiries_are_under_way_at_a_time_and_the_others_come_later() {
    let (world, mut net) = net(8, 16, Some(Broken::Key(b'x')));
    (1..8).for_each(|n| net.connect(0, n));
    net.pass(3);
    let mut most = 0;
    for _ in 0..4 {
        (0..16).for_each(|n| net.act(n % 8, world.id(), "x"));
        net.settle();
        net.now_ms += 1_000;
        (0..8).for_each(|n| net.take(n, Input::Tick));
        let mut turn = 0;
        while net.deliver(turn) {
            turn += 1;
            most = most.max(net.nodes[0].inquiries());
        }
    }
    assert_eq!(most, 4);
    let reports = net.nodes[0].runtime().drift_reports(world.id()).unwrap();
    let explained = reports.iter().filter(|report| report.explanation.is_some());
    let scopes: BTreeSet<_> = explained.map(|report| report.theirs.scope()).collect();
    assert_eq!(scopes.len(), 7);
}

/// [DRIFT-7] Who found no room is asked later, at the same anchor.
#[test]
fn an_inquiry_there_was_no_room_for_is_made_without_another_anchor() {
    let (world, mut net) = net(8, 16, Some(Broken::Key(b'x')));
    (1..8).for_each(|n| net.connect(0, n));
    net.pass(3);
    (0..16).for_each(|n| net.act(n % 8, world.id(), "x"));
    net.settle();
    net.now_ms += 1_000;
    (0..8).for_each(|n| net.take(n, Input::Tick));
    // All at the same time, so that some find no room.
    let mut turn = 0;
    while net.deliver(turn) {
        turn += 1;
    }
    let explained = |net: &Net| {
        let reports = net.nodes[0].runtime().drift_reports(world.id()).unwrap();
        reports.iter().filter(|report| report.explanation.is_some()).count()
    };
    assert!(explained(&net) < 7);
    net.pass(130);
    assert_eq!(explained(&net), 7);
    let bad = |told: &Told| matches!(told, Told::Offence { .. });
    assert!(!net.told.iter().flatten().any(bad));
}

/// [DRIFT-5]
#[test]
fn a_vote_reaches_those_whom_only_others_lead_to() {
    let (world, mut net) = net(5, 4, None);
    for a in 0..5 {
        (a + 2..5).for_each(|b| net.cut(a, b));
    }
    (0..4).for_each(|n| net.connect(n, n + 1));
    net.pass(2);
    (0..5).for_each(|n| net.act(n, world.id(), "x"));
    net.settle();
    net.pass(8);
    for n in 0..5 {
        let said: Vec<_> = votes(&mut net, n, &world)
            .iter()
            .map(|known| (known.vote.at().count, known.agrees))
            .collect();
        assert_eq!(said, [(8, Some(true)); 4], "{n}");
        assert_eq!(net.nodes[n].runtime().drift_reports(world.id()).unwrap(), []);
    }
    let bad = |told: &Told| matches!(told, Told::Offence { .. } | Told::Drift { .. });
    assert!(!net.told.iter().flatten().any(bad));
    // Who comes later is told as well.
    (0..5).for_each(|n| net.act(n, world.id(), "y"));
    net.settle();
    net.cut(1, 2);
    net.pass(3);
    net.heal(1, 2);
    net.pass(30);
    for n in 0..5 {
        assert!(votes(&mut net, n, &world).iter().all(|known| known.vote.at().count == 12), "{n}");
    }
}

/// [DRIFT-5]
#[test]
fn a_voter_at_odds_that_is_no_neighbour_is_asked_once_it_is_one() {
    let (world, mut net) = net_of(3, 8, Some(Broken::Key(b'x')), 2);
    net.cut(0, 2);
    net.connect(0, 1);
    net.connect(1, 2);
    net.settle();
    (0..5).for_each(|n| net.act(n % 3, world.id(), "x"));
    net.settle();
    net.pass(5);
    let explained = |net: &Net, n: usize| {
        let reports = net.nodes[n].runtime().drift_reports(world.id()).unwrap();
        let explained = reports.iter().map(|report| report.explanation.is_some());
        explained.collect::<BTreeSet<_>>()
    };
    assert_eq!(explained(&net, 1), [true].into());
    assert_eq!(explained(&net, 0), [false].into(), "it knows, and cannot ask");
    assert_eq!(told_of(&net.told[0]), [None]);
    assert_eq!(explained(&net, 2), [false, true].into(), "of those it is at odds with one is near");
    net.heal(0, 2);
    net.pass(400);
    assert_eq!((explained(&net, 0), explained(&net, 2)), ([true].into(), [true].into()));
}

/// A vote as somebody says it on a connection of its own to the first node, passed on or its own.
fn say(net: &mut Net, vote: &Vote, own: bool) {
    let effect = Session::new(Role::Dialer, node_key(0), 0).tell(vote, own).remove(0);
    let Effect::Send(bytes) = effect else { panic!("{effect:?}") };
    let link = net.link(0, 1);
    net.take(0, Input::Frame { link, bytes });
    net.settle();
}

/// [DRIFT-7]
#[test]
fn votes_that_do_not_count_and_those_that_contradict_each_other_are_not_passed_on() {
    let (world, mut net) = net(3, 4, None);
    net.connect(1, 0);
    net.connect(2, 0);
    net.cut(1, 2);
    (0..5).for_each(|n| net.act(n % 3, world.id(), "x"));
    net.settle();
    net.pass(4);
    let good = votes(&mut net, 0, &world).remove(0).vote;
    let points = |net: &Net| {
        let points = |told: &Told| match told {
            Told::Offence { offence, points, .. } => Some((*offence, *points)),
            _ => None,
        };
        net.told[0].iter().filter_map(points).collect::<Vec<_>>()
    };
    assert_eq!(points(&net), []);
    // By who is no member, however many: nothing is kept or passed on.
    let before = net.bytes;
    for n in 0..20 {
        let stranger = Vote::sign(*good.at(), good.state_root(), good.engine().clone(), &key(n));
        say(&mut net, &stranger, false);
        net.now_ms += 1_000;
    }
    net.pass(2);
    assert_eq!(points(&net).len(), 20);
    assert!(points(&net).iter().all(|said| *said == (Offence::Useless, 10)));
    assert_eq!(votes(&mut net, 0, &world).len(), 2);
    assert_eq!(net.bytes, before);
    // A member that says another thing each time: its first word on a point stands.
    let voter: SecretKey = net.nodes[2].seat.scope.clone();
    for n in 0..20 {
        let root = myrhiza_kernel_api::Hash([n; 32]);
        say(&mut net, &Vote::sign(*good.at(), root, good.engine().clone(), &voter), false);
    }
    net.pass(2);
    assert_eq!(net.bytes, before);
    assert!(points(&net)[20..].iter().all(|(offence, _)| *offence == Offence::Repeat));
    assert_eq!(net.nodes[0].runtime().drift_reports(world.id()).unwrap(), []);
    // One that is forged.
    let next = Point { count: good.at().count + 4, ..*good.at() };
    let signed = Vote::sign(next, good.state_root(), good.engine().clone(), &voter);
    let mut bytes = signed.to_bytes();
    *bytes.last_mut().unwrap() ^= 1;
    say(&mut net, &Vote::from_bytes(&bytes).unwrap(), false);
    assert_eq!(points(&net).last().map(|(offence, _)| *offence), Some(Offence::Event));
    assert_eq!(net.bytes, before);
}
