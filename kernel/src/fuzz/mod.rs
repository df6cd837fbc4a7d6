//! Well-formed bytes, mutated, into every decoder: none panics, and what decodes is what it encodes
//! to. The corpus is what the specification publishes; what decodes joins it.
//!
//! `MYRHIZA_FUZZ=1000000 cargo test -p myrhiza-kernel --release fuzz` mutates for longer than the
//! tests do.

mod decoders;
mod mutate;

use std::path::Path;

use crate::testing::Dice;
pub(crate) use mutate::mutated;

/// Mutations of a test, unless `MYRHIZA_FUZZ` says how many.
const MUTATIONS: usize = 200_000;

/// Most that a corpus grows to.
const CORPUS: usize = 4096;

/// Gives mutations of a corpus to `taken`, which says whether they were good enough to go on from.
fn run(mut corpus: Vec<Vec<u8>>, share: usize, mut taken: impl FnMut(&mut Dice, &[u8]) -> bool) {
    let asked = std::env::var("MYRHIZA_FUZZ").ok().and_then(|count| count.parse().ok());
    let mut dice = Dice(corpus.len() as u64);
    let mut good = 0;
    for _ in 0..asked.unwrap_or(MUTATIONS) / share {
        let (from, other) = (dice.pick(&corpus).clone(), dice.pick(&corpus).clone());
        let bytes = mutated(&mut dice, &from, &other);
        if taken(&mut dice, &bytes) {
            good += 1;
            if corpus.len() < CORPUS {
                corpus.push(bytes);
            }
        }
    }
    assert!(good > 0, "mutations that nothing takes show nothing");
}

/// Every byte string of the published vectors.
fn published() -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/spec/vectors");
    let mut found = Vec::new();
    for file in std::fs::read_dir(folder).unwrap() {
        let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
        hex_strings(&serde_json::from_str(&text).unwrap(), &mut found);
    }
    found.sort();
    found.dedup();
    found
}

fn hex_strings(value: &serde_json::Value, found: &mut Vec<Vec<u8>>) {
    match value {
        serde_json::Value::String(text) => {
            let hex = text.len() > 16
                && text.len().is_multiple_of(2)
                && text.bytes().all(|byte| byte.is_ascii_hexdigit());
            if hex {
                found.push(crate::vectors::unhex(value));
            }
        }
        serde_json::Value::Array(values) => values.iter().for_each(|v| hex_strings(v, found)),
        serde_json::Value::Object(map) => map.values().for_each(|v| hex_strings(v, found)),
        _ => {}
    }
}
