//! [UPGRADE-3] to [UPGRADE-6]: what the fold makes of upgrades.

use myrhiza_kernel_api::limits;
use proptest::prelude::*;
use proptest::test_runner::TestCaseError;

use crate::apply::{InForce, Verdict};
use crate::bundle::Bundle;
use crate::event::payload::CutList;
use crate::event::{Event, Kind};
use crate::fault::Fault;
use crate::identity::ScopeKind;
use crate::state::StateMap;
use crate::testing::app::{BUNDLE, author, version};
use crate::testing::{Dice, Home, Op, Scope, World, migration};

/// Versions 1.1.0, 1.2.0 and 1.3.0 of the test's app.
fn versions() -> [Bundle; 3] {
    [1, 2, 3].map(|minor| version(minor, &author()))
}

fn write(world: &World, scope: &mut Scope, generation: u32, key: u8, after: &[&Event]) -> Event {
    let parents: Vec<_> = after.iter().map(|event| event.id()).collect();
    let what = (Kind::App, Op::Write as u32, &[key][..]);
    world.made_for(generation, scope, &parents, what)
}

fn value(home: &Home, key: &[u8]) -> Option<Vec<u8>> {
    let read = home.read();
    let found = StateMap::guest(home.topic.topic()).get(&read, key).unwrap();
    found.map(|value| value.into_owned())
}

/// What an event leaves at its key, by version, generation in force and its own.
fn trail(event: &Event, by: Option<[u8; 3]>) -> Vec<u8> {
    let by = by.map(Vec::from).unwrap_or_default();
    [&event.id().0[..4], &by].concat()
}

/// Every home that has the bundles and takes these events, in many sequences, ends as the first;
/// which is returned.
fn in_any_sequence(world: &World, bundles: &[Bundle], events: &[Event]) -> Home {
    let want = Home::having(world, bundles, events);
    for seed in 0..16 {
        let mut home = Home::having(world, bundles, &events[..1]);
        for event in Dice(seed).shuffled(events) {
            home.insert(&event);
        }
        assert_eq!(home.all(), want.all());
    }
    want
}

#[test]
fn the_next_bundle_folds_what_comes_after_the_upgrade_and_its_state_is_migrated_there() {
    let (world, versions) = (World::upgradable(), versions());
    let mut founder = world.founder.clone();
    let [first, second] = [b'a', b'b'].map(|key| write(&world, &mut founder, 0, key, &[]));
    let to = (BUNDLE.id(), &versions[0]);
    let upgrade = world.upgrade(&mut founder, to, &[], &[]);
    let after = write(&world, &mut founder, 1, b'a', &[]);
    let old = write(&world, &mut founder, 0, b'c', &[]);
    let skip = world.upgrade(&mut founder, (versions[0].id(), &versions[2]), &[], &[]);
    let last = write(&world, &mut founder, 1, b'c', &[]);
    let events = [&world.genesis, &first, &second, &upgrade, &after, &old, &skip, &last];
    let home = in_any_sequence(&world, &versions, &events.map(Event::clone));
    assert!(events.iter().all(|event| home.accepts(event)));
    let (one, three) = (b"m\x01\0", b"m\x03\x01");
    let a = [&trail(&first, None)[..], one, &trail(&after, Some([1, 1, 1])), three].concat();
    assert_eq!(value(&home, b"a"), Some(a));
    assert_eq!(value(&home, b"b"), Some([&trail(&second, None)[..], one, three].concat()));
    // An event for an older version is the app's to judge, which sees what it was made for.
    let last = [&trail(&old, Some([1, 1, 0]))[..], three, &trail(&last, Some([3, 2, 1]))];
    assert_eq!(value(&home, b"c"), Some(last.concat()));
    assert_eq!(home.in_force(), InForce { bundle: versions[2].id(), generation: 2 });
    // Two keys and the end, 5 each.
    assert_eq!(home.ruling(upgrade.id()).fuel, 15);
}

#[test]
fn only_a_device_of_the_founder_that_stands_upgrades() {
    let (world, versions) = (World::upgradable(), versions());
    let genesis = world.genesis.id();
    let mut founder = world.founder.clone();
    let mut ann = Scope::new(2, 102, ScopeKind::Device);
    let mut bot = Scope::new(1, 201, ScopeKind::Behavior);
    let mut lost = Scope::new(1, 202, ScopeKind::Device);
    let mut stranger = Scope::new(3, 103, ScopeKind::Device);
    let join = world.join(&founder, &mut ann, (1, 1), &[genesis]);
    let turned_away = world.join(&founder, &mut stranger, (1, 1), &[join.id()]);
    let brought = [&mut bot, &mut lost].map(|scope| world.delegate(scope, &[genesis]));
    let to = (BUNDLE.id(), &versions[0]);
    let mut upgrades = Vec::new();
    for (scope, why) in [
        (&mut ann, "the genesis does not let its author upgrade"),
        (&mut bot, "the genesis does not let its author upgrade"),
        (&mut lost, "void"),
        (&mut stranger, "the author is not in the topic"),
    ] {
        upgrades.push((world.upgrade(scope, to, &[], &[turned_away.id()]), why));
    }
    let cuts = World::cuts(&[(lost.id(), Some(brought[1].id()))]);
    let person = founder.person.clone();
    let revoke = world.revoke(&mut founder, &person, cuts, &[brought[1].id()]);
    let mut events = vec![world.genesis.clone(), join, turned_away, revoke];
    events.extend(brought);
    events.extend(upgrades.iter().map(|(event, _)| event.clone()));
    // None of them needs the bundle.
    let home = in_any_sequence(&world, &[], &events);
    for (upgrade, why) in upgrades {
        let ruling = home.ruling(upgrade.id());
        assert_eq!(ruling.verdict, Verdict::Reject);
        assert!(ruling.reason.starts_with(why), "{ruling:?}");
    }
    assert_eq!(home.in_force(), InForce { bundle: BUNDLE.id(), generation: 0 });
}

/// [UPGRADE-6] The way out of a bundle that is not to be had: whoever may upgrade ends, from before
/// it, the scope that did.
#[test]
fn a_home_that_waits_for_a_bundle_nobody_has_goes_on_once_the_upgrade_is_cut() {
    let (world, versions) = (World::upgradable(), versions());
    let mut founder = world.founder.clone();
    let mut other = Scope::new(1, 202, ScopeKind::Device);
    let delegate = world.delegate(&mut other, &[world.genesis.id()]);
    let first = write(&world, &mut founder, 0, b'a', &[]);
    let upgrade = world.upgrade(&mut founder, (BUNDLE.id(), &versions[0]), &[], &[]);
    let after = write(&world, &mut other, 0, b'b', &[&upgrade]);
    let mut events =
        vec![world.genesis.clone(), delegate, first.clone(), upgrade.clone(), after.clone()];
    let mut home = Home::having(&world, &[], &events);
    assert!(home.runtime.root(world.id()).unwrap().state.is_none());
    assert_eq!(value(&home, b"a"), Some(trail(&first, None)), "what was before stays readable");
    let cuts = World::cuts(&[(founder.id(), Some(first.id()))]);
    let person = founder.person.clone();
    let revoke = world.revoke(&mut other, &person, cuts, &[first.id(), after.id()]);
    home.insert(&revoke);
    assert!(home.is_void(&upgrade) && home.accepts(&after) && home.accepts(&first));
    assert_eq!(home.in_force(), InForce { bundle: BUNDLE.id(), generation: 0 });
    // For who has the bundle, and was beyond it, it is the same.
    events.push(revoke);
    let with = in_any_sequence(&world, &versions, &events);
    let without = in_any_sequence(&world, &[], &events);
    assert_eq!(with.all(), without.all());
    assert_eq!(without.all(), home.all());
}

#[test]
fn an_upgrade_replaces_what_is_in_force_and_rises() {
    let (world, versions) = (World::upgradable(), versions());
    let [one, two, three] = &versions;
    let mut founder = world.founder.clone();
    let mut upgrade =
        |from: &Bundle, to: &Bundle| world.upgrade(&mut founder, (from.id(), to), &[], &[]);
    let steps = [
        (upgrade(&BUNDLE, &BUNDLE), "version 1.0.0 is not above version 1.0.0"),
        (upgrade(one, two), "it replaces bundle"),
        (upgrade(&BUNDLE, two), ""),
        (upgrade(&BUNDLE, three), "it replaces bundle"),
        (upgrade(two, one), "version 1.1.0 is not above version 1.2.0"),
        (upgrade(two, two), "version 1.2.0 is not above"),
        (upgrade(two, three), ""),
    ];
    let mut events = vec![world.genesis.clone()];
    events.extend(steps.iter().map(|(event, _)| event.clone()));
    let home = in_any_sequence(&world, &versions, &events);
    for (event, why) in steps {
        let ruling = home.ruling(event.id());
        assert_eq!(ruling.verdict == Verdict::Accept, why.is_empty(), "{ruling:?}");
        assert!(ruling.reason.starts_with(why), "{ruling:?}");
    }
    assert_eq!(home.in_force(), InForce { bundle: three.id(), generation: 2 });
}

#[test]
fn of_concurrent_upgrades_the_first_in_order_counts() {
    let (world, versions) = (World::upgradable(), versions());
    let mut phone = Scope::new(1, 201, ScopeKind::Device);
    let delegate = world.delegate(&mut phone, &[world.genesis.id()]);
    let mut founder = world.founder.clone();
    let to = [(BUNDLE.id(), &versions[0]), (BUNDLE.id(), &versions[1])];
    let mut upgrades = [
        (world.upgrade(&mut founder, to[0], &[], &[delegate.id()]), to[0].1.id()),
        (world.upgrade(&mut phone, to[1], &[], &[delegate.id()]), to[1].1.id()),
    ];
    // Each is followed by what its author made for it.
    let [mine, other] = [&mut founder, &mut phone].map(|scope| write(&world, scope, 1, b'a', &[]));
    upgrades.sort_by_key(|(event, _)| event.id());
    let [(first, bundle), (second, _)] = &upgrades;
    let events = [&world.genesis, &delegate, first, second, &mine, &other].map(Event::clone);
    let home = in_any_sequence(&world, &versions, &events);
    assert!(home.accepts(first) && !home.accepts(second));
    assert_eq!(home.in_force(), InForce { bundle: *bundle, generation: 1 });
    assert!(home.accepts(&mine) && home.accepts(&other), "the app judges both");
}

#[test]
fn an_event_for_a_later_version_than_is_in_force_at_its_place_is_rejected() {
    let (world, versions) = (World::upgradable(), versions());
    let mut ann = Scope::new(2, 102, ScopeKind::Device);
    let join = world.join(&world.founder, &mut ann, (1, 1), &[world.genesis.id()]);
    let ahead = write(&world, &mut ann, 1, b'a', &[]);
    let upgrade = world.upgrade(&mut world.founder.clone(), (BUNDLE.id(), &versions[0]), &[], &[]);
    let right = write(&world, &mut ann, 1, b'a', &[&upgrade]);
    let far = write(&world, &mut ann, 2, b'a', &[]);
    let events = [&world.genesis, &join, &ahead, &upgrade, &right, &far].map(Event::clone);
    let home = in_any_sequence(&world, &versions, &events);
    assert!(home.place(upgrade.id()) < home.place(ahead.id()), "it sorts before Ann's");
    assert!(home.accepts(&ahead), "whatever it knew, it stands behind the upgrade");
    assert!(home.accepts(&right));
    let ruling = home.ruling(far.id());
    assert_eq!((ruling.verdict, ruling.fuel), (Verdict::Reject, 0));
    assert!(ruling.reason.starts_with("it was made for a later version"), "{ruling:?}");
}

#[test]
fn a_migration_that_does_not_end_well_leaves_nothing_and_the_old_version_goes_on() {
    let cases = [
        (migration::TRAP, "the component trapped"),
        (migration::ENDLESS, "the migration did not end in 256 chunks"),
        (migration::CURSOR, "the migration's cursor is longer than 1024 bytes"),
        (migration::WRITES, "the component trapped: too many bytes written and replaced"),
    ];
    for (key, why) in cases {
        let (world, versions) = (World::upgradable(), versions());
        let mut founder = world.founder.clone();
        let [a, b] = [b'a', key].map(|key| write(&world, &mut founder, 0, key, &[]));
        let mut home = Home::having(&world, &versions, &[world.genesis.clone(), a, b]);
        let before = home.runtime.root(world.id()).unwrap().state;
        let upgrade = world.upgrade(&mut founder, (BUNDLE.id(), &versions[0]), &[], &[]);
        home.insert(&upgrade);
        let ruling = home.ruling(upgrade.id());
        assert_eq!(ruling.verdict, Verdict::Trap, "{why}");
        assert!(ruling.reason.starts_with(why), "{ruling:?}");
        assert!(ruling.fuel > 0);
        assert_eq!(home.runtime.root(world.id()).unwrap().state, before, "{why}");
        assert_eq!(home.in_force().generation, 0);
        let after = write(&world, &mut founder, 0, b'z', &[]);
        home.insert(&after);
        assert_eq!(value(&home, b"z"), Some(trail(&after, None)), "folded by the old version");
    }
}

#[test]
fn a_late_event_before_an_upgrade_can_turn_its_verdict() {
    let (world, versions) = (World::upgradable(), versions());
    let mut ann = Scope::new(2, 102, ScopeKind::Device);
    let join = world.join(&world.founder, &mut ann, (1, 1), &[world.genesis.id()]);
    let late = write(&world, &mut ann, 0, migration::TRAP, &[]);
    let mut founder = world.founder.clone();
    let mine = [b'a', b'b', b'c'].map(|key| write(&world, &mut founder, 0, key, &[]));
    let upgrade = world.upgrade(&mut founder, (BUNDLE.id(), &versions[0]), &[], &[]);
    let after = write(&world, &mut founder, 1, b'a', &[]);
    let mut events = vec![world.genesis.clone(), join];
    events.extend(mine);
    events.extend([upgrade.clone(), after.clone()]);
    let mut home = Home::having(&world, &versions, &events);
    assert!(home.accepts(&upgrade) && home.accepts(&after));
    home.insert(&late);
    assert_eq!(home.ruling(upgrade.id()).verdict, Verdict::Trap);
    assert!(!home.accepts(&after), "made for a version that never came into force");
    assert_eq!(home.in_force().generation, 0);
    events.push(late);
    assert_eq!(home.all(), in_any_sequence(&world, &versions, &events).all());
}

#[test]
fn without_the_bundle_the_fold_waits_before_the_upgrade_and_goes_on_with_it() {
    let (world, versions) = (World::upgradable(), versions());
    let mut founder = world.founder.clone();
    let before = write(&world, &mut founder, 0, b'a', &[]);
    let upgrade = world.upgrade(&mut founder, (BUNDLE.id(), &versions[0]), &[], &[]);
    let after = write(&world, &mut founder, 1, b'a', &[]);
    let further = world.upgrade(&mut founder, (versions[0].id(), &versions[1]), &[], &[]);
    let events = [&world.genesis, &before, &upgrade, &after, &further].map(Event::clone);
    let want = Home::having(&world, &versions, &events);
    for sequence in [events.to_vec(), Dice(3).shuffled(&events)] {
        let mut home = Home::having(&world, &[], &events[..1]);
        sequence.iter().for_each(|event| drop(home.take(std::slice::from_ref(event)).unwrap()));
        for (bundle, waits) in versions.iter().zip([&upgrade, &further]) {
            let topic = home.runtime.topics().unwrap().remove(0);
            let seen = topic.waits.unwrap();
            assert_eq!(seen.bundle(), bundle.id());
            assert_eq!(topic.record.folded.map(|place| place.height + 1), {
                Some(home.place(waits.id()).height)
            });
            assert!(value(&home, b"a").unwrap().starts_with(&trail(&before, None)));
            assert_eq!(home.runtime.root(world.id()).unwrap().state, None, "no root to compare");
            home.runtime.install(bundle).unwrap();
        }
        assert_eq!(home.runtime.topics().unwrap()[0].waits, None);
        assert_eq!(home.all(), want.all());
    }
}

#[test]
fn what_fails_on_this_host_in_a_migration_decides_nothing() {
    let (world, versions) = (World::upgradable(), versions());
    let mut founder = world.founder.clone();
    let mut events = vec![world.genesis.clone()];
    events.extend([b'a', b'b', b'c'].map(|key| write(&world, &mut founder, 0, key, &[])));
    let written = events.len();
    events.push(world.upgrade(&mut founder, (BUNDLE.id(), &versions[0]), &[], &[]));
    let want = Home::having(&world, &versions, &events);
    for after in 0..4 {
        let mut home = Home::having(&world, &versions, &events[..written]);
        let before = home.all();
        *home.backend.fails_after.lock().unwrap() = Some(after);
        assert!(matches!(home.take(&events), Err(Fault::Backend(_))), "{after}");
        assert_eq!(home.all(), before);
        home.take(&events).unwrap();
        assert_eq!(home.all(), want.all());
    }
}

/// Two devices of the founder and another member write, upgrade, claim versions and delegate at
/// will, on parents old and new; a device is revoked now and then.
fn history(seed: u64, size: usize, versions: &[Bundle]) -> (World, Vec<Event>) {
    let (world, mut dice) = (World::upgradable(), Dice(seed));
    let mut scopes = [
        world.founder.clone(),
        Scope::new(1, 201, ScopeKind::Device),
        Scope::new(2, 102, ScopeKind::Device),
    ];
    let delegate = world.delegate(&mut scopes[1], &[world.genesis.id()]);
    let join = world.join(&world.founder, &mut scopes[2], (1, 0), &[world.genesis.id()]);
    let mut events = vec![world.genesis.clone(), delegate, join];
    for n in 0..size {
        let recent = events.len().saturating_sub(3);
        let mut parents = vec![dice.pick(&events).id(), dice.pick(&events[recent..]).id()];
        let who = dice.below(3);
        let mut scope = scopes[who].clone();
        let event = match dice.below(10) {
            0..=2 => {
                let to = dice.pick(versions);
                let from = match dice.below(3) {
                    0 => dice.pick(versions).id(),
                    _ => BUNDLE.id(),
                };
                world.upgrade(&mut scope, (from, to), &[], &parents)
            }
            3 if who < 2 => {
                let (person, last) = (scope.person.clone(), scopes[1].last());
                parents.extend(last);
                let cuts = match dice.below(3) {
                    0 => World::cuts(&[(scopes[1].id(), last)]),
                    _ => CutList::default(),
                };
                world.revoke(&mut scope, &person, cuts, &parents)
            }
            _ => {
                let key = *dice.pick(&[b'a', b'b', b'c', migration::TRAP]);
                let op = *dice.pick(&[Op::Write, Op::Write, Op::Full, Op::Reject]);
                let what = (Kind::App, op as u32, &[key, n as u8][..]);
                world.made_for(dice.below(3) as u32, &mut scope, &parents, what)
            }
        };
        // Or its author forks the next time.
        if dice.below(8) > 0 {
            scopes[who] = scope;
        }
        events.push(event);
    }
    (world, events)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn upgrades_give_the_same_verdicts_and_state_in_every_sequence_of_arrival(
        seed: u64, size in 4..40usize, budget in prop_oneof![Just(1usize), Just(700), Just(1 << 20)],
        installed_after in 0..6usize,
    ) {
        let versions = versions();
        let (world, events) = history(seed, size, &versions);
        let want = Home::having(&world, &versions, &events);
        let mut dice = Dice(seed);
        // Some bundles come in the midst of it.
        let mut home = Home::having(&world, &versions[1..2], &events[..1]);
        home.budget(budget);
        for (n, batch) in dice.shuffled(&events).chunks(1 + dice.below(5)).enumerate() {
            if n == installed_after {
                home.runtime.install(&versions[0]).unwrap();
            }
            home.take(batch).unwrap();
        }
        for bundle in &versions {
            home.runtime.install(bundle).unwrap();
        }
        same(&home, &want)?;
    }
}

fn same(home: &Home, want: &Home) -> Result<(), TestCaseError> {
    prop_assert_eq!(home.order(), want.order());
    for id in home.order() {
        prop_assert_eq!(home.ruling(id), want.ruling(id), "the ruling on {}", home.place(id));
    }
    prop_assert_eq!(home.all(), want.all());
    Ok(())
}

#[test]
fn the_limits_of_a_migration_are_those_that_are_published() {
    let limits = (limits::MIGRATE_CHUNKS, limits::MIGRATE_BYTES, limits::CURSOR_BYTES);
    assert_eq!(limits, (256, 268_435_456, 1024));
    assert_eq!((limits::MIGRATE_WRITE_BYTES, limits::MIGRATE_DELETE_BYTES), (64, 4));
}
