//! Members who send whatever they can: it costs them their connection or the others nothing, and
//! the honest nodes go on within the second.

use myrhiza_kernel_api::{EventId, Hash};

use super::attacker::{Attacker, Siege, siege};
use super::net::{Net, node_key};
use crate::codec::Canonical;
use crate::dag::{PENDING_EVENTS, forks, waiting};
use crate::event::Event;
use crate::node::{Input, LINKS, Output, Told};
use crate::state::trie::{Address, LogKey, Root};
use crate::sync::message::{Message, Summary};
use crate::sync::{Role, limits};
use crate::testing::{Dice, Home, Op, key};

/// What a node may keep for its peers, by a few connections: see `docs/spec/sync.md`, Limits.
const KEPT: usize = 4 * (limits::HEARD + limits::WANTED);

/// One that sends what is no message, or one where it does not belong.
fn noise(dice: &mut Dice) -> Vec<u8> {
    let summary = Summary {
        root: Root { hash: Hash([7; 32]), count: 1 << 60 },
        tip: Some(LogKey { height: u64::MAX, id: EventId([7; 32]) }),
    };
    let message = match dice.below(12) {
        0 => return Vec::new(),
        1 => return vec![0x83; limits::MESSAGE_BYTES + 1],
        // The beginning of a message that never ends.
        2 => return vec![0x83, 10, 0, 0x9b, 0xff, 0xff, 0xff, 0xff],
        3 => return (0..1 + dice.below(200)).map(|_| dice.below(256) as u8).collect(),
        4 => Message::Hello { nonce: [1; 32] },
        5 => Message::Compared { topic: 0, summary, streams: true },
        6 => Message::Records { topic: 0, root: summary.root, records: Vec::new() },
        7 => Message::Walk { topic: 0, places: vec![(Address::ROOT, vec![9; 9])] },
        8 => Message::Credit { batches: limits::WINDOW },
        9 => Message::Events { topic: 0, events: vec![vec![0; 300]] },
        10 => Message::Absent { topic: 0, ids: vec![EventId([3; 32])] },
        _ => Message::Want { topic: 9, ids: vec![EventId([3; 32])] },
    };
    message.to_bytes()
}

/// A second passes in which honest nodes act; they agree at its end.
#[track_caller]
fn second(net: &mut Net, honest: &[usize], topic: myrhiza_kernel_api::TopicId) {
    assert!(net.nodes[0].weight() < KEPT, "{}", net.nodes[0].weight());
    for n in honest {
        net.act(*n, topic, "an honest word");
    }
    net.pass(1);
    assert!(net.agree(topic));
    assert!(net.nodes[0].weight() < KEPT, "{}", net.nodes[0].weight());
}

fn gathered(siege: &mut Siege) {
    (1..siege.net.nodes.len()).for_each(|n| siege.net.connect(n, 0));
    siege.net.settle();
}

#[test]
fn noise_costs_its_sender_the_connection_and_nobody_else_anything() {
    let mut siege = siege(3, 0, 30);
    gathered(&mut siege);
    let Siege { world, mut net, .. } = siege;
    let (mut dice, mut attackers) = (Dice(1), Vec::new());
    for n in 0..30 {
        let role = if n % 2 == 0 { Role::Listener } else { Role::Dialer };
        let attacker = Attacker::met(&mut net, 0, n, role, world.id());
        for _ in 0..40 {
            let bytes = noise(&mut dice);
            attacker.shout(&mut net, bytes);
        }
        attackers.push(attacker);
        second(&mut net, &[1, 2], world.id());
    }
    net.pass(100);
    assert!(attackers.iter().all(|attacker| attacker.is_out(&net)));
    assert_eq!(net.blamed(), [""; 0]);
    assert_eq!(net.nodes[0].peers().len(), 2);
}

#[test]
fn a_flood_of_valid_events_by_one_author_delays_nobody() {
    let mut siege = siege(3, 2, 0);
    gathered(&mut siege);
    let Siege { world, mut net, mut hostile, .. } = siege;
    let mut attacker = Attacker::met(&mut net, 0, 1, Role::Listener, world.id());
    let mut sent = 0;
    for n in 0..8u8 {
        // As much as there is credit for.
        for _ in 0..limits::WINDOW {
            let event = |n: u8| world.app(&mut hostile[0], &[], Op::Write as u32, &[n]);
            let batch: Vec<Event> = (0..100).map(event).collect();
            sent += usize::from(attacker.send(&mut net, &batch)) * batch.len();
        }
        second(&mut net, &[1, 2], world.id());
        attacker.hear(&mut net);
        assert!(!attacker.is_out(&net), "{n}: what is valid and in its measure is no offence");
    }
    assert_eq!(sent, 8 * 600);
    assert_eq!(net.roots(world.id())[1].events, 1 + 4 + 16 + sent as u64);
    // One that says the same again and again is read ever more slowly.
    let attacker = Attacker::met(&mut net, 0, 2, Role::Listener, world.id());
    let one = [world.app(&mut hostile[1], &[], 0, b"one")];
    for _ in 0..200 {
        Attacker { credit: 1, ..attacker }.send(&mut net, &one);
    }
    second(&mut net, &[1, 2], world.id());
    net.pass(5);
    let unread = net.raw[&attacker.end].says.len();
    assert!(unread > 100, "{unread}");
    assert_eq!(net.blamed(), [""; 0]);
}

#[test]
fn events_whose_parents_never_come_are_held_in_a_bounded_number() {
    let mut siege = siege(3, 1, 0);
    gathered(&mut siege);
    let Siege { world, mut net, hostile, .. } = siege;
    let mut attacker = Attacker::met(&mut net, 0, 1, Role::Listener, world.id());
    let mut n = 0u32;
    for _ in 0..6 {
        for _ in 0..limits::WINDOW {
            let orphan = |_| {
                n += 1;
                let mut parent = [0xee; 32];
                parent[..4].copy_from_slice(&n.to_be_bytes());
                let mut scope = hostile[0].clone();
                world.app(&mut scope, &[EventId(parent)], 0, &n.to_be_bytes())
            };
            let batch: Vec<Event> = (0..150).map(orphan).collect();
            attacker.send(&mut net, &batch);
        }
        second(&mut net, &[1, 2], world.id());
        attacker.hear(&mut net);
    }
    assert!(u64::from(n) > PENDING_EVENTS, "{n}");
    let snapshot = net.nodes[0].runtime().read().unwrap();
    let held = waiting(&*snapshot, world.id()).unwrap();
    assert_eq!(held.len() as u64, PENDING_EVENTS);
    assert_eq!(net.blamed(), [""; 0]);
}

#[test]
fn what_an_event_names_is_asked_of_its_sender_who_is_dropped_without_an_answer() {
    let mut siege = siege(3, 1, 0);
    gathered(&mut siege);
    let Siege { world, mut net, mut hostile, .. } = siege;
    let mut attacker = Attacker::met(&mut net, 0, 1, Role::Listener, world.id());
    net.settle();
    // It says it has the same, so that it is heard live.
    let root = net.nodes[0].runtime().root(world.id()).unwrap();
    let tip = root.tip.map(|tip| LogKey { height: tip.height, id: tip.id });
    let summary = Summary { root: Root { hash: root.log, count: root.events }, tip };
    attacker.say(&mut net, &Message::Compare { topic: 0, summary });
    net.settle();
    let gone = world.app(&mut hostile[0], &[], 0, b"never sent");
    let orphan = world.app(&mut hostile[0], &[], 0, b"on it");
    attacker.send(&mut net, &[orphan]);
    net.settle();
    let asked = Message::Want { topic: 0, ids: vec![gone.id()] };
    assert!(attacker.hear(&mut net).contains(&asked));
    for _ in 0..62 {
        assert!(!attacker.is_out(&net) || net.now_ms > 1_060_000);
        second(&mut net, &[1], world.id());
    }
    assert!(attacker.is_out(&net));
    assert_eq!(net.blamed(), [""; 0]);
}

#[test]
fn an_author_who_forks_at_every_number_is_shown_once_and_changes_no_verdict_of_others() {
    let mut siege = siege(3, 1, 0);
    gathered(&mut siege);
    let Siege { world, mut net, mut hostile, joins } = siege;
    let mut attacker = Attacker::met(&mut net, 0, 1, Role::Listener, world.id());
    let (mut forks_made, mut honest) = (Vec::new(), Vec::new());
    for n in 0..60u8 {
        let mut other = hostile[0].clone();
        forks_made.push(world.app(&mut other, &[], Op::Full as u32, &[1, n]));
        forks_made.push(world.app(&mut hostile[0], &[], Op::Full as u32, &[2, n]));
        let pair = forks_made[forks_made.len() - 2..].to_vec();
        assert!(attacker.send(&mut net, &pair));
        honest.push(net.made(1, world.id(), "an honest word"));
        second(&mut net, &[], world.id());
        attacker.hear(&mut net);
    }
    let snapshot = net.nodes[2].runtime().read().unwrap();
    let known = forks(&*snapshot, world.id()).unwrap();
    assert_eq!(known.len(), 1, "one proof an author");
    assert_eq!(known[0].scope, hostile[0].id());
    let proofs = |told: &Told| matches!(told, Told::Offence { .. });
    assert!(!net.told.iter().flatten().any(proofs), "what stands in the log is no offence");
    // Whatever the order it came in, it is what a fold of all at once gives.
    let all =
        [std::slice::from_ref(&world.genesis), &joins[..], &forks_made[..], &honest[..]].concat();
    let home = Home::with(&world, &all);
    assert_eq!(home.runtime.root(world.id()).unwrap(), net.roots(world.id())[2]);
    assert!(honest.iter().all(|event| home.accepts(event)));
}

/// Who shares a topic that anybody may have, and has nothing to bring.
struct Stranger {
    who: u16,
    attacker: Attacker,
    since: u64,
}

/// More of them than there are places; each comes again when it is out, and now and then anyway.
#[test]
fn strangers_who_come_again_and_again_keep_no_newcomer_out() {
    let mut siege = siege(3, 0, 20);
    siege.net.connect(1, 0);
    siege.net.settle();
    let Siege { world, mut net, .. } = siege;
    let mut strangers: Vec<Stranger> = Vec::new();
    let mut admitted = None;
    for second in 0..180u64 {
        for who in 0..90u16 {
            let come = |net: &mut Net| {
                let attacker = Attacker::met(net, 0, who, Role::Listener, world.id());
                Stranger { who, attacker, since: second }
            };
            match strangers.iter().position(|stranger| stranger.who == who) {
                None => strangers.push(come(&mut net)),
                Some(at) => {
                    let Stranger { attacker, since, .. } = &strangers[at];
                    if attacker.is_out(&net) || second - since >= 50 {
                        strangers[at] = come(&mut net);
                    }
                }
            }
        }
        net.settle();
        if second == 100 {
            assert!(net.nodes[0].peers().len() > 60, "they fill it");
            net.connect(2, 0);
            net.settle();
        }
        let is_in = net.nodes[0].peers().iter().any(|peer| peer.peer == node_key(2));
        match (is_in, admitted) {
            (true, None) => admitted = Some(second),
            (false, Some(_)) => panic!("{second}: it is not displaced again"),
            _ => {}
        }
        // Who was there before and brings what is new stays; the newcomer brings nothing.
        let event = net.made(1, world.id(), "an honest word");
        net.settle();
        assert!(net.has(0, &event), "{second}");
        assert!(!is_in || net.has(2, &event), "{second}");
        net.pass(1);
        assert!(net.nodes[0].peers().len() <= LINKS);
        assert!(net.nodes[0].weight() < 10_000, "{}", net.nodes[0].weight());
    }
    assert!(admitted.is_some_and(|second| second <= 105), "{admitted:?}");
    let lost = |told: &Told| matches!(told, Told::Disconnected { .. });
    assert!(!net.told[1].iter().any(lost));
    assert_eq!(net.blamed(), [""; 0]);
}

#[test]
fn what_a_peer_owes_it_owes_on_its_next_connection_too() {
    let Siege { world, mut net, .. } = siege(2, 0, 0);
    net.connect(1, 0);
    net.settle();
    let points = |net: &Net| {
        let peers = net.nodes[0].peers();
        peers.iter().find(|peer| peer.peer == key(5003).public()).map(|peer| peer.points)
    };
    // Two offences a connection, which none is ended for.
    for (again, owed) in [(false, 800), (true, 1_000)] {
        let attacker = Attacker::met(&mut net, 0, 3, Role::Listener, world.id());
        net.settle();
        attacker.shout(&mut net, vec![0xff]);
        net.settle();
        assert_eq!(attacker.is_out(&net), again);
        if again {
            break;
        }
        net.pass(2);
        attacker.shout(&mut net, vec![0xff]);
        net.settle();
        assert_eq!(points(&net), Some(owed - 40));
        net.pass(5);
        assert_eq!(points(&net), Some(owed - 140), "it is forgiven by and by");
        net.take(0, Input::Closed { link: attacker.end.1, cause: "it left".into() });
    }
    // Now it is not talked to, and then it is again.
    let refused = |net: &mut Net| {
        let attacker = Attacker::met(net, 0, 3, Role::Listener, world.id());
        net.settle();
        attacker.is_out(net)
    };
    assert!(refused(&mut net));
    net.pass(20);
    assert!(refused(&mut net));
    net.pass(20);
    assert!(!refused(&mut net));
    assert_eq!(net.blamed(), [""; 0]);
}

/// [SYNC-11]
#[test]
fn an_offence_makes_one_pause_at_most_and_who_is_left_for_it_is_told() {
    let Siege { world, mut net, .. } = siege(2, 0, 0);
    let attacker = Attacker::met(&mut net, 0, 3, Role::Listener, world.id());
    net.settle();
    let bye = Message::Bye { reason: 0 }.to_bytes();
    let mut done = Vec::new();
    for _ in 0..3 {
        let frame = Input::Frame { link: attacker.end.1, bytes: vec![0xff] };
        let out = net.nodes[0].take(frame, net.now_ms);
        let count = |is: fn(&Output) -> bool| out.iter().filter(|out| is(out)).count();
        let says_bye = |out: &&Output| matches!(out, Output::Send { bytes, .. } if *bytes == bye);
        done.push([
            count(|out| matches!(out, Output::Pause { .. })),
            out.iter().filter(says_bye).count(),
            count(|out| matches!(out, Output::Close { .. })),
        ]);
    }
    assert_eq!(done, [[0, 0, 0], [1, 0, 0], [0, 1, 1]]);
}
