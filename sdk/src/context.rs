//! What an app's functions can reach, as traits: implemented by the kernel's imports in a
//! component and by the model in tests.
//!
//! A component imports the interfaces whose methods its code calls, and no others.

use crate::device::Keep;
use crate::id::{EventId, Hash, Person, Scope, TopicId};

/// How much a log line matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Level {
    Error,
    Warn,
    Info,
    Debug,
}

/// What every function of an app can use.
pub trait Context {
    /// Writes a line to this peer's log. It changes nothing.
    fn log(&self, level: Level, message: &str);
    /// BLAKE3.
    fn hash(&self, data: &[u8]) -> Hash;
    /// Whether `signature` is `key`'s Ed25519 signature of `message`.
    fn verify(&self, key: &[u8; 32], message: &[u8], signature: &[u8; 64]) -> bool;
    /// The scope that made two events with one number, if that is what `proof` proves.
    fn fork_proof(&self, proof: &[u8]) -> Option<Scope>;
    /// This topic.
    fn topic(&self) -> TopicId;
    /// Who founded it.
    fn founder(&self) -> Person;
    /// How many upgrades the app is away from the topic's first version of it.
    fn generation(&self) -> u32;
    /// Who invited `person` (the founder invited themselves), if a member.
    fn inviter(&self, person: &Person) -> Option<Person>;
    /// Up to `limit` members above `after`, ascending, each with who invited them.
    fn members(&self, after: Option<&Person>, limit: u32) -> Vec<(Person, Person)>;

    /// Whether `person` is a member of the topic.
    fn is_member(&self, person: &Person) -> bool {
        self.inviter(person).is_some()
    }
}

/// Reading the state. [`Cell`](crate::Cell), [`Map`](crate::Map) and their like are built on it.
pub trait ReadState {
    /// The value of a key.
    fn get(&self, key: &[u8]) -> Option<Vec<u8>>;
    /// Entries with `from <= key < to` (an empty `to`: no end), ascending, at most `limit` and
    /// about 1 MiB of them: key length (u32, little-endian), value length (u32), key, value.
    fn scan(&self, from: &[u8], to: &[u8], limit: u32) -> Vec<u8>;
}

/// Changing the state.
pub trait WriteState: ReadState {
    /// Sets the value of a key.
    fn set(&mut self, key: &[u8], value: &[u8]);
    /// Removes a key.
    fn delete(&mut self, key: &[u8]);
}

/// Time and chance, where what is made of them is judged by others.
pub trait Free {
    /// This peer's hybrid logical clock: milliseconds since 1970 shifted left by 16, and a counter.
    fn now(&self) -> u64;
    /// Random bytes, at most 1 MiB.
    fn random(&self, len: u32) -> Vec<u8>;
}

/// What `apply` can reach: the event, the state as it was before it, and the topic's facts. That
/// is all a verdict may depend on.
pub trait ApplyContext: Context + WriteState {
    /// The event's id.
    fn event_id(&self) -> EventId;
    /// Who made it.
    fn person(&self) -> Person;
    /// With which of their keys.
    fn scope(&self) -> Scope;
    /// Whether that key is a behavior's, not a device's.
    fn is_behavior(&self) -> bool;
    /// Its number among the scope's events, from 0.
    fn seq(&self) -> u64;
    /// Its depth in the topic's history.
    fn height(&self) -> u64;
    /// Its author's claim of the time, in the form of [`Free::now`]. It may be a lie.
    fn hlc(&self) -> u64;
    /// The [`Context::generation`] it was made for.
    fn made_for(&self) -> u32;
    /// The number of its kind.
    fn variant(&self) -> u32;
    /// Its content.
    fn payload(&self) -> Vec<u8>;
}

/// What `propose` can reach: the state at the tip of what this peer has folded.
pub trait ProposeContext: Context + ReadState + Free {}
impl<T: Context + ReadState + Free> ProposeContext for T {}

/// What a view can reach.
pub trait ViewContext: Context + ReadState + Free + Keep {
    /// The person in front of the screen.
    fn viewer(&self) -> Person;
}
