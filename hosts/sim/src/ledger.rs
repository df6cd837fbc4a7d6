//! The app of the simulation: one whose state shows any difference in order.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result};
use myrhiza_kernel::bundle::{self, Bundle, KERNEL, Manifest, Version};
use myrhiza_kernel::identity::SecretKey;
use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

const WIT: &str = include_str!("../../../wit/kernel.wit");
const WAT: &str = include_str!("ledger.wat");
/// The state key of the hash chain over the accepted events.
const CHAIN: &[u8] = &[0];
/// The state key of the digest that operation 4 takes.
const DIGEST: &[u8] = &[1];

/// What an event of the ledger does; the rest of its payload is a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Operation {
    /// Its key is this event's.
    Set = 0,
    /// Refused, after it wrote.
    Refused = 1,
    /// Traps, after it wrote.
    Trap = 2,
    /// Deletes its key.
    Delete = 3,
    /// Keeps a digest of the whole state.
    Digest = 4,
}

impl Operation {
    /// The payload of an event.
    pub(crate) fn payload(self, key: &[u8]) -> Vec<u8> {
        [&[self as u8], key].concat()
    }
}

/// The signed bundle.
///
/// # Errors
/// None that a build which passes its tests has.
pub(crate) fn ledger() -> Result<Bundle> {
    let mut module = wat::parse_str(WAT)?;
    let mut resolve = Resolve::default();
    let package = resolve.push_str("kernel.wit", WIT)?;
    let world = resolve.select_world(&[package], Some("state-apply"))?;
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8, false)?;
    let component = ComponentEncoder::default().validate(true).module(&module)?.encode()?;
    let manifest = Manifest {
        id: "ledger".into(),
        name: "ledger".into(),
        version: Version { major: 1, minor: 0, patch: 0 },
        description: String::new(),
        kernel: KERNEL,
        profiles: BTreeSet::from(["state-apply".into()]),
        authors: BTreeMap::new(),
        drift_interval: 1024,
    };
    let components = BTreeMap::from([("state-apply".into(), component)]);
    let unsigned = bundle::pack(manifest, components).context("packing the ledger")?;
    Ok(unsigned.sign(&SecretKey::from_seed(&[42; 32])))
}

/// The ledger in plain Rust, to compare with: what one accepted, refused or trapped event does.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Model {
    /// The app's part of the state.
    pub(crate) state: BTreeMap<Vec<u8>, Vec<u8>>,
}

impl Model {
    /// Folds an event that the kernel's own rules let through.
    pub(crate) fn apply(&mut self, id: &[u8; 32], payload: &[u8]) {
        let Some((operation, key)) = payload.split_first() else { return };
        if matches!(operation, 1 | 2) {
            return;
        }
        let before = self.state.get(CHAIN).cloned().unwrap_or_else(|| vec![0; 32]);
        let link = blake3::hash(&[&before[..], id].concat());
        self.state.insert(CHAIN.into(), link.as_bytes().to_vec());
        match operation {
            3 if !key.is_empty() => {
                self.state.remove(key);
            }
            4 => {
                let flat: Vec<u8> = self.state.iter().take(64).flat_map(entry).collect();
                self.state.insert(DIGEST.into(), blake3::hash(&flat).as_bytes().to_vec());
            }
            _ if !key.is_empty() => {
                self.state.insert(key.into(), id.to_vec());
            }
            _ => {}
        }
    }
}

/// An entry as `state.scan` gives it.
fn entry((key, value): (&Vec<u8>, &Vec<u8>)) -> Vec<u8> {
    let size = |bytes: &[u8]| (bytes.len() as u32).to_le_bytes();
    [&size(key)[..], &size(value), key, value].concat()
}
