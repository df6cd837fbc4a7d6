//! Values larger than a store's, in rows of 1 MiB: `id ‖ number` (u32, big-endian) → bytes.

use std::ops::{Bound, ControlFlow};

use myrhiza_kernel_api::store::prefix_end;
use myrhiza_kernel_api::{Keyspace, Snapshot};

use crate::fault::Fault;
use crate::state::Overlay;

const ROW_BYTES: usize = 1 << 20;

fn row(id: &[u8; 32], number: u32) -> Vec<u8> {
    [&id[..], &number.to_be_bytes()].concat()
}

/// Keeps a blob; one that is there under the id is the same.
pub(super) fn put(overlay: &mut Overlay, keyspace: Keyspace, id: &[u8; 32], bytes: &[u8]) {
    for (number, bytes) in (0..).zip(bytes.chunks(ROW_BYTES)) {
        overlay.put(keyspace, row(id, number), bytes);
    }
}

/// Whether a blob is there.
pub(super) fn holds(
    reader: &dyn Snapshot,
    keyspace: Keyspace,
    id: &[u8; 32],
) -> Result<bool, Fault> {
    Ok(reader.get(keyspace, &row(id, 0))?.is_some())
}

/// A blob's bytes; empty if it is not there.
pub(super) fn get(
    reader: &dyn Snapshot,
    keyspace: Keyspace,
    id: &[u8; 32],
) -> Result<Vec<u8>, Fault> {
    let mut bytes = Vec::new();
    each_row(reader, keyspace, id, &mut |_, row| bytes.extend_from_slice(row))?;
    Ok(bytes)
}

/// Drops a blob.
pub(super) fn delete(
    overlay: &mut Overlay,
    keyspace: Keyspace,
    id: &[u8; 32],
) -> Result<(), Fault> {
    let mut keys = Vec::new();
    each_row(overlay, keyspace, id, &mut |key, _| keys.push(key.to_vec()))?;
    keys.into_iter().for_each(|key| overlay.delete(keyspace, key));
    Ok(())
}

/// The ids there are, ascending.
pub(super) fn list(reader: &dyn Snapshot, keyspace: Keyspace) -> Result<Vec<[u8; 32]>, Fault> {
    let mut ids: Vec<[u8; 32]> = Vec::new();
    let all = (Bound::Unbounded, Bound::Unbounded);
    reader.scan(keyspace, all, false, &mut |key, _| {
        if let Some(id) = key.first_chunk()
            && ids.last() != Some(id)
        {
            ids.push(*id);
        }
        ControlFlow::Continue(())
    })?;
    Ok(ids)
}

fn each_row(
    reader: &dyn Snapshot,
    keyspace: Keyspace,
    id: &[u8; 32],
    visit: &mut dyn FnMut(&[u8], &[u8]),
) -> Result<(), Fault> {
    let end = prefix_end(id);
    let to = end.as_deref().map_or(Bound::Unbounded, Bound::Excluded);
    reader.scan(keyspace, (Bound::Included(&id[..]), to), false, &mut |key, value| {
        visit(key, value);
        ControlFlow::Continue(())
    })?;
    Ok(())
}
