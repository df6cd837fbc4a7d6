//! The apps whose events are folded.

use std::collections::{BTreeMap, BTreeSet};

use myrhiza_apps_suite::App as Folder;
use myrhiza_backend_kit::guest::{self, Profile};
use myrhiza_kernel::bundle::{Bundle, Capabilities, KERNEL, Manifest, Version, pack};
use myrhiza_kernel::identity::SecretKey;

/// The core module of [`tally`].
pub const TALLY: &str = include_str!("tally.wat");

/// An app, and what its events say.
pub struct App {
    /// The signed bundle.
    pub bundle: Bundle,
    /// The payload of event number `n`.
    pub payload: Payload,
}

/// The payload of an event by its number.
pub type Payload = fn(u32) -> Vec<u8>;

/// Counts under keys of 32 bytes, `KEYS` of them in turn: about the least an app can do, so that
/// what is measured is the kernel.
pub fn tally<const KEYS: u32>() -> App {
    let manifest = Manifest {
        id: "tally".into(),
        name: "tally".into(),
        version: Version { major: 1, minor: 0, patch: 0 },
        description: String::new(),
        kernel: KERNEL,
        profiles: BTreeSet::from(["state-apply".into()]),
        capabilities: Capabilities::default(),
        authors: BTreeMap::new(),
        drift_interval: 1024,
    };
    let component = guest::plain(Profile::StateApply, TALLY).unwrap();
    let components = BTreeMap::from([("state-apply".into(), component)]);
    let bundle = pack(manifest, components).unwrap().sign(&author());
    App { bundle, payload: |n| crate::trie::event(n % KEYS).0.to_vec() }
}

/// The counter as it was built, every event adding one.
///
/// # Panics
/// If `cargo xtask guests` did not build it, or `MYRHIZA_APPS` does not name the folder it printed;
/// `cargo xtask bench` sees to both.
pub fn counter() -> App {
    let folder = Folder::all().unwrap().into_iter().find(|app| app.name == "counter").unwrap();
    let components = folder.components().unwrap();
    let manifest = folder.manifest().unwrap().manifest;
    let bundle = pack(manifest, components).unwrap().sign(&author());
    // `Change::Increment(1)`: its one field as a CBOR array.
    App { bundle, payload: |_| vec![0x81, 0x01] }
}

fn author() -> SecretKey {
    SecretKey::from_seed(&[42; 32])
}
