//! Peers that answer, and never come to an end.

use myrhiza_kernel_api::{EventId, Hash};

use super::attacker::{Attacker, Siege, siege};
use super::net::Net;
use crate::node::Told;
use crate::state::trie::{LogKey, Root};
use crate::sync::Role;
use crate::sync::message::{Message, Summary};
use crate::testing::{HEAVY, Op};

fn summary(count: u64) -> Summary {
    let mut hash = [9; 32];
    hash[..8].copy_from_slice(&count.to_be_bytes());
    let tip = Some(LogKey { height: count, id: EventId(hash) });
    Summary { root: Root { hash: Hash(hash), count }, tip }
}

#[test]
fn a_crowd_that_sends_next_to_nothing_has_its_turns_and_is_soon_through() {
    let Siege { world, mut net, mut hostile, .. } = siege(2, 7, 0);
    (0..900).for_each(|n| net.act(1, world.id(), &format!("{n}")));
    let mut attackers: Vec<_> =
        (0..7).map(|n| Attacker::met(&mut net, 0, n, Role::Dialer, world.id())).collect();
    net.connect(0, 1);
    net.settle();
    let mut took = None;
    for second in 0..40 {
        for (attacker, scope) in attackers.iter_mut().zip(&mut hostile) {
            for message in attacker.hear(&mut net) {
                if matches!(message, Message::Compare { .. }) {
                    let summary = summary(100_000);
                    attacker.say(&mut net, &Message::Compared { topic: 0, summary, streams: true });
                }
            }
            // A valid event a second, so that there is always some progress.
            let event = world.app(scope, &[], Op::Write as u32, b"one more");
            attacker.send(&mut net, &[event]);
        }
        net.pass(1);
        if net.nodes[0].runtime().root(world.id()).unwrap().events > 900 {
            took = Some(second);
            break;
        }
    }
    // Three rounds of five seconds and a tick: one of them, then two, then four.
    assert!(took.is_some_and(|seconds| seconds <= 20), "{took:?}");
    assert_eq!(net.blamed(), [""; 0]);
}

/// As fast as keeps a turn, without end: by many cheap events, or by always having dear ones at work.
#[test]
fn who_comes_to_no_end_has_its_turn_for_so_long_and_goes_on_beside_others() {
    for (kind, count) in [(&b"cheap"[..], 50), (HEAVY, 31)] {
        let Siege { world, mut net, mut hostile, .. } = siege(1, 1, 0);
        let met = |net: &mut Net, who| {
            let met = Attacker::met(net, 0, who, Role::Dialer, world.id());
            net.settle();
            met
        };
        let mut attacker = met(&mut net, 0);
        let mut other = met(&mut net, 1);
        let (mut took, mut sent) = (None, 0u64);
        for second in 0..400 {
            if other.hear(&mut net).iter().any(|message| matches!(message, Message::Compare { .. }))
            {
                took = Some(second);
                break;
            }
            for message in attacker.hear(&mut net) {
                if matches!(message, Message::Compare { .. }) {
                    let summary = summary(1_000_000);
                    attacker.say(&mut net, &Message::Compared { topic: 0, summary, streams: true });
                }
            }
            let event = |n: u64| {
                let payload = [kind, &n.to_be_bytes()[4..]].concat();
                world.app(&mut hostile[0], &[], Op::Write as u32, &payload)
            };
            let batch: Vec<_> = (sent..sent + count).map(event).collect();
            assert!(attacker.send(&mut net, &batch), "it has no credit at {second}");
            sent += count;
            net.pass(1);
        }
        assert!(took.is_some_and(|seconds| (178..=185).contains(&seconds)), "{took:?}");
        let events = net.nodes[0].runtime().root(world.id()).unwrap().events;
        net.pass(1);
        attacker.send(&mut net, &[world.app(&mut hostile[0], &[], Op::Write as u32, b"more")]);
        net.pass(2);
        assert!(net.nodes[0].runtime().root(world.id()).unwrap().events > events);
        assert!(!net.told[0].iter().any(|told| matches!(told, Told::Offence { .. })));
    }
}

#[test]
fn a_reconciliation_that_never_ends_is_one_peers_and_costs_little() {
    let Siege { world, mut net, .. } = siege(2, 0, 50);
    net.connect(0, 1);
    net.settle();
    let mut attackers: Vec<_> =
        (0..3).map(|n| Attacker::met(&mut net, 0, n, Role::Dialer, world.id())).collect();
    let (mut heard, minutes) = (0, 5);
    for second in 0..60 * minutes {
        let event = net.made(1, world.id(), "an honest word");
        // As often as it is asked.
        for round in 0..20 {
            for (way, attacker) in attackers.iter_mut().enumerate() {
                for message in attacker.hear(&mut net) {
                    heard += 1;
                    let count = 1_000 + 20 * second + round;
                    match message {
                        // A stream of nothing; another log each time; the same log, never shown.
                        Message::Compare { .. } => {
                            let (count, streams) =
                                [(count, true), (count, false), (1_000, false)][way];
                            let summary = summary(count);
                            attacker
                                .say(&mut net, &Message::Compared { topic: 0, summary, streams });
                            if streams {
                                attacker.say(&mut net, &Message::End { topic: 0 });
                            }
                        }
                        Message::Walk { .. } => {
                            let root = summary(count + 1).root;
                            let records = Vec::new();
                            attacker.say(&mut net, &Message::Records { topic: 0, root, records });
                        }
                        _ => {}
                    }
                }
            }
            net.settle();
        }
        net.pass(1);
        assert!(net.has(0, &event));
    }
    assert!(heard < 40 * minutes, "{heard} messages in {minutes} minutes");
    assert_eq!(net.blamed(), [""; 0]);
}
