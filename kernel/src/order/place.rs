use std::fmt;
use std::ops::{Bound, ControlFlow};

use myrhiza_kernel_api::{EventId, Keyspace, Snapshot, TopicId};

use crate::fault::Fault;

/// Where an event stands in its topic's canonical order. Orders as the events do.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Place {
    /// Number of the first checkpoint with the event in its causal past; 0 without checkpoints.
    pub epoch: u32,
    /// 1 + the greatest height of what it names as `prev` and parents; genesis is 0.
    pub height: u64,
    /// Its id, which breaks ties between concurrent events.
    pub id: EventId,
}

impl Place {
    /// Length of [`Self::to_bytes`].
    pub const LEN: usize = 4 + 8 + EventId::LEN;

    /// `epoch ‖ height ‖ id`, big-endian: byte order is canonical order.
    pub fn to_bytes(self) -> [u8; Self::LEN] {
        let mut bytes = [0; Self::LEN];
        bytes[..4].copy_from_slice(&self.epoch.to_be_bytes());
        bytes[4..12].copy_from_slice(&self.height.to_be_bytes());
        bytes[12..].copy_from_slice(self.id.as_ref());
        bytes
    }

    /// Reads what [`Self::to_bytes`] wrote.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let bytes: &[u8; Self::LEN] = bytes.try_into().ok()?;
        let (epoch, rest) = bytes.split_first_chunk()?;
        let (height, id) = rest.split_first_chunk()?;
        Some(Self {
            epoch: u32::from_be_bytes(*epoch),
            height: u64::from_be_bytes(*height),
            id: EventId::from_slice(id)?,
        })
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}", self.epoch, self.height, self.id)
    }
}

/// Makes the keys of one topic: its id, and what follows it.
#[derive(Clone, Copy, Debug)]
pub struct TopicKeys {
    /// The topic.
    pub topic: TopicId,
}

impl TopicKeys {
    /// `topic ‖ parts`.
    pub fn key(&self, parts: &[&[u8]]) -> Vec<u8> {
        let len = TopicId::LEN + parts.iter().map(|part| part.len()).sum::<usize>();
        let mut key = Vec::with_capacity(len);
        key.extend_from_slice(self.topic.as_ref());
        parts.iter().for_each(|part| key.extend_from_slice(part));
        key
    }

    /// `topic ‖ place`.
    pub fn place(&self, place: Place) -> Vec<u8> {
        self.key(&[&place.to_bytes()])
    }

    /// The place in a key that [`Self::place`] made.
    pub fn read_place(&self, key: &[u8]) -> Option<Place> {
        Place::from_bytes(key.strip_prefix(self.topic.as_ref())?)
    }

    /// The keys above `after` (or all) of this topic, for keyspaces keyed by place.
    pub fn places_after(&self, after: Option<Place>) -> (Bound<Vec<u8>>, Bound<Vec<u8>>) {
        let from = match after {
            Some(place) => Bound::Excluded(self.place(place)),
            None => Bound::Included(self.key(&[])),
        };
        (from, self.end())
    }

    /// The places in a range of keys that [`Self::place`] made, so many at most; the last first if
    /// `reverse`.
    ///
    /// # Errors
    /// [`Fault`], also where a key is another: nothing is taken to end there.
    pub fn scan_places(
        &self,
        reader: &dyn Snapshot,
        keyspace: Keyspace,
        (from, to): (Bound<Vec<u8>>, Bound<Vec<u8>>),
        (reverse, limit): (bool, usize),
    ) -> Result<Vec<Place>, Fault> {
        let (mut places, mut whole) = (Vec::new(), true);
        if limit == 0 {
            return Ok(places);
        }
        let range = (from.as_ref().map(Vec::as_slice), to.as_ref().map(Vec::as_slice));
        reader.scan(keyspace, range, reverse, &mut |key, _| {
            let place = self.read_place(key);
            whole = place.is_some();
            places.extend(place);
            let more = whole && places.len() < limit;
            if more { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        })?;
        let damaged = || Fault::damaged(format!("a key of `{}`", keyspace.name), "bad layout");
        if whole { Ok(places) } else { Err(damaged()) }
    }

    /// Above every key of this topic.
    pub fn end(&self) -> Bound<Vec<u8>> {
        myrhiza_kernel_api::store::prefix_end(self.topic.as_ref())
            .map_or(Bound::Unbounded, Bound::Excluded)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema;
    use myrhiza_kernel_api::{Store, WriteBatch};
    use myrhiza_store_memory::MemoryStore;
    use proptest::prelude::*;

    #[test]
    fn a_damaged_key_is_a_fault_and_not_the_end_of_what_there_is() {
        let keys = TopicKeys { topic: TopicId([1; 32]) };
        let place = |height| Place { epoch: 0, height, id: EventId([2; 32]) };
        let store = MemoryStore::new(schema::ALL);
        let put = |key: Vec<u8>| {
            let mut batch = WriteBatch::new();
            batch.put(schema::LOG, key, Vec::new());
            store.commit(batch).unwrap();
        };
        let scan = |how: (bool, usize)| {
            let read = store.snapshot().unwrap();
            keys.scan_places(&*read, schema::LOG, keys.places_after(None), how)
        };
        (1..=3).for_each(|height| put(keys.place(place(height))));
        assert_eq!(scan((true, 2)).unwrap(), [place(3), place(2)]);
        assert_eq!(scan((false, usize::MAX)).unwrap(), [1, 2, 3].map(place));
        // It sorts before the others.
        put(keys.key(&[&[0; 7]]));
        assert_eq!(scan((true, 3)).unwrap().len(), 3);
        assert!(scan((true, 4)).is_err() && scan((false, 1)).is_err());
        assert!(scan((false, 0)).unwrap().is_empty());
    }

    proptest! {
        #[test]
        fn byte_order_is_canonical_order(
            a in (0..3u32, 0..3u64, any::<[u8; 32]>()),
            b in (0..3u32, any::<u64>(), any::<[u8; 32]>()),
        ) {
            let place = |(epoch, height, id)| Place { epoch, height, id: EventId(id) };
            let (a, b) = (place(a), place(b));
            prop_assert_eq!(a.cmp(&b), a.to_bytes().cmp(&b.to_bytes()));
            prop_assert_eq!(Place::from_bytes(&a.to_bytes()), Some(a));
        }
    }
}
