//! Who learns of a topic, and who is served it.

use myrhiza_kernel_api::TopicId;

use super::node::ticket;
use super::pipe::{End, opening};
use super::*;
use crate::apply::Cuts;
use crate::event::payload::{CutList, Link};
use crate::identity::Certificate;
use crate::sync::message::Message;
use crate::sync::{Effect, Offence, Proof, Role, Transcript, credential};
use crate::testing::{Home, key};

/// A topic of invited people: ann, who joined, and her events.
struct Club {
    world: World,
    founder: Scope,
    ann: Scope,
    events: Vec<Event>,
}

fn club() -> Club {
    let world = World::new(Admission::Invite);
    let (mut founder, mut ann) = (world.founder.clone(), Scope::new(2, 102, ScopeKind::Device));
    let mut events = vec![world.join(&founder, &mut ann, (1, 0), &[world.genesis.id()])];
    for n in 0..40u8 {
        let scope = if n % 2 == 0 { &mut founder } else { &mut ann };
        events.push(world.app(scope, &[events[events.len() - 1].id()], 0, &[n]));
    }
    Club { world, founder, ann, events }
}

fn run(dialer: Node, listener: Node) -> Pipe {
    let mut pipe = Pipe::new(dialer, listener);
    pipe.run();
    pipe
}

/// Whether a side sent anything of a topic's log: root, count, records or events.
fn served(pipe: &Pipe, by: Role) -> bool {
    let message = |(role, message): &(Role, Message)| {
        let greeting = matches!(
            message,
            Message::Hello { .. }
                | Message::Tags { .. }
                | Message::Proof { .. }
                | Message::Denied { .. }
        );
        *role == by && !greeting
    };
    pipe.flights.iter().flatten().any(message)
}

fn sent(pipe: &Pipe, by: Role) -> Vec<u8> {
    let messages = pipe.flights.iter().flatten().filter(|(role, _)| *role == by);
    messages.flat_map(|(_, message)| message.to_bytes()).collect()
}

fn contains(bytes: &[u8], topic: TopicId) -> bool {
    bytes.windows(TopicId::LEN).any(|window| window == topic.as_ref())
}

/// [SYNC-4]
#[test]
fn members_serve_each_other() {
    let Club { world, founder, ann, events } = club();
    let pipe = run(Node::of(&ann, &world, &events[..20]), Node::of(&founder, &world, &events));
    assert!(pipe.synced(world.id()));
    assert_eq!(pipe.offences(), []);
    let shared = Effect::Shared { topic: world.id() };
    assert!(pipe.ends.iter().all(|end| end.told.contains(&shared)));
}

/// [SYNC-4]
#[test]
fn who_holds_an_invitation_gets_the_history_with_nothing_but_the_genesis() {
    let Club { world, founder, ann, events } = club();
    for inviter in [&founder, &ann] {
        let mut guest = Node::with(&world, &[]);
        guest.ticket = Some(ticket(&world, inviter, 7, 1));
        let pipe = run(guest, Node::of(&founder, &world, &events));
        assert!(pipe.synced(world.id()));
        assert_eq!(pipe.ends[0].came.len(), events.len());
    }
}

/// [SYNC-4]
#[test]
fn who_joined_alone_is_served_and_brings_the_join() {
    let Club { world, ann, events, .. } = club();
    let mut ben = Scope::new(3, 103, ScopeKind::Device);
    let join = world.join(&ann, &mut ben, (2, 1), &[world.genesis.id()]);
    let pipe =
        run(Node::of(&ben, &world, std::slice::from_ref(&join)), Node::of(&ann, &world, &events));
    // Ann's chain is not in ben's log, but on its own.
    assert!(pipe.synced(world.id()));
    assert!(pipe.ends[1].node.has(&join));
}

/// [SYNC-4]
#[test]
fn another_device_of_a_member_is_served() {
    let Club { world, founder, mut events, .. } = club();
    let mut phone = Scope::new(2, 202, ScopeKind::Device);
    let delegate = world.delegate(&mut phone, &[events[0].id()]);
    let known = events.clone();
    events.push(delegate.clone());
    let pipe = run(Node::of(&phone, &world, &events), Node::of(&founder, &world, &known));
    assert!(pipe.synced(world.id()) && pipe.ends[1].node.has(&delegate));
}

/// [SYNC-3]
#[test]
fn a_stranger_learns_no_topic_id() {
    let Club { world, founder, events, .. } = club();
    let (other, theirs) = random_topic(1, 3);
    let pipe = run(Node::with(&other, &theirs), Node::of(&founder, &world, &events));
    assert!(!contains(&sent(&pipe, Role::Listener), world.id()));
    assert!(!contains(&sent(&pipe, Role::Dialer), other.id()));
    assert!(!served(&pipe, Role::Listener) && !served(&pipe, Role::Dialer));
    // Nor is a tag of use on another connection, or when it comes back.
    let said = |role| opening(Role::Listener).transcript([1; 32], world.id(), role).tag();
    assert_ne!(said(Role::Listener), said(Role::Dialer));
    let elsewhere = crate::sync::Opening { remote: key(77).public(), ..opening(Role::Listener) };
    assert_ne!(
        elsewhere.transcript([1; 32], world.id(), Role::Listener).tag(),
        said(Role::Listener)
    );
}

/// [SYNC-4]
#[test]
fn who_knows_the_topic_and_proves_nothing_gets_nothing() {
    let Club { world, founder, events, .. } = club();
    let pipe = run(Node::with(&world, &[]), Node::of(&founder, &world, &events));
    assert!(!served(&pipe, Role::Listener));
    assert!(pipe.ends[0].came.is_empty());
    // Asking all the same is an offence, and is not answered.
    let mut end = End::new(Node::of(&founder, &world, &events), Role::Listener);
    greet(&mut end, &world);
    end.out.clear();
    for request in [
        Message::After { topic: 0, after: None },
        Message::Want { topic: 0, ids: vec![events[0].id()] },
        Message::Events { topic: 0, events: vec![events[0].to_bytes()] },
    ] {
        end.receive(&request.to_bytes(), 0);
    }
    assert_eq!(end.offences(), [Offence::Order; 3]);
    assert!(end.out.iter().all(|bytes| super::pipe::kind(bytes) == 13), "credit at most");
    assert!(end.held.is_empty() && end.came.is_empty());
}

/// What an attacker says to a listener who shares a topic.
pub(super) fn greet(end: &mut End, world: &World) -> Transcript {
    let transcript = opening(Role::Dialer).transcript([2; 32], world.id(), Role::Dialer);
    end.receive(&Message::Hello { nonce: [1; 32] }.to_bytes(), 0);
    end.receive(&Message::Tags { tags: vec![transcript.tag()] }.to_bytes(), 0);
    transcript
}

fn answer(club: &Club, make: impl FnOnce(&Transcript) -> Proof) -> (Vec<Effect>, Vec<Offence>) {
    let mut end = End::new(Node::of(&club.founder, &club.world, &club.events), Role::Listener);
    let transcript = greet(&mut end, &club.world);
    let proof = Message::Proof { topic: 0, proof: Box::new(make(&transcript)) };
    end.receive(&proof.to_bytes(), 0);
    let offences = end.offences();
    (end.told, offences)
}

/// [SYNC-4]
#[test]
fn forged_proofs_are_refused_and_charged() {
    let club = club();
    let shown = || {
        let node = Node::of(&club.ann, &club.world, &club.events);
        credential(
            crate::sync::Host::snapshot(&node, club.world.id()).unwrap().unwrap(),
            club.world.id(),
            (club.ann.id(), club.ann.person()),
        )
        .unwrap()
        .unwrap()
    };
    let (chain, certificate): (Vec<Link>, Certificate) = shown();
    let good = |transcript: &Transcript| {
        Proof::member((chain.clone(), certificate.clone()), &club.ann.device, transcript)
    };
    let (told, offences) = answer(&club, good);
    assert!(told.contains(&Effect::Shared { topic: club.world.id() }) && offences.is_empty());

    let mallory = Scope::new(66, 166, ScopeKind::Device);
    type Forger<'a> = Box<dyn FnOnce(&Transcript) -> Proof + 'a>;
    let forgers: Vec<(&str, Forger<'_>)> = vec![
        (
            "another key",
            Box::new(|t| Proof::member((chain.clone(), certificate.clone()), &mallory.device, t)),
        ),
        (
            "another person",
            Box::new(|t| {
                Proof::member((chain.clone(), mallory.certificate.clone()), &mallory.device, t)
            }),
        ),
        (
            "no chain",
            Box::new(|t| Proof::member((vec![], certificate.clone()), &club.ann.device, t)),
        ),
        ("the other role", Box::new(|t| good(&Transcript { role: Role::Listener, ..*t }))),
        (
            "another connection",
            Box::new(|t| good(&Transcript { nonces: [[1; 32], [3; 32]], ..*t })),
        ),
        (
            "another end",
            Box::new(|t| good(&Transcript { keys: [key(5).public(), t.keys[1]], ..*t })),
        ),
        (
            "an invitation by nobody",
            Box::new(|t| {
                let stranger = World::founded_by(Admission::Invite, 9);
                Proof::invited(&ticket(&stranger, &stranger.founder, 1, 0), t).unwrap()
            }),
        ),
    ];
    for (name, forger) in forgers {
        let (told, offences) = answer(&club, forger);
        assert_eq!(offences, [Offence::Proof], "{name}");
        assert!(
            told.contains(&Effect::Denied { topic: club.world.id(), by_peer: false }),
            "{name}"
        );
    }
}

/// [SYNC-4]
#[test]
fn who_was_removed_is_not_served_and_a_spent_invitation_lets_nobody_in() {
    let Club { world, mut founder, ann, mut events } = club();
    let cuts = World::cuts(&[(ann.id(), events.last().map(Event::id))]);
    let last = events.last().unwrap().id();
    let remove = world.remove(&mut founder, ann.person(), cuts, &[events[0].id(), last]);
    let before = events.clone();
    events.push(remove.clone());
    let pipe = run(Node::of(&ann, &world, &before), Node::of(&founder, &world, &events));
    assert!(!served(&pipe, Role::Listener));
    assert!(!pipe.ends[0].node.has(&remove));
    assert!(pipe.ends[0].told.contains(&Effect::Denied { topic: world.id(), by_peer: true }));
    assert_eq!(pipe.offences(), [], "it may not know");

    // In the midst of a connection.
    let mut pipe = run(Node::of(&ann, &world, &before), Node::of(&founder, &world, &before));
    assert!(pipe.synced(world.id()));
    let secret = world.app(&mut founder, &[remove.id()], 0, b"secret");
    pipe.ends[1].author(&[remove.clone(), secret.clone()], 0);
    pipe.run();
    assert!(pipe.ends[0].told.contains(&Effect::Denied { topic: world.id(), by_peer: true }));
    assert!(!pipe.ends[0].node.has(&secret));

    // The invitation had one use, which somebody else made.
    let spender = Scope::new(4, 104, ScopeKind::Device);
    let join = world.join(&founder, &mut spender.clone(), (9, 1), &[world.genesis.id()]);
    let mut guest = Node::with(&world, &[]);
    guest.ticket = Some(ticket(&world, &founder, 9, 1));
    let known = [&before[..], &[join]].concat();
    let pipe = run(guest, Node::of(&founder, &world, &known));
    assert!(!served(&pipe, Role::Listener) && pipe.offences().is_empty());
}

/// [SYNC-4]
#[test]
fn a_ticket_by_which_somebody_came_who_has_ended_serves_nobody() {
    let Club { world, mut founder, ann, events } = club();
    let [first, second] = [(), ()].map(|()| {
        let mut guest = Node::with(&world, &[]);
        guest.ticket = Some(ticket(&world, &founder, 1, 0));
        guest
    });
    let pipe = run(first, Node::of(&founder, &world, &events));
    assert!(served(&pipe, Role::Listener));
    // By the same ticket ann came in, who may be the guest.
    let last = events.last().unwrap().id();
    let end = World::cuts(&[(ann.id(), Some(last))]);
    let revoke = world.revoke(&mut founder, &ann.person, end, &[last]);
    let events = [&events[..], &[revoke]].concat();
    let pipe = run(second, Node::of(&founder, &world, &events));
    assert!(!served(&pipe, Role::Listener));
    assert_eq!(pipe.offences(), []);
}

/// [SYNC-4]
#[test]
fn who_is_ended_by_a_cut_that_comes_to_count_later_is_served_no_more() {
    let Club { world, mut founder, ann, events } = club();
    let mut pipe = run(Node::of(&ann, &world, &events), Node::of(&founder, &world, &events));
    assert!(pipe.synced(world.id()));
    // It has been in the log, and what it counts by comes now: of events that cut there are no more.
    let parents = [events[0].id()];
    let remove = world.remove(&mut founder.clone(), ann.person(), CutList::default(), &parents);
    let one = std::slice::from_ref::<Event>;
    let log = [one(&world.genesis), &events[..], one(&remove)].concat();
    let cuts = Cuts::of(&Home::with(&world, &log).read(), &world.topic).unwrap();
    let end = &mut pipe.ends[1];
    end.node.cuts = (Some(cuts.into()), 1);
    let secret = world.app(&mut founder, &[events[40].id()], 0, b"secret");
    end.author(std::slice::from_ref(&secret), 0);
    pipe.run();
    assert!(pipe.ends[0].told.contains(&Effect::Denied { topic: world.id(), by_peer: true }));
    assert!(!pipe.ends[0].node.has(&secret));
}

/// [SYNC-4]
#[test]
fn who_came_in_at_the_second_attempt_is_served() {
    let Club { world, founder, events, .. } = club();
    let mut first = Scope::new(4, 104, ScopeKind::Device);
    let mut late = Scope::new(5, 105, ScopeKind::Device);
    let spends = world.join(&founder, &mut first, (9, 1), &[world.genesis.id()]);
    let rejected = world.join(&founder, &mut late, (9, 1), &[spends.id()]);
    let accepted = world.join(&founder, &mut late, (10, 1), &[rejected.id()]);
    let events = [&events[..], &[spends, rejected, accepted]].concat();
    let pipe = run(Node::of(&late, &world, &events), Node::of(&founder, &world, &events));
    assert!(pipe.synced(world.id()));
    assert_eq!(pipe.offences(), []);
}
