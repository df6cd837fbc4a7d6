use std::sync::Arc;

use super::*;
use crate::codec::Canonical;
use crate::drift::limits::{AHEAD, REPORTS, SCOPE_REPORTS};
use crate::drift::{Engine, NotCounted, Point, Report, Vote};
use crate::event::payload::Remove;
use crate::runtime::{Signer, Taken, VoteAt};
use crate::schema;
use crate::state::Overlay;
use crate::testing::{Home, key};
use myrhiza_kernel_api::{ComponentId, Hash, StoreExt};
use myrhiza_store_kit::{FaultStore, Faults, Operation};
use myrhiza_store_memory::MemoryStore;

fn engine() -> Engine {
    Engine::new(ComponentId([4; 32]), "other", "3")
}

/// Another word of Bob on what `vote` is about.
fn lie(vote: &Vote, bob: &Scope) -> Vote {
    Vote::sign(*vote.at(), Hash([9; 32]), engine(), &bob.device)
}

/// [DRIFT-2] [DRIFT-3]
#[test]
fn equal_backends_agree_and_nothing_is_reported() {
    for seed in 0..8 {
        let (world, events, bob) = topic(seed, 5, 42);
        let mut pipe = pair(&world, &events, &bob, [None, None]);
        for which in [VoteAt::Anchor, VoteAt::Tip, VoteAt::Count(10)] {
            let votes = pipe.ends.each_mut().map(|end| end.node.signed(which).unwrap());
            assert_eq!(votes[0].at(), votes[1].at());
            for (end, vote) in pipe.ends.iter_mut().zip([&votes[1], &votes[0]]) {
                let taken = end.node.take(vote);
                let kept_more = which == VoteAt::Count(10);
                assert_eq!(taken, if kept_more { Taken::Known } else { Taken::Agrees });
            }
        }
        for end in &mut pipe.ends {
            assert_eq!(end.node.reports(), []);
            let topic = end.node.topic();
            let known = end.node.home.runtime.votes(topic).unwrap();
            assert_eq!(known.iter().map(|known| known.agrees).collect::<Vec<_>>(), [Some(true)]);
        }
    }
}

/// [DRIFT-3]
#[test]
fn unequal_logs_are_not_compared_until_they_are_equal() {
    let (world, mut events, bob) = topic(3, 5, 42);
    // An early event that nobody names.
    let mut other = world.founder.clone();
    events.push(world.app(&mut other, &[events[1].id()], Op::Write as u32, b"\x01"));
    let at = events[17..].iter().find(is_write).unwrap();
    let mut pipe = pair(&world, &events, &bob, [None, Some(Broken::Event(at.id()))]);
    let mut behind = Node::new(&world, world.founder.clone());
    behind.home.take(&events[..42]).unwrap();
    let theirs = pipe.ends[1].node.signed(VoteAt::Tip).unwrap();
    assert_eq!(behind.take(&theirs), Taken::Apart);
    let theirs = pipe.ends[1].node.signed(VoteAt::Anchor).unwrap();
    assert_eq!(behind.take(&theirs), Taken::Apart);
    assert_eq!((behind.reports(), behind.compare_votes()), (vec![], vec![]));
    // Kept, and compared once this home gets there.
    behind.home.take(&events).unwrap();
    assert_eq!(behind.compare_votes(), std::slice::from_ref(&theirs));
    assert_eq!(behind.reports().len(), 1);
    assert_eq!(behind.take(&theirs), Taken::Known);
    assert_eq!(pipe.ends[0].node.take(&theirs), Taken::Differs { explain: Some(40) });
}

/// [DRIFT-2] A cut reaches back: with another set of cuts another state after the same events is
/// right.
#[test]
fn different_cuts_are_not_compared() {
    let (world, mut events, bob) = topic(5, 5, 12);
    let mut carl = Scope::new(3, 103, ScopeKind::Device);
    let join = Join::Open(carl.certificate.clone()).to_bytes();
    let join = world.next(&mut carl, &[world.genesis.id()], (Kind::Join, 0, &join));
    let said = world.app(&mut carl, &[], Op::Write as u32, b"\x03");
    events.extend([join.clone(), said.clone()]);
    let mut pipe = pair(&world, &events, &bob, [None, None]);
    let cuts = World::cuts(&[(carl.id(), Some(join.id()))]);
    let remove = Remove::new(carl.person(), cuts).to_bytes();
    let mut ann = world.founder.clone();
    let mut parents = vec![join.id(), said.id()];
    parents.extend(events.iter().map(crate::event::Event::id).filter(|id| {
        !events.iter().any(|e| e.header().parents.contains(id) || e.header().prev == Some(*id))
    }));
    let remove = world.next(&mut ann, &parents, (Kind::Remove, 0, &remove));
    pipe.ends[0].node.home.take(std::slice::from_ref(&remove)).unwrap();
    let votes = pipe.ends.each_mut().map(|end| end.node.signed(VoteAt::Count(10)).unwrap());
    assert_eq!(votes[0].at().log_root, votes[1].at().log_root);
    assert_ne!(votes[0].state_root(), votes[1].state_root());
    assert_ne!(votes[0].at().cuts, votes[1].at().cuts);
    assert_eq!(pipe.ends[0].node.take(&votes[1]), Taken::Apart);
    assert_eq!(pipe.ends[1].node.take(&votes[0]), Taken::Apart);
    let known = pipe.ends[1].node.home.runtime.votes(world.id()).unwrap();
    assert_eq!(known[0].agrees, None);
    pipe.ends[1].node.home.take(&[remove]).unwrap();
    let known = pipe.ends[1].node.home.runtime.votes(world.id()).unwrap();
    assert_eq!(known[0].agrees, Some(true));
}

/// [DRIFT-2] [DRIFT-3]
#[test]
fn votes_that_do_not_count_are_not_kept() {
    let (world, events, bob) = topic(3, 5, 40);
    let mut pipe = pair(&world, &events, &bob, [None, None]);
    let good = pipe.ends[1].node.signed(VoteAt::Anchor).unwrap();
    let node = &mut pipe.ends[0].node;
    let mut bad = Vec::new();
    let mut bytes = good.to_bytes();
    *bytes.last_mut().unwrap() ^= 1;
    bad.push(Vote::from_bytes(&bytes).unwrap());
    // Signed by somebody who is not in, and by a key under Bob's name.
    bad.push(Vote::sign(*good.at(), good.state_root(), engine(), &key(77)));
    // Bob's word on another topic, under this one's id.
    let other = World::founded_by(Admission::Open, 9);
    let of_other = Point { topic: other.id(), ..*good.at() };
    let replayed = Vote::sign(of_other, good.state_root(), engine(), &bob.device);
    assert_eq!(node.take(&replayed), Taken::NotCounted(NotCounted::Topic));
    let swap = |bytes: Vec<u8>| -> Vec<u8> {
        let at = bytes.windows(32).position(|part| part == other.id().0).unwrap();
        [&bytes[..at], &world.id().0, &bytes[at + 32..]].concat()
    };
    bad.push(Vote::from_bytes(&swap(replayed.to_bytes())).unwrap());
    for vote in &bad {
        assert!(matches!(
            node.take(vote),
            Taken::NotCounted(NotCounted::Forged(_) | NotCounted::NotAMember)
        ));
    }
    for count in [0, 40 + 5 * AHEAD + 5, u64::MAX] {
        let far = Point { count, ..*good.at() };
        let far = Vote::sign(far, good.state_root(), engine(), &bob.device);
        assert_eq!(node.take(&far), Taken::NotCounted(NotCounted::NotDue));
    }
    let own = node.signed(VoteAt::Anchor).unwrap();
    assert_eq!(node.take(&own), Taken::NotCounted(NotCounted::Own));
    // Once Bob is removed, his word is none.
    let mut ann = world.founder.clone();
    ann.last = events
        .iter()
        .filter(|event| event.header().scope == ann.id())
        .map(|event| (event.header().seq, event.id()))
        .max();
    let lasts = World::cuts(&[(bob.id(), None)]);
    let heads: Vec<_> = events[1..2].iter().chain(events.last()).map(Event::id).collect();
    let remove = Remove::new(bob.person(), lasts).to_bytes();
    let remove = world.next(&mut ann, &heads, (Kind::Remove, 0, &remove));
    node.home.take(&[remove]).unwrap();
    assert_eq!(node.take(&good), Taken::NotCounted(NotCounted::NotAMember));
    let topic = node.topic();
    assert_eq!(node.home.runtime.votes(topic).unwrap(), []);
    assert_eq!(node.reports(), []);
}

/// [DRIFT-3] [DRIFT-7]
#[test]
fn a_flood_of_votes_leaves_one_vote_and_one_report_a_scope() {
    let (world, events, bob) = topic(3, 5, 40);
    let mut pipe = pair(&world, &events, &bob, [None, None]);
    let good = pipe.ends[1].node.signed(VoteAt::Anchor).unwrap();
    let node = &mut pipe.ends[0].node;
    let mut kept = 0;
    for round in 0..50u8 {
        for ahead in 0..AHEAD + 10 {
            let at = Point { count: 5 * ahead, log_root: Hash([round; 32]), ..*good.at() };
            let vote = Vote::sign(at, Hash([round; 32]), engine(), &bob.device);
            kept += u32::from(node.take(&vote) == Taken::Apart);
        }
    }
    // Each says more than the one before, as far ahead as votes may be.
    assert!(kept <= 8 + AHEAD as u32 + 1, "{kept}");
    let rows = node.home.store.snapshot().unwrap();
    assert_eq!(rows.prefix(schema::VOTES, &[], usize::MAX).unwrap().len(), 1);
    // Of the tip nothing is kept but the report.
    let mut carl = pair(&world, &events, &bob, [None, None]).ends;
    let tip = carl[1].node.signed(VoteAt::Tip).unwrap();
    for n in 0..20 {
        let at = Point { count: 40 - 5 * (n % 4), ..*tip.at() };
        carl[0].node.take(&Vote::sign(at, Hash([n as u8; 32]), engine(), &bob.device));
        carl[0].node.take(&lie(&tip, &bob));
    }
    // Nor does it help to say one thing and then another of one point.
    assert_eq!(carl[0].node.take(&tip), Taken::Known);
    assert_eq!(carl[0].node.reports().len(), 1);
}

/// How much is read to compare the votes of so many scopes, all of one anchor.
fn reads_of_comparing(votes: u16) -> u64 {
    let (world, mut events, _) = topic(3, 5, 40);
    let mut voters: Vec<_> =
        (0..votes).map(|n| Scope::new(30 + n, 130 + n, ScopeKind::Device)).collect();
    events.extend(voters.iter_mut().map(|voter| world.enter(voter)));
    let faults = Arc::new(Faults::default());
    let store = FaultStore::new(Arc::new(MemoryStore::new(schema::ALL)), Arc::clone(&faults));
    let home = Home::over(&world, Arc::new(store));
    let mut node = Node { home, scope: world.founder.clone(), has_room: true };
    node.home.take(&events).unwrap();
    let ours = node.signed(VoteAt::Anchor).unwrap();
    for voter in &voters {
        let vote = Vote::sign(*ours.at(), ours.state_root(), engine(), &voter.device);
        assert_eq!(node.take(&vote), Taken::Agrees);
    }
    let (topic, scope) = (node.topic(), world.founder.clone());
    let mut compares = || {
        let signer = Signer { scope: &scope.device, certificate: &scope.certificate };
        node.home.runtime.compare_votes(topic, signer).is_ok()
    };
    assert!(compares());
    let passes = |reads: &u64| {
        faults.arm(Operation::Read, *reads);
        let passed = compares();
        faults.disarm();
        passed
    };
    (0..).find(passes).unwrap()
}

#[test]
fn where_all_votes_are_of_one_anchor_this_homes_state_there_is_looked_up_once() {
    // For each vote: whose the scope is, whether they are a member, and what is reported of it.
    let (one, many) = (reads_of_comparing(1), reads_of_comparing(21));
    assert!(many - one <= 20 * 4, "{one} {many}");
}

/// [DRIFT-7]
#[test]
fn reports_are_bounded_by_scope_and_topic() {
    let (world, events, bob) = topic(3, 1, 30);
    let home = Home::with(&world, &events);
    let ours = pair(&world, &events, &bob, [None, None]).ends[0].node.signed(VoteAt::Tip).unwrap();
    let mut overlay = Overlay::new(home.reader());
    for scope in 0..40 {
        for count in [9, 3, 8, 1, 7, 2, 30, 8] {
            let at = Point { count, ..*ours.at() };
            let theirs = Vote::sign(at, Hash([1; 32]), engine(), &key(100 + scope));
            let report = Report { ours: ours.clone(), theirs, explanation: None, until: None };
            report.save(&mut overlay).unwrap();
            let about = Report::about(&overlay, world.id(), key(100 + scope).public()).unwrap();
            assert!(about.len() <= SCOPE_REPORTS);
        }
    }
    let all = Report::all(&overlay, world.id()).unwrap();
    assert_eq!(all.len(), REPORTS);
    assert!(all.iter().all(|report| report.theirs.at().count >= 7), "the latest are kept");
}
