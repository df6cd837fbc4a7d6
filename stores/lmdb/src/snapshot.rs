//! Reads: a read transaction that owns its environment and can change threads.

use std::borrow::Cow;
use std::ops::Bound;
use std::sync::Arc;

use heed::{Env, RoTxn, WithoutTls};
use myrhiza_kernel_api::store::{KEY_BYTES, KeyRange, Visit, encloses};
use myrhiza_kernel_api::{Keyspace, Snapshot, StoreError};

use crate::Db;
use crate::failure::failed;

struct LmdbSnapshot {
    txn: RoTxn<'static, WithoutTls>,
    databases: Arc<[Db<'static>]>,
}

pub(crate) fn take(
    env: &Env<WithoutTls>,
    databases: &Arc<[Db<'static>]>,
) -> Result<Box<dyn Snapshot>, StoreError> {
    let txn = env.clone().static_read_txn().map_err(|error| failed("took a snapshot", error))?;
    Ok(Box::new(LmdbSnapshot { txn, databases: Arc::clone(databases) }))
}

impl Snapshot for LmdbSnapshot {
    fn get(&self, keyspace: Keyspace, key: &[u8]) -> Result<Option<Cow<'_, [u8]>>, StoreError> {
        let Some(database) = self.databases.get(usize::from(keyspace.index)) else {
            return Ok(None);
        };
        if key.is_empty() || key.len() > KEY_BYTES {
            return Ok(None);
        }
        let value = database.get(&self.txn, key).map_err(|error| failed("read a value", error))?;
        Ok(value.map(Cow::Borrowed))
    }

    fn scan(
        &self,
        keyspace: Keyspace,
        range: KeyRange<'_>,
        reverse: bool,
        visit: &mut Visit<'_>,
    ) -> Result<(), StoreError> {
        let database = self.databases.get(usize::from(keyspace.index));
        let (Some(database), Some(range)) = (database, searchable(range)) else {
            return Ok(());
        };
        let mut scan = || {
            if reverse {
                walk(database.rev_range(&self.txn, &range)?, visit)
            } else {
                walk(database.range(&self.txn, &range)?, visit)
            }
        };
        scan().map_err(|error| failed("scanned a keyspace", error))
    }
}

fn walk<'t>(
    entries: impl Iterator<Item = heed::Result<(&'t [u8], &'t [u8])>>,
    visit: &mut Visit<'_>,
) -> heed::Result<()> {
    for entry in entries {
        let (key, value) = entry?;
        if visit(key, value).is_break() {
            break;
        }
    }
    Ok(())
}

/// The range without the empty bounds that LMDB refuses to search for; `None` if nothing is in it.
fn searchable(range: KeyRange<'_>) -> Option<KeyRange<'_>> {
    match range {
        (_, Bound::Included([]) | Bound::Excluded([])) => None,
        (Bound::Included([]) | Bound::Excluded([]), to) => Some((Bound::Unbounded, to)),
        range => encloses(range).then_some(range),
    }
}
