//! Reads: a read transaction, and the tables of it that were read.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::sync::Arc;

use myrhiza_kernel_api::store::{KeyRange, Visit, encloses};
use myrhiza_kernel_api::{Keyspace, Snapshot, StoreError};
use redb::{AccessGuard, ReadOnlyTable, ReadTransaction, ReadableDatabase as _, StorageError};

use crate::store::{Live, table};

type Table = ReadOnlyTable<&'static [u8], &'static [u8]>;
type Entry<'t> =
    Result<(AccessGuard<'t, &'static [u8]>, AccessGuard<'t, &'static [u8]>), StorageError>;

struct OpfsSnapshot {
    tables: Vec<OnceCell<Table>>,
    keyspaces: &'static [Keyspace],
    txn: ReadTransaction,
    /// A database that is dropped closes its file to every transaction.
    live: Arc<Live>,
}

pub(crate) fn take(
    live: &Arc<Live>,
    keyspaces: &'static [Keyspace],
) -> Result<Box<dyn Snapshot>, StoreError> {
    let txn = live.database.begin_read().map_err(|error| live.fail("took a snapshot", error))?;
    let tables = keyspaces.iter().map(|_| OnceCell::new()).collect();
    Ok(Box::new(OpfsSnapshot { tables, keyspaces, txn, live: Arc::clone(live) }))
}

impl OpfsSnapshot {
    /// The table of a keyspace, opened when it is first read: few are.
    fn table(&self, keyspace: Keyspace) -> Result<Option<&Table>, StoreError> {
        let index = usize::from(keyspace.index);
        let (Some(cell), Some(known)) = (self.tables.get(index), self.keyspaces.get(index)) else {
            return Ok(None);
        };
        if cell.get().is_none() {
            let opened = self.txn.open_table(table(known));
            let opened = opened.map_err(|error| self.live.fail("opened a table", error))?;
            // It was empty a moment ago, and there is nobody else.
            let _ = cell.set(opened);
        }
        Ok(cell.get())
    }
}

impl Snapshot for OpfsSnapshot {
    fn get(&self, keyspace: Keyspace, key: &[u8]) -> Result<Option<Cow<'_, [u8]>>, StoreError> {
        let Some(table) = self.table(keyspace)? else { return Ok(None) };
        let value = table.get(key).map_err(|error| self.live.fail("read a value", error))?;
        // A value is lent by its guard, which ends here.
        Ok(value.map(|value| Cow::Owned(value.value().to_vec())))
    }

    fn scan(
        &self,
        keyspace: Keyspace,
        range: KeyRange<'_>,
        reverse: bool,
        visit: &mut Visit<'_>,
    ) -> Result<(), StoreError> {
        let Some(table) = self.table(keyspace)? else { return Ok(()) };
        if !encloses(range) {
            return Ok(());
        }
        let mut scan = || {
            let entries = table.range::<&[u8]>(range)?;
            if reverse { walk(entries.rev(), visit) } else { walk(entries, visit) }
        };
        scan().map_err(|error: StorageError| self.live.fail("scanned a keyspace", error))
    }
}

fn walk<'t>(
    entries: impl Iterator<Item = Entry<'t>>,
    visit: &mut Visit<'_>,
) -> Result<(), StorageError> {
    for entry in entries {
        let (key, value) = entry?;
        if visit(key.value(), value.value()).is_break() {
            break;
        }
    }
    Ok(())
}
