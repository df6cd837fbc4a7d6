//! What the runtime makes of events that come in, beyond what the fold makes of them.

use std::sync::Arc;

use myrhiza_kernel_api::EventId;
use myrhiza_store_kit::{FaultStore, Faults, Operation};
use myrhiza_store_memory::MemoryStore;

use crate::event::payload::Admission;
use crate::event::{Body, Event, Header, Kind};
use crate::identity::ScopeKind;
use crate::runtime::work::SIGNATURE_FUEL;
use crate::runtime::{Change, Most};
use crate::schema;
use crate::testing::{Home, Op, Scope, World};

/// Bob, who has joined, and an event of his on top of that and of `parents`.
fn by_bob(world: &World, prev: Option<EventId>, parents: &[EventId], hlc: u64) -> [Event; 2] {
    let mut bob = Scope::new(2, 102, ScopeKind::Device);
    let join = world.join(&world.founder, &mut bob, (1, 0), &[world.genesis.id()]);
    let header = Header {
        topic: world.id(),
        scope: bob.id(),
        seq: 1,
        prev: prev.or(bob.last()),
        parents: parents.to_vec(),
        hlc,
        generation: 0,
        kind: Kind::App,
        variant: 0,
    };
    let event = Event::sign(Body::new(header, b"k").unwrap(), &bob.device).unwrap();
    [join, event]
}

#[test]
fn an_event_that_waited_and_is_refused_is_told_of_its_own_author() {
    let world = World::new(Admission::Invite);
    let honest = world.app(&mut world.founder.clone(), &[], Op::Write as u32, b"k");
    // Bob names the founder's event as his own.
    let [join, stolen] = by_bob(&world, Some(honest.id()), &[], 0);
    let mut home = Home::with(&world, &[world.genesis.clone(), join.clone()]);
    let report = home.runtime.ingest(world.id(), std::slice::from_ref(&stolen), 1).unwrap();
    assert_eq!((report.pending, &report.missing[..]), (1, &[honest.id()][..]));
    let report = home.runtime.ingest(world.id(), &[honest], 1).unwrap();
    let [refused] = &report.refused[..] else { panic!("{report:?}") };
    assert_eq!((refused.id, refused.scope), (stolen.id(), join.header().scope));
    assert!(refused.waited, "who has sent the other is not to blame");
}

#[test]
fn what_waited_is_taken_in_pieces_and_none_of_it_is_lost() {
    let world = World::new(Admission::Invite);
    let side = |parents: &[EventId], payload: &[u8]| {
        world.app(&mut world.founder.clone(), parents, Op::Write as u32, payload)
    };
    let parent = side(&[], b"k");
    let children: Vec<_> = (0..10).map(|n| side(&[parent.id()], &[b'k', n])).collect();
    let mut home = Home::with(&world, std::slice::from_ref(&world.genesis));
    home.runtime.ingest(world.id(), &children, 1).unwrap();
    let take = |home: &mut Home, events: &[Event]| {
        let most = Some(Most { work: u64::MAX, events: 4 });
        home.runtime.ingest_all(world.id(), &[events], 1, most).unwrap().unwrap()
    };
    let taken = take(&mut home, std::slice::from_ref(&parent));
    assert_eq!((taken.reports[0].added, taken.released), (4, 7));
    // As another process finds it.
    home.runtime.forget();
    let mut pieces = Vec::new();
    loop {
        let events = home.runtime.released(world.id(), (4, usize::MAX)).unwrap();
        if events.is_empty() {
            break;
        }
        let taken = take(&mut home, &events);
        assert_eq!(taken.reports[0].added, events.len() as u64);
        pieces.push(events.len());
    }
    assert_eq!(pieces, [4, 3]);
    let all = [vec![world.genesis.clone(), parent], children].concat();
    assert_eq!(home.all(), Home::with(&world, &all).all());
}

/// Members that came in by chains of invitations, each by the one before.
fn chains(world: &World, count: u16) -> Vec<Event> {
    let (mut inviter, mut parent) = (world.founder.clone(), world.genesis.id());
    let mut joins = Vec::new();
    for n in 0..count {
        let mut joiner = Scope::new(20 + n, 220 + n, ScopeKind::Device);
        joins.push(world.join(&inviter, &mut joiner, (20 + n, 0), &[parent]));
        (inviter, parent) = (joiner, joins[joins.len() - 1].id());
    }
    joins
}

#[test]
fn joins_below_many_cuts_and_what_lets_in_are_counted_as_work() {
    let world = World::new(Admission::Invite);
    let joins = chains(&world, 4);
    let mut founder = world.founder.clone();
    let person = founder.person.clone();
    let cut = |n: u16| {
        let cuts = World::invitation_cut(500 + n, &[]);
        world.revoke(&mut founder, &person, cuts, &[])
    };
    let cuts: Vec<_> = (0..50).map(cut).collect();
    let checks = |before: &[Event]| {
        let all = [std::slice::from_ref(&world.genesis), &joins[..3], before].concat();
        let mut home = Home::with(&world, &all);
        let last = std::slice::from_ref(&joins[3]);
        let taken = home.runtime.ingest_all(world.id(), &[last], 1, None).unwrap().unwrap();
        assert_eq!(taken.reports[0].added, 1);
        taken.work.checks
    };
    // Four links with four signatures each; and each link is compared with each cut.
    let signatures = checks(&[]);
    assert!(signatures >= 16 * SIGNATURE_FUEL, "{signatures}");
    assert!(checks(&cuts) >= signatures + 4 * 50 * 1_000);
}

#[test]
fn what_takes_too_long_to_check_is_given_up_before_it_is_folded() {
    let world = World::new(Admission::Invite);
    let joins = chains(&world, 8);
    let mut home = Home::with(&world, std::slice::from_ref(&world.genesis));
    let before = home.all();
    let most = |events: usize| Some(Most { work: 20 * SIGNATURE_FUEL, events });
    let given_up = home.runtime.ingest_all(world.id(), &[&joins], 1, most(8)).unwrap().unwrap_err();
    assert!((2..8).contains(&given_up.events), "{given_up:?}");
    assert!(given_up.work.checks > 20 * SIGNATURE_FUEL && given_up.work.events == 0);
    assert_eq!(home.all(), before);
    // A single one is taken whatever it costs.
    for join in &joins {
        let one = std::slice::from_ref(join);
        let taken = home.runtime.ingest_all(world.id(), &[one], 1, most(1)).unwrap().unwrap();
        assert_eq!(taken.reports[0].added, 1);
    }
}

#[test]
fn the_clock_follows_what_is_seen_five_minutes_at_most_also_what_waited() {
    let now_ms = 20_000;
    for (claimed, want) in [(50_000 << 16, 50_000 << 16), (u64::MAX, (now_ms + 300_000) << 16)] {
        let world = World::new(Admission::Invite);
        let first = world.app(&mut world.founder.clone(), &[], Op::Write as u32, b"k");
        let [join, reply] = by_bob(&world, None, &[first.id()], claimed);
        let mut home = Home::with(&world, &[world.genesis.clone(), join]);
        home.runtime.ingest(world.id(), &[reply], now_ms).unwrap();
        home.runtime.ingest(world.id(), &[first], now_ms).unwrap();
        assert_eq!(home.runtime.topics().unwrap()[0].record.hlc, want);
    }
}

#[test]
fn batches_in_one_transaction_are_told_of_as_if_each_had_come_alone() {
    let world = World::new(Admission::Invite);
    let first = world.app(&mut world.founder.clone(), &[], Op::Write as u32, b"k");
    let [join, reply] = by_bob(&world, None, &[first.id()], 0);
    let stolen = by_bob(&world, Some(first.id()), &[], 0)[1].clone();
    let batches = [
        vec![join.clone(), reply.clone()],
        vec![stolen, reply],
        vec![first.clone(), join],
        vec![],
        vec![first],
    ];
    let homes = [(); 2].map(|()| Home::with(&world, std::slice::from_ref(&world.genesis)));
    let [mut alone, mut together] = homes;
    let reports: Vec<_> =
        batches.iter().map(|batch| alone.runtime.ingest(world.id(), batch, 1).unwrap()).collect();
    let batches: Vec<_> = batches.iter().map(|batch| &batch[..]).collect();
    let taken = together.runtime.ingest_all(world.id(), &batches, 1, None).unwrap().unwrap();
    assert_eq!(taken.reports, reports);
    assert_eq!(together.all(), alone.all());
}

/// A screen that hears of a change takes what went wrong before for over.
#[test]
fn a_commit_that_fails_is_a_change_only_where_something_was_kept() {
    let world = World::new(Admission::Invite);
    let faults = Arc::new(Faults::default());
    let store = FaultStore::new(Arc::new(MemoryStore::new(schema::ALL)), Arc::clone(&faults));
    let mut home = Home::over(&world, Arc::new(store));
    home.take(std::slice::from_ref(&world.genesis)).unwrap();
    home.runtime.take_changes();
    let event = world.app(&mut world.founder.clone(), &[], Op::Write as u32, b"k");
    for (fails, told) in [
        (Operation::CommitBefore, None),
        (Operation::CommitAfter, Some((world.id(), Change::Much))),
    ] {
        faults.arm(fails, 0);
        home.take(std::slice::from_ref(&event)).unwrap_err();
        assert_eq!(home.runtime.take_changes(), told.into_iter().collect(), "{fails:?}");
    }
}
