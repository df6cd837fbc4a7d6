//! What the runtime makes of events that come in, beyond what the fold makes of them.

use myrhiza_kernel_api::EventId;

use crate::event::payload::Admission;
use crate::event::{Body, Event, Header, Kind};
use crate::identity::ScopeKind;
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
    let refused: Vec<_> =
        report.refused.iter().map(|refused| (refused.id, refused.scope)).collect();
    assert_eq!(refused, [(stolen.id(), join.header().scope)]);
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
