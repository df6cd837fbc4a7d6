//! The authenticated trie: one digest of a topic's state, and one of its log.
//!
//! A 16-way radix trie over fixed paths ([`path`]), with a [`record`] for each subtree, stored
//! under its place and overwritten there. The state's path is the hash of the key; the log's is
//! `height ‖ id` in order. The root is a function of the leaves alone, whatever led to them: equal
//! roots are equal maps, and two tries yield what differs by walking only what differs. A change
//! rehashes the records on its path and nothing else.
//!
//! An adversary who grinds keys or ids makes paths longer, by one record for each factor of 16 in
//! work, and no record larger: keys and the leaves of a bucket are bounded.

mod diff;
mod log;
mod path;
mod proof;
mod record;
mod remote;
#[cfg(test)]
mod tests;
mod update;
#[cfg(test)]
mod vectors;

pub use diff::Difference;
pub use log::{Address, Found, HINT_BYTES, Lie, LogKey, LogTrie, Records};
pub use proof::{ProofError, verify_log, verify_state};
pub use remote::Compared;
pub use update::Change;

use std::borrow::Cow;

use myrhiza_kernel_api::{EventId, Hash, Keyspace, Snapshot, StoreError, TopicId};

use self::path::{LOG_KEY_BYTES, Place};
use self::record::{Child, Record};
use super::StateError;
use crate::hash::{Context, derive};
use crate::schema;

/// The trie over a topic's state or log. The records are in the store; this names them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trie {
    shape: Shape,
    topic: TopicId,
}

/// How keys become paths.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    State,
    Log,
}

/// What a trie holds, in 40 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Root {
    /// The hash of the record at the root; it covers `count`.
    pub hash: Hash,
    /// How many leaves there are.
    pub count: u64,
}

impl Trie {
    /// The trie over the state, keyed by side ‖ key.
    pub const fn state(topic: TopicId) -> Self {
        Self { shape: Shape::State, topic }
    }

    /// The trie over the log, keyed by height ‖ id.
    pub const fn log(topic: TopicId) -> Self {
        Self { shape: Shape::Log, topic }
    }

    /// The root as of the last [`Trie::apply`].
    ///
    /// # Errors
    /// [`StateError`]
    pub fn root(&self, from: &dyn Snapshot) -> Result<Root, StateError> {
        match self.load(from, Place::ROOT)? {
            Some(bytes) => Ok(self.decode(&bytes)?.summary(&bytes).into()),
            None => Ok(Root::empty()),
        }
    }

    fn keyspace(&self) -> Keyspace {
        match self.shape {
            Shape::State => schema::STATE_TRIE,
            Shape::Log => schema::LOG_TRIE,
        }
    }

    fn stored(&self, place: Place) -> Vec<u8> {
        let mut key = Vec::with_capacity(TopicId::LEN + 2 + place.depth / 2);
        key.extend(self.topic.0);
        place.address(&mut key);
        key
    }

    fn load<'a>(
        &self,
        from: &'a dyn Snapshot,
        place: Place,
    ) -> Result<Option<Cow<'a, [u8]>>, StoreError> {
        from.get(self.keyspace(), &self.stored(place))
    }

    /// Loads a record that the one above it names.
    fn load_named<'a>(
        &self,
        from: &'a dyn Snapshot,
        place: Place,
    ) -> Result<Cow<'a, [u8]>, StateError> {
        self.load(from, place)?.ok_or_else(|| self.damaged("is missing"))
    }

    fn decode<'a>(&self, bytes: &'a [u8]) -> Result<Record<'a>, StateError> {
        Record::decode(bytes).ok_or_else(|| self.damaged("does not decode"))
    }

    fn damaged(&self, why: &'static str) -> StateError {
        StateError::damaged(self.keyspace(), why)
    }
}

impl Root {
    /// The root of a trie without leaves: that of the empty bucket.
    pub fn empty() -> Self {
        let bucket = Record::Bucket(Vec::new());
        bucket.summary(&bucket.encode()).into()
    }
}

impl From<Child> for Root {
    fn from(Child { hash, count }: Child) -> Self {
        Self { hash, count }
    }
}

/// The leaf of a state entry; `key` is side ‖ key. It covers the key's length (u16, big-endian),
/// the key and the value.
pub fn state_leaf(key: &[u8], value: &[u8]) -> Hash {
    derive(Context::StateLeaf, &[&(key.len() as u16).to_be_bytes(), key, value])
}

/// The key of an event in the log's trie.
fn log_key(height: u64, id: EventId) -> [u8; LOG_KEY_BYTES] {
    let mut key = [0; LOG_KEY_BYTES];
    let (start, end) = key.split_at_mut(8);
    start.copy_from_slice(&height.to_be_bytes());
    end.copy_from_slice(&id.0);
    key
}

/// The leaf of an event: it covers the key.
fn log_leaf(key: &[u8]) -> Hash {
    derive(Context::LogLeaf, &[key])
}
