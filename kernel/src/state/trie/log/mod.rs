//! What two peers need to find, over a wire, what differs between their logs' tries.
//!
//! The one who looks names places and gives [`hints`] of what they have below; the other answers
//! with the records that differ ([`serve`]), and each is checked against what the record above it
//! named before it is believed ([`compare`]). Of a log, a leaf is its key, so a bucket is sent as
//! its keys alone. Layouts: `docs/spec/sync.md`.

mod address;
mod compare;
mod hints;
mod serve;
#[cfg(test)]
mod tests;
mod upto;
mod wire;

pub use address::Address;
pub use compare::{Found, Lie};
pub use hints::HINT_BYTES;

use myrhiza_kernel_api::{EventId, Snapshot, TopicId};

use super::path::{LOG_KEY_BYTES, Path, Place};
use super::record::{Children, Record};
use super::{Root, Shape, StateError, Trie, log_key};

/// Where an event stands in a log's trie. Orders as the log does within an epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LogKey {
    /// Its height.
    pub height: u64,
    /// Its id.
    pub id: EventId,
}

impl LogKey {
    fn read(key: &[u8]) -> Option<Self> {
        let key: &[u8; LOG_KEY_BYTES] = key.try_into().ok()?;
        let (height, id) = key.split_first_chunk()?;
        Some(Self { height: u64::from_be_bytes(*height), id: EventId::from_slice(id)? })
    }

    fn to_bytes(self) -> [u8; LOG_KEY_BYTES] {
        log_key(self.height, self.id)
    }

    fn path(self) -> Path {
        Path::of_log(&self.to_bytes())
    }
}

/// Records as they are sent, each with its place.
pub type Records = Vec<(Address, Vec<u8>)>;

/// One topic's log trie as a snapshot has it.
#[derive(Clone, Copy)]
pub struct LogTrie<'a> {
    trie: Trie,
    from: &'a dyn Snapshot,
}

/// A subtree: an inner record, or the few leaves of one that is a bucket or part of one.
enum Subtree {
    Inner(Box<Children>),
    Leaves(Vec<LogKey>),
}

impl<'a> LogTrie<'a> {
    /// The trie over the log of `topic`.
    pub fn new(from: &'a dyn Snapshot, topic: TopicId) -> Self {
        Self { trie: Trie { shape: Shape::Log, topic }, from }
    }

    /// Its root.
    ///
    /// # Errors
    /// [`StateError`]
    pub fn root(&self) -> Result<Root, StateError> {
        self.trie.root(self.from)
    }

    fn load(&self, place: Place) -> Result<Option<Subtree>, StateError> {
        let Some(bytes) = self.trie.load(self.from, place)? else { return Ok(None) };
        Ok(Some(match self.trie.decode(&bytes)? {
            Record::Inner(children) => Subtree::Inner(children),
            Record::Bucket(leaves) => {
                let keys = leaves.iter().map(|leaf| LogKey::read(leaf.key)).collect::<Option<_>>();
                let bad = || self.trie.damaged("has a key of another size");
                Subtree::Leaves(keys.ok_or_else(bad)?)
            }
        }))
    }

    /// What is below a place, also where that is part of a bucket further up.
    fn subtree(&self, at: Place) -> Result<Subtree, StateError> {
        for depth in (0..=at.depth).rev() {
            let above = at.up_to(depth);
            match self.load(above)? {
                None => {}
                Some(Subtree::Inner(children)) if depth == at.depth => {
                    return Ok(Subtree::Inner(children));
                }
                Some(Subtree::Inner(_)) => break,
                Some(Subtree::Leaves(mut keys)) => {
                    keys.retain(|key| at.is_on(&key.path()));
                    return Ok(Subtree::Leaves(keys));
                }
            }
        }
        Ok(Subtree::Leaves(Vec::new()))
    }

    /// The first `limit` keys below a place, ascending, added to `keys`.
    fn keys(&self, at: Place, limit: usize, keys: &mut Vec<LogKey>) -> Result<(), StateError> {
        match self.subtree(at)? {
            Subtree::Leaves(below) => {
                let room = limit.saturating_sub(keys.len());
                keys.extend(below.into_iter().take(room));
            }
            Subtree::Inner(children) => {
                for (nibble, _) in children.iter().enumerate().filter(|(_, c)| c.is_some()) {
                    if keys.len() >= limit {
                        break;
                    }
                    self.keys(at.child(nibble), limit, keys)?;
                }
            }
        }
        Ok(())
    }
}
