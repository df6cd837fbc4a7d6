//! Compares a state's trie with what a peer says is in its own, record by record.

use std::collections::BTreeSet;

use myrhiza_kernel_api::{Hash, Snapshot};

use super::diff::Subtree;
use super::path::{Path, Place};
use super::record::Record;
use super::{Address, Difference, StateError, Trie};

/// What comparing one record showed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Compared {
    /// Places below where the peer has something else, with the hash of its record there.
    pub below: Vec<(Address, Hash)>,
    /// Keys that differ.
    pub keys: Vec<Difference>,
}

impl Trie {
    /// The record at a place, if there is one. There always is one at the root.
    ///
    /// # Errors
    /// [`StateError`]
    pub fn record(&self, from: &dyn Snapshot, at: Address) -> Result<Option<Vec<u8>>, StateError> {
        let found = self.load(from, at.0)?.map(|record| record.into_owned());
        let empty = || (at == Address::ROOT).then(|| Record::Bucket(Vec::new()).encode());
        Ok(found.or_else(empty))
    }

    /// Compares the record a peer sent for a place with what is here. `None` if it is no record,
    /// not the one that the record above it (or the root) named, or has keys that do not belong
    /// there. Of keys that are only here, about `limit` are told.
    ///
    /// # Errors
    /// [`StateError`]
    pub fn compare(
        &self,
        from: &dyn Snapshot,
        at: Address,
        named: Option<Hash>,
        sent: &[u8],
        limit: usize,
    ) -> Result<Option<Compared>, StateError> {
        let place = at.0;
        let Some(record) = Record::decode(sent) else { return Ok(None) };
        if named.is_some_and(|named| record.summary(sent).hash != named) {
            return Ok(None);
        }
        let mut found = Compared::default();
        match record {
            Record::Bucket(leaves) => {
                let mut there = BTreeSet::new();
                for leaf in &leaves {
                    let path = Path::of(self.shape, leaf.key);
                    let Some(path) = path.filter(|path| place.is_on(path)) else { return Ok(None) };
                    there.insert(leaf.key);
                    let here = self.leaf(from, path, leaf.key)?;
                    if here != Some(leaf.hash) {
                        let (key, there) = (leaf.key.to_vec(), Some(leaf.hash));
                        found.keys.push(Difference { key, here, there });
                    }
                }
                let mut own = Vec::new();
                self.leaves(from, place, limit.saturating_add(there.len()), &mut own)?;
                own.retain(|only| !there.contains(&only.key[..]));
                found.keys.extend(own);
            }
            Record::Inner(children) => {
                let here = self.covering(from, place)?;
                for (nibble, there) in children.iter().enumerate() {
                    let below = place.child(nibble);
                    match (there, &here) {
                        (_, Subtree::Inner(own)) if own[nibble] == *there => {}
                        (Some(there), _) => found.below.push((Address(below), there.hash)),
                        (None, _) => self.leaves(from, below, limit, &mut found.keys)?,
                    }
                }
            }
        }
        Ok(Some(found))
    }

    /// What is at a place, also where that is part of a bucket further up.
    fn covering(&self, from: &dyn Snapshot, at: Place) -> Result<Subtree, StateError> {
        for depth in (0..=at.depth).rev() {
            let above = at.up_to(depth);
            if self.load(from, above)?.is_none() {
                continue;
            }
            match self.subtree(from, above)? {
                Subtree::Inner(_) if depth < at.depth => break,
                inner @ Subtree::Inner(_) => return Ok(inner),
                Subtree::Leaves(mut leaves) => {
                    leaves.retain(|(path, ..)| at.is_on(path));
                    return Ok(Subtree::Leaves(leaves));
                }
            }
        }
        Ok(Subtree::Leaves(Vec::new()))
    }

    /// The leaf of a key.
    fn leaf(
        &self,
        from: &dyn Snapshot,
        path: Path,
        key: &[u8],
    ) -> Result<Option<Hash>, StateError> {
        let mut place = Place::ROOT;
        loop {
            match self.subtree(from, place)? {
                Subtree::Inner(_) => place = place.child(path.nibble(place.depth)),
                Subtree::Leaves(leaves) => {
                    let leaf = leaves.into_iter().find(|(_, own, _)| own == key);
                    return Ok(leaf.map(|(.., hash)| hash));
                }
            }
        }
    }

    /// Adds the keys below a place as being only here, until there are `limit`.
    fn leaves(
        &self,
        from: &dyn Snapshot,
        at: Place,
        limit: usize,
        keys: &mut Vec<Difference>,
    ) -> Result<(), StateError> {
        match self.covering(from, at)? {
            Subtree::Leaves(leaves) => {
                let only = |(_, key, hash)| Difference { key, here: Some(hash), there: None };
                let room = limit.saturating_sub(keys.len());
                keys.extend(leaves.into_iter().take(room).map(only));
            }
            Subtree::Inner(children) => {
                for (nibble, _) in children.iter().enumerate().filter(|(_, c)| c.is_some()) {
                    if keys.len() >= limit {
                        break;
                    }
                    self.leaves(from, at.child(nibble), limit, keys)?;
                }
            }
        }
        Ok(())
    }
}
