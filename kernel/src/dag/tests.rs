//! What the DAG makes of a set of events does not depend on how they came.

use std::sync::Arc;

use myrhiza_kernel_api::{EventId, StoreExt, limits};
use myrhiza_store_kit::{FaultStore, Faults, Operation};
use myrhiza_store_memory::MemoryStore;
use proptest::prelude::*;

use super::*;
use crate::event::payload::{Admission, CutList, Notice};
use crate::event::{AdmissionError, Event};
use crate::identity::ScopeKind;
use crate::order::TopicKeys;
use crate::runtime::Most;
use crate::schema;
use crate::testing::{Dice, Home, Scope, World};

/// Events by a founder and an invited device, on random parents; now and then one number twice.
fn random_topic(seed: u64, size: usize) -> (World, Vec<Event>) {
    let (world, mut dice) = (World::new(Admission::Invite), Dice(seed));
    let mut scopes = [world.founder.clone(), Scope::new(2, 102, ScopeKind::Device)];
    let join = world.join(&world.founder, &mut scopes[1], (1, 0), &[world.genesis.id()]);
    let mut events = vec![world.genesis.clone(), join];
    for n in 0..size {
        let parents: Vec<_> = (0..dice.below(4)).map(|_| dice.pick(&events).id()).collect();
        let who = dice.below(2);
        let before = scopes[who].last;
        events.push(world.app(&mut scopes[who], &parents, 0, &[n as u8]));
        if dice.below(6) == 0 {
            scopes[who].last = before;
        }
    }
    (world, events)
}

fn inserted(world: &World) -> Home {
    Home::with(world, std::slice::from_ref(&world.genesis))
}

fn refusal(outcome: Outcome) -> Refusal {
    match outcome {
        Outcome::Refused(refusal) => refusal,
        other => panic!("{other:?}"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn any_sequence_of_a_set_gives_the_same_dag(seed: u64, size in 0..40usize) {
        let (world, events) = random_topic(seed, size);
        let mut dice = Dice(!seed);
        let want = Home::with(&world, &events);
        let mut home = inserted(&world);
        for event in dice.shuffled(&events) {
            home.insert(&event);
        }
        prop_assert_eq!(home.all(), want.all());
        prop_assert_eq!(waiting(&home.read(), world.id()).unwrap(), vec![]);
        prop_assert_eq!(want.order().len(), events.len());
    }

    #[test]
    fn heights_are_one_above_what_is_named(seed: u64, size in 0..40usize) {
        let (world, events) = random_topic(seed, size);
        let home = Home::with(&world, &events);
        for event in &events {
            let named = event.header().prev.iter().chain(&event.header().parents);
            let want = named.map(|id| home.place(*id).height + 1).max().unwrap_or(0);
            prop_assert_eq!(home.place(event.id()).height, want);
        }
    }

    #[test]
    fn an_event_is_released_exactly_when_the_last_it_names_arrives(seed: u64, size in 1..30usize) {
        let (world, events) = random_topic(seed, size);
        let mut home = inserted(&world);
        let mut there = vec![world.genesis.id()];
        let mut came: Vec<&Event> = Vec::new();
        let order = Dice(!seed).shuffled(&events[1..]);
        for event in &order {
            came.push(event);
            home.insert(event);
            // The model: whatever came and has all it names, again and again.
            while let Some(next) = came.iter().find(|event| {
                let named = event.header().prev.iter().chain(&event.header().parents);
                !there.contains(&event.id()) && named.clone().all(|id| there.contains(id))
            }) {
                there.push(next.id());
            }
            let mut want: Vec<_> = came.iter().map(|event| event.id()).collect();
            want.retain(|id| !there.contains(id));
            want.sort_unstable();
            want.dedup();
            let found = waiting(&home.read(), world.id()).unwrap();
            prop_assert_eq!(found.iter().map(|held| held.id).collect::<Vec<_>>(), want);
            prop_assert!(found.iter().all(|held| !held.missing.is_empty()));
            prop_assert_eq!(home.order().len(), there.len());
        }
    }
}

/// Tally of what waits: events, bytes.
fn held(home: &Home) -> (usize, usize) {
    let snapshot = home.reader();
    let prefix = TopicKeys { topic: home.topic.topic() }.key(&[]);
    let rows = snapshot.prefix(schema::PENDING, &prefix, usize::MAX).unwrap();
    let rows = rows.iter().filter(|(key, _)| key.len() > prefix.len());
    rows.fold((0, 0), |(n, bytes), (_, row)| (n + 1, bytes + row.len() - 8))
}

/// Events whose parent nobody has.
fn orphans(world: &World, count: usize, payload: usize) -> Vec<Event> {
    let orphan = |n: usize| {
        let mut payload = vec![0; payload.max(8)];
        payload[..8].copy_from_slice(&n.to_be_bytes());
        world.app(&mut world.founder.clone(), &[EventId([0xee; 32])], 0, &payload)
    };
    (0..count).map(orphan).collect()
}

/// [ORDER-4]
#[test]
fn a_flood_of_events_without_their_parents_is_bounded_in_number_and_the_oldest_goes() {
    let world = World::new(Admission::Invite);
    let mut home = inserted(&world);
    let all = orphans(&world, PENDING_EVENTS as usize + 3, 8);
    home.take(&all).unwrap();
    assert_eq!(held(&home).0 as u64, PENDING_EVENTS);
    let waits = waiting(&home.read(), world.id()).unwrap();
    assert!(all[..3].iter().all(|gone| waits.iter().all(|held| held.id != gone.id())));
    assert!(matches!(home.insert(&all[0]), Outcome::Held { .. }), "it may come again");
    assert_eq!(home.insert(&all[5]), Outcome::Known);
    assert_eq!(held(&home).0 as u64, PENDING_EVENTS);
    let snapshot = home.reader();
    for space in [schema::WAITING, schema::ARRIVALS, schema::MISSING] {
        let rows = snapshot.prefix(space, &[], usize::MAX).unwrap().len();
        assert_eq!(rows as u64, PENDING_EVENTS, "{}", space.name);
    }
}

#[test]
fn what_waits_is_bounded_in_bytes() {
    let world = World::new(Admission::Invite);
    let mut home = inserted(&world);
    let all = orphans(&world, PENDING_BYTES as usize / limits::PAYLOAD_BYTES + 2, 1 << 20);
    home.take(&all).unwrap();
    let (events, bytes) = held(&home);
    assert!(bytes as u64 <= PENDING_BYTES && events < all.len() && events > all.len() - 5);
}

#[test]
fn what_waits_for_its_turn_alone_makes_no_room_for_others() {
    let world = World::new(Admission::Invite);
    let mut home = inserted(&world);
    let side = |parents: &[EventId], n: u8| world.app(&mut world.founder.clone(), parents, 0, &[n]);
    let parent = side(&[], 0);
    let children: Vec<_> = (1..=10).map(|n| side(&[parent.id()], n)).collect();
    home.take(&children).unwrap();
    let most = Some(Most { work: u64::MAX, events: 1 });
    let one: &[&[Event]] = &[std::slice::from_ref(&parent)];
    let taken = home.runtime.ingest_all(world.id(), one, 0, most).unwrap().unwrap();
    assert_eq!((taken.reports[0].added, taken.released), (1, 10));
    home.take(&orphans(&world, PENDING_EVENTS as usize + 3, 8)).unwrap();
    assert_eq!(held(&home).0 as u64, PENDING_EVENTS);
    let (read, all) = (home.read(), (usize::MAX, usize::MAX));
    assert_eq!(ready_count(&read, world.id()).unwrap(), 10);
    let mut left: Vec<_> = ready(&read, world.id(), all).unwrap().iter().map(Event::id).collect();
    let mut want: Vec<_> = children.iter().map(Event::id).collect();
    left.sort_unstable();
    want.sort_unstable();
    assert_eq!(left, want);
    assert_eq!(ready(&read, world.id(), (3, usize::MAX)).unwrap().len(), 3);
    assert_eq!(ready(&read, world.id(), (usize::MAX, 1)).unwrap().len(), 1);
    // Who brings one of them again has it taken, and who brings another does not.
    assert!(matches!(home.insert(&children[0]), Outcome::Added(..)));
    assert_eq!(ready_count(&home.read(), world.id()).unwrap(), 9);
}

/// A home over a store that fails on command.
fn failing(world: &World) -> (Home, Arc<Faults>) {
    let faults = Arc::new(Faults::default());
    let store = FaultStore::new(Arc::new(MemoryStore::new(schema::ALL)), Arc::clone(&faults));
    let mut home = Home::over(world, Arc::new(store));
    home.insert(&world.genesis);
    (home, faults)
}

/// What became of events in one overlay that reads at most so often from the store.
fn within(reads: u64, (home, faults): &(Home, Arc<Faults>), events: &[Event]) -> Vec<Inserted> {
    let mut overlay = home.read();
    faults.arm(Operation::Read, reads);
    let inserted = events.iter().flat_map(|e| insert(&mut overlay, &home.topic, e).unwrap());
    let inserted = inserted.collect();
    faults.disarm();
    inserted
}

#[test]
fn what_waits_for_many_is_read_when_the_last_of_them_comes() {
    let world = World::new(Admission::Invite);
    let side = |n: u8| world.app(&mut world.founder.clone(), &[], 0, &[n]);
    let parents: Vec<_> = (0..limits::PARENTS as u8).map(side).collect();
    let mut ids: Vec<_> = parents.iter().map(Event::id).collect();
    ids.sort_unstable();
    let child = |n: u8| world.app(&mut world.founder.clone(), &ids, 0, &[n, 0]);
    let children: Vec<_> = (0..20).map(child).collect();
    let mut waiting = failing(&world);
    waiting.0.take(&children).unwrap();
    for parent in &parents {
        // For each that waits, how many it waits for; to read it and look for what it names would be
        // many times as much.
        let reads = if parent.id() == parents.last().unwrap().id() { 5_000 } else { 100 };
        within(reads, &waiting, std::slice::from_ref(parent));
        waiting.0.take(std::slice::from_ref(parent)).unwrap();
    }
    let home = &waiting.0;
    assert_eq!(home.order().len(), 1 + parents.len() + children.len());
    let snapshot = home.reader();
    for space in [schema::WAITING, schema::ARRIVALS, schema::MISSING] {
        assert_eq!(snapshot.prefix(space, &[], usize::MAX).unwrap(), [], "{}", space.name);
    }
}

#[test]
fn what_waits_since_before_its_parents_were_counted_is_released_too() {
    let world = World::new(Admission::Invite);
    let mut home = inserted(&world);
    let side = |n: u8| world.app(&mut world.founder.clone(), &[], 0, &[n]);
    let parents = [side(1), side(2)];
    let ids = parents.each_ref().map(Event::id);
    let child = world.app(&mut world.founder.clone(), &ids, 0, b"child");
    home.insert(&child);
    let mut batch = myrhiza_kernel_api::WriteBatch::new();
    for (key, _) in home.reader().prefix(schema::MISSING, &[], usize::MAX).unwrap() {
        batch.delete(schema::MISSING, key);
    }
    home.store.commit(batch).unwrap();
    parents.iter().for_each(|parent| drop(home.insert(parent)));
    assert_eq!(home.order().len(), 4);
}

#[test]
fn what_waits_already_is_not_checked_again() {
    let world = World::new(Admission::Invite);
    let mut waiting = failing(&world);
    let missing: Vec<_> = (0..60).map(|n| EventId([n; 32])).collect();
    let orphan = world.app(&mut world.founder.clone(), &missing, 0, b"orphan");
    waiting.0.take(std::slice::from_ref(&orphan)).unwrap();
    // Whether any wait, whether it is there, whether it waits: what it names is not looked for.
    let again = within(3, &waiting, std::slice::from_ref(&orphan));
    assert_eq!(again[0].outcome, Outcome::Known);
}

#[test]
fn who_follows_nobody_of_their_own_does_not_wait_for_the_rest() {
    let world = World::new(Admission::Invite);
    let mut home = inserted(&world);
    let stranger = Scope::new(9, 109, ScopeKind::Device);
    let mut wrong = Scope { last: Some((0, world.genesis.id())), ..stranger };
    let event = world.app(&mut wrong, &[EventId([0xee; 32])], 0, b"x");
    assert!(matches!(refusal(home.insert(&event)), Refusal::Prev { .. }));
    assert_eq!(held(&home), (0, 0));
}

/// Who an author lets in is not known before their join is there, so an orphan may be anybody's.
#[test]
fn in_an_authors_topic_next_to_nothing_waits() {
    let world = World::of_author();
    let mut home = inserted(&world);
    let stranger = Scope::new(9, 109, ScopeKind::Device);
    let orphan = |n: u8| {
        let mut scope = Scope { last: Some((n.into(), EventId([n; 32]))), ..stranger.clone() };
        world.notice(&mut scope, (0, &Notice::Current), &[])
    };
    let orphans: Vec<_> = (0..=AUTHOR_PENDING_EVENTS as u8).map(orphan).collect();
    home.take(&orphans).unwrap();
    assert_eq!(held(&home).0 as u64, AUTHOR_PENDING_EVENTS);
    // An author's device is heard all the same, in whatever order it comes.
    let mut desk = Scope::of_author(1001);
    let events = [world.enter(&mut desk), world.notice(&mut desk, (0, &Notice::Current), &[])];
    home.insert(&events[1]);
    home.insert(&events[0]);
    assert_eq!(home.order().len(), 3);
}

/// [ORDER-6]
#[test]
fn of_more_heads_than_fit_the_highest_are_named() {
    let world = World::new(Admission::Invite);
    let mut home = inserted(&world);
    let side = |n: u8| world.app(&mut world.founder.clone(), &[], 0, &[n]);
    let mut events: Vec<_> = (0..70).map(side).collect();
    let mut long = world.founder.clone();
    events.extend((100..103).map(|n| world.app(&mut long, &[], 0, &[n])));
    home.take(&events).unwrap();
    let read = home.read();
    let heads = Graph::new(&read, world.id()).heads(limits::PARENTS).unwrap();
    assert_eq!(heads.len(), limits::PARENTS);
    assert_eq!(Some(heads[0].id), long.last());
    let mut want: Vec<_> = events[..70].iter().map(Event::id).collect();
    want.sort_unstable_by(|a, b| b.cmp(a));
    let rest: Vec<_> = heads[1..].iter().map(|head| head.id).collect();
    assert_eq!(rest, want[..limits::PARENTS - 1]);
    assert_eq!(Graph::new(&read, world.id()).heads(100).unwrap().len(), 71);
}

/// [ORDER-5]
#[test]
fn two_events_with_one_number_are_both_there_and_prove_the_fork() {
    let world = World::new(Admission::Invite);
    let (mut one, mut other) = (world.founder.clone(), world.founder.clone());
    let pair = [world.app(&mut one, &[], 0, b"a"), world.app(&mut other, &[], 0, b"b")];
    let mut home = inserted(&world);
    home.take(&pair[..1]).unwrap();
    assert_eq!(forks(&home.read(), world.id()).unwrap(), vec![]);
    home.take(&pair).unwrap();
    let known = forks(&home.read(), world.id()).unwrap();
    let [fork] = &known[..] else { panic!("{known:?}") };
    assert_eq!((fork.scope, fork.seq), (world.founder.id(), 1));
    assert_eq!(fork.proof.verify().unwrap().scope, world.founder.id());
    assert!(has_forked(&home.read(), world.id(), world.founder.id()).unwrap());
    assert_eq!(home.order().len(), 3);
}

#[test]
fn a_fork_in_one_batch_is_found_below_the_authors_last_event() {
    let world = World::new(Admission::Invite);
    let (mut one, mut other) = (world.founder.clone(), world.founder.clone());
    let long = [world.app(&mut one, &[], 0, b"a"), world.app(&mut one, &[], 0, b"b")];
    let second = world.app(&mut other, &[], 0, b"c");
    let mut home = inserted(&world);
    home.take(&[&long[..], std::slice::from_ref(&second)].concat()).unwrap();
    let known = forks(&home.read(), world.id()).unwrap();
    assert_eq!(known.iter().map(|fork| fork.seq).collect::<Vec<_>>(), [1]);
    let heads = Graph::new(&home.read(), world.id()).heads(8).unwrap();
    let mut ids: Vec<_> = heads.iter().map(|head| head.id).collect();
    ids.sort_unstable();
    let mut want = [long[1].id(), second.id()];
    want.sort_unstable();
    assert_eq!(ids, want);
}

#[test]
fn prev_is_the_event_before_of_the_same_scope() {
    let world = World::new(Admission::Invite);
    let mut home = inserted(&world);
    let mut ann = Scope::new(2, 102, ScopeKind::Device);
    home.insert(&world.join(&world.founder, &mut ann, (1, 0), &[world.genesis.id()]));
    let mut founder = world.founder.clone();
    let first = world.app(&mut founder, &[], 0, b"1");
    home.insert(&first);
    let gap = (5, first.id());
    let again = (0, first.id());
    let foreign = (0, ann.last().unwrap());
    for last in [gap, again, foreign] {
        let mut wrong = Scope { last: Some(last), ..world.founder.clone() };
        let event = world.app(&mut wrong, &[], 0, b"x");
        assert!(matches!(refusal(home.insert(&event)), Refusal::Prev { .. }));
        assert_eq!(home.order().len(), 3);
    }
}

/// [ORDER-3]
#[test]
fn what_an_event_refers_to_is_among_its_parents() {
    let world = World::new(Admission::Invite);
    let mut home = inserted(&world);
    let genesis = world.genesis.id();
    let mut ann = Scope::new(2, 102, ScopeKind::Device);
    let join = world.join(&world.founder, &mut ann, (1, 0), &[genesis]);
    home.insert(&join);

    let phone = Scope::new(2, 202, ScopeKind::Device);
    let stray = world.delegate(&mut phone.clone(), &[genesis]);
    assert_eq!(refusal(home.insert(&stray)), Refusal::NotAMember);
    let delegate = world.delegate(&mut phone.clone(), &[join.id()]);
    assert!(matches!(home.insert(&delegate), Outcome::Added(..)));

    let remove = |cuts, parents: &[EventId]| {
        world.remove(&mut world.founder.clone(), ann.person(), cuts, parents)
    };
    let stray = remove(CutList::default(), &[genesis]);
    assert_eq!(refusal(home.insert(&stray)), Refusal::NotJoined);
    let unnamed = World::cuts(&[(phone.id(), Some(delegate.id()))]);
    let stray = remove(unnamed, &[join.id()]);
    assert_eq!(refusal(home.insert(&stray)), Refusal::Cut { scope: phone.id() });
    let foreign = World::cuts(&[(phone.id(), Some(join.id()))]);
    let stray = remove(foreign, &[join.id()]);
    assert_eq!(refusal(home.insert(&stray)), Refusal::Cut { scope: phone.id() });
    let cuts = World::cuts(&[(phone.id(), Some(delegate.id())), (ann.id(), Some(join.id()))]);
    let good = remove(cuts, &[join.id(), delegate.id()]);
    assert!(matches!(home.insert(&good), Outcome::Added(..)));
}

#[test]
fn what_is_refused_leaves_nothing() {
    let world = World::new(Admission::Invite);
    let mut home = inserted(&world);
    let before = home.all();
    let other = World::new(Admission::Open);
    for event in [&other.genesis, &other.app(&mut other.founder.clone(), &[], 0, b"x")] {
        let refused = refusal(home.insert(event));
        let foreign = AdmissionError::ForeignTopic { event: event.id(), topic: event.topic() };
        assert_eq!(refused, Refusal::Alone(foreign));
    }
    let mut ann = Scope::new(2, 102, ScopeKind::Device);
    let floating = world.join(&world.founder, &mut ann, (1, 0), &[]);
    assert_eq!(refusal(home.insert(&floating)), Refusal::Alone(AdmissionError::NoParents));
    assert_eq!(home.all(), before);
    assert_eq!(held(&home), (0, 0));
}
