use super::*;
use crate::apply::Cuts;
use crate::drift::limits::ANCHORS;
use crate::drift::{Anchor, log_key, refolds};
use crate::event::payload::{Join, Remove};
use crate::state::trie::LogTrie;
use crate::testing::Home;
use crate::testing::app::{author, bundle_with_interval, version_with_interval};

fn anchors(home: &Home) -> Vec<Anchor> {
    home.runtime.anchors(home.topic.topic()).unwrap()
}

/// The events of a log in canonical order.
fn in_order(home: &Home, events: &[Event]) -> Vec<Event> {
    let find = |id| events.iter().find(|event| event.id() == id).unwrap().clone();
    home.order().into_iter().map(find).collect()
}

/// [DRIFT-1]
#[test]
fn an_anchor_is_the_state_of_its_prefix_of_the_log_however_that_came() {
    for seed in 0..4 {
        let (world, events, _) = topic(seed, 7, 60);
        let want = Home::with(&world, &events);
        let order = in_order(&want, &events);
        let kept = anchors(&want);
        assert_eq!(
            kept.iter().map(|anchor| anchor.count).collect::<Vec<_>>(),
            [7, 14, 21, 28, 35, 42, 49, 56]
        );
        for anchor in &kept {
            let prefix = Home::with(&world, &order[..anchor.count as usize]);
            let root = prefix.runtime.root(world.id()).unwrap();
            assert_eq!((Some(anchor.state_root), Some(anchor.last)), (root.state, root.tip));
            let read = want.read();
            let log = LogTrie::new(&read, world.id());
            let up_to = log.root_up_to(log_key(anchor.last)).unwrap();
            assert_eq!((up_to.hash, up_to.count), (root.log, anchor.count));
            assert_eq!(log.count_up_to(log_key(anchor.last)).unwrap(), anchor.count);
        }
        // In any order, in batches of any size, committed as often as may be.
        let mut dice = Dice(seed);
        for budget in [1, 700, 1 << 20] {
            let mut home = Home::new(&world);
            home.budget(budget);
            home.take(&events[..1]).unwrap();
            let shuffled = dice.shuffled(&events);
            let mut rest = &shuffled[..];
            while !rest.is_empty() {
                let (batch, later) = rest.split_at(1 + dice.below(rest.len()));
                home.take(batch).unwrap();
                rest = later;
            }
            assert_eq!(home.all(), want.all(), "seed {seed}, budget {budget}");
        }
    }
}

/// [DRIFT-1]
#[test]
fn the_last_anchors_are_kept_and_a_rewind_makes_those_anew_that_it_crosses() {
    let (world, events, _) = topic(1, 1, 100);
    let mut home = Home::with(&world, &events);
    let counts = |home: &Home| anchors(home).iter().map(|a| a.count).collect::<Vec<_>>();
    assert_eq!(counts(&home), (100 - ANCHORS + 1..=100).collect::<Vec<_>>());
    let before = anchors(&home);
    // Somebody forks from their event in the middle: what comes after it is another log.
    let parent = home.order()[70];
    let mut late = world.founder.clone();
    let late = world.app(&mut late, &[parent], Op::Write as u32, b"\x01");
    home.take(std::slice::from_ref(&late)).unwrap();
    let at = home.order().iter().position(|id| *id == late.id()).unwrap() as u64;
    let after = anchors(&home);
    assert_eq!(counts(&home), (101 - ANCHORS + 1..=101).collect::<Vec<_>>());
    for anchor in &after {
        let old = before.iter().find(|old| old.count == anchor.count);
        assert_eq!(old == Some(anchor), anchor.count <= at, "{anchor:?}");
    }
    let all: Vec<_> = events.iter().cloned().chain([late]).collect();
    assert_eq!(home.all(), Home::with(&world, &all).all());
}

/// [DRIFT-1]
#[test]
fn a_cut_makes_the_anchors_anew_that_it_reaches() {
    let world = World::with_interval(Admission::Open, 3);
    let mut bob = Scope::new(2, 102, ScopeKind::Device);
    let join = Join::Open(bob.certificate.clone()).to_bytes();
    let join = world.next(&mut bob, &[world.genesis.id()], (Kind::Join, 0, &join));
    let mut events = vec![world.genesis.clone(), join.clone()];
    events.extend((0..7).map(|n| world.app(&mut bob, &[], Op::Write as u32, &[n])));
    let mut home = Home::with(&world, &events);
    let before = anchors(&home);
    let cuts = World::cuts(&[(bob.id(), Some(join.id()))]);
    let remove = Remove::new(bob.person(), cuts).to_bytes();
    let mut ann = world.founder.clone();
    events.push(world.next(
        &mut ann,
        &[join.id(), bob.last().unwrap()],
        (Kind::Remove, 0, &remove),
    ));
    home.take(&events[events.len() - 1..]).unwrap();
    let after = anchors(&home);
    assert_eq!(after.len(), before.len());
    for (before, after) in before.iter().zip(&after) {
        assert_eq!(before.last, after.last);
        assert_ne!(before.state_root, after.state_root);
    }
    assert_eq!(home.all(), Home::with(&world, &events).all());
}

/// [DRIFT-1] [UPGRADE-3]
#[test]
fn behind_an_upgrade_anchors_are_the_next_versions() {
    // The upgrade is that event; then there is an anchor after so many.
    for (nth, counts) in [(4, [3, 4, 8, 12]), (5, [3, 8, 12, 16]), (6, [3, 8, 12, 16])] {
        let world = World::upgradable_from(bundle_with_interval(3));
        let next = version_with_interval(1, &author(), 4);
        let mut founder = world.founder.clone();
        let mut events = vec![world.genesis.clone()];
        while events.len() < nth - 1 {
            events.push(world.app(&mut founder, &[], Op::Write as u32, b"a"));
        }
        events.push(world.upgrade(&mut founder, (world.bundle.id(), &next), &[], &[]));
        while events.len() < 18 {
            events.push(world.app(&mut founder, &[], Op::Write as u32, b"b"));
        }
        let versions = [next.clone()];
        let mut home = Home::having(&world, &versions, &events);
        assert_eq!(home.in_force().bundle, next.id());
        let kept = anchors(&home);
        assert_eq!(kept.iter().map(|a| a.count).take(4).collect::<Vec<_>>(), counts);
        for anchor in &kept {
            let prefix = Home::having(&world, &versions, &events[..anchor.count as usize]);
            let root = prefix.runtime.root(world.id()).unwrap();
            assert_eq!((Some(anchor.state_root), Some(anchor.last)), (root.state, root.tip));
            let is_old = anchor.count < nth as u64;
            assert_eq!(anchor.engine.code == kept[0].engine.code, is_old, "{anchor:?}");
        }
        // The migration writes the same once more.
        let cuts = Cuts::of(&home.read(), &world.topic).unwrap();
        let at = home.place(events[nth - 1].id());
        let before = home.reader();
        let apps = &mut home.runtime.loaded;
        assert_eq!(refolds(before, &world.topic, &cuts, apps, at).unwrap(), Some(true));
        // Without the bundle it stops there; with it, it goes on. However often it commits.
        for budget in [1, 1 << 20] {
            let mut home = Home::new(&world);
            home.budget(budget);
            home.take(&events).unwrap();
            assert!(anchors(&home).iter().all(|anchor| anchor.count < nth as u64));
            home.runtime.install(&next).unwrap();
            assert_eq!(anchors(&home), kept);
        }
    }
}
