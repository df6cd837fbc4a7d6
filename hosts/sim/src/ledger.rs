//! The app of the simulation: one whose state shows any difference in order, in three versions.

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail};
use myrhiza_kernel::bundle::{self, Bundle, Capabilities, KERNEL, Manifest, Version};
use myrhiza_kernel::event::Event;
use myrhiza_kernel::event::payload::Payload;
use myrhiza_kernel::identity::SecretKey;
use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

const WIT: &str = include_str!("../../../wit/kernel.wit");
const APPLY: &str = include_str!("ledger.wat");
const MIGRATE: &str = include_str!("migrate.wat");
/// What a key is set to: of the event's id so many bytes, less in later versions.
const SET: &str = "(local.get $id) (i32.const 32))))";
/// The state key of the hash chain over the accepted events.
const CHAIN: &[u8] = &[0];
/// The state key of the digest that operation 4 takes.
const DIGEST: &[u8] = &[1];
/// The state keys that a migration sets.
const MIGRATED: [&[u8]; 2] = [&[2], &[3]];

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

/// Bytes of an event's id that a version keeps under a key.
fn kept(major: u32) -> usize {
    32 - major as usize + 1
}

/// The signed bundle of a version.
///
/// # Errors
/// None that a build which passes its tests has.
pub(crate) fn ledger(major: u32) -> Result<Bundle> {
    let set = SET.replace("const 32", &format!("const {}", kept(major)));
    let apply = component("state-apply", &APPLY.replace(SET, &set))?;
    let mut components = BTreeMap::from([("state-apply".to_owned(), apply)]);
    if major > 1 {
        components.insert("migrate".into(), component("migrate", MIGRATE)?);
    }
    let manifest = Manifest {
        id: "ledger".into(),
        name: "ledger".into(),
        version: Version { major, minor: 0, patch: 0 },
        description: String::new(),
        kernel: KERNEL,
        profiles: components.keys().cloned().collect(),
        capabilities: Capabilities::default(),
        authors: BTreeMap::new(),
        // So that homes vote on their states many times in a history.
        drift_interval: 16,
    };
    let unsigned = bundle::pack(manifest, components).context("packing the ledger")?;
    Ok(unsigned.sign(&SecretKey::from_seed(&[42; 32])))
}

fn component(world: &str, wat: &str) -> Result<Vec<u8>> {
    let mut module = wat::parse_str(wat)?;
    let mut resolve = Resolve::default();
    let package = resolve.push_str("kernel.wit", WIT)?;
    let world = resolve.select_world(&[package], Some(world))?;
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8, false)?;
    ComponentEncoder::default().validate(true).module(&module)?.encode()
}

/// The ledger in plain Rust, to compare with: what one accepted, refused or trapped event does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Model {
    /// The version in force.
    major: u32,
    /// The app's part of the state.
    pub(crate) state: BTreeMap<Vec<u8>, Vec<u8>>,
}

impl Default for Model {
    fn default() -> Self {
        Self { major: 1, state: BTreeMap::new() }
    }
}

impl Model {
    /// Folds an upgrade that the kernel's own rules let through; false if its migration traps.
    pub(crate) fn upgrade(&mut self, event: &Event) -> Result<bool> {
        let Payload::Upgrade(upgrade) = Payload::decode(event.body())? else {
            bail!("{} is no upgrade", event.id());
        };
        if let Some(head) = self.state.get(CHAIN).cloned() {
            if head.last().is_some_and(|last| last & 3 == 0) {
                return Ok(false);
            }
            let hash = blake3::hash(&[&head[..], &[self.major as u8]].concat());
            let values = [head, hash.as_bytes().to_vec()];
            self.state.extend(MIGRATED.map(Vec::from).into_iter().zip(values));
        }
        self.major = upgrade.to.manifest().version.major;
        Ok(true)
    }

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
                self.state.insert(key.into(), id[..kept(self.major)].to_vec());
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
