use std::ops::Bound;

use myrhiza_kernel_api::host::KvRefusal;
use myrhiza_kernel_api::store::{encloses, prefix_end};
use myrhiza_kernel_api::{LineageId, Snapshot, StoreError, StoreExt as _, limits};

use super::common::flat;
use crate::fault::Fault;
use crate::schema::KV;
use crate::state::Overlay;

/// The row with how much is kept.
const TOTAL: u8 = 0;
/// The rows of what is kept.
const ENTRY: u8 = 1;
/// Bytes before a key in the store: lineage and kind of row.
const PREFIX: usize = LineageId::LEN + 1;
/// Rows that are deleted in one transaction.
const ROWS: usize = 10_000;

/// What an app keeps in a home, in all its topics and versions: no other app's, and in no state.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Kv {
    app: LineageId,
}

impl Kv {
    pub(crate) const fn new(app: LineageId) -> Self {
        Self { app }
    }

    pub(crate) fn get(
        &self,
        from: &dyn Snapshot,
        key: &[u8],
    ) -> Result<Option<Vec<u8>>, StoreError> {
        if !is_key(key) {
            return Ok(None);
        }
        Ok(from.get(KV, &self.row(ENTRY, key))?.map(|value| value.into_owned()))
    }

    pub(crate) fn set(
        &self,
        to: &mut Overlay,
        key: &[u8],
        value: &[u8],
    ) -> Result<Result<(), KvRefusal>, StoreError> {
        if !is_key(key) {
            return Ok(Err(KvRefusal::Key));
        }
        if value.len() > limits::KV_VALUE_BYTES {
            return Ok(Err(KvRefusal::Value));
        }
        let before = self.get(to, key)?;
        if before.as_deref() == Some(value) {
            return Ok(Ok(()));
        }
        let rest = self.total(to)?.saturating_sub(size(key, before.as_deref()));
        let total = rest.saturating_add(size(key, Some(value)));
        if total > limits::KV_BYTES {
            return Ok(Err(KvRefusal::Full));
        }
        to.put(KV, self.row(ENTRY, key), value);
        to.put(KV, self.row(TOTAL, &[]), total.to_be_bytes());
        Ok(Ok(()))
    }

    pub(crate) fn delete(&self, from: &mut Overlay, key: &[u8]) -> Result<(), StoreError> {
        let Some(before) = self.get(from, key)? else { return Ok(()) };
        let total = self.total(from)?.saturating_sub(size(key, Some(&before)));
        from.delete(KV, self.row(ENTRY, key));
        from.put(KV, self.row(TOTAL, &[]), total.to_be_bytes());
        Ok(())
    }

    /// Entries as `state.scan` gives them.
    pub(crate) fn scan(
        &self,
        from: &dyn Snapshot,
        (low, high): (&[u8], &[u8]),
        limit: u32,
    ) -> Result<Vec<u8>, StoreError> {
        let low = self.row(ENTRY, low);
        let high = match high {
            [] => prefix_end(&self.row(ENTRY, &[])),
            high => Some(self.row(ENTRY, high)),
        };
        let high = high.as_deref().map_or(Bound::Unbounded, Bound::Excluded);
        let range = (Bound::Included(&*low), high);
        if !encloses(range) {
            return Ok(Vec::new());
        }
        flat(limit, &mut |visit| {
            from.scan(KV, range, false, &mut |key, value| {
                visit(key.get(PREFIX..).unwrap_or_default(), value)
            })
        })
    }

    /// Deletes a part of everything the app keeps; true if nothing is left.
    pub(crate) fn clear(&self, overlay: &mut Overlay) -> Result<bool, Fault> {
        let rows = overlay.prefix(KV, self.app.as_bytes(), ROWS)?;
        let is_last = rows.len() < ROWS;
        for (row, _) in rows {
            overlay.delete(KV, row);
        }
        Ok(is_last)
    }

    fn total(&self, from: &dyn Snapshot) -> Result<u64, StoreError> {
        let row = from.get(KV, &self.row(TOTAL, &[]))?;
        let row = row.and_then(|row| Some(u64::from_be_bytes((&*row).try_into().ok()?)));
        Ok(row.unwrap_or(0))
    }

    fn row(&self, kind: u8, key: &[u8]) -> Vec<u8> {
        [self.app.as_bytes(), &[kind][..], key].concat()
    }
}

fn is_key(key: &[u8]) -> bool {
    (1..=limits::KV_KEY_BYTES).contains(&key.len())
}

/// What an entry counts for; nothing if it is not there.
fn size(key: &[u8], value: Option<&[u8]>) -> u64 {
    value.map_or(0, |value| (key.len() + value.len()) as u64 + limits::KV_ENTRY_BYTES)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::testing::empty;

    const APP: Kv = Kv::new(LineageId([7; 32]));

    #[test]
    fn apps_do_not_see_each_other() {
        let mut overlay = empty();
        let apps = [[6; 32], [7; 32], [8; 32], [0xff; 32]].map(|id| Kv::new(LineageId(id)));
        for (n, app) in (0..).zip(apps) {
            for key in [&[0][..], &[0xff; 384]] {
                app.set(&mut overlay, key, &[n]).unwrap().unwrap();
            }
        }
        for (n, app) in (0..).zip(apps) {
            assert_eq!(app.get(&overlay, &[0]).unwrap(), Some(vec![n]));
            let flat = app.scan(&overlay, (&[], &[]), 9).unwrap();
            let entry = |key: &[u8]| {
                let len = (key.len() as u32).to_le_bytes();
                [&len[..], &[1, 0, 0, 0], key, &[n]].concat()
            };
            assert_eq!(flat, [entry(&[0]), entry(&[0xff; 384])].concat());
        }
        let [first, gone, ..] = apps;
        assert!(gone.clear(&mut overlay).unwrap());
        assert_eq!(gone.get(&overlay, &[0]).unwrap(), None);
        assert_eq!(gone.total(&overlay).unwrap(), 0);
        assert_eq!(first.get(&overlay, &[0]).unwrap(), Some(vec![0]));
    }

    #[test]
    fn a_scan_keeps_to_its_bounds() {
        let mut overlay = empty();
        for key in [b"a", b"b", b"c"] {
            APP.set(&mut overlay, key, b"").unwrap().unwrap();
        }
        let keys = |low: &[u8], high: &[u8], limit| {
            let flat = APP.scan(&overlay, (low, high), limit).unwrap();
            flat.chunks(9).map(|entry| entry[8]).collect::<Vec<_>>()
        };
        assert_eq!(keys(b"", b"", 9), b"abc");
        assert_eq!(keys(b"b", b"", 9), b"bc");
        assert_eq!(keys(b"a", b"c", 9), b"ab");
        assert_eq!(keys(b"a", b"", 2), b"ab");
        assert_eq!(keys(b"c", b"a", 9), b"");
        assert_eq!(keys(b"", b"", 0), b"");
    }

    /// [OPERATIONS-1]
    #[test]
    fn limits_hold_to_the_last_byte_and_what_goes_makes_room() {
        let mut overlay = empty();
        let mut set = |key: &[u8], len| APP.set(&mut overlay, key, &vec![0; len]).unwrap();
        assert_eq!(set(b"", 1), Err(KvRefusal::Key));
        assert_eq!(set(&[0; limits::KV_KEY_BYTES + 1], 1), Err(KvRefusal::Key));
        assert_eq!(set(&[0; limits::KV_KEY_BYTES], 1), Ok(()));
        assert_eq!(set(b"v", limits::KV_VALUE_BYTES + 1), Err(KvRefusal::Value));
        APP.clear(&mut overlay).unwrap();

        let entry = limits::KV_VALUE_BYTES as u64 + 2 + limits::KV_ENTRY_BYTES;
        let whole = u16::try_from(limits::KV_BYTES / entry).unwrap();
        let rest = limits::KV_BYTES - u64::from(whole) * entry;
        let rest = usize::try_from(rest - 1 - limits::KV_ENTRY_BYTES).unwrap();
        let mut set = |key: &[u8], len| APP.set(&mut overlay, key, &vec![0; len]).unwrap();
        for n in 0..whole {
            set(&n.to_be_bytes(), limits::KV_VALUE_BYTES).unwrap();
        }
        assert_eq!(set(b"x", rest + 1), Err(KvRefusal::Full));
        assert_eq!(set(b"x", rest), Ok(()));
        assert_eq!(set(b"y", 0), Err(KvRefusal::Full));
        // In the place of another there is room for as much.
        assert_eq!(set(b"x", rest), Ok(()));
        assert_eq!(set(b"x", rest - 1), Ok(()));
        APP.delete(&mut overlay, b"x").unwrap();
        APP.delete(&mut overlay, b"x").unwrap();
        assert_eq!(APP.set(&mut overlay, b"x", &vec![0; rest]).unwrap(), Ok(()));
        assert_eq!(APP.total(&overlay).unwrap(), limits::KV_BYTES);
    }
}
