//! `docs/spec/vectors/sync.json`: run with `BLESS=1` to write it anew, a change of the protocol.

use serde_json::{Value, json};

use super::node::{peer, ticket};
use super::pipe::opening;
use super::*;
use crate::hash::Context;
use crate::sync::message::Message;
use crate::sync::{Proof, Role, Transcript};
use crate::testing::key;
use crate::vectors::{hex, published};

fn name(message: &Message) -> String {
    let text = format!("{message:?}");
    text.split([' ', '{']).next().unwrap_or_default().to_lowercase()
}

/// Everything that goes over a connection, in order.
fn exchange(title: &str, pipe: &Pipe) -> Value {
    let said = pipe.flights.iter().flatten().map(|(role, message)| {
        let by = if *role == Role::Dialer { "dialer" } else { "listener" };
        json!({"by": by, "message": name(message), "bytes": hex(message.to_bytes())})
    });
    json!({"name": title, "messages": said.collect::<Vec<_>>()})
}

fn tags(world: &World) -> Value {
    let said = |role: Role| {
        let transcript: Transcript = match role {
            Role::Dialer => opening(Role::Dialer).transcript([2; 32], world.id(), role),
            Role::Listener => opening(Role::Listener).transcript([1; 32], world.id(), role),
        };
        json!({
            "role": role.number(), "transcript": hex(transcript.to_bytes()),
            "context": Context::SyncTag.text(), "tag": hex(transcript.tag()),
        })
    };
    json!({"topic": hex(world.id()), "said": [said(Role::Dialer), said(Role::Listener)]})
}

fn proofs(world: &World) -> Value {
    let transcript = opening(Role::Dialer).transcript([2; 32], world.id(), Role::Dialer);
    let mut ann = Scope::new(2, 102, ScopeKind::Device);
    world.join(&world.founder, &mut ann, (1, 0), &[world.genesis.id()]);
    let shown = (ann.chain.clone(), ann.certificate.clone());
    let member = Proof::member(shown.clone(), &ann.device, &transcript);
    let invited = Proof::invited(&ticket(world, &ann, 5, 1), &transcript).unwrap();
    let refused = |name: &str, proof: Proof| {
        let error = proof.verify(&world.topic, &transcript).unwrap_err().to_string();
        json!({"name": name, "proof": hex(proof.to_bytes()), "error": error})
    };
    let other = Transcript { nonces: [[1; 32], [3; 32]], ..transcript };
    for good in [&member, &invited] {
        assert_eq!(good.verify(&world.topic, &transcript), Ok(()));
    }
    json!({
        "transcript": hex(transcript.to_bytes()),
        "genesis": hex(world.genesis.to_bytes()),
        "accepted": [
            {"name": "a member", "proof": hex(member.to_bytes())},
            {"name": "an invited one", "proof": hex(invited.to_bytes())},
        ],
        "refused": [
            refused("of another connection", Proof::member(shown.clone(), &ann.device, &other)),
            refused("by another key", Proof::member(shown.clone(), &key(3), &transcript)),
            refused("of another person", Proof::member((Vec::new(), shown.1), &ann.device, &transcript)),
        ],
    })
}

fn refused() -> Value {
    let cases: [(&str, Vec<u8>); 9] = [
        ("nothing", vec![]),
        ("no array", vec![0]),
        ("a later kind", vec![0x81, 19]),
        ("a later version", [&[0x83, 0, 2, 0x58, 32][..], &[1; 32]].concat()),
        ("an item too many", vec![0x83, 12, 0, 0]),
        (
            "tags that do not ascend",
            [&[0x82, 1, 0x82][..], &[0x58, 32], &[1; 32], &[0x58, 32], &[1; 32]].concat(),
        ),
        ("no credit", vec![0x82, 13, 0]),
        (
            "an address of odd depth without padding",
            vec![0x83, 6, 0, 0x81, 0x82, 0x42, 1, 0x11, 0x41, 0],
        ),
        ("bytes behind the end", vec![0x82, 12, 0, 0]),
    ];
    let case = |(name, bytes): (&str, Vec<u8>)| {
        let error = Message::from_bytes(&bytes).unwrap_err();
        json!({"name": name, "bytes": hex(&bytes), "error": error.to_string(), "update": error.is_update_needed()})
    };
    cases.map(case).into_iter().collect()
}

/// [SYNC-1] [SYNC-2] [SYNC-3] [SYNC-4]
#[test]
fn the_published_messages_are_what_this_code_says() {
    let (world, events) = random_topic(2, 30);
    let club = World::new(Admission::Invite);
    let mut ann = Scope::new(2, 102, ScopeKind::Device);
    let join = club.join(&club.founder, &mut ann, (1, 0), &[club.genesis.id()]);
    let mut ann = Node::of(&ann, &club, std::slice::from_ref(&join));
    ann.peers = vec![peer(1)];
    let mut invited = Pipe::new(ann, Node::of(&club.founder, &club, &[]));
    invited.run();
    let mut live = exchanged(&world, &events[..6], &events[..6]);
    live.flights.clear();
    let chain = line(&world, 2);
    live.ends[0].node.take(world.id(), &chain[..1]);
    live.ends[0].author(&chain[1..], 0);
    live.run();
    let but = |skip: usize| -> Vec<Event> {
        let kept = events.iter().enumerate().filter(|(n, _)| *n != skip);
        kept.map(|(_, event)| event.clone()).collect()
    };
    let leaf = |n: usize| {
        !events.iter().any(|e| {
            e.header().parents.contains(&events[n].id()) || e.header().prev == Some(events[n].id())
        })
    };
    let leaves: Vec<_> = (1..events.len() - 3).filter(|n| leaf(*n)).collect();
    let pick = |n: usize| leaves.get(n).copied().unwrap_or(events.len() - 1);
    published(
        "sync",
        &json!({
            "topic": {"open": hex(world.id()), "genesis": hex(world.genesis.to_bytes())},
            "nonces": {"dialer": hex([1; 32]), "listener": hex([2; 32])},
            "keys": {"dialer": hex(opening(Role::Dialer).local), "listener": hex(opening(Role::Dialer).remote)},
            "tags": tags(&world),
            "proofs": proofs(&club),
            "exchanges": [
                exchange("equal logs", &exchanged(&world, &events, &events)),
                exchange("the dialer is behind", &exchanged(&world, &events[..4], &events)),
                exchange("the listener is behind", &exchanged(&world, &events, &events[..4])),
                exchange("each lacks one in the middle", &exchanged(&world, &but(pick(0)), &but(pick(1)))),
                exchange("members", &invited),
                exchange("a live event and a pull", &live),
            ],
            "refused": refused(),
        }),
    );
}
