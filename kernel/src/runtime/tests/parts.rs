//! Long work in parts comes to what comes of it at once, wherever a process ends between two of them.

use std::sync::Arc;

use super::acting;
use crate::event::payload::Admission;
use crate::event::{Event, Kind, UnverifiedEvent};
use crate::export::Opening;
use crate::identity::ScopeKind;
use crate::runtime::{Busy, RuntimeError};
use crate::testing::{Home, Op, Scope, World, app};

/// A process over a home's store that does the least there is at a time.
fn next(world: &World, home: &Home) -> Home {
    let mut home = Home::over(world, Arc::clone(&home.store));
    home.runtime.work_in_parts(1);
    home.runtime.look_for_work().unwrap();
    home
}

/// Goes on to the end, each part in a process of its own; how many there were.
fn finish(world: &World, home: &mut Home) -> usize {
    for parts in 0.. {
        *home = next(world, home);
        let Some(topic) = home.runtime.at_work().next() else { return parts };
        home.runtime.go_on(topic).unwrap();
    }
    unreachable!()
}

fn write(home: &mut Home, world: &World, by: &Scope) -> Result<Event, RuntimeError> {
    let made = acting(by, |signer, ambient| {
        home.runtime.submit(world.id(), signer, ambient, Op::Write as u32, b"k".to_vec())
    });
    made.map(|made| made.event)
}

/// Nobody takes a part of it for the whole.
fn is_busy(home: &mut Home, world: &World) {
    let topic = world.id();
    let Some(Busy::Folding { folded, events }) = home.runtime.busy(topic).unwrap() else {
        panic!("it is folded");
    };
    assert!(folded < events, "{folded} of {events}");
    assert_eq!(home.runtime.root(topic).unwrap().state, None);
    let refused = [
        home.runtime.state(topic).map(drop),
        home.runtime.state_after(topic, None, 9).map(drop),
        home.runtime.state_key(topic, b"k").map(drop),
        home.runtime.proof(topic, b"k").map(drop),
        home.runtime.members(topic).map(drop),
        write(home, world, &world.founder).map(drop),
    ];
    for refused in refused {
        assert!(matches!(refused, Err(RuntimeError::Busy { .. })), "{refused:?}");
    }
}

#[test]
fn what_is_folded_in_parts_is_what_is_folded_at_once() {
    let world = World::with_interval(Admission::Invite, 4);
    let scope = |n: u16| Scope::new(10 + n, 110 + n, ScopeKind::Device);
    let (mut ann, mut bob) = (scope(1), scope(2));
    let genesis = world.genesis.id();
    let joins = [
        world.join(&world.founder, &mut ann, (1, 0), &[genesis]),
        world.join(&world.founder, &mut bob, (2, 0), &[genesis]),
    ];
    let line = |scope: &mut Scope, count: u8| -> Vec<Event> {
        (0..count).map(|n| world.app(scope, &[], Op::Write as u32, &[b'k', n])).collect()
    };
    let mut founder = world.founder.clone();
    let (long, by_ann) = (line(&mut founder, 16), line(&mut ann, 6));
    let late = line(&mut bob, 3);
    // Ann revokes what she has; then it is as if she had not, since she is removed. That folds all again.
    let own = World::cuts(&[(ann.id(), Some(by_ann[3].id()))]);
    let person = ann.person.clone();
    let revoke = world.revoke(&mut ann, &person, own, &[by_ann[3].id()]);
    let cuts = World::cuts(&[(ann.id(), Some(by_ann[1].id()))]);
    let named = [joins[0].id(), by_ann[1].id()];
    let remove = world.remove(&mut founder, ann.person(), cuts, &named);
    let first = [std::slice::from_ref(&world.genesis), &joins[..], &long[..], &by_ann[..]].concat();
    let mut home = next(&world, &Home::new(&world));
    let mut all = Vec::new();
    for events in [first, late, vec![revoke], vec![remove]] {
        home.take(&events).unwrap();
        all.extend(events);
        is_busy(&mut home, &world);
        let parts = finish(&world, &mut home);
        assert!(parts > 5, "{parts}");
        let at_once = Home::with(&world, &all);
        assert_eq!(
            home.runtime.root(world.id()).unwrap(),
            at_once.runtime.root(world.id()).unwrap()
        );
        assert_eq!(home.all(), at_once.all());
    }
    assert!(home.is_void(&by_ann[2]) && home.accepts(&by_ann[1]));
    write(&mut home, &world, &world.founder).unwrap();
}

/// More comes while it is folded, and some of that comes before what is folded already.
#[test]
fn what_comes_while_a_log_is_folded_is_in_it() {
    let world = World::with_interval(Admission::Open, 4);
    let (mut bob, mut founder) = (Scope::new(12, 112, ScopeKind::Device), world.founder.clone());
    let join = world.enter(&mut bob);
    let line = |scope: &mut Scope, count: u8| -> Vec<Event> {
        (0..count).map(|n| world.app(scope, &[], Op::Write as u32, &[b'k', n])).collect()
    };
    let (long, late) = (line(&mut founder, 12), line(&mut bob, 8));
    let mut home = next(&world, &Home::new(&world));
    home.take(&[&[world.genesis.clone(), join.clone()][..], &long[..]].concat()).unwrap();
    for event in &late {
        is_busy(&mut home, &world);
        home.runtime.ingest(world.id(), std::slice::from_ref(event), 1).unwrap();
        home = next(&world, &home);
        home.runtime.go_on(world.id()).unwrap();
    }
    finish(&world, &mut home);
    let all = [&[world.genesis.clone(), join][..], &long[..], &late[..]].concat();
    assert_eq!(home.all(), Home::with(&world, &all).all());
}

/// An app that comes after its events: not all of them are folded before anything else is done.
#[test]
fn an_app_is_installed_before_all_that_waited_for_it_is_folded() {
    let world = World::upgradable();
    let mut founder = world.founder.clone();
    let next_one = app::version(1, &app::author());
    let upgrade = world.upgrade(&mut founder, (world.bundle.id(), &next_one), &[], &[]);
    let mut all = vec![world.genesis.clone(), upgrade];
    all.extend((0..8u8).map(|n| {
        let payload = (Kind::App, Op::Write as u32, &[b'k', n][..]);
        world.made_for(1, &mut founder, &[], payload)
    }));
    let mut home = next(&world, &Home::new(&world));
    home.take(&all).unwrap();
    finish(&world, &mut home);
    assert!(home.runtime.busy(world.id()).unwrap().is_none(), "it waits for the bundle");
    home.runtime.install(&next_one).unwrap();
    is_busy(&mut home, &world);
    assert!(finish(&world, &mut home) > 5);
    assert_eq!(home.all(), Home::having(&world, &[next_one], &all).all());
}

#[test]
fn a_topic_that_was_left_is_removed_in_parts_and_does_not_come_back_before() {
    let world = World::new(Admission::Invite);
    let mut founder = world.founder.clone();
    let mut all = vec![world.genesis.clone()];
    all.extend((0..8u8).map(|n| world.app(&mut founder, &[], Op::Write as u32, &[b'k', n])));
    let mut home = Home::with(&world, &all);
    home.runtime.work_in_parts(1);
    home.runtime.leave(world.id(), &world.founder.certificate).unwrap();
    let gone = home.runtime.root(world.id());
    assert!(matches!(gone, Err(RuntimeError::NoTopic { .. })), "{gone:?}");
    let enter = |home: &mut Home| {
        let genesis = UnverifiedEvent::decode(&world.genesis.to_bytes()).unwrap();
        home.runtime.begin_import(&Opening { genesis, bundles: 0 }, None, 0).map(drop)
    };
    let refused = enter(&mut home);
    assert!(matches!(refused, Err(RuntimeError::Busy { busy: Busy::Removing, .. })), "{refused:?}");
    assert_eq!(home.runtime.busy(world.id()).unwrap(), Some(Busy::Removing));
    let parts = finish(&world, &mut home);
    assert!(parts > 20, "{parts}");
    assert!(home.all().values().all(Vec::is_empty), "nothing is left of it");
    enter(&mut home).unwrap();
    home.take(&all).unwrap();
    finish(&world, &mut home);
    assert_eq!(home.all(), Home::with(&world, &all).all());
}
