//! `docs/spec/vectors/trie.json`: what this code does, held against what is published. Run with
//! `BLESS=1` to write it anew, which is a change of the protocol.

use std::ops::Range;

use myrhiza_kernel_api::{EventId, TopicId};
use serde_json::{Value, json};

use super::*;
use crate::state::Overlay;
use crate::state::testing::{empty, entries};

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/spec/vectors/trie.json");
const TOPIC: TopicId = TopicId([0; 32]);
const STATE: Trie = Trie::state(TOPIC);
const LOG: Trie = Trie::log(TOPIC);

fn hex(bytes: impl AsRef<[u8]>) -> String {
    bytes.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A key of either side and a value of some length.
fn entry(n: u8) -> (Vec<u8>, Vec<u8>) {
    (vec![n % 2, b'k', n], vec![n; usize::from(n % 5)])
}

/// Events that share heights, at heights of one, two and sixteen digits.
fn event(n: u8) -> (u64, EventId) {
    let height = match n {
        0..10 => u64::from(n) / 3,
        10..40 => u64::from(n) - 5,
        _ => u64::MAX - u64::from(n) / 20,
    };
    (height, EventId([n.wrapping_mul(37); 32]))
}

/// The records by address, the root, and what it says.
fn trie(name: &str, trie: Trie, overlay: &Overlay, leaves: Vec<Value>) -> Value {
    let root = trie.root(overlay).unwrap();
    let record = |(key, bytes): (Vec<u8>, Vec<u8>)| json!({ "address": hex(&key[TopicId::LEN..]), "bytes": hex(bytes) });
    let records = entries(overlay, trie.keyspace()).into_iter().map(record);
    json!({
        "name": name,
        "leaves": leaves,
        "records": records.collect::<Vec<_>>(),
        "root": hex(root.hash),
        "count": root.count,
    })
}

fn state_of(range: Range<u8>) -> Overlay {
    let mut overlay = empty();
    let changes = range.map(entry).map(|(key, value)| Change::state(&key, Some(&value))).collect();
    STATE.apply(&mut overlay, changes).unwrap();
    overlay
}

fn state(name: &str, range: Range<u8>) -> Value {
    let leaf = |n| {
        let (key, value) = entry(n);
        json!({ "key": hex(&key), "value": hex(&value), "leaf": hex(state_leaf(&key, &value)) })
    };
    trie(name, STATE, &state_of(range.clone()), range.map(leaf).collect())
}

fn log(name: &str, range: Range<u8>) -> Value {
    let mut overlay = empty();
    let changes = range.clone().map(event).map(|(height, id)| Change::log(height, id)).collect();
    LOG.apply(&mut overlay, changes).unwrap();
    let leaf = |n| {
        let (height, id) = event(n);
        let key = log_key(height, id);
        json!({ "height": height.to_string(), "id": hex(id), "leaf": hex(log_leaf(&key)) })
    };
    trie(name, LOG, &overlay, range.map(leaf).collect())
}

fn proofs() -> Value {
    let overlay = state_of(0..100);
    let root = STATE.root(&overlay).unwrap().hash;
    let (key, _) = entry(7);
    let good = STATE.prove(&overlay, &key).unwrap();
    let accepted = [key.clone(), b"\x01absent".to_vec()].map(|key| {
        let proof = STATE.prove(&overlay, &key).unwrap();
        let leaf = verify_state(root, &key, &proof).unwrap().map(hex);
        json!({ "key": hex(key), "proof": hex(proof), "leaf": leaf })
    });
    let refused = |name: &str, damage: &dyn Fn(&mut Vec<u8>)| {
        let mut proof = good.clone();
        damage(&mut proof);
        let error = verify_state(root, &key, &proof).unwrap_err().to_string();
        json!({ "name": name, "key": hex(&key), "proof": hex(proof), "error": error })
    };
    let at = good.len() - 1;
    json!({
        "root": hex(root),
        "accepted": accepted,
        "refused": [
            refused("nothing", &|p| p.clear()),
            refused("a later version", &|p| p[0] = 2),
            refused("a bit flipped in the last leaf", &|p| p[at] ^= 1),
            refused("a bit flipped in the root's record", &|p| p[9] ^= 1),
            refused("the last record missing", &|p| {
                let first = usize::from(u16::from_be_bytes([p[1], p[2]]));
                p.truncate(3 + first);
            }),
            refused("a byte missing", &|p| p.truncate(at)),
            refused("a byte too many", &|p| p.push(0)),
        ],
    })
}

/// [TRIE-1] [TRIE-2] [TRIE-3] [TRIE-4] [TRIE-5]
#[test]
fn the_published_vectors_are_what_this_code_does() {
    let now = json!({
        "state": [
            state("no leaves", 0..0),
            state("one leaf", 0..1),
            state("a full bucket", 0..16),
            state("one leaf more", 0..17),
            state("several levels", 0..100),
        ],
        "log": [log("a full bucket", 0..16), log("heights of all lengths", 0..100)],
        "proofs": proofs(),
    });
    let now = serde_json::to_string_pretty(&now).unwrap() + "\n";
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(FILE, &now).unwrap();
    }
    let published = std::fs::read_to_string(FILE).unwrap();
    assert!(published == now, "run with BLESS=1 if the protocol is meant to change");
}
