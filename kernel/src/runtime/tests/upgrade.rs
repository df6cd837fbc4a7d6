//! [UPGRADE-5], [UPGRADE-6]: what a home makes of upgrades, its own and others'.

use crate::apply::Verdict;
use crate::bundle::Bundle;
use crate::event::payload::HandOver;
use crate::event::{Event, Kind, verify_all};
use crate::export::{Item, Reader};
use crate::identity::{ScopeKind, SecretKey};
use crate::runtime::{Ambient, Authored, Change, RuntimeError, Signer, Subject, Waits};
use crate::testing::app::{BUNDLE, author, version};
use crate::testing::{Home, Op, Scope, World, migration};

fn versions() -> [Bundle; 2] {
    [1, 2].map(|minor| version(minor, &author()))
}

fn with_ambient<T>(act: impl FnOnce(&mut Ambient<'_>) -> T) -> T {
    act(&mut Ambient { now_ms: 1, random: &mut |bytes| bytes.fill(7) })
}

fn signer(scope: &Scope) -> Signer<'_> {
    Signer { scope: &scope.device, certificate: &scope.certificate }
}

fn upgrade(
    home: &mut Home,
    by: &Scope,
    to: &Bundle,
    hand_overs: &[HandOver],
) -> Result<Authored, RuntimeError> {
    let topic = home.topic.topic();
    with_ambient(|ambient| {
        home.runtime.upgrade(topic, signer(by), ambient, to.id(), hand_overs.to_vec())
    })
}

fn write(home: &mut Home, by: &Scope, key: u8) -> Result<Event, RuntimeError> {
    let topic = home.topic.topic();
    let authored = with_ambient(|ambient| {
        home.runtime.submit(topic, signer(by), ambient, Op::Write as u32, vec![key])
    });
    authored.map(|authored| authored.event)
}

#[test]
fn what_a_home_makes_carries_the_generation_it_has_folded_to() {
    let (world, [one, two]) = (World::upgradable(), versions());
    let founder = world.founder.clone();
    let events = std::slice::from_ref(&world.genesis);
    let mut home = Home::having(&world, &[one.clone(), two.clone()], events);
    for (generation, bundle) in [&one, &two].into_iter().enumerate() {
        let before = write(&mut home, &founder, b'a').unwrap();
        assert_eq!(before.header().generation, generation as u32);
        let Authored { event, ruling } = upgrade(&mut home, &founder, bundle, &[]).unwrap();
        assert_eq!((event.header().kind, ruling.verdict), (Kind::Upgrade, Verdict::Accept));
        assert_eq!(home.in_force().bundle, bundle.id());
    }
    let topic = home.runtime.topics().unwrap().remove(0);
    assert_eq!((topic.in_force.generation, topic.waits), (2, None));
}

#[test]
fn an_upgrade_that_the_fold_would_not_accept_is_not_made() {
    let (world, [one, two]) = (World::upgradable(), versions());
    let (founder, mut ann) = (world.founder.clone(), Scope::new(2, 102, ScopeKind::Device));
    let join = world.join(&founder, &mut ann, (1, 1), &[world.genesis.id()]);
    let heir = SecretKey::from_seed(&[4; 32]);
    let foreign = version(2, &heir);
    let bundles = [one.clone(), foreign.clone()];
    let mut home = Home::having(&world, &bundles, &[world.genesis.clone(), join]);
    let not_accepted = |result| matches!(result, Err(RuntimeError::NotAccepted(_)));
    assert!(not_accepted(upgrade(&mut home, &ann, &one, &[])));
    assert!(not_accepted(upgrade(&mut home, &founder, &BUNDLE, &[])));
    let missing = upgrade(&mut home, &founder, &two, &[]);
    assert!(matches!(missing, Err(RuntimeError::NotInstalled { bundle }) if bundle == two.id()));
    let of_another = upgrade(&mut home, &founder, &foreign, &[]);
    assert!(matches!(of_another, Err(RuntimeError::BadInput { what: Subject::Bundle, .. })));
    write(&mut home, &founder, migration::TRAP).unwrap();
    let trapped = upgrade(&mut home, &founder, &one, &[]);
    let trap = |ruling: &crate::apply::Ruling| ruling.verdict == Verdict::Trap;
    assert!(matches!(trapped, Err(RuntimeError::NotAccepted(ruling)) if trap(&ruling)));
    let events = home.runtime.root(world.id()).unwrap().events;
    assert_eq!(events, 3, "genesis, Ann, and what was written");
}

#[test]
fn an_app_that_was_handed_over_goes_on_under_the_other_key() {
    let world = World::upgradable();
    let heir = SecretKey::from_seed(&[4; 32]);
    let next = version(1, &heir);
    let events = std::slice::from_ref(&world.genesis);
    let mut home = Home::having(&world, std::slice::from_ref(&next), events);
    let hand_over = HandOver::sign(&author(), BUNDLE.lineage(), heir.public());
    upgrade(&mut home, &world.founder, &next, &[hand_over]).unwrap();
    assert_eq!(home.in_force().bundle, next.id());
}

#[test]
fn nothing_is_made_where_an_upgrade_waits_and_it_is_told_for_what() {
    let (world, [one, _]) = (World::upgradable(), versions());
    let mut founder = world.founder.clone();
    let upgrade = world.upgrade(&mut founder, (BUNDLE.id(), &one), &[], &[]);
    let mut home = Home::with(&world, &[world.genesis.clone(), upgrade.clone()]);
    match write(&mut home, &founder, b'a') {
        Err(RuntimeError::Waits { waits, .. }) => {
            let (event, bundle, name) = (upgrade.id(), one.id(), "Script".into());
            let version = one.manifest().version;
            assert_eq!(*waits, Waits::Upgrade { event, bundle, name, version });
        }
        other => panic!("{other:?}"),
    }
    home.runtime.take_changes();
    home.runtime.install(&one).unwrap();
    let changes = home.runtime.take_changes();
    assert_eq!(changes, [(world.id(), Change::Events(Vec::new()))].into(), "it is folded on");
    assert_eq!(write(&mut home, &founder, b'a').unwrap().header().generation, 1);
}

#[test]
fn a_bundle_that_a_history_needs_stays() {
    let (world, [one, two]) = (World::upgradable(), versions());
    let (founder, mut ann) = (world.founder.clone(), Scope::new(2, 102, ScopeKind::Device));
    let join = world.join(&founder, &mut ann, (1, 1), &[world.genesis.id()]);
    let mut by_founder = founder.clone();
    let to_one = world.upgrade(&mut by_founder, (BUNDLE.id(), &one), &[], &[join.id()]);
    let by_ann = world.upgrade(&mut ann, (one.id(), &two), &[], &[to_one.id()]);
    let events = [world.genesis.clone(), join, to_one, by_ann];
    let mut home = Home::having(&world, &[one.clone(), two.clone()], &events);
    for needed in [&*BUNDLE, &one] {
        let kept = home.runtime.uninstall(needed.id());
        assert!(matches!(kept, Err(RuntimeError::InUse { .. })), "{kept:?}");
        let told = kept.unwrap_err().to_string();
        let (app, topics) = (needed.manifest(), home.runtime.topics().unwrap());
        assert!(told.contains(&format!("version {} of the app `{}`", app.version, app.name)));
        assert!(told.contains(&format!("topic `{}`", topics[0].record.name)), "{told}");
    }
    home.runtime.uninstall(two.id()).unwrap();
    // One whose migration trapped is needed too: that it did is found by running it.
    let trapping = write(&mut home, &founder, migration::TRAP).unwrap();
    let mut last = by_founder.clone();
    last.last = Some((trapping.header().seq, trapping.id()));
    home.runtime.install(&two).unwrap();
    let trapped = world.upgrade(&mut last, (one.id(), &two), &[], &[]);
    home.take(std::slice::from_ref(&trapped)).unwrap();
    assert_eq!(home.ruling(trapped.id()).verdict, Verdict::Trap);
    assert!(matches!(home.runtime.uninstall(two.id()), Err(RuntimeError::InUse { .. })));
    home.runtime.leave(world.id(), &founder.certificate).unwrap();
    home.runtime.uninstall(two.id()).unwrap();
}

#[test]
fn a_file_brings_every_bundle_its_history_needs() {
    let (world, [one, two]) = (World::upgradable(), versions());
    let founder = world.founder.clone();
    let events = std::slice::from_ref(&world.genesis);
    let mut home = Home::having(&world, &[one.clone(), two.clone()], events);
    for bundle in [&one, &two] {
        write(&mut home, &founder, b'a').unwrap();
        upgrade(&mut home, &founder, bundle, &[]).unwrap();
    }
    let mut file = Vec::new();
    let sink = |bytes: &[u8]| -> Result<(), ()> {
        file.extend_from_slice(bytes);
        Ok(())
    };
    home.runtime.export(world.id(), true).unwrap().write(sink).unwrap().unwrap();
    let mut other = Home::new(&world);
    let (mut reader, mut import, mut brought) = (Reader::new(), None, Vec::new());
    reader.push(&file);
    while let Some(item) = reader.next_item().unwrap() {
        match item {
            Item::Opening(opening) => {
                import = Some(other.runtime.begin_import(&opening, None, 0).unwrap());
            }
            Item::Bundle(bundle) => {
                brought.push(bundle.id());
                // The first is there.
                if bundle.id() != BUNDLE.id() {
                    other.runtime.install(&bundle).unwrap();
                }
            }
            Item::Events(events) => {
                let import = import.as_mut().unwrap();
                other.runtime.import_events(import, events, &verify_all).unwrap();
            }
            Item::Ending(_) => {}
        }
    }
    other.runtime.finish_import(import.unwrap(), &verify_all).unwrap();
    assert_eq!(brought, [BUNDLE.id(), one.id(), two.id()]);
    assert_eq!(other.all(), home.all());
}
