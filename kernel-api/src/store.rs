//! Ordered keyspaces of bytes: owned snapshots to read, atomic durable batches to write.
//!
//! The shape fits LMDB, memory, redb and files behind a browser worker's handles: one writer at a
//! time, many readers, no cursor that outlives a call. Everything the kernel builds on it
//! (overlays, tries, scans with a limit) is above this line.

use std::borrow::Cow;
use std::ops::{Bound, ControlFlow};
use std::path::PathBuf;

use crate::{MaybeSend, MaybeSync};

/// One ordered map of a store. The kernel declares its keyspaces as constants and hands the whole
/// list to the store when it opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Keyspace {
    /// Position in the list given to the store; unique.
    pub index: u8,
    /// Name on disk; unique, `[a-z-]+`.
    pub name: &'static str,
}

/// What a store is opened with.
#[derive(Clone, Debug)]
pub struct StoreConfig {
    /// A folder of the store's own, which exists. `None` only where the store keeps nothing.
    pub path: Option<PathBuf>,
    /// Every keyspace there will be, in order of `index`.
    pub keyspaces: &'static [Keyspace],
}

/// What went wrong in a store. Never a verdict: the caller stops and may try again.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The medium is full. What was committed before is intact.
    #[error("store `{store}`: no space left while it {doing}; free some and run again")]
    Full {
        /// The store's name.
        store: &'static str,
        /// What it was doing.
        doing: &'static str,
        /// The cause.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// Any other failure of the medium or the engine.
    #[error("store `{store}` failed while it {doing}: {source}")]
    Failed {
        /// The store's name.
        store: &'static str,
        /// What it was doing.
        doing: &'static str,
        /// The cause.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// What was committed is not there as it was.
    #[error("store `{store}` is damaged: {why}")]
    Damaged {
        /// The store's name.
        store: &'static str,
        /// What shows it.
        why: String,
    },
    /// A write that no store takes. The batch it was in left nothing.
    #[error("store `{store}` was given {fault} in `{keyspace}`; this is a fault of the caller")]
    Refused {
        /// The store's name.
        store: &'static str,
        /// The keyspace written to.
        keyspace: &'static str,
        /// What is wrong with the write.
        fault: WriteFault,
    },
    /// The configuration does not fit this store.
    #[error("store `{store}` cannot be opened: {why}")]
    Config {
        /// The store's name.
        store: &'static str,
        /// What is wrong, and what to write instead.
        why: String,
    },
}

/// Why a write is refused, by every store alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WriteFault {
    /// The key is empty or longer than [`KEY_BYTES`].
    #[error("a key of {0} bytes, where 1 to {KEY_BYTES} are allowed")]
    Key(usize),
    /// The value is longer than [`VALUE_BYTES`].
    #[error("a value of {0} bytes, where up to {VALUE_BYTES} are allowed")]
    Value(usize),
    /// The store was not opened with this keyspace.
    #[error("a keyspace it was not opened with")]
    Keyspace,
}

/// Longest key of a store, in bytes (LMDB's limit).
pub const KEY_BYTES: usize = 511;
/// Longest value of a store, in bytes.
pub const VALUE_BYTES: usize = 2 << 20;

/// Ordered keyspaces of bytes.
///
/// # What an implementor must hold
///
/// - A snapshot sees exactly the batches committed before it was taken, for as long as it lives,
///   whatever is committed meanwhile.
/// - A batch is seen whole or not at all. When `commit` returns `Ok` it survives a kill or power
///   cut at any later instant; when it returns an error, it left nothing.
/// - Keys are 1 to [`KEY_BYTES`] bytes, values 0 to [`VALUE_BYTES`]; a batch with another is refused
///   by [`WriteBatch::check`] before anything is written. Keys order bytewise.
/// - A read never fails for its arguments: a key no store takes is not there, and bounds that
///   enclose nothing (also reversed ones) visit nothing.
pub trait Store: MaybeSend + MaybeSync {
    /// The name it is registered and configured by.
    fn name(&self) -> &'static str;

    /// A view of what is committed now.
    ///
    /// # Errors
    /// [`StoreError`] if the medium cannot be read.
    fn snapshot(&self) -> Result<Box<dyn Snapshot>, StoreError>;

    /// Writes a batch, atomically and durably.
    ///
    /// # Errors
    /// [`StoreError`]; nothing of the batch was written.
    fn commit(&self, batch: WriteBatch) -> Result<(), StoreError>;
}

/// An owned view of a store at one instant.
pub trait Snapshot: MaybeSend {
    /// The value of `key`, if there is one.
    ///
    /// # Errors
    /// [`StoreError`] if the medium cannot be read.
    fn get(&self, keyspace: Keyspace, key: &[u8]) -> Result<Option<Cow<'_, [u8]>>, StoreError>;

    /// Calls `visit` for the entries between the bounds, ascending, or descending if `reverse`,
    /// until it breaks.
    ///
    /// # Errors
    /// [`StoreError`] if the medium cannot be read.
    fn scan(
        &self,
        keyspace: Keyspace,
        range: KeyRange<'_>,
        reverse: bool,
        visit: &mut Visit<'_>,
    ) -> Result<(), StoreError>;
}

/// The bounds of a scan.
pub type KeyRange<'a> = (Bound<&'a [u8]>, Bound<&'a [u8]>);

/// True if the bounds can enclose a key. Ordered maps panic on those that cannot.
pub fn encloses((from, to): KeyRange<'_>) -> bool {
    match (from, to) {
        (Bound::Unbounded, _) | (_, Bound::Unbounded) => true,
        (Bound::Included(a), Bound::Included(b)) => a <= b,
        (Bound::Included(a) | Bound::Excluded(a), Bound::Included(b) | Bound::Excluded(b)) => a < b,
    }
}

/// Keys with their values.
pub type Entries = Vec<(Vec<u8>, Vec<u8>)>;

/// Called with each key and value of a scan; breaks to end it.
pub type Visit<'a> = dyn FnMut(&[u8], &[u8]) -> ControlFlow<()> + 'a;

/// Writes that become visible together.
///
/// Of several writes to one key the last counts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WriteBatch {
    writes: Vec<Write>,
}

/// One write of a batch: a put, or with `value: None` a delete.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Write {
    /// Where.
    pub keyspace: Keyspace,
    /// 1 to 511 bytes.
    pub key: Vec<u8>,
    /// The new value, or `None` to delete the key if it is there.
    pub value: Option<Vec<u8>>,
}

impl WriteBatch {
    /// An empty batch.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a put.
    pub fn put(&mut self, keyspace: Keyspace, key: impl Into<Vec<u8>>, value: impl Into<Vec<u8>>) {
        self.writes.push(Write { keyspace, key: key.into(), value: Some(value.into()) });
    }

    /// Adds a delete; deleting what is not there is no error.
    pub fn delete(&mut self, keyspace: Keyspace, key: impl Into<Vec<u8>>) {
        self.writes.push(Write { keyspace, key: key.into(), value: None });
    }

    /// The writes in the order they were added.
    pub fn writes(&self) -> &[Write] {
        &self.writes
    }

    /// The writes in the order they were added.
    pub fn into_writes(self) -> Vec<Write> {
        self.writes
    }

    /// Refuses what no store takes; every store calls it first in `commit`.
    ///
    /// # Errors
    /// [`StoreError::Refused`] for the first such write.
    pub fn check(&self, store: &'static str, keyspaces: &[Keyspace]) -> Result<(), StoreError> {
        let fault =
            |write: &Write| match (write.key.len(), write.value.as_ref().map_or(0, Vec::len)) {
                _ if keyspaces.get(usize::from(write.keyspace.index)) != Some(&write.keyspace) => {
                    Some(WriteFault::Keyspace)
                }
                (key, _) if key == 0 || key > KEY_BYTES => Some(WriteFault::Key(key)),
                (_, value) if value > VALUE_BYTES => Some(WriteFault::Value(value)),
                _ => None,
            };
        match self.writes.iter().find_map(|write| Some((write.keyspace.name, fault(write)?))) {
            Some((keyspace, fault)) => Err(StoreError::Refused { store, keyspace, fault }),
            None => Ok(()),
        }
    }

    /// True if nothing would be written.
    pub fn is_empty(&self) -> bool {
        self.writes.is_empty()
    }
}

/// What can be built on any [`Snapshot`].
pub trait StoreExt: Snapshot {
    /// Up to `limit` entries whose key starts with `prefix`, ascending.
    ///
    /// # Errors
    /// [`StoreError`] if the medium cannot be read.
    fn prefix(
        &self,
        keyspace: Keyspace,
        prefix: &[u8],
        limit: usize,
    ) -> Result<Entries, StoreError> {
        let mut found = Vec::new();
        if limit == 0 {
            return Ok(found);
        }
        let end = prefix_end(prefix);
        let to = end.as_deref().map_or(Bound::Unbounded, Bound::Excluded);
        self.scan(keyspace, (Bound::Included(prefix), to), false, &mut |key, value| {
            found.push((key.to_vec(), value.to_vec()));
            if found.len() < limit { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        })?;
        Ok(found)
    }
}

impl<S: Snapshot + ?Sized> StoreExt for S {}

/// The least key above every key that starts with `prefix`; `None` if there is none.
pub fn prefix_end(prefix: &[u8]) -> Option<Vec<u8>> {
    let last = prefix.iter().rposition(|&b| b != 0xff)?;
    let mut end = prefix[..=last].to_vec();
    end[last] += 1;
    Some(end)
}
