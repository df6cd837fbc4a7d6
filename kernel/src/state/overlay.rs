//! The kernel's working set: pending writes above a snapshot, and a journal for one event.
//!
//! One batch of events is folded into one overlay, then [`Overlay::into_batch`] is committed. An
//! overlay that is dropped leaves nothing: a dry run is a fold into one that is.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::mem;
use std::ops::ControlFlow;

use myrhiza_kernel_api::store::{KeyRange, Visit, encloses};
use myrhiza_kernel_api::{Keyspace, Snapshot, StoreError, WriteBatch};

use crate::schema;

/// What a pending delete of a state key counts for beside its key.
const TOMBSTONE_BYTES: usize = 4 << 10;

/// A pending write: `None` deletes.
type Pending = Option<Vec<u8>>;
/// The pending writes of one keyspace.
type Writes = BTreeMap<Vec<u8>, Pending>;

/// Pending writes above a snapshot. Reads see them: it is itself a [`Snapshot`].
pub struct Overlay {
    base: Box<dyn Snapshot>,
    spaces: BTreeMap<Keyspace, Writes>,
    written: usize,
    journal: Option<Vec<Record>>,
}

/// One write of the event at hand, with the pending write it displaced.
struct Record {
    keyspace: Keyspace,
    key: Vec<u8>,
    displaced: Option<Pending>,
}

/// A key of [`schema::STATE`] that an event wrote, and what it held before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replaced {
    /// The key in the store: topic, side, key.
    pub key: Vec<u8>,
    /// What it held, or `None` if it was not there.
    pub previous: Option<Vec<u8>>,
}

impl Overlay {
    /// An overlay without writes.
    pub fn new(base: Box<dyn Snapshot>) -> Self {
        Self { base, spaces: BTreeMap::new(), written: 0, journal: None }
    }

    /// Puts a value.
    pub fn put(&mut self, keyspace: Keyspace, key: impl Into<Vec<u8>>, value: impl Into<Vec<u8>>) {
        self.write(keyspace, key.into(), Some(value.into()));
    }

    /// Deletes a key, if it is there.
    pub fn delete(&mut self, keyspace: Keyspace, key: impl Into<Vec<u8>>) {
        self.write(keyspace, key.into(), None);
    }

    /// Bytes of keys and values pending, for a caller that commits in bounded batches. A deleted
    /// key of state counts [`TOMBSTONE_BYTES`] more: a scan has to step over it until it is
    /// committed, which the guest that scans does not pay for.
    pub fn written(&self) -> usize {
        self.written
    }

    /// The pending writes of a keyspace, ascending by key; `None` deletes.
    pub fn writes(&self, keyspace: Keyspace) -> impl Iterator<Item = (&[u8], Option<&[u8]>)> {
        let writes = self.spaces.get(&keyspace).into_iter().flatten();
        writes.map(|(key, pending)| (key.as_slice(), pending.as_deref()))
    }

    /// Starts the journal of one event. One that is open is closed: its writes stand.
    pub fn begin(&mut self) {
        match &mut self.journal {
            Some(records) => records.clear(),
            None => self.journal = Some(Vec::new()),
        }
    }

    /// Takes back every write since [`Overlay::begin`], in every keyspace, and closes the journal.
    pub fn rollback(&mut self) {
        for Record { keyspace, key, displaced } in
            self.journal.take().unwrap_or_default().into_iter().rev()
        {
            let writes = self.spaces.entry(keyspace).or_default();
            let undone = match displaced {
                Some(pending) => {
                    self.written += size(keyspace, &key, &pending);
                    writes.get_mut(&key).map(|now| mem::replace(now, pending))
                }
                None => writes.remove(&key),
            };
            self.written -= undone.map_or(0, |pending| size(keyspace, &key, &pending));
        }
    }

    /// Closes the journal; its writes stand. Returns what each key of [`schema::STATE`] written
    /// since [`Overlay::begin`] held then, each key once, ascending.
    ///
    /// # Errors
    /// [`StoreError`] if the snapshot cannot be read; the writes still stand.
    pub fn keep(&mut self) -> Result<Vec<Replaced>, StoreError> {
        let mut records = self.journal.take().unwrap_or_default();
        records.retain(|record| record.keyspace == schema::STATE);
        // Stable, so that of several writes to one key the first, which saw the old value, leads.
        records.sort_by(|a, b| a.key.cmp(&b.key));
        records.dedup_by(|later, first| later.key == first.key);
        let replaced = records.into_iter().map(|Record { key, displaced, .. }| {
            let previous = match displaced {
                Some(pending) => pending,
                None => self.base.get(schema::STATE, &key)?.map(Cow::into_owned),
            };
            Ok(Replaced { key, previous })
        });
        replaced.collect()
    }

    /// The writes as one batch, keys ascending in each keyspace.
    pub fn into_batch(self) -> WriteBatch {
        let mut batch = WriteBatch::new();
        for (keyspace, writes) in self.spaces {
            for (key, pending) in writes {
                match pending {
                    Some(value) => batch.put(keyspace, key, value),
                    None => batch.delete(keyspace, key),
                }
            }
        }
        batch
    }

    fn write(&mut self, keyspace: Keyspace, key: Vec<u8>, pending: Pending) {
        self.written += size(keyspace, &key, &pending);
        let journaled = self.journal.is_some().then(|| key.clone());
        let displaced = match self.spaces.entry(keyspace).or_default().entry(key) {
            Entry::Occupied(mut entry) => {
                let displaced = entry.insert(pending);
                self.written -= size(keyspace, entry.key(), &displaced);
                Some(displaced)
            }
            Entry::Vacant(entry) => {
                entry.insert(pending);
                None
            }
        };
        if let (Some(records), Some(key)) = (&mut self.journal, journaled) {
            records.push(Record { keyspace, key, displaced });
        }
    }
}

impl Snapshot for Overlay {
    fn get(&self, keyspace: Keyspace, key: &[u8]) -> Result<Option<Cow<'_, [u8]>>, StoreError> {
        match self.spaces.get(&keyspace).and_then(|writes| writes.get(key)) {
            Some(pending) => Ok(pending.as_deref().map(Cow::Borrowed)),
            None => self.base.get(keyspace, key),
        }
    }

    fn scan(
        &self,
        keyspace: Keyspace,
        range: KeyRange<'_>,
        reverse: bool,
        visit: &mut Visit<'_>,
    ) -> Result<(), StoreError> {
        if !encloses(range) {
            return Ok(());
        }
        let Some(writes) = self.spaces.get(&keyspace).filter(|writes| !writes.is_empty()) else {
            return self.base.scan(keyspace, range, reverse, visit);
        };
        let pending = writes.range::<[u8], _>(range);
        if reverse {
            merge(&*self.base, keyspace, range, reverse, pending.rev(), visit)
        } else {
            merge(&*self.base, keyspace, range, reverse, pending, visit)
        }
    }
}

/// Visits the snapshot's entries and the pending ones in one order; of two with one key the
/// pending one counts.
fn merge<'a>(
    base: &dyn Snapshot,
    keyspace: Keyspace,
    range: KeyRange<'_>,
    reverse: bool,
    pending: impl Iterator<Item = (&'a Vec<u8>, &'a Pending)>,
    visit: &mut Visit<'_>,
) -> Result<(), StoreError> {
    let mut pending = pending.peekable();
    let mut ended = ControlFlow::Continue(());
    base.scan(keyspace, range, reverse, &mut |key, value| {
        loop {
            let order = pending.peek().map(|(own, _)| match reverse {
                false => own.as_slice().cmp(key),
                true => key.cmp(own.as_slice()),
            });
            match order {
                Some(order @ (Ordering::Less | Ordering::Equal)) => {
                    if let Some((own, Some(value))) = pending.next() {
                        ended = visit(own, value);
                    }
                    if ended.is_break() || order == Ordering::Equal {
                        return ended;
                    }
                }
                Some(Ordering::Greater) | None => {
                    ended = visit(key, value);
                    return ended;
                }
            }
        }
    })?;
    if ended.is_continue() {
        let mut rest = pending.filter_map(|(key, value)| Some((key, value.as_ref()?)));
        let _ended = rest.try_for_each(|(key, value)| visit(key, value));
    }
    Ok(())
}

fn size(keyspace: Keyspace, key: &[u8], pending: &Pending) -> usize {
    let deleted = if keyspace == schema::STATE { TOMBSTONE_BYTES } else { 0 };
    key.len() + pending.as_ref().map_or(deleted, Vec::len)
}

#[cfg(test)]
mod tests {
    use std::ops::Bound;

    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::super::testing::{empty, entries};
    use super::*;

    type Model = BTreeMap<Vec<u8>, Vec<u8>>;

    /// Short keys over a small alphabet, so that writes meet.
    fn key() -> impl Strategy<Value = Vec<u8>> {
        vec(0..3u8, 1..4)
    }

    fn writes() -> impl Strategy<Value = Vec<(Vec<u8>, Option<Vec<u8>>)>> {
        vec((key(), proptest::option::of(vec(any::<u8>(), 0..4))), 0..24)
    }

    fn bound() -> impl Strategy<Value = Bound<Vec<u8>>> {
        prop_oneof![
            Just(Bound::Unbounded),
            key().prop_map(Bound::Included),
            key().prop_map(Bound::Excluded)
        ]
    }

    fn write(overlay: &mut Overlay, model: &mut Model, writes: &[(Vec<u8>, Option<Vec<u8>>)]) {
        for (key, value) in writes {
            match value {
                Some(value) => {
                    overlay.put(schema::STATE, key.clone(), value.clone());
                    model.insert(key.clone(), value.clone());
                }
                None => {
                    overlay.delete(schema::STATE, key.clone());
                    model.remove(key);
                }
            }
        }
    }

    fn slice(bound: &Bound<Vec<u8>>) -> Bound<&[u8]> {
        bound.as_ref().map(Vec::as_slice)
    }

    proptest! {
        #[test]
        fn reads_see_own_writes_above_the_snapshot(
            below in writes(), own in writes(), from in bound(), to in bound(),
            reverse: bool, limit in 1..12usize,
        ) {
            let (mut base, mut model) = (empty(), Model::new());
            write(&mut base, &mut model, &below);
            let mut overlay = Overlay::new(Box::new(base));
            write(&mut overlay, &mut model, &own);

            for key in model.keys().chain(below.iter().map(|(key, _)| key)) {
                let got = overlay.get(schema::STATE, key).unwrap().map(Cow::into_owned);
                prop_assert_eq!(got.as_ref(), model.get(key));
            }
            let range = (slice(&from), slice(&to));
            let mut want: Vec<_> = if encloses(range) {
                model.range::<[u8], _>(range).map(|(k, v)| (k.clone(), v.clone())).collect()
            } else {
                Vec::new()
            };
            if reverse {
                want.reverse();
            }
            want.truncate(limit);
            let mut got = Vec::new();
            overlay.scan(schema::STATE, range, reverse, &mut |key, value| {
                got.push((key.to_vec(), value.to_vec()));
                if got.len() < limit { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
            }).unwrap();
            prop_assert_eq!(got, want);
        }

        #[test]
        fn a_rolled_back_event_leaves_no_trace_and_a_kept_one_what_it_replaced(
            below in writes(), before in writes(), event in writes(),
        ) {
            let (mut base, mut model) = (empty(), Model::new());
            write(&mut base, &mut model, &below);
            let mut overlay = Overlay::new(Box::new(base));
            write(&mut overlay, &mut model, &before);
            let (held, written) = (entries(&overlay, schema::STATE), overlay.written());

            overlay.begin();
            write(&mut overlay, &mut model.clone(), &event);
            overlay.put(schema::HOME, *b"other keyspace", *b"too");
            overlay.rollback();
            prop_assert_eq!(entries(&overlay, schema::STATE), held.clone());
            prop_assert_eq!(entries(&overlay, schema::HOME), vec![]);
            prop_assert_eq!(overlay.written(), written);

            overlay.begin();
            write(&mut overlay, &mut model, &event);
            overlay.put(schema::HOME, *b"other keyspace", *b"not in the undo");
            let replaced = overlay.keep().unwrap();
            let keys: Vec<_> = replaced.iter().map(|r| r.key.clone()).collect();
            let mut want: Vec<_> = event.into_iter().map(|(key, _)| key).collect();
            want.sort();
            want.dedup();
            prop_assert_eq!(keys, want);
            for Replaced { key, previous } in replaced {
                match previous {
                    Some(value) => overlay.put(schema::STATE, key, value),
                    None => overlay.delete(schema::STATE, key),
                }
            }
            prop_assert_eq!(entries(&overlay, schema::STATE), held);
        }
    }

    #[test]
    fn the_batch_is_every_pending_write_in_key_order() {
        let mut overlay = empty();
        overlay.put(schema::STATE, *b"b", *b"1");
        overlay.delete(schema::STATE, *b"a");
        overlay.put(schema::HOME, *b"z", *b"2");
        overlay.put(schema::STATE, *b"b", *b"333");
        assert_eq!(overlay.written(), 1 + 3 + 1 + TOMBSTONE_BYTES + 1 + 1);
        let mut want = WriteBatch::new();
        want.put(schema::HOME, *b"z", *b"2");
        want.delete(schema::STATE, *b"a");
        want.put(schema::STATE, *b"b", *b"333");
        assert_eq!(overlay.into_batch(), want);
    }
}
