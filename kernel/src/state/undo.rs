//! What each event's writes replaced, kept to rewind it.
//!
//! Under the event's position in [`schema::UNDO`] are rows numbered from 0 (u32, big-endian), none
//! for an event that wrote nothing. A row is entries one after another: length of the key (u16,
//! big-endian), key (side ‖ key), then 0 if the key was not there, or 1, the length of the value it
//! held (u32) and the value. Keys ascend through the rows. A row takes entries until it holds
//! [`ROW_BYTES`], so what one event replaced may exceed the largest value of a store.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::{Bound, ControlFlow};

use myrhiza_kernel_api::store::{Entries, prefix_end};
use myrhiza_kernel_api::{Snapshot, StoreError, TopicId};

use super::{Overlay, Replaced, StateError};
use crate::schema;

/// A row that has reached this many bytes takes no further entry. With the largest entry on top
/// (1 MiB and a key) it stays below the 2 MiB of a store's value.
const ROW_BYTES: usize = 512 << 10;

/// Writes the undo rows of the event at `position` (topic ‖ epoch ‖ height ‖ id) for what
/// [`Overlay::keep`] returned.
pub fn record(overlay: &mut Overlay, position: &[u8], replaced: &[Replaced]) {
    let mut rest = replaced;
    for number in 0u32.. {
        if rest.is_empty() {
            return;
        }
        let mut bytes = 0;
        let fits = rest.iter().take_while(|replaced| {
            let room = bytes < ROW_BYTES;
            bytes += replaced.key.len() + replaced.previous.as_ref().map_or(0, Vec::len);
            room
        });
        let (row, later) = rest.split_at(fits.count());
        overlay.put(schema::UNDO, row_key(position, number), encode(row));
        rest = later;
    }
}

/// Puts back what the event at `position` replaced, and deletes its undo rows. The event must be
/// the last in order whose writes stand. The trie learns of it from the overlay.
///
/// # Errors
/// [`StateError`]; the overlay is then of no use and must be dropped.
pub fn apply(overlay: &mut Overlay, topic: TopicId, position: &[u8]) -> Result<(), StateError> {
    for (row_key, row) in rows(overlay, position)? {
        for (key, previous) in decode(&row)? {
            let stored = [topic.as_ref(), key].concat();
            match previous {
                Some(value) => overlay.put(schema::STATE, stored, value),
                None => overlay.delete(schema::STATE, stored),
            }
        }
        overlay.delete(schema::UNDO, row_key);
    }
    Ok(())
}

/// What the event at `position` replaced, ascending by key.
///
/// # Errors
/// [`StateError`]
pub fn read(
    from: &dyn Snapshot,
    topic: TopicId,
    position: &[u8],
) -> Result<Vec<Replaced>, StateError> {
    let mut replaced = Vec::new();
    for (_, row) in rows(from, position)? {
        replaced.extend(decode(&row)?.into_iter().map(|(key, previous)| Replaced {
            key: [topic.as_ref(), key].concat(),
            previous: previous.map(<[u8]>::to_vec),
        }));
    }
    Ok(replaced)
}

/// By key (side ‖ key), a value that was there, or that none was.
pub type Left = BTreeMap<Vec<u8>, Option<Vec<u8>>>;

/// What the events after the one at `position` found under some keys (side ‖ key) when one of them first
/// wrote there: what that event left. Keys that no later event wrote are not in the answer, since
/// their values stand. `None` where more rows or bytes than `most` would have to be read.
///
/// # Errors
/// [`StateError`]
pub fn left(
    from: &dyn Snapshot,
    topic: TopicId,
    position: &[u8],
    keys: &BTreeSet<Vec<u8>>,
    most: (usize, usize),
) -> Result<Option<Left>, StateError> {
    let mut found = BTreeMap::new();
    let Some(after) = prefix_end(position) else { return Ok(Some(found)) };
    let end = prefix_end(topic.as_ref());
    let to = end.as_deref().map_or(Bound::Unbounded, Bound::Excluded);
    let (mut rows, mut bytes) = most;
    let mut ended = Ok(true);
    from.scan(schema::UNDO, (Bound::Included(&after), to), false, &mut |_, row| {
        let whole = rows > 0 && row.len() <= bytes;
        (rows, bytes) = (rows.saturating_sub(1), bytes.saturating_sub(row.len()));
        if found.len() == keys.len() || !whole {
            ended = Ok(found.len() == keys.len());
            return ControlFlow::Break(());
        }
        let entries = match decode(row) {
            Ok(entries) => entries,
            Err(error) => {
                ended = Err(error);
                return ControlFlow::Break(());
            }
        };
        for (key, previous) in entries {
            if keys.contains(key) && !found.contains_key(key) {
                found.insert(key.to_vec(), previous.map(<[u8]>::to_vec));
            }
        }
        ControlFlow::Continue(())
    })?;
    Ok(ended?.then_some(found))
}

/// The part of a replaced key that follows the topic: what the trie is keyed by.
pub fn trie_key(replaced: &Replaced) -> &[u8] {
    replaced.key.get(TopicId::LEN..).unwrap_or_default()
}

fn row_key(position: &[u8], number: u32) -> Vec<u8> {
    [position, &number.to_be_bytes()].concat()
}

fn rows(from: &dyn Snapshot, position: &[u8]) -> Result<Entries, StoreError> {
    let mut rows = Vec::new();
    let end = prefix_end(position);
    let to = end.as_deref().map_or(Bound::Unbounded, Bound::Excluded);
    from.scan(schema::UNDO, (Bound::Included(position), to), false, &mut |key, value| {
        rows.push((key.to_vec(), value.to_vec()));
        ControlFlow::Continue(())
    })?;
    Ok(rows)
}

fn encode(row: &[Replaced]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for replaced in row {
        let key = trie_key(replaced);
        bytes.extend((key.len() as u16).to_be_bytes());
        bytes.extend(key);
        bytes.push(u8::from(replaced.previous.is_some()));
        if let Some(value) = &replaced.previous {
            bytes.extend((value.len() as u32).to_be_bytes());
            bytes.extend(value);
        }
    }
    bytes
}

/// A key, and the value it held.
type Entry<'a> = (&'a [u8], Option<&'a [u8]>);

fn decode(mut row: &[u8]) -> Result<Vec<Entry<'_>>, StateError> {
    let mut entries = Vec::new();
    while !row.is_empty() {
        let (entry, rest) = decode_entry(row)
            .ok_or_else(|| StateError::damaged(schema::UNDO, "does not decode"))?;
        entries.push(entry);
        row = rest;
    }
    Ok(entries)
}

fn decode_entry(row: &[u8]) -> Option<(Entry<'_>, &[u8])> {
    let (len, rest) = row.split_first_chunk()?;
    let (key, rest) = rest.split_at_checked(u16::from_be_bytes(*len).into())?;
    match rest.split_first()? {
        (0, rest) => Some(((key, None), rest)),
        (1, rest) => {
            let (len, rest) = rest.split_first_chunk()?;
            let len = usize::try_from(u32::from_be_bytes(*len)).ok()?;
            let (value, rest) = rest.split_at_checked(len)?;
            Some(((key, Some(value)), rest))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::super::StateMap;
    use super::super::testing::{empty, entries};
    use super::*;

    const TOPIC: TopicId = TopicId([7; 32]);

    fn position(number: u8) -> Vec<u8> {
        [&TOPIC.0[..], &[number; 44]].concat()
    }

    proptest! {
        #[test]
        fn rewinding_every_event_restores_every_state_on_the_way(
            events in vec(vec((any::<bool>(), 0..6u8, proptest::option::of(0..9u8)), 0..8), 0..8),
        ) {
            let mut overlay = empty();
            let mut states = Vec::new();
            for (number, writes) in events.iter().enumerate() {
                states.push(entries(&overlay, schema::STATE));
                overlay.begin();
                for (guest, key, value) in writes {
                    let map = if *guest { StateMap::guest(TOPIC) } else { StateMap::kernel(TOPIC) };
                    match value {
                        Some(value) => map.set(&mut overlay, &[*key], [*value]),
                        None => map.delete(&mut overlay, &[*key]),
                    }
                }
                let replaced = overlay.keep().unwrap();
                record(&mut overlay, &position(number as u8), &replaced);
            }
            for (number, state) in states.iter().enumerate().rev() {
                apply(&mut overlay, TOPIC, &position(number as u8)).unwrap();
                prop_assert_eq!(&entries(&overlay, schema::STATE), state);
            }
            prop_assert_eq!(entries(&overlay, schema::UNDO), vec![]);
        }

        #[test]
        fn no_row_however_damaged_panics(row in vec(any::<u8>(), 0..40)) {
            let _entries = decode(&row);
        }
    }

    /// [STORE-3]
    #[test]
    fn rows_stay_below_the_largest_value_of_a_store() {
        use myrhiza_kernel_api::limits::{STATE_KEY_BYTES, STATE_VALUE_BYTES};
        let (mut overlay, map) = (empty(), StateMap::guest(TOPIC));
        let keys: Vec<_> = (0..6u8).map(|n| vec![n; STATE_KEY_BYTES]).collect();
        keys.iter().for_each(|key| map.set(&mut overlay, key, vec![1; STATE_VALUE_BYTES]));
        overlay.begin();
        keys.iter().for_each(|key| map.delete(&mut overlay, key));
        let replaced = overlay.keep().unwrap();
        record(&mut overlay, &position(0), &replaced);

        let rows = entries(&overlay, schema::UNDO);
        assert!(rows.len() > 1);
        assert!(rows.iter().all(|(_, row)| row.len() <= myrhiza_kernel_api::store::VALUE_BYTES));
        apply(&mut overlay, TOPIC, &position(0)).unwrap();
        assert!(keys.iter().all(|key| map.get(&overlay, key).unwrap().is_some()));
    }

    #[test]
    fn what_an_event_left_is_found_where_later_events_wrote_over_it_and_only_so_far() {
        let (mut overlay, map) = (empty(), StateMap::guest(TOPIC));
        for number in 0..4u8 {
            overlay.begin();
            map.set(&mut overlay, b"each", [number]);
            map.set(&mut overlay, &[number], [number]);
            let replaced = overlay.keep().unwrap();
            record(&mut overlay, &position(number), &replaced);
        }
        let keys: BTreeSet<_> = [map.trie_key(b"each"), map.trie_key(&[1])].into();
        let left = |number, most| left(&overlay, TOPIC, &position(number), &keys, most).unwrap();
        let all = (usize::MAX, usize::MAX);
        let each = |value: u8| BTreeMap::from([(map.trie_key(b"each"), Some(vec![value]))]);
        assert_eq!(left(1, all), Some(each(1)));
        assert_eq!(left(3, all), Some(BTreeMap::new()));
        let both =
            BTreeMap::from([(map.trie_key(&[1]), None)]).into_iter().chain(each(0)).collect();
        assert_eq!(left(0, all), Some(both));
        // One later row has both keys of event 0; of event 1, every later row is to be read.
        assert!(left(0, (1, usize::MAX)).is_some());
        assert!(left(1, (1, usize::MAX)).is_none() && left(1, (2, usize::MAX)).is_some());
        assert!(left(1, (usize::MAX, 3)).is_none());
    }
}
