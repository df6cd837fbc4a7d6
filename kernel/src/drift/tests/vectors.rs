//! `docs/spec/vectors/drift.json`: run with `BLESS=1` to write it anew, a change of the protocol.

use myrhiza_kernel_api::{ComponentId, EventId, Hash};
use serde_json::{Value, json};

use super::*;
use crate::drift::back::{append, writes_digest};
use crate::drift::interval::chained;
use crate::drift::message::Message;
use crate::drift::{Engine, Point, Vote};
use crate::hash::Context;
use crate::order::Place;
use crate::runtime::VoteAt;
use crate::sync::Role;
use crate::vectors::{hex, published};

fn vote(world: &World) -> Value {
    let last = Place { epoch: 0, height: 30, id: EventId([3; 32]) };
    let (log_root, cuts) = (Hash([1; 32]), crate::apply::Cuts::default().digest());
    let at = Point { topic: world.id(), count: 64, last, log_root, cuts };
    let engine = Engine::new(ComponentId([5; 32]), "wasmtime", "wasmtime 48.0.8");
    let vote = Vote::sign(at, Hash([2; 32]), engine, &world.founder.device);
    json!({
        "topic": hex(world.id()), "count": 64,
        "last": {"epoch": 0, "height": 30, "id": hex(last.id)},
        "log root": hex(log_root), "cuts": hex(cuts), "no cuts": Context::DriftCuts.text(),
        "state root": hex(vote.state_root()), "code": hex([5; 32]),
        "engine": "wasmtime", "engine version": "wasmtime 48.0.8",
        "scope": hex(vote.scope()), "context": Context::DriftVoteSignature.text(),
        "vote": hex(vote.to_bytes()),
    })
}

fn writes() -> Value {
    let place = Place { epoch: 0, height: 7, id: EventId([3; 32]) };
    let mut written = Vec::new();
    append(&mut written, b"\x01k", Some(b"v"));
    append(&mut written, b"\x01l", None);
    let (first, nothing) = (writes_digest(place, &written), writes_digest(place, &[]));
    let position = chained(Hash([0; 32]), first);
    json!({
        "contexts": {
            "writes": Context::DriftWrites.text(), "position": Context::DriftPosition.text(),
        },
        "place": {"epoch": 0, "height": 7, "id": hex(place.id)},
        "set": {"key": hex(b"\x01k"), "value": hex(b"v")}, "deleted": hex(b"\x01l"),
        "writes": hex(&written), "digest": hex(first), "digest of none": hex(nothing),
        "positions": [hex([0; 32]), hex(position), hex(chained(position, nothing))],
    })
}

fn exchange(title: &str, pipe: &Pipe) -> Value {
    let said = pipe.said.iter().map(|(role, message)| {
        let by = if *role == Role::Dialer { "dialer" } else { "listener" };
        let name = format!("{message:?}");
        let name = name.split([' ', '{']).next().unwrap_or_default().to_lowercase();
        json!({"by": by, "message": name, "bytes": hex(message.to_bytes())})
    });
    json!({"name": title, "messages": said.collect::<Vec<_>>()})
}

fn refused() -> Value {
    let span = |low: u8, high: u8| {
        [&[0x83, 0x18, 36, 0x58, 32][..], &[1; 32], &[0x82, low, high]].concat()
    };
    let cases: [(&str, Vec<u8>); 6] = [
        ("nothing", vec![]),
        ("a later kind", vec![0x81, 0x18, 41]),
        ("a kind of the sync protocol", vec![0x82, 14, 0]),
        ("an item too few", vec![0x82, 0x18, 40, 0]),
        ("an empty span", span(5, 5)),
        ("bytes behind the end", [&span(5, 6)[..], &[0]].concat()),
    ];
    let case = |(name, bytes): (&str, Vec<u8>)| {
        let error = Message::from_bytes(&bytes).unwrap_err();
        json!({"name": name, "bytes": hex(&bytes), "error": error.to_string(), "update": error.is_update_needed()})
    };
    cases.map(case).into_iter().collect()
}

/// [DRIFT-2] [DRIFT-4] [DRIFT-5]
#[test]
fn the_published_votes_and_messages_are_what_this_code_says() {
    let (world, events, bob) = topic(2, 10, 40);
    let event = events[22..].iter().find(is_write).unwrap();
    let mut pipe = pair(&world, &events, &bob, [None, Some(Broken::Event(event.id()))]);
    pipe.vote(VoteAt::Anchor);
    let [report, _] = pipe.reports();
    published(
        "drift",
        &json!({
            "vote": vote(&world),
            "writes": writes(),
            "exchanges": [exchange("one event folded otherwise", &pipe)],
            "report": hex(report.to_bytes()),
            "refused": refused(),
        }),
    );
}
