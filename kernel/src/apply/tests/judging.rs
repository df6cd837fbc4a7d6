//! What is looked at to judge cuts, and what is not.

use std::sync::Arc;

use myrhiza_kernel_api::limits::INTRODUCTIONS;
use myrhiza_store_kit::{FaultStore, Faults, Operation};
use myrhiza_store_memory::MemoryStore;

use crate::apply::Cuts;
use crate::event::Event;
use crate::event::payload::{Admission, CutList};
use crate::identity::{Certificate, ScopeKind};
use crate::schema;
use crate::testing::{Home, Scope, World, key};

fn scope(n: u16) -> Scope {
    Scope::new(n, 100 + n, ScopeKind::Device)
}

/// A scope that two people have certified, the second by its first introduction of so many on its
/// chain, removes somebody the second let in; then the first ends it. Whether the remove counts.
fn counts_by_its_first_introduction(introductions: usize) -> bool {
    let world = World::new(Admission::Invite);
    let (mut one, mut two, mut let_in) = (scope(2), scope(3), scope(4));
    let genesis = world.genesis.clone();
    let first = world.join(&world.founder, &mut one, (1, 0), &[genesis.id()]);
    let second = world.join(&world.founder, &mut two, (2, 0), &[genesis.id()]);
    let third = world.join(&two, &mut let_in, (3, 0), &[second.id()]);
    let mut shared = Scope::new(3, 300, ScopeKind::Device);
    let mut events = vec![genesis, first.clone(), second.clone(), third.clone()];
    events.push(world.delegate(&mut shared, &[second.id(), third.id()]));
    shared.person = one.person.clone();
    shared.certificate =
        Certificate::issue(&shared.person, shared.id(), ScopeKind::Device, "one").unwrap();
    for _ in 1..introductions {
        events.push(world.delegate(&mut shared, &[first.id(), third.id()]));
    }
    let (person, all) = (let_in.person(), CutList::default());
    let remove = world.remove(&mut shared, person, all, &[third.id()]);
    let (person, end) = (one.person.clone(), World::cuts(&[(shared.id(), None)]));
    events.extend([remove.clone(), world.revoke(&mut one, &person, end, &[remove.id()])]);
    let (home, mut other) = (Home::with(&world, &events), Home::with(&world, &events[..1]));
    events.iter().rev().for_each(|event| drop(other.insert(event)));
    assert!(home.all() == other.all());
    assert_eq!(home.is_member(let_in.person()), !home.accepts(&remove));
    home.accepts(&remove)
}

#[test]
fn of_the_introductions_on_a_chain_the_last_few_say_who_the_author_of_its_removes_is() {
    assert!(counts_by_its_first_introduction(2));
    assert!(counts_by_its_first_introduction(INTRODUCTIONS));
    assert!(!counts_by_its_first_introduction(INTRODUCTIONS + 1));
}

/// A fork of a scope at its first event, by who holds its key too, that introduces it as another
/// member's, before or after the owner's in the order.
fn forked(n: u16) -> (World, Home, [Event; 6], [Scope; 3]) {
    let world = World::new(Admission::Invite);
    let (mut owner, mut mallory) = (scope(2), scope(3));
    let genesis = world.genesis.clone();
    let first = world.join(&world.founder, &mut owner, (1, 0), &[genesis.id()]);
    let second = world.join(&world.founder, &mut mallory, (n, 0), &[genesis.id()]);
    let written = world.app(&mut owner, &[], 0, &[1]);
    let mut stolen = Scope { last: None, ..owner.clone() };
    stolen.person = mallory.person.clone();
    stolen.certificate =
        Certificate::issue(&stolen.person, stolen.id(), ScopeKind::Device, "mine").unwrap();
    let taken = world.delegate(&mut stolen, &[second.id()]);
    let late = world.app(&mut stolen, &[], 0, &[2]);
    let events = [genesis, first, second, taken, written, late];
    let home = Home::with(&world, &events);
    (world, home, events, [owner, mallory, stolen])
}

#[test]
fn who_holds_a_stolen_key_takes_no_scope_from_its_owner() {
    for n in 2..12 {
        let (world, mut home, events, [mut owner, ..]) = forked(n);
        let [.., first, _, taken, written, late] = &events;
        assert!([first, taken, written, late].iter().all(|event| home.accepts(event)));
        assert_eq!(home.author_of(written), owner.person());
        assert_eq!(home.author_of(late), key(3).public());
        // The owner's word ends what is theirs on it, and that is the owner's own branch alone.
        let (person, mut other) = (owner.person.clone(), Scope::new(2, 600, ScopeKind::Device));
        let entered = world.delegate(&mut other, &[first.id(), written.id()]);
        let cut = World::cuts(&[(owner.id(), Some(first.id()))]);
        let revoke = world.revoke(&mut other, &person, cut, &[first.id()]);
        for event in [&entered, &revoke] {
            home.insert(event);
        }
        assert!(home.accepts(first) && !home.accepts(written) && home.accepts(late));
        let after = world.app(&mut owner, &[], 0, &[3]);
        home.insert(&after);
        assert!(!home.accepts(&after));
    }
}

#[test]
fn a_fork_with_the_owners_own_certificate_is_the_owners_and_ends_by_their_word() {
    let world = World::new(Admission::Invite);
    let mut owner = scope(2);
    let genesis = world.genesis.clone();
    let first = world.join(&world.founder, &mut owner, (1, 0), &[genesis.id()]);
    let mut stolen = Scope { last: None, ..owner.clone() };
    let taken = world.delegate(&mut stolen, &[first.id()]);
    let late = world.app(&mut stolen, &[], 0, &[2]);
    let mut home = Home::with(&world, &[genesis, first.clone(), taken.clone(), late.clone()]);
    assert!(home.accepts(&late));
    let cut = World::cuts(&[(owner.id(), Some(first.id()))]);
    let person = owner.person.clone();
    let revoke = world.revoke(&mut owner, &person, cut, &[first.id()]);
    home.insert(&revoke);
    assert!(home.accepts(&first) && !home.accepts(&taken) && !home.accepts(&late));
}

#[test]
fn who_comes_in_has_no_cut_judged_again() {
    let world = World::new(Admission::Invite);
    let (mut founder, mut ann, mut bob) = (world.founder.clone(), scope(2), scope(3));
    let first = world.join(&world.founder, &mut ann, (1, 0), &[world.genesis.id()]);
    let second = world.join(&ann, &mut bob, (2, 0), &[first.id()]);
    let mut events = vec![world.genesis.clone(), first.clone(), second.clone()];
    let person = founder.person.clone();
    for n in 50..70 {
        let cut = World::invitation_cut(n, &[]);
        events.push(world.revoke(&mut founder, &person, cut, &[second.id()]));
    }
    events.push(world.remove(&mut ann, bob.person(), CutList::default(), &[second.id()]));
    let mut home = Home::with(&world, &events);
    let mut take = |event: &Event| {
        let taken =
            home.runtime.ingest_all(world.id(), &[std::slice::from_ref(event)], 0, None).unwrap();
        let taken = taken.unwrap();
        assert_eq!(taken.reports[0].added, 1, "{:?}", taken.reports);
        taken.refolded.events
    };
    let heads: Vec<_> = events[events.len() - 2..].iter().map(Event::id).collect();
    let third = world.join(&ann, &mut scope(4), (3, 0), &heads);
    assert_eq!(take(&third), 0);
    assert_eq!(take(&world.delegate(&mut ann, &[first.id(), third.id()])), 0);
}

/// What is read to tell that nobody who came by a ticket has ended, where so many did and somebody else
/// has; then what is read to tell it again.
fn reads_of_a_ticket(came: u16) -> [u64; 2] {
    let world = World::new(Admission::Invite);
    let (mut founder, mut dan) = (world.founder.clone(), scope(2));
    let genesis = [world.genesis.id()];
    let mut events = vec![world.genesis.clone(), world.join(&founder, &mut dan, (2, 1), &genesis)];
    let entered = events[1].id();
    for n in 0..came {
        events.push(world.join(&founder, &mut scope(3 + n), (1, 0), &genesis));
    }
    let end = World::cuts(&[(dan.id(), Some(entered))]);
    events.push(world.revoke(&mut founder, &dan.person, end, &[entered]));
    let faults = Arc::new(Faults::default());
    let store = FaultStore::new(Arc::new(MemoryStore::new(schema::ALL)), Arc::clone(&faults));
    let mut home = Home::over(&world, Arc::new(store));
    home.take(&events).unwrap();
    let cuts = Cuts::of(&home.read(), &world.topic).unwrap();
    let ticket = key(2001).public();
    let tells = |reads: &u64| {
        faults.arm(Operation::Read, *reads);
        let ended = cuts.ends_acceptor(&home.read(), world.id(), ticket);
        faults.disarm();
        ended.is_ok_and(|ended| {
            assert!(!ended);
            true
        })
    };
    [0; 2].map(|from| (from..).find(tells).unwrap())
}

#[test]
fn whether_one_who_came_by_a_ticket_has_ended_costs_as_much_however_many_came() {
    let [first, again] = reads_of_a_ticket(40);
    assert_eq!(reads_of_a_ticket(4), [first, again]);
    assert!(again < first, "{again} {first}");
}

#[test]
fn whether_one_who_came_by_a_ticket_has_ended_is_looked_at_again_with_another_state() {
    let world = World::new(Admission::Invite);
    let (mut founder, mut ann) = (world.founder.clone(), scope(2));
    let join = world.join(&founder, &mut ann, (1, 0), &[world.genesis.id()]);
    let end = World::cuts(&[(ann.id(), Some(join.id()))]);
    let revoke = world.revoke(&mut founder, &ann.person, end, &[join.id()]);
    let home = Home::with(&world, &[world.genesis.clone(), join, revoke]);
    let before = Home::with(&world, std::slice::from_ref(&world.genesis));
    let cuts = Cuts::of(&home.read(), &world.topic).unwrap();
    let ticket = key(2001).public();
    // As where the fold waits for an app: who came in is not known yet.
    for (home, ended) in [(&before, false), (&home, true), (&before, false), (&home, true)] {
        assert_eq!(cuts.ends_acceptor(&home.read(), world.id(), ticket).unwrap(), ended);
    }
}
