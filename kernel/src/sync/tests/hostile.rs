//! What a peer that means ill achieves: nothing but to be thrown out.

use myrhiza_kernel_api::{BundleId, EventId, Hash, TopicId};

use super::node::peer;
use super::pipe::{End, kind, opening};
use super::*;
use crate::state::trie::{Address, LogKey, Root};
use crate::sync::message::{Message, Summary};
use crate::sync::{Blob, Effect, Host as _, Offence, Reason, Role, limits};

/// An honest side of an open topic, and an attacker who has greeted it.
pub(super) fn met(role: Role, world: &World, events: &[Event]) -> End {
    met_by(Node::with(world, events), role, world)
}

pub(super) fn met_by(node: Node, role: Role, world: &World) -> End {
    let mut end = End::new(node, role);
    let other = role.other();
    let nonces = [[1; 32], [2; 32]];
    let own = opening(role).nonce;
    let nonce = if own == nonces[0] { nonces[1] } else { nonces[0] };
    let tag = opening(other).transcript(own, world.id(), other).tag();
    end.receive(&Message::Hello { nonce }.to_bytes(), 0);
    end.receive(&Message::Tags { tags: vec![tag] }.to_bytes(), 0);
    assert!(end.told.contains(&Effect::Shared { topic: world.id() }));
    end
}

pub(super) fn say(end: &mut End, message: &Message) {
    end.receive(&message.to_bytes(), 0);
}

/// The kinds of what it has to say.
fn said(end: &mut End) -> Vec<u8> {
    end.out.drain(..).map(|bytes| kind(&bytes)).collect()
}

pub(super) fn summary(count: u64) -> Summary {
    let tip = Some(LogKey { height: count, id: EventId([9; 32]) });
    Summary { root: Root { hash: Hash([count as u8; 32]), count }, tip }
}

pub(super) fn closed_for(end: &End) -> Option<Offence> {
    end.told.iter().find_map(|told| match told {
        Effect::Close(Reason::Offended(offence)) => Some(*offence),
        _ => None,
    })
}

const COMPARE: u8 = 4;
const WALK: u8 = 6;
const EVENTS: u8 = 10;
const PEERS: u8 = 16;

/// [SYNC-7] [SYNC-11]
#[test]
fn records_that_are_not_what_was_named_are_a_lie() {
    let (world, events) = random_topic(1, 60);
    let mut end = met(Role::Dialer, &world, &events);
    for closed in [false, true] {
        assert_eq!(said(&mut end).last(), Some(&COMPARE));
        say(&mut end, &Message::Compared { topic: 0, summary: summary(90), streams: false });
        assert_eq!(said(&mut end), [WALK]);
        let record = [&[0u8][..], &7u64.to_be_bytes(), &[3; 32]].concat();
        let records = vec![(Address::ROOT, record)];
        say(&mut end, &Message::Records { topic: 0, root: summary(90).root, records });
        assert_eq!(end.session.is_closed(), closed);
    }
    assert_eq!(closed_for(&end), Some(Offence::Lie));
}

/// [SYNC-7] [SYNC-11]
#[test]
fn a_record_that_cannot_be_put_together_is_asked_for_once_more_without_hints() {
    let (world, events) = random_topic(1, 60);
    let mut end = met(Role::Dialer, &world, &events);
    say(&mut end, &Message::Compared { topic: 0, summary: summary(90), streams: false });
    for _ in 0..2 {
        assert_eq!(end.offences(), []);
        let records = vec![(Address::ROOT, vec![2, 0, 7, 0, 0])];
        say(&mut end, &Message::Records { topic: 0, root: summary(90).root, records });
    }
    assert_eq!(end.offences(), [Offence::Lie]);
    let walks = end.out.iter().filter(|bytes| kind(bytes) == WALK).cloned();
    let asked: Vec<_> = walks.map(|bytes| Message::from_bytes(&bytes).unwrap()).collect();
    let plain = Message::Walk { topic: 0, places: vec![(Address::ROOT, vec![0])] };
    assert!(asked.len() == 2 && asked[0] != plain && asked[1] == plain);
}

/// [SYNC-7] [SYNC-11]
#[test]
fn a_walk_without_progress_ends_and_so_do_comparisons_without_end() {
    let (world, events) = random_topic(1, 60);
    // It answers questions with nothing.
    let mut end = met(Role::Dialer, &world, &events);
    for n in 0..20u64 {
        match said(&mut end).last() {
            Some(&COMPARE) => say(
                &mut end,
                &Message::Compared { topic: 0, summary: summary(90 + n), streams: false },
            ),
            Some(&WALK) => say(
                &mut end,
                &Message::Records { topic: 0, root: summary(90).root, records: vec![] },
            ),
            _ => break,
        }
    }
    assert!(end.offences().contains(&Offence::NoProgress));

    // It says each time that its log has changed.
    let mut end = met(Role::Dialer, &world, &events);
    let mut messages = 0;
    for n in 0..200u64 {
        messages += end.out.len();
        match said(&mut end).last() {
            Some(&COMPARE) => say(
                &mut end,
                &Message::Compared { topic: 0, summary: summary(90 + n), streams: false },
            ),
            Some(&WALK) => say(
                &mut end,
                &Message::Records { topic: 0, root: summary(7).root, records: vec![] },
            ),
            _ => break,
        }
    }
    assert!(messages < 20, "{messages}");
    // Who answers honestly shows at least the record at the root.
    assert_eq!(end.offences(), [Offence::NoProgress; 3]);
    // It rests, then is tried again.
    end.tick(limits::REST_MS - 1);
    assert!(said(&mut end).is_empty());
    end.tick(limits::REST_MS);
    assert_eq!(said(&mut end), [COMPARE]);
    // It streams and never sends anything.
    let mut end = met(Role::Dialer, &world, &events);
    for _ in 0..20 {
        if said(&mut end).last() == Some(&COMPARE) {
            say(&mut end, &Message::Compared { topic: 0, summary: summary(90), streams: true });
            say(&mut end, &Message::End { topic: 0 });
        }
    }
    assert_eq!(end.offences(), [Offence::NoProgress]);
}

/// [SYNC-11]
#[test]
fn more_batches_than_there_is_credit_for_are_a_flood() {
    let (world, events) = random_topic(1, 60);
    let mut end = met(Role::Listener, &world, &[]);
    end.ingests = false;
    for event in &events[1..=limits::WINDOW as usize] {
        say(&mut end, &Message::Events { topic: 0, events: vec![event.to_bytes()] });
    }
    assert_eq!(end.offences(), []);
    for _ in 0..3 {
        say(&mut end, &Message::Events { topic: 0, events: vec![events[9].to_bytes()] });
    }
    assert_eq!(end.offences(), [Offence::Flood; 3]);
    assert_eq!(closed_for(&end), Some(Offence::Flood));
    assert_eq!(end.held.len(), limits::WINDOW as usize);
    // Nor can credit be made out of nothing.
    let mut end = met(Role::Listener, &world, &[]);
    say(&mut end, &Message::Credit { batches: 1 });
    assert_eq!(end.offences(), [Offence::Flood]);
}

/// [SYNC-11]
#[test]
fn events_that_are_not_valid_are_charged_one_by_one() {
    let (world, events) = random_topic(1, 60);
    let mut end = met(Role::Listener, &world, &[]);
    let mut forged = events[3].to_bytes();
    *forged.last_mut().unwrap() ^= 1;
    say(&mut end, &Message::Events { topic: 0, events: vec![forged; 9] });
    assert_eq!(end.offences(), [Offence::Event; 8]);
    let other = World::founded_by(Admission::Open, 9);
    let mut end = met(Role::Listener, &world, &[]);
    say(&mut end, &Message::Events { topic: 0, events: vec![other.genesis.to_bytes()] });
    say(&mut end, &Message::Events { topic: 0, events: vec![b"nothing".to_vec()] });
    say(&mut end, &Message::Events { topic: 0, events: vec![] });
    assert_eq!(end.offences(), [Offence::Event, Offence::Malformed, Offence::Malformed]);
    assert!(end.held.is_empty() && end.came.is_empty());
    assert_eq!(end.points(0), 900);
}

/// [SYNC-11]
#[test]
fn the_same_again_and_again_costs_a_little_each_time() {
    let (world, events) = random_topic(1, 60);
    let mut end = met(Role::Listener, &world, &events);
    for _ in 0..99 {
        say(&mut end, &Message::Events { topic: 0, events: vec![events[5].to_bytes()] });
    }
    assert!(!end.session.is_closed());
    // Time forgives.
    let effects = end.session.tick(&end.node, 3_600_000).unwrap();
    assert!(effects.is_empty());
    let again = Message::Events { topic: 0, events: vec![events[5].to_bytes()] };
    end.receive(&again.to_bytes(), 3_600_000);
    assert_eq!(end.points(3_600_000), 10);
    let compare = Message::Compare { topic: 0, summary: summary(3) };
    for _ in 0..101 {
        end.receive(&compare.to_bytes(), 3_600_000);
    }
    assert_eq!(closed_for(&end), Some(Offence::Repeat));
}

/// [SYNC-11]
#[test]
fn requests_are_bounded() {
    let (world, events) = random_topic(1, 60);
    let world_events = &fan(&world, 2 * limits::IDS)[..];
    let mut end = met(Role::Listener, &world, world_events);
    // A peer without credit left asks for ever more.
    let ids = |n: usize| {
        let mut ids: Vec<_> =
            world_events[n * limits::IDS..][..limits::IDS].iter().map(Event::id).collect();
        ids.sort_unstable();
        ids
    };
    for n in 0..200 {
        say(&mut end, &Message::Want { topic: 0, ids: ids(n % 2) });
        assert!(end.session.queued() <= limits::QUEUED);
    }
    let sent = end.out.iter().filter(|bytes| kind(bytes) == 10).count();
    assert_eq!(sent, limits::WINDOW as usize, "as far as the credit lasts");
    // And a question of too many hints, or asked too often.
    let mut end = met(Role::Listener, &world, &events);
    let hints = vec![(Address::ROOT, vec![0; 7000]), (Address::ROOT, vec![0; 7000])];
    say(&mut end, &Message::Walk { topic: 0, places: hints });
    assert_eq!(end.offences(), [Offence::Flood]);
    let mut end = met(Role::Listener, &world, &events);
    for _ in 0..=limits::ROUNDS {
        say(&mut end, &Message::Walk { topic: 0, places: vec![(Address::ROOT, vec![0])] });
    }
    assert_eq!(end.offences(), [Offence::Flood]);
    say(&mut end, &Message::Walk { topic: 0, places: vec![(Address::ROOT, vec![9, 9, 9])] });
    assert_eq!(closed_for(&end), None);
}

/// [SYNC-11]
#[test]
fn nobody_gets_the_whole_topic_again_and_again() {
    let (world, events) = random_topic(1, 60);
    let genesis = Node::with(&world, &[]).root(world.id());
    let tip = Some(LogKey { height: 0, id: world.genesis.id() });
    let mut end = met(Role::Listener, &world, &events);
    let start = Message::Compare { topic: 0, summary: Summary { root: genesis, tip } };
    say(&mut end, &start);
    assert_eq!(end.out.iter().filter(|bytes| kind(bytes) == 10).count(), 1);
    end.out.clear();
    say(&mut end, &start);
    say(&mut end, &Message::After { topic: 0, after: None });
    assert_eq!(end.offences(), [Offence::Flood]);
    assert!(!said(&mut end).contains(&EVENTS));
}

/// [SYNC-11]
#[test]
fn what_does_not_belong_where_it_comes_is_an_offence() {
    let (world, events) = random_topic(1, 60);
    let for_both = [
        Message::Hello { nonce: [3; 32] },
        Message::Denied { topic: 7 },
        Message::Want { topic: 1, ids: vec![] },
        Message::Absent { topic: 0, ids: vec![EventId([1; 32])] },
    ];
    let for_listener = [
        Message::Compared { topic: 0, summary: summary(1), streams: true },
        Message::Records { topic: 0, root: summary(1).root, records: vec![] },
        Message::End { topic: 0 },
        Message::Changed { topic: 0 },
    ];
    let for_dialer = [
        Message::Compare { topic: 0, summary: summary(1) },
        Message::Walk { topic: 0, places: vec![] },
        Message::After { topic: 0, after: None },
        Message::Records { topic: 0, root: summary(1).root, records: vec![] },
    ];
    for (role, others) in [(Role::Listener, for_listener), (Role::Dialer, for_dialer)] {
        for message in for_both.iter().chain(&others) {
            let mut end = met(role, &world, &events);
            say(&mut end, message);
            assert_eq!(end.offences(), [Offence::Order], "{role:?} {message:?}");
        }
    }
    let mut end = End::new(Node::with(&world, &events), Role::Dialer);
    say(&mut end, &Message::Credit { batches: 1 });
    assert_eq!(end.offences(), [Offence::Order], "before it greets");
    for bytes in
        [vec![0; limits::MESSAGE_BYTES + 1], vec![], vec![0x82, 13, 0], vec![0x82, 1, 0x9f]]
    {
        let mut end = met(Role::Listener, &world, &events);
        end.receive(&bytes, 0);
        assert_eq!(end.offences(), [Offence::Malformed]);
    }
}

/// [SYNC-11] [SYNC-13]
#[test]
fn where_a_topic_is_had_is_told_to_who_is_served_and_heard_a_few_times() {
    let world = World::new(Admission::Open);
    let mut node = Node::with(&world, &[]);
    node.peers = (1..=40).map(peer).collect();
    let mut pipe = Pipe::new(node, Node::with(&world, &[]));
    pipe.run();
    let told = Effect::Peers { topic: world.id(), peers: (1..=16).map(peer).collect() };
    assert!(pipe.ends[1].told.contains(&told));
    assert!(!pipe.ends[0].told.iter().any(|told| matches!(told, Effect::Peers { .. })));

    let mut end = met(Role::Listener, &world, &[]);
    let message = Message::Peers { topic: 0, peers: vec![peer(1)] };
    for _ in 0..limits::INTRODUCTIONS {
        say(&mut end, &message);
    }
    assert_eq!(end.offences(), []);
    say(&mut end, &message);
    assert_eq!(end.offences(), [Offence::Flood]);
}

/// [SYNC-4] [SYNC-13]
#[test]
fn who_has_proved_nothing_says_nothing_of_others() {
    let club = World::new(Admission::Invite);
    let mut end = End::new(Node::of(&club.founder, &club, &[]), Role::Listener);
    end.node.peers = vec![peer(1)];
    let tag = opening(Role::Dialer).transcript([2; 32], club.id(), Role::Dialer).tag();
    say(&mut end, &Message::Hello { nonce: [1; 32] });
    say(&mut end, &Message::Tags { tags: vec![tag] });
    assert!(!end.out.iter().any(|bytes| kind(bytes) == PEERS));
    say(&mut end, &Message::Peers { topic: 0, peers: vec![peer(2)] });
    assert_eq!(end.offences(), [Offence::Order]);
}

/// [SYNC-11] [SYNC-14]
#[test]
fn of_bundles_only_what_was_asked_for_is_heard_and_not_without_end() {
    let world = World::new(Admission::Open);
    let bundle = BundleId([4; 32]);
    for (of, topic) in [(Some(world.id()), Some(0)), (None, None)] {
        let told = |bytes| {
            let blob = Some(Blob { hash: Hash([5; 32]), bytes });
            Message::Bundle { topic, bundle, blob }
        };
        let mut end = met(Role::Listener, &world, &[]);
        say(&mut end, &told(1));
        assert_eq!(end.offences(), [Offence::Order]);

        let mut end = met(Role::Listener, &world, &[]);
        let asked = end.session.want_bundle(of, bundle, &end.node, 0).unwrap();
        assert_eq!(asked.len(), 1);
        assert_eq!(end.session.want_bundle(of, bundle, &end.node, 0).unwrap(), []);
        say(&mut end, &told(myrhiza_kernel_api::limits::BUNDLE_BYTES as u64 + 1));
        assert_eq!(end.offences(), [Offence::Flood]);

        let mut end = met(Role::Listener, &world, &[]);
        let wanted = |n: usize| Message::BundleWanted { topic, bundle: BundleId([n as u8; 32]) };
        for n in 0..limits::BUNDLES {
            say(&mut end, &wanted(n));
        }
        assert_eq!(end.offences(), []);
        say(&mut end, &wanted(limits::BUNDLES));
        assert_eq!(end.offences(), [Offence::Flood]);
    }
}

/// [SYNC-11] [SYNC-14]
#[test]
fn the_same_bundle_wanted_again_at_once_costs_a_little_each_time() {
    let world = World::new(Admission::Open);
    for topic in [Some(0), None] {
        let mut end = met(Role::Listener, &world, &[]);
        let wanted = Message::BundleWanted { topic, bundle: BundleId([4; 32]) }.to_bytes();
        // However long the connection lasts, who asks as seldom as a node does is not charged.
        for n in 0..200 {
            end.receive(&wanted, n * limits::ASK_AGAIN_MS);
        }
        assert_eq!(end.offences(), []);
        let now_ms = 200 * limits::ASK_AGAIN_MS;
        for _ in 0..=100 {
            end.receive(&wanted, now_ms);
        }
        assert_eq!(end.offences(), [Offence::Repeat; 100]);
        assert_eq!(closed_for(&end), Some(Offence::Repeat));
        // Nothing follows the end of it.
        assert!(matches!(end.told.last(), Some(Effect::Close(_))));
    }
}

/// Where a node's log stands.
pub(super) fn log_of(node: &Node, topic: TopicId) -> Summary {
    let home = node.snapshot(topic).unwrap().unwrap();
    crate::sync::compare::summary(home, topic).unwrap()
}

/// [SYNC-10] [SYNC-11]
#[test]
fn what_was_in_both_logs_is_not_sent_again_free_of_charge() {
    let (world, events) = random_topic(1, 60);
    let mut end = met(Role::Listener, &world, &events[..50]);
    let equal = Message::Compare { topic: 0, summary: log_of(&end.node, world.id()) };
    say(&mut end, &equal);
    assert!(end.session.is_synced(world.id()));
    let sent = |event: &Event| Message::Events { topic: 0, events: vec![event.to_bytes()] };
    // What others brought since is said once more by who had it from them too.
    end.author(&events[50..], 0);
    events[50..].iter().for_each(|event| say(&mut end, &sent(event)));
    assert_eq!(end.offences(), []);
    // None of these came on this connection before.
    for (n, event) in events[..20].iter().enumerate() {
        say(&mut end, &sent(event));
        assert_eq!(end.offences(), vec![Offence::Useless; n + 1]);
    }
    // Nor are they free beside something new.
    let new = world.app(&mut world.founder.clone(), &[events[9].id()], 0, b"new");
    let both = vec![events[20].to_bytes(), new.to_bytes()];
    say(&mut end, &Message::Events { topic: 0, events: both });
    assert_eq!(end.offences(), [Offence::Useless; 21]);
    assert!(end.node.has(&new));
}

/// [SYNC-6] [SYNC-11]
#[test]
fn a_claim_to_have_more_by_now_does_not_bring_the_whole_topic_again() {
    let (world, events) = random_topic(1, 60);
    let after = Message::After { topic: 0, after: None };
    let batches = |end: &mut End| said(end).iter().filter(|kind| **kind == 10).count();
    // Not before roots were compared.
    let mut end = met(Role::Listener, &world, &events);
    say(&mut end, &after);
    assert_eq!((end.offences(), batches(&mut end)), (vec![Offence::Order], 0));

    let mut end = met(Role::Listener, &world, &events);
    for claimed in [1, 2, 3, 61, u64::MAX] {
        say(&mut end, &Message::Compare { topic: 0, summary: summary(claimed) });
        say(&mut end, &after);
        // The first time it is sent.
        assert_eq!(batches(&mut end), usize::from(claimed == 1), "{claimed}");
        if matches!(closed_for(&end), Some(Offence::Flood)) {
            return;
        }
    }
    panic!("{:?}", end.offences());
}
