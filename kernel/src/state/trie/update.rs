//! Applying a batch of changes: each record on a changed path is read, rewritten and hashed once.

use std::borrow::Cow;

use myrhiza_kernel_api::{EventId, Hash, Snapshot, TopicId};

use super::path::{Path, Place};
use super::record::{BUCKET, Child, Children, Leaf, Record, total};
use super::{Root, Trie, log_key, log_leaf, state_leaf};
use crate::schema;
use crate::state::{Overlay, StateError};

/// A leaf to be set, or taken away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    path: Path,
    key: Vec<u8>,
    leaf: Option<Hash>,
}

impl Change {
    /// `key` (side ‖ key) of the state now has this value, or none.
    pub fn state(key: &[u8], value: Option<&[u8]>) -> Self {
        let leaf = value.map(|value| state_leaf(key, value));
        Self { path: Path::of_state(key), key: key.to_vec(), leaf }
    }

    /// An event is in the log.
    pub fn log(height: u64, id: EventId) -> Self {
        let key = log_key(height, id);
        Self { path: Path::of_log(&key), key: key.to_vec(), leaf: Some(log_leaf(&key)) }
    }
}

/// A leaf on its way to a bucket; the path only once it is known or needed.
struct Placed<'a> {
    key: &'a [u8],
    leaf: Option<Hash>,
    path: Option<Path>,
}

impl Trie {
    /// Brings the trie over a topic's state up to date, after `keys` (side ‖ key, in any order,
    /// doubled or not) may have changed in the overlay.
    ///
    /// # Errors
    /// [`StateError`]; the overlay is then of no use and must be dropped.
    pub fn update_state<K: AsRef<[u8]>>(
        topic: TopicId,
        overlay: &mut Overlay,
        keys: impl IntoIterator<Item = K>,
    ) -> Result<Root, StateError> {
        let change = |key: K| -> Result<Change, StateError> {
            let key = key.as_ref();
            let value = overlay.get(schema::STATE, &[topic.as_ref(), key].concat())?;
            Ok(Change::state(key, value.as_deref()))
        };
        let changes = keys.into_iter().map(change).collect::<Result<_, _>>()?;
        Self::state(topic).apply(overlay, changes)
    }

    /// Applies changes, of several to one key the last, and returns the new root.
    ///
    /// # Errors
    /// [`StateError`]; the overlay is then of no use and must be dropped.
    pub fn apply(
        &self,
        overlay: &mut Overlay,
        mut changes: Vec<Change>,
    ) -> Result<Root, StateError> {
        changes.reverse();
        changes.sort_by_key(|change| change.path);
        changes.dedup_by_key(|change| change.path);
        if changes.is_empty() {
            return self.root(overlay);
        }
        let root = self.update(overlay, Place::ROOT, &changes)?;
        Ok(root.map_or_else(Root::empty, Root::from))
    }

    /// Applies changes, sorted by path and all below `place`, and returns what is there then.
    fn update(
        &self,
        overlay: &mut Overlay,
        place: Place,
        changes: &[Change],
    ) -> Result<Option<Child>, StateError> {
        let old = self.load(overlay, place)?.map(Cow::into_owned);
        match old.as_deref().map(|bytes| self.decode(bytes)).transpose()? {
            Some(Record::Inner(children)) => self.update_inner(overlay, place, children, changes),
            Some(Record::Bucket(leaves)) => self.build(overlay, place, merge(&leaves, changes)),
            None => self.build(overlay, place, merge(&[], changes)),
        }
    }

    fn update_inner(
        &self,
        overlay: &mut Overlay,
        place: Place,
        mut children: Box<Children>,
        mut changes: &[Change],
    ) -> Result<Option<Child>, StateError> {
        while let Some(first) = changes.first() {
            let nibble = first.path.nibble(place.depth);
            let same = |change: &Change| change.path.nibble(place.depth) == nibble;
            let (below, later) = changes.split_at(changes.partition_point(same));
            children[nibble] = self.update(overlay, place.child(nibble), below)?;
            changes = later;
        }
        if total(&children).is_some_and(|total| total <= BUCKET as u64) {
            return self.collapse(overlay, place, &children);
        }
        Ok(self.write(overlay, place, &Record::Inner(children)))
    }

    /// Draws the few leaves left below an inner record into one bucket in its place.
    fn collapse(
        &self,
        overlay: &mut Overlay,
        place: Place,
        children: &Children,
    ) -> Result<Option<Child>, StateError> {
        let mut records = Vec::new();
        for (nibble, _) in children.iter().enumerate().filter(|(_, child)| child.is_some()) {
            let child = place.child(nibble);
            records.push(self.load_named(overlay, child)?.into_owned());
            overlay.delete(self.keyspace(), self.stored(child));
        }
        let mut leaves = Vec::new();
        for bytes in &records {
            match self.decode(bytes)? {
                Record::Bucket(below) => leaves.extend(below),
                Record::Inner(_) => return Err(self.damaged("counts its leaves wrong")),
            }
        }
        leaves.sort_unstable_by_key(|leaf| leaf.key);
        Ok(self.write(overlay, place, &Record::Bucket(leaves)))
    }

    /// Writes leaves, ascending by key, where there was no inner record.
    fn build(
        &self,
        overlay: &mut Overlay,
        place: Place,
        leaves: Vec<Placed<'_>>,
    ) -> Result<Option<Child>, StateError> {
        if leaves.len() <= BUCKET {
            let leaves = leaves.into_iter();
            let bucket = leaves.filter_map(|p| Some(Leaf { key: p.key, hash: p.leaf? })).collect();
            return Ok(self.write(overlay, place, &Record::Bucket(bucket)));
        }
        let mut below: [Vec<Placed<'_>>; 16] = Default::default();
        for mut placed in leaves {
            let path = match placed.path {
                Some(path) => path,
                None => Path::of(self.shape, placed.key)
                    .ok_or_else(|| self.damaged("has a key of another size"))?,
            };
            placed.path = Some(path);
            below[path.nibble(place.depth)].push(placed);
        }
        let mut children = Box::new([None; 16]);
        for (nibble, leaves) in below.into_iter().enumerate().filter(|(_, l)| !l.is_empty()) {
            children[nibble] = self.build(overlay, place.child(nibble), leaves)?;
        }
        Ok(self.write(overlay, place, &Record::Inner(children)))
    }

    /// Writes a record in its place; one without leaves is not kept.
    fn write(&self, overlay: &mut Overlay, place: Place, record: &Record<'_>) -> Option<Child> {
        let key = self.stored(place);
        if record.count() == 0 {
            overlay.delete(self.keyspace(), key);
            return None;
        }
        let bytes = record.encode();
        let child = record.summary(&bytes);
        overlay.put(self.keyspace(), key, bytes);
        Some(child)
    }
}

/// The leaves of a bucket after changes, ascending by key.
fn merge<'a>(bucket: &[Leaf<'a>], changes: &'a [Change]) -> Vec<Placed<'a>> {
    let changed = changes.iter().map(|change| Placed {
        key: &change.key,
        leaf: change.leaf,
        path: Some(change.path),
    });
    let kept =
        bucket.iter().map(|leaf| Placed { key: leaf.key, leaf: Some(leaf.hash), path: None });
    let mut leaves: Vec<_> = changed.chain(kept).collect();
    // Stable, so that of two leaves with one key the change comes first and stays.
    leaves.sort_by_key(|placed| placed.key);
    leaves.dedup_by_key(|placed| placed.key);
    leaves.retain(|placed| placed.leaf.is_some());
    leaves
}
