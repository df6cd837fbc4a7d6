//! A topic's state: an ordered map of bytes to bytes, in a part for the kernel and one for guests.

use std::borrow::Cow;
use std::ops::Bound;

use myrhiza_kernel_api::store::{KeyRange, Visit, encloses, prefix_end};
use myrhiza_kernel_api::{Snapshot, StoreError, TopicId};

use super::Overlay;
use crate::schema::STATE;

const SIDE_KERNEL: u8 = 0;
const SIDE_GUEST: u8 = 1;
/// Bytes before a key in the store: topic and side.
const PREFIX: usize = TopicId::LEN + 1;

/// One part of one topic's state. Every key it is given or gives is its own: no key of one part
/// names anything in the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StateMap {
    prefix: [u8; PREFIX],
}

impl StateMap {
    /// What the kernel folds of its own event kinds; guests cannot name it.
    pub const fn kernel(topic: TopicId) -> Self {
        Self::part(topic, SIDE_KERNEL)
    }

    /// What the app's `state-apply` reads and writes.
    pub const fn guest(topic: TopicId) -> Self {
        Self::part(topic, SIDE_GUEST)
    }

    const fn part(topic: TopicId, side: u8) -> Self {
        let mut prefix = [side; PREFIX];
        let (start, _) = prefix.split_at_mut(TopicId::LEN);
        start.copy_from_slice(topic.as_bytes());
        Self { prefix }
    }

    /// The value of `key`.
    ///
    /// # Errors
    /// [`StoreError`]
    pub fn get<'a>(
        &self,
        from: &'a dyn Snapshot,
        key: &[u8],
    ) -> Result<Option<Cow<'a, [u8]>>, StoreError> {
        from.get(STATE, &self.stored(key))
    }

    /// Sets the value of `key`.
    pub fn set(&self, to: &mut Overlay, key: &[u8], value: impl Into<Vec<u8>>) {
        to.put(STATE, self.stored(key), value);
    }

    /// Deletes `key`, if it is there.
    pub fn delete(&self, to: &mut Overlay, key: &[u8]) {
        to.delete(STATE, self.stored(key));
    }

    /// Visits the entries between the bounds, as [`Snapshot::scan`] does.
    ///
    /// # Errors
    /// [`StoreError`]
    pub fn scan(
        &self,
        from: &dyn Snapshot,
        range: KeyRange<'_>,
        reverse: bool,
        visit: &mut Visit<'_>,
    ) -> Result<(), StoreError> {
        if !encloses(range) {
            return Ok(());
        }
        let low = match range.0.map(|key| self.stored(key)) {
            Bound::Unbounded => Bound::Included(self.prefix.to_vec()),
            low => low,
        };
        let high = match range.1.map(|key| self.stored(key)) {
            Bound::Unbounded => prefix_end(&self.prefix).map_or(Bound::Unbounded, Bound::Excluded),
            high => high,
        };
        let stored = (low.as_ref().map(Vec::as_slice), high.as_ref().map(Vec::as_slice));
        from.scan(STATE, stored, reverse, &mut |key, value| {
            visit(key.get(PREFIX..).unwrap_or_default(), value)
        })
    }

    /// The key under which the state's trie has `key`: side ‖ key.
    pub fn trie_key(&self, key: &[u8]) -> Vec<u8> {
        [&self.prefix[TopicId::LEN..], key].concat()
    }

    fn stored(&self, key: &[u8]) -> Vec<u8> {
        [&self.prefix, key].concat()
    }
}

#[cfg(test)]
mod tests {
    use std::ops::ControlFlow;

    use super::super::testing::empty;
    use super::*;

    fn all(map: StateMap, from: &dyn Snapshot, range: KeyRange<'_>) -> Vec<Vec<u8>> {
        let mut keys = Vec::new();
        let mut visit = |key: &[u8], _: &[u8]| {
            keys.push(key.to_vec());
            ControlFlow::Continue(())
        };
        map.scan(from, range, false, &mut visit).unwrap();
        keys
    }

    #[test]
    fn parts_and_topics_do_not_see_each_other() {
        let mut overlay = empty();
        let topics = [TopicId([0; 32]), TopicId([0xff; 32])];
        let maps = topics.iter().flat_map(|t| [StateMap::kernel(*t), StateMap::guest(*t)]);
        for (value, map) in maps.clone().enumerate() {
            for key in [vec![0], vec![0xff], vec![0xff; 384]] {
                map.set(&mut overlay, &key, [value as u8]);
            }
            map.set(&mut overlay, b"gone", *b"x");
            map.delete(&mut overlay, b"gone");
        }
        for (value, map) in maps.enumerate() {
            assert_eq!(map.get(&overlay, &[0]).unwrap().as_deref(), Some(&[value as u8][..]));
            assert_eq!(map.get(&overlay, b"gone").unwrap(), None);
            let unbounded = (Bound::Unbounded, Bound::Unbounded);
            assert_eq!(all(map, &overlay, unbounded), [vec![0], vec![0xff], vec![0xff; 384]]);
            let bounded = (Bound::Excluded(&[0][..]), Bound::Included(&[0xff][..]));
            assert_eq!(all(map, &overlay, bounded), [vec![0xff]]);
            let reversed = (Bound::Included(&[2][..]), Bound::Included(&[1][..]));
            assert_eq!(all(map, &overlay, reversed), Vec::<Vec<u8>>::new());
        }
    }
}
