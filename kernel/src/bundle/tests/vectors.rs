//! `docs/spec/vectors/bundles.json`: what an independent implementation must get from what. Set
//! `BLESS=1` to write it anew, which is a change of the protocol.

use serde_json::{Value, json};

use super::{COUNTER, PROFILES, author, components, counter, unsigned};
use crate::bundle::{Authored, MAGIC, Packed, Source, open, unpack};
use crate::codec::Canonical;
use crate::component::component_id;
use crate::identity::SecretKey;
use crate::vectors::{hex, published, unhex};

const SMALLEST: &str = "[app]\nname = 'x'\nversion = '0.0.0'\n[kernel]\nmajor = 1\nminor = 0\n\
                        [components]\nstate-apply = 'a.wasm'\n";

fn accepted(name: &str, toml: &str, seed: u8) -> Value {
    let manifest = Source::parse(toml.as_bytes(), PROFILES).unwrap().manifest;
    let mut parts = components();
    parts.retain(|profile, _| manifest.profiles.contains(profile));
    let key = SecretKey::from_seed(&[seed; 32]);
    let author = Some(key.public());
    let canonical = Authored { manifest: manifest.clone(), author }.to_bytes();
    let unsigned = crate::bundle::pack(manifest, parts.clone()).unwrap();
    let bundle = unsigned.clone().sign(&key);
    let parts: Vec<_> = parts
        .iter()
        .map(|(profile, bytes)| {
            json!({"profile": profile, "bytes": hex(bytes), "id": hex(component_id(bytes))})
        })
        .collect();
    json!({
        "name": name, "toml": toml, "author_seed": hex([seed; 32]), "author": hex(key.public()),
        "manifest": hex(canonical), "components": parts, "lineage": hex(bundle.lineage()),
        "bundle": hex(bundle.id()), "unsigned": hex(unsigned.to_bytes()),
        "signed": hex(bundle.to_bytes()),
    })
}

fn refused(name: &str, change: impl FnOnce(&mut Vec<u8>)) -> Value {
    let mut packed = unsigned().sign(&author()).to_bytes();
    change(&mut packed);
    let error = unpack(&packed).expect_err(name).to_string();
    json!({"name": name, "packed": hex(packed), "error": error})
}

fn find(bytes: &[u8], needle: &[u8]) -> usize {
    bytes.windows(needle.len()).position(|w| w == needle).unwrap()
}

fn vectors() -> Value {
    let other = unsigned().sign(&SecretKey::from_seed(&[8; 32])).to_bytes();
    json!({
        "accepted": [
            accepted("counter", COUNTER, 7),
            accepted("smallest", SMALLEST, 1),
        ],
        "refused": [
            refused("other magic", |b| b[0] ^= 1),
            refused("later version", |b| b[MAGIC.len() + 1] = 2),
            refused("cut off", |b| b.truncate(200)),
            refused("byte added", |b| b.push(0)),
            refused("manifest damaged", |b| { let at = find(b, b"Counts."); b[at] ^= 1; }),
            refused("component damaged", |b| { let at = find(b, b"\0asm apply"); b[at] ^= 1; }),
            refused("component id damaged", |b| {
                let at = find(b, component_id(b"\0asm apply").as_ref());
                b[at] ^= 1;
            }),
            refused("profile renamed", |b| { let at = find(b, b"kstate-apply"); b[at + 1] ^= 1; }),
            refused("signature of another", |b| {
                let at = b.len() - 64;
                b[at..].copy_from_slice(&other[at..]);
            }),
            refused("signature missing", |b| {
                b.truncate(b.len() - 66);
                b.push(0xf6);
            }),
            refused("signature length written longer than needed", |b| {
                let at = b.len() - 66;
                b.splice(at..at + 2, [0x59, 0, 64]);
            }),
        ],
    })
}

/// [BUNDLE-3] [BUNDLE-5]
#[test]
fn the_published_vectors_are_what_this_code_does() {
    let published = published("bundles", &vectors());
    for vector in published["accepted"].as_array().unwrap() {
        let bundle = open(&unhex(&vector["signed"])).unwrap();
        assert_eq!(hex(bundle.id()), vector["bundle"]);
        assert!(matches!(unpack(&unhex(&vector["unsigned"])), Ok(Packed::Unsigned(_))));
    }
    for vector in published["refused"].as_array().unwrap() {
        let error = unpack(&unhex(&vector["packed"])).unwrap_err();
        assert_eq!(error.to_string(), vector["error"]);
    }
}

/// [BUNDLE-2]
#[test]
fn a_canonical_manifest_in_any_other_form_is_refused() {
    let bytes = Authored { manifest: counter(), author: None }.to_bytes();
    let replaced = |at: usize, len: usize, by: &[u8]| {
        let mut bytes = bytes.clone();
        bytes.splice(at..at + len, by.iter().copied());
        Authored::from_bytes(&bytes).unwrap_err().to_string()
    };
    let profiles = find(&bytes, b"\x82\x6bstate-apply");
    let swapped = [b"\x82\x6dstate-propose".as_slice(), b"\x6bstate-apply"].concat();
    for (at, len, by, want) in [
        (0, 1, b"\x9f".as_slice(), "definite length"),
        (1, 1, b"\x02", "update needed"),
        (1, 1, b"\x18\x01", "shortest form"),
        (profiles, swapped.len(), swapped.as_slice(), "strictly ascending"),
        (find(&bytes, b"\x82\x00\x07"), 3, b"\x82\x07\x00", "strictly ascending"),
        (find(&bytes, b"\x82\x00\x07"), 3, b"\x82\x07\x07", "strictly ascending"),
        (bytes.len() - 2, 2, b"\xf9\x3c\x00", "unsigned integer"),
        (bytes.len() - 2, 2, b"\xc1\x18\x40", "without tag"),
        (bytes.len() - 2, 2, b"\x20", "unsigned integer"),
    ] {
        let error = replaced(at, len, by);
        assert!(error.contains(want), "{want}: {error}");
    }
}
