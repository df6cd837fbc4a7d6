//! Versions, and topics that come and go.

use super::meet::greet;
use super::pipe::End;
use super::*;
use crate::sync::{Effect, Reason, Role};

/// [SYNC-1]
#[test]
fn what_a_later_version_says_is_told_and_no_offence() {
    let (world, events) = random_topic(1, 3);
    let mut end = End::new(Node::with(&world, &events), Role::Listener);
    let later = [&[0x83, 0, 2, 0x58, 32][..], &[1; 32]].concat();
    end.receive(&later, 0);
    assert!(end.told.contains(&Effect::Close(Reason::Version(2))) && end.offences().is_empty());

    let mut end = End::new(Node::with(&world, &events), Role::Listener);
    greet(&mut end, &world);
    for _ in 0..100 {
        end.receive(&[0x82, 0x18, 99, 0x80], 0);
    }
    let told = end.told.iter().filter(|told| matches!(told, Effect::UpdateNeeded { .. }));
    assert_eq!(told.count(), 1);
    assert!(end.offences().is_empty() && !end.session.is_closed());
}

/// [SYNC-3]
#[test]
fn topics_come_and_go_on_a_connection() {
    let (one, events) = random_topic(1, 30);
    let other = World::founded_by(Admission::Open, 50);
    let more = fan(&other, 30);
    let mut pipe = exchanged(&one, &events, &events);
    for (n, some) in [(0, &more[..10]), (1, &more[..])] {
        let end = &mut pipe.ends[n];
        end.node.add(&other, some);
        let effects = end.session.add_topic(other.id(), &end.node, 0).unwrap();
        end.follow(effects, 0);
        pipe.run();
    }
    assert!(pipe.synced(one.id()) && pipe.synced(other.id()));
    let end = &mut pipe.ends[0];
    let effects = end.session.remove_topic(one.id(), &end.node, 0).unwrap();
    end.follow(effects, 0);
    pipe.run();
    assert!(pipe.ends[1].told.contains(&Effect::Denied { topic: one.id(), by_peer: true }));
    assert!(!pipe.ends[1].session.is_synced(one.id()) && pipe.synced(other.id()));
    assert_eq!(pipe.offences(), []);
}
