//! A fold taken back, to see what events wrote and what was there before.
//!
//! It is read off the undo rows, not folded anew: that is what this home's fold has really written,
//! also where it would not write it again. All is put back in an overlay that is dropped.

use myrhiza_kernel_api::{Hash, Snapshot, TopicId};

use super::limits::{EVENTS, READ_BYTES, VIEW_BYTES};
use crate::fault::Fault;
use crate::hash::{Context, derive};
use crate::order::{Place, TopicKeys};
use crate::schema;
use crate::state::trie::state_leaf;
use crate::state::{Overlay, undo};

/// A topic as it was after one of its events, but for its trie.
pub(super) struct Back {
    keys: TopicKeys,
    overlay: Overlay,
    /// Bytes looked at.
    read: usize,
}

impl Back {
    /// As after the event at `place`, where that is folded. `None` if that is further back than this
    /// home looks.
    pub(super) fn to(
        snapshot: Box<dyn Snapshot>,
        topic: TopicId,
        place: Place,
    ) -> Result<Option<Self>, Fault> {
        let keys = TopicKeys { topic };
        // Both of the point and, after it, of the events before it.
        let most = 2 * EVENTS as usize;
        let after = keys.places_after(Some(place));
        let later = keys.scan_places(&*snapshot, schema::VERDICTS, after, (false, most + 1))?;
        let mut back = Self { keys, overlay: Overlay::new(snapshot), read: 0 };
        if later.len() > most {
            return Ok(None);
        }
        for place in later.into_iter().rev() {
            if back.event(place)?.is_none() {
                return Ok(None);
            }
        }
        Ok(Some(back))
    }

    /// Takes the last event back and says what it wrote. `None` if that is too much.
    pub(super) fn event(&mut self, place: Place) -> Result<Option<Hash>, Fault> {
        let (mut written, position) = (Vec::new(), self.keys.place(place));
        for replaced in undo::read(&self.overlay, self.keys.topic, &position)? {
            let (key, before) = (undo::trie_key(&replaced), replaced.previous.as_deref());
            let now = self.overlay.get(schema::STATE, &replaced.key)?;
            let now = now.as_deref();
            self.read += key.len() + before.map_or(0, <[u8]>::len) + now.map_or(0, <[u8]>::len);
            if self.read > READ_BYTES {
                return Ok(None);
            }
            if now != before {
                append(&mut written, key, now);
            }
        }
        undo::apply(&mut self.overlay, self.keys.topic, &position)?;
        let much = self.overlay.written() > VIEW_BYTES;
        Ok((!much).then(|| writes_digest(place, &written)))
    }

    /// The topic as it is now.
    pub(super) fn overlay(&self) -> &Overlay {
        &self.overlay
    }

    /// The same, for who writes above it.
    pub(super) fn into_overlay(self) -> Overlay {
        self.overlay
    }

    /// Above what was written since.
    pub(super) fn above(overlay: Overlay, topic: TopicId) -> Self {
        Self { keys: TopicKeys { topic }, overlay, read: 0 }
    }
}

/// Appends one write: length of the key (u16) ‖ key (side ‖ key) ‖ 0 if it is deleted, else 1 ‖ the
/// trie's leaf of its value.
pub(super) fn append(written: &mut Vec<u8>, key: &[u8], now: Option<&[u8]>) {
    written.extend((key.len() as u16).to_be_bytes());
    written.extend(key);
    written.push(u8::from(now.is_some()));
    written.extend(now.iter().flat_map(|value| state_leaf(key, value).0));
}

/// Over an event's place ‖ its writes, ascending by key.
pub(super) fn writes_digest(place: Place, written: &[u8]) -> Hash {
    derive(Context::DriftWrites, &[&place.to_bytes(), written])
}

#[cfg(test)]
mod tests {
    use myrhiza_kernel_api::{EventId, Store};
    use myrhiza_store_memory::MemoryStore;

    use super::*;
    use crate::state::Replaced;

    const TOPIC: TopicId = TopicId([7; 32]);

    fn place(height: u64) -> Place {
        Place { epoch: 0, height, id: EventId([1; 32]) }
    }

    /// A fold of so many events, each of which replaced a value of that size.
    fn fold(events: u64, bytes: usize) -> Box<dyn Snapshot> {
        let mut overlay = Overlay::new(MemoryStore::new(schema::ALL).snapshot().unwrap());
        let key = [&TOPIC.0[..], b"\x01k"].concat();
        for height in 0..events {
            let position = TopicKeys { topic: TOPIC }.place(place(height));
            overlay.put(schema::VERDICTS, position.clone(), [0]);
            if bytes > 0 {
                let previous = Some(vec![height as u8; bytes]);
                undo::record(&mut overlay, &position, &[Replaced { key: key.clone(), previous }]);
            }
        }
        overlay.put(schema::STATE, key, vec![events as u8; bytes]);
        Box::new(overlay)
    }

    /// [DRIFT-7]
    #[test]
    fn no_more_events_or_bytes_are_taken_back_than_are_looked_at() {
        let most = 2 * EVENTS;
        let reached = |snapshot, to| Back::to(snapshot, TOPIC, place(to)).unwrap().is_some();
        assert!(reached(fold(most + 1, 0), 0));
        assert!(!reached(fold(most + 2, 0), 0));
        // Of each the value before and after is looked at.
        let (size, events) = (1 << 20, (READ_BYTES >> 20) as u64 / 2);
        assert!(reached(fold(events, size), 0));
        assert!(!reached(fold(events + 1, size), 0));
        let back = Back::to(fold(events, size), TOPIC, place(3)).unwrap().unwrap();
        let key = [&TOPIC.0[..], b"\x01k"].concat();
        let value = back.overlay().get(schema::STATE, &key).unwrap();
        assert_eq!(value.as_deref(), Some(&vec![4; size][..]));
    }
}
