//! What differs between two tries, found by walking only the branches that differ.

use std::cmp::Ordering;
use std::ops::ControlFlow;

use myrhiza_kernel_api::{Hash, Snapshot};

use super::path::{Path, Place};
use super::record::{Children, Record};
use super::{StateError, Trie};

/// A key that two tries do not hold alike.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The key, as the trie is keyed: side ‖ key, or height ‖ id.
    pub key: Vec<u8>,
    /// Its leaf on the first side.
    pub here: Option<Hash>,
    /// Its leaf on the second.
    pub there: Option<Hash>,
}

type Found<'a> = dyn FnMut(Difference) -> ControlFlow<()> + 'a;

/// A leaf's path, key and hash.
pub(super) type OwnedLeaf = (Path, Vec<u8>, Hash);

/// One side's subtree at a place. A bucket stands for the whole subtree, so it can be walked
/// against an inner record.
pub(super) enum Subtree {
    Inner(Box<Children>),
    Leaves(Vec<OwnedLeaf>),
}

impl Trie {
    /// Visits every key at which this trie differs between two snapshots, until `found` breaks.
    /// Of the log in canonical order; of the state in an order of its own, the same everywhere.
    ///
    /// # Errors
    /// [`StateError`]
    pub fn diff(
        &self,
        here: &dyn Snapshot,
        there: &dyn Snapshot,
        found: &mut Found<'_>,
    ) -> Result<(), StateError> {
        if self.load(here, Place::ROOT)? == self.load(there, Place::ROOT)? {
            return Ok(());
        }
        let sides = [here, there];
        let [left, right] = sides.map(|side| self.subtree(side, Place::ROOT));
        let _ended = self.walk(sides, Place::ROOT, [left?, right?], found)?;
        Ok(())
    }

    fn walk(
        &self,
        sides: [&dyn Snapshot; 2],
        place: Place,
        subtrees: [Subtree; 2],
        found: &mut Found<'_>,
    ) -> Result<ControlFlow<()>, StateError> {
        if let [Subtree::Leaves(here), Subtree::Leaves(there)] = subtrees {
            return Ok(compare(here, there, found));
        }
        for nibble in 0..16 {
            if let [Subtree::Inner(here), Subtree::Inner(there)] = &subtrees
                && here[nibble] == there[nibble]
            {
                continue;
            }
            let below = |n: usize| self.below(sides[n], place, &subtrees[n], nibble);
            if self.walk(sides, place.child(nibble), [below(0)?, below(1)?], found)?.is_break() {
                return Ok(ControlFlow::Break(()));
            }
        }
        Ok(ControlFlow::Continue(()))
    }

    pub(super) fn subtree(&self, from: &dyn Snapshot, place: Place) -> Result<Subtree, StateError> {
        let Some(bytes) = self.load(from, place)? else {
            return Ok(Subtree::Leaves(Vec::new()));
        };
        match self.decode(&bytes)? {
            Record::Inner(children) => Ok(Subtree::Inner(children)),
            Record::Bucket(leaves) => {
                let leaf =
                    |key: &[u8], hash| Some((Path::of(self.shape, key)?, key.to_vec(), hash));
                let leaves = leaves.iter().map(|l| leaf(l.key, l.hash)).collect::<Option<_>>();
                leaves.map(Subtree::Leaves).ok_or_else(|| self.damaged("has a key of another size"))
            }
        }
    }

    fn below(
        &self,
        from: &dyn Snapshot,
        place: Place,
        subtree: &Subtree,
        nibble: usize,
    ) -> Result<Subtree, StateError> {
        match subtree {
            Subtree::Inner(children) if children[nibble].is_some() => {
                self.subtree(from, place.child(nibble))
            }
            Subtree::Inner(_) => Ok(Subtree::Leaves(Vec::new())),
            Subtree::Leaves(leaves) => {
                let here = leaves.iter().filter(|(path, ..)| path.nibble(place.depth) == nibble);
                Ok(Subtree::Leaves(here.cloned().collect()))
            }
        }
    }
}

/// Visits what differs between two lists of leaves, each ascending by key.
fn compare(here: Vec<OwnedLeaf>, there: Vec<OwnedLeaf>, found: &mut Found<'_>) -> ControlFlow<()> {
    let (mut here, mut there) = (here.into_iter().peekable(), there.into_iter().peekable());
    loop {
        let order = match (here.peek(), there.peek()) {
            (Some((_, a, _)), Some((_, b, _))) => a.cmp(b),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (None, None) => return ControlFlow::Continue(()),
        };
        let left = if order.is_le() { here.next() } else { None };
        let right = if order.is_ge() { there.next() } else { None };
        let hash = |leaf: &Option<OwnedLeaf>| leaf.as_ref().map(|(.., hash)| *hash);
        let (here, there) = (hash(&left), hash(&right));
        if here != there
            && let Some((_, key, _)) = left.or(right)
        {
            found(Difference { key, here, there })?;
        }
    }
}
