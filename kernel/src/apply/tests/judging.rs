//! What is looked at to judge cuts, and what is not.

use myrhiza_kernel_api::limits::INTRODUCTIONS;

use crate::event::Event;
use crate::event::payload::{Admission, CutList};
use crate::identity::{Certificate, ScopeKind};
use crate::testing::{Home, Scope, World};

fn scope(n: u16) -> Scope {
    Scope::new(n, 100 + n, ScopeKind::Device)
}

/// A scope that two people have certified, the second by its last introduction of so many, removes
/// somebody the second let in; then the first ends it. Whether the remove counts.
fn counts_by_its_last_introduction(introductions: usize) -> bool {
    let world = World::new(Admission::Invite);
    let (mut one, mut two, mut let_in) = (scope(2), scope(3), scope(4));
    let genesis = world.genesis.clone();
    let first = world.join(&world.founder, &mut one, (1, 0), &[genesis.id()]);
    let second = world.join(&world.founder, &mut two, (2, 0), &[genesis.id()]);
    let third = world.join(&two, &mut let_in, (3, 0), &[second.id()]);
    let mut shared = Scope::new(2, 300, ScopeKind::Device);
    let mut events = vec![genesis, first.clone(), second.clone(), third.clone()];
    for _ in 1..introductions {
        events.push(world.delegate(&mut shared, &[first.id(), third.id()]));
    }
    shared.person = two.person.clone();
    shared.certificate =
        Certificate::issue(&shared.person, shared.id(), ScopeKind::Device, "two").unwrap();
    events.push(world.delegate(&mut shared, &[second.id(), third.id()]));
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
fn of_a_scopes_introductions_the_first_few_say_who_the_author_of_its_removes_is() {
    assert!(counts_by_its_last_introduction(2));
    assert!(counts_by_its_last_introduction(INTRODUCTIONS));
    assert!(!counts_by_its_last_introduction(INTRODUCTIONS + 1));
}

#[test]
fn who_comes_in_has_no_cut_judged_again_but_those_that_may_count_by_it() {
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
    assert_eq!(take(&world.delegate(&mut ann, &[first.id(), third.id()])), 21);
}
