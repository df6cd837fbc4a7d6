use std::fmt;
use std::ops::Bound;

use myrhiza_kernel_api::{EventId, TopicId};

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

    /// Above every key of this topic.
    pub fn end(&self) -> Bound<Vec<u8>> {
        myrhiza_kernel_api::store::prefix_end(self.topic.as_ref())
            .map_or(Bound::Unbounded, Bound::Excluded)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

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
