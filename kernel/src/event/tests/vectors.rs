//! [EVENT-1] to [EVENT-10]: what is published is what this code does.

use serde_json::{Value, json};

use super::world::*;
use crate::codec::{Canonical, Writer};
use crate::event::payload::{
    Admission, Cut, CutList, Delegate, InvitationCut, Join, Remove, Revoke,
};
use crate::event::{Body, Event, ForkProof, Header, Kind, Ticket, UnverifiedEvent};
use crate::identity::SecretKey;
use crate::vectors::{hex, published, unhex};
use myrhiza_kernel_api::{EventId, PeerAddress, PublicKey};

fn describe(name: &str, event: &Event) -> Value {
    let header = event.header();
    json!({
        "name": name,
        "topic": header.topic.to_string(),
        "scope": header.scope.to_string(),
        "seq": header.seq,
        "prev": header.prev.map(|prev| prev.to_string()),
        "parents": header.parents.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "hlc": header.hlc,
        "generation": header.generation,
        "kind": header.kind.name(),
        "variant": header.variant,
        "payload": hex(event.payload()),
        "body": hex(event.body().bytes()),
        "id": event.id().to_string(),
        "signature": event.signature().to_string(),
        "event": hex(event.to_bytes()),
    })
}

/// A small topic: every kind once, each on the event before.
fn topic() -> Vec<(&'static str, Event)> {
    let (founder, joiner) = (member(1), member(2));
    let phone = SecretKey::from_seed(&[66; 32]);
    let (founding, genesis) = found(Admission::Invite);
    let topic = founding.topic();
    let after = |last: &Event, kind, variant| Header {
        topic,
        scope: last.header().scope,
        seq: last.header().seq + 1,
        prev: Some(last.id()),
        parents: vec![last.id()],
        hlc: last.header().hlc + 1,
        generation: 0,
        kind,
        variant,
    };
    let join = join(topic, &joiner, &Join::Invited(chain(topic, 1)));
    let app = sign(after(&join, Kind::App, 5), b"hello", &joiner.device);
    let certificate = crate::identity::Certificate::issue(
        &joiner.person,
        phone.public(),
        crate::identity::ScopeKind::Device,
        "phone",
    );
    let delegate = Delegate { certificate: certificate.unwrap() }.to_bytes();
    let delegate = sign(first(topic, &phone, Kind::Delegate), &delegate, &phone);
    let cuts = CutList {
        scopes: vec![Cut { scope: joiner.device.public(), last: Some(app.id()) }],
        invitations: vec![InvitationCut {
            invitation: secret(1).public(),
            acceptors: vec![join.header().scope],
        }],
    };
    let revoke = Revoke::sign(&joiner.person, topic, phone.public(), cuts);
    let revoke = sign(after(&delegate, Kind::Revoke, 0), &revoke.to_bytes(), &phone);
    let all =
        CutList { scopes: vec![Cut { scope: phone.public(), last: None }], ..CutList::default() };
    let remove = Remove::new(joiner.id(), all).to_bytes();
    let remove = sign(after(&genesis, Kind::Remove, 0), &remove, &founder.device);
    vec![
        ("genesis", genesis),
        ("join by invitation", join),
        ("app", app),
        ("delegate", delegate),
        ("revoke", revoke),
        ("remove", remove),
    ]
}

/// Encodings that differ in one thing from a good one.
fn refused(good: &Event) -> Vec<(&'static str, Vec<u8>)> {
    let bytes = good.to_bytes();
    let edit = |change: &dyn Fn(&mut Vec<u8>)| {
        let mut bytes = bytes.clone();
        change(&mut bytes);
        bytes
    };
    let body = |fields: usize, version: u64, kind: u64, parents: &[u8]| {
        let mut w = Writer::new();
        w.array(2).array(fields).u64(version).bytes([7; 32]).bytes([8; 32]).u64(1).bytes([9; 32]);
        w.list(parents.iter(), |w, parent| {
            w.bytes([*parent; 32]);
        });
        w.u64(0).u64(0).u64(kind).u64(0).bytes(b"x").bytes([0; 64]);
        w.into_bytes()
    };
    let many: Vec<u8> = (0..65).collect();
    vec![
        ("empty", vec![]),
        ("cut off", edit(&|b| b.truncate(b.len() - 1))),
        ("trailing byte", edit(&|b| b.push(0))),
        (
            "array of indefinite length",
            edit(&|b| {
                b[0] = 0x9f;
                b.push(0xff);
            }),
        ),
        ("tagged", edit(&|b| b.insert(0, 0xc1))),
        ("number in a longer form", edit(&|b| drop(b.splice(2..3, [0x18, 1])))),
        ("array length in a longer form", edit(&|b| drop(b.splice(0..1, [0x98, 2])))),
        ("later version", body(12, 2, 1, &[])),
        ("later kind", body(11, 1, 7, &[])),
        ("too many fields", body(12, 1, 1, &[])),
        ("parents not ascending", body(11, 1, 1, &[2, 1])),
        ("a parent twice", body(11, 1, 1, &[1, 1])),
        ("65 parents", body(11, 1, 1, &many)),
    ]
}

#[test]
fn the_published_vectors_are_what_this_code_does() {
    let events = topic();
    let device = member(2).device;
    let other = Body::new(events[2].1.header().clone(), b"goodbye").unwrap();
    let fork = ForkProof::new(&events[2].1, &Event::sign(other, &device).unwrap()).unwrap();
    let founding = found(Admission::Invite).0;
    let invitation = invite(founding.topic(), &member(1), 1, TERMS);
    let ticket = Ticket::invite(events[0].1.clone(), vec![], invitation, secret(1)).unwrap();
    let chain = chain(founding.topic(), 1);
    let devices = Ticket::devices(events[0].1.clone(), chain.clone()).unwrap();
    let (_, open) = found(Admission::Open);
    let peers = vec![PeerAddress {
        key: PublicKey([7; 32]),
        addresses: ["ip:192.0.2.1:4433", "relay:https://relay.example/"]
            .map(|a| a.parse().unwrap())
            .into(),
    }];
    let refused: Vec<_> = refused(&events[2].1)
        .into_iter()
        .map(|(name, bytes)| {
            let error = UnverifiedEvent::decode(&bytes).unwrap_err();
            json!({
                "name": name,
                "event": hex(bytes),
                "error": error.to_string(),
                "update_needed": error.is_update_needed(),
            })
        })
        .collect();
    let now = json!({
        "events": events.iter().map(|(name, event)| describe(name, event)).collect::<Vec<_>>(),
        "refused": refused,
        "fork_proof": hex(fork.to_bytes()),
        "tickets": {
            "devices": *devices.to_text(),
            "invite": *ticket.to_text(),
            "open": *Ticket::open(open.clone()).unwrap().to_text(),
            "open with peers": *Ticket::open(open).unwrap().with_peers(peers.clone()).to_text(),
        },
    });
    let published = published("events", &now);

    // Read back from the file alone.
    let mut founding = None;
    for event in published["events"].as_array().unwrap() {
        let read = UnverifiedEvent::decode(&unhex(&event["event"])).unwrap().verify().unwrap();
        assert_eq!(event["id"], read.id().to_string());
        let founding =
            founding.get_or_insert_with(|| crate::event::Founding::of(&read).unwrap()).clone();
        assert!(founding.check(&read).is_ok(), "{event}");
    }
    for event in published["refused"].as_array().unwrap() {
        assert!(UnverifiedEvent::decode(&unhex(&event["event"])).is_err(), "{event}");
    }
    assert!(ForkProof::from_bytes(&unhex(&published["fork_proof"])).unwrap().verify().is_ok());
    let ticket = Ticket::parse(published["tickets"]["invite"].as_str().unwrap()).unwrap();
    assert_eq!(ticket.genesis().id(), EventId(founding.unwrap().topic().0));
    let ticket = Ticket::parse(published["tickets"]["devices"].as_str().unwrap()).unwrap();
    assert_eq!(ticket.person(), Some((member(2).id(), &chain[..])));
    let ticket = Ticket::parse(published["tickets"]["open with peers"].as_str().unwrap()).unwrap();
    assert_eq!(ticket.peers(), peers);
}
