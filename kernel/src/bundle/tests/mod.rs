//! What bundles hold: see each test's name.

mod file;
pub(crate) mod guests;
mod inspect;
mod install;
mod source;
mod vectors;

use std::collections::BTreeMap;

use super::{Components, Manifest, Source, UnsignedBundle, pack};
use crate::identity::SecretKey;

pub(super) const PROFILES: &[&str] = &["interaction", "state-apply", "state-propose"];

pub(super) const COUNTER: &str = r#"
[app]
name = "counter"
version = "1.2.3"
description = "Counts."

[kernel]
major = 1
minor = 0

[components]
state-apply = "apply.wasm"
state-propose = "propose.wasm"

[authors]
state-propose = [0, 7]

[drift]
interval = 64
"#;

pub(super) fn counter() -> Manifest {
    Source::parse(COUNTER.as_bytes(), PROFILES).unwrap().manifest
}

pub(super) fn components() -> Components {
    BTreeMap::from([
        ("state-apply".to_owned(), b"\0asm apply".to_vec()),
        ("state-propose".to_owned(), b"\0asm propose".to_vec()),
    ])
}

pub(super) fn unsigned() -> UnsignedBundle {
    pack(counter(), components()).unwrap()
}

pub(super) fn author() -> SecretKey {
    SecretKey::from_seed(&[7; 32])
}
