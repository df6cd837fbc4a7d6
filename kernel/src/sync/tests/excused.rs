//! What looks like needless work and is none: who does it is not charged.

use myrhiza_kernel_api::BundleId;

use super::hostile::{log_of, met, met_by, say, summary};
use super::pipe::End;
use super::*;
use crate::sync::message::Message;
use crate::sync::{Effect, Offence, Role, limits};

/// [SYNC-11]
#[test]
fn who_sends_what_others_waited_for_is_not_charged_for_these() {
    let world = World::new(Admission::Open);
    let mut end = met_by(Node::of(&world.founder, &world, &[]), Role::Listener, &world);
    let honest = world.app(&mut world.founder.clone(), &[], 0, b"honest");
    let mut thief = Scope::new(9, 109, ScopeKind::Device);
    // They name it as their own, which shows when it comes.
    thief.last = Some((1, honest.id()));
    let stolen = (0..9).map(|n| world.app(&mut thief.clone(), &[], 0, &[n]).to_bytes()).collect();
    say(&mut end, &Message::Events { topic: 0, events: stolen });
    say(&mut end, &Message::Events { topic: 0, events: vec![honest.to_bytes()] });
    assert!(end.node.has(&honest));
    assert_eq!(end.offences(), []);
    // Who sends one of them now is.
    let again = world.app(&mut thief, &[], 0, &[0]).to_bytes();
    say(&mut end, &Message::Events { topic: 0, events: vec![again] });
    assert_eq!(end.offences(), [Offence::Event]);
}

/// [SYNC-14]
#[test]
fn after_half_a_minute_other_bundles_may_be_asked_for() {
    let world = World::new(Admission::Open);
    for topic in [Some(0), None] {
        let mut end = met(Role::Listener, &world, &[]);
        let wanted =
            |n: usize| Message::BundleWanted { topic, bundle: BundleId([n as u8; 32]) }.to_bytes();
        for round in 0..4 {
            let now_ms = round as u64 * limits::ASK_AGAIN_MS;
            for n in 0..limits::BUNDLES {
                end.receive(&wanted(round * limits::BUNDLES + n), now_ms);
            }
        }
        // The first ones are forgotten by now, so they may be asked for once more.
        end.receive(&wanted(0), 4 * limits::ASK_AGAIN_MS);
        assert_eq!(end.offences(), []);
        let told = end.told.iter().filter(|told| matches!(told, Effect::BundleWanted { .. }));
        assert_eq!(told.count(), 4 * limits::BUNDLES + 1);
        assert!(end.session.kept() <= limits::BUNDLES);
    }
}

/// [SYNC-9] [SYNC-11]
#[test]
fn to_say_that_a_log_has_changed_costs_nothing_where_it_has() {
    let (world, events) = random_topic(1, 60);
    let mut end = met(Role::Dialer, &world, &events[..50]);
    let changed = Message::Changed { topic: 0 };
    // It has the same events.
    let compared = |end: &mut End| {
        let summary = log_of(&end.node, world.id());
        say(end, &Message::Compared { topic: 0, summary, streams: false });
    };
    compared(&mut end);
    for event in &events[50..] {
        say(&mut end, &changed);
        // By when it is compared, both have another one.
        end.node.take(world.id(), std::slice::from_ref(event));
        compared(&mut end);
        assert!(end.session.is_synced(world.id()));
    }
    assert_eq!(end.offences(), [], "all within a second");
    // It may have been told of the last one already, but not again and again.
    say(&mut end, &changed);
    compared(&mut end);
    assert_eq!(end.offences(), []);
    for n in 1..5 {
        say(&mut end, &changed);
        compared(&mut end);
        assert_eq!(end.offences(), vec![Offence::Repeat; n]);
    }
    // Nor before it was looked at.
    say(&mut end, &changed);
    say(&mut end, &changed);
    assert_eq!(end.offences(), [Offence::Repeat; 5]);
}

/// [SYNC-5] [SYNC-11]
#[test]
fn a_comparison_costs_nothing_where_the_log_has_grown_since_and_comes() {
    let (world, events) = random_topic(1, 60);
    let mut end = met(Role::Listener, &world, &events[..50]);
    let compare = |end: &mut End, count| {
        say(end, &Message::Compare { topic: 0, summary: summary(count) });
        end.offences().len()
    };
    assert_eq!(compare(&mut end, 100), 0);
    assert_eq!(compare(&mut end, 101), 0);
    // It says so once more, and nothing came.
    assert_eq!(compare(&mut end, 102), 1);
    assert_eq!(compare(&mut end, 102), 2);
    assert_eq!(compare(&mut end, 103), 3);
    say(&mut end, &Message::Events { topic: 0, events: vec![events[50].to_bytes()] });
    assert!(end.node.has(&events[50]));
    assert_eq!(compare(&mut end, 104), 3);
    assert_eq!(compare(&mut end, 105), 3);
    assert_eq!(end.offences(), [Offence::Repeat; 3]);
}
