//! The kernel as the rules see it.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use super::device::Device;
use crate::context::{ApplyContext, Context, Free, Level, ReadState, ViewContext, WriteState};
use crate::fault::fault;
use crate::id::{EventId, Hash, Person, Scope, TopicId};
use crate::state::KEY_BYTES;

const VALUE_BYTES: usize = 1 << 20;
const SCAN_BYTES: usize = 1 << 20;
const MEMBERS_LISTED: usize = 16_384;

/// An event of the model.
#[derive(Clone, Debug)]
pub(super) struct Made {
    pub(super) id: EventId,
    pub(super) person: Person,
    pub(super) seq: u64,
    pub(super) height: u64,
    pub(super) variant: u32,
    pub(super) payload: Vec<u8>,
}

/// What rules reach in the model: a state, a topic's facts, and perhaps an event or a viewer.
#[derive(Clone)]
pub struct Host {
    pub(super) state: BTreeMap<Vec<u8>, Vec<u8>>,
    /// Each member and who invited them.
    members: BTreeMap<Person, Person>,
    founder: Person,
    viewer: Person,
    event: Option<Made>,
    now: Cell<u64>,
    chance: Cell<u64>,
    log: RefCell<Vec<(Level, String)>>,
    pub(super) device: Device,
}

impl Host {
    /// The empty state of a topic whose founder invited the others, seen by one of them.
    pub(super) fn new(founder: Person, members: &[Person], viewer: Person) -> Self {
        Self {
            state: BTreeMap::new(),
            members: members.iter().map(|person| (*person, founder)).collect(),
            founder,
            viewer,
            event: None,
            now: Cell::new(1 << 16),
            chance: Cell::new(0),
            log: RefCell::default(),
            device: Device::default(),
        }
    }

    pub(super) fn at(&mut self, event: Made) {
        self.event = Some(event);
    }

    /// The state's entries.
    pub fn entries(&self) -> &BTreeMap<Vec<u8>, Vec<u8>> {
        &self.state
    }

    /// The lines that the rules logged.
    pub fn logged(&self) -> Vec<(Level, String)> {
        self.log.borrow().clone()
    }

    /// A signature that [`Context::verify`] takes for `key`'s of `message`. It is the model's own.
    pub fn sign(&self, key: &[u8; 32], message: &[u8]) -> [u8; 64] {
        let mut signature = [0; 64];
        let mut hasher = blake3::Hasher::new_keyed(key);
        hasher.update(message).finalize_xof().fill(&mut signature);
        signature
    }

    /// A proof that [`Context::fork_proof`] takes as one against `scope`. It is the model's own.
    pub fn prove_fork(&self, scope: &Scope) -> Vec<u8> {
        [&scope.0[..], &self.sign(&scope.0, b"fork")].concat()
    }

    fn event(&self) -> &Made {
        match &self.event {
            Some(event) => event,
            None => fault("there is no event outside `apply`"),
        }
    }
}

/// Entries as the kernel's scans give them.
pub(super) fn flat(
    map: &BTreeMap<Vec<u8>, Vec<u8>>,
    from: &[u8],
    to: &[u8],
    limit: u32,
) -> Vec<u8> {
    let mut out: Vec<u8> = Vec::new();
    for (key, value) in map.range(from.to_vec()..).take(limit as usize) {
        let full = !out.is_empty() && out.len() + key.len() + value.len() + 8 > SCAN_BYTES;
        if full || !to.is_empty() && key.as_slice() >= to {
            break;
        }
        out.extend((key.len() as u32).to_le_bytes());
        out.extend((value.len() as u32).to_le_bytes());
        out.extend(key);
        out.extend(value);
    }
    out
}

fn checked(key: &[u8]) -> &[u8] {
    if key.is_empty() || key.len() > KEY_BYTES {
        fault("a state key is empty or longer than 384 bytes");
    }
    key
}

impl Context for Host {
    fn log(&self, level: Level, message: &str) {
        self.log.borrow_mut().push((level, message.into()));
    }
    fn hash(&self, data: &[u8]) -> Hash {
        Hash(*blake3::hash(data).as_bytes())
    }
    fn verify(&self, key: &[u8; 32], message: &[u8], signature: &[u8; 64]) -> bool {
        self.sign(key, message) == *signature
    }
    fn fork_proof(&self, proof: &[u8]) -> Option<Scope> {
        let scope = Scope(*proof.first_chunk()?);
        (self.prove_fork(&scope) == proof).then_some(scope)
    }
    fn topic(&self) -> TopicId {
        TopicId(self.founder.0)
    }
    fn founder(&self) -> Person {
        self.founder
    }
    fn generation(&self) -> u32 {
        0
    }
    fn inviter(&self, person: &Person) -> Option<Person> {
        self.members.get(person).copied()
    }
    fn members(&self, after: Option<&Person>, limit: u32) -> Vec<(Person, Person)> {
        self.members
            .iter()
            .filter(|(person, _)| after.is_none_or(|after| *person > after))
            .take((limit as usize).min(MEMBERS_LISTED))
            .map(|(person, inviter)| (*person, *inviter))
            .collect()
    }
}

impl ReadState for Host {
    fn get(&self, key: &[u8]) -> Option<Vec<u8>> {
        self.state.get(checked(key)).cloned()
    }
    fn scan(&self, from: &[u8], to: &[u8], limit: u32) -> Vec<u8> {
        if from.len() > KEY_BYTES || to.len() > KEY_BYTES {
            fault("a bound of a scan is longer than 384 bytes");
        }
        flat(&self.state, from, to, limit)
    }
}

impl WriteState for Host {
    fn set(&mut self, key: &[u8], value: &[u8]) {
        if value.len() > VALUE_BYTES {
            fault("a state value is longer than 1 MiB");
        }
        self.state.insert(checked(key).into(), value.into());
    }
    fn delete(&mut self, key: &[u8]) {
        self.state.remove(checked(key));
    }
}

impl Free for Host {
    fn now(&self) -> u64 {
        self.now.replace(self.now.get() + 1)
    }
    fn random(&self, len: u32) -> Vec<u8> {
        let draw = self.chance.replace(self.chance.get() + 1);
        let mut bytes = vec![0; len as usize];
        let mut hasher = blake3::Hasher::new();
        hasher.update(&self.viewer.0).update(&draw.to_be_bytes()).finalize_xof().fill(&mut bytes);
        bytes
    }
}

/// Each person has one device, whose key is the person's.
impl ApplyContext for Host {
    fn event_id(&self) -> EventId {
        self.event().id
    }
    fn person(&self) -> Person {
        self.event().person
    }
    fn scope(&self) -> Scope {
        Scope(self.event().person.0)
    }
    fn is_behavior(&self) -> bool {
        false
    }
    fn seq(&self) -> u64 {
        self.event().seq
    }
    fn height(&self) -> u64 {
        self.event().height
    }
    fn hlc(&self) -> u64 {
        self.event().height << 16
    }
    fn made_for(&self) -> u32 {
        0
    }
    fn variant(&self) -> u32 {
        self.event().variant
    }
    fn payload(&self) -> Vec<u8> {
        self.event().payload.clone()
    }
}

impl ViewContext for Host {
    fn viewer(&self) -> Person {
        self.viewer
    }
}
