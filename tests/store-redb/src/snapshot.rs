//! Reads: the tables of one read transaction, each of which keeps it alive.

use std::borrow::Cow;
use std::sync::Arc;

use myrhiza_kernel_api::store::{KeyRange, Visit, encloses};
use myrhiza_kernel_api::{Keyspace, Snapshot, StoreError};
use redb::{AccessGuard, Database, ReadOnlyTable, ReadableDatabase as _, StorageError};

use crate::{failed, table};

type Table = ReadOnlyTable<&'static [u8], &'static [u8]>;
type Entry<'t> =
    Result<(AccessGuard<'t, &'static [u8]>, AccessGuard<'t, &'static [u8]>), StorageError>;

struct RedbSnapshot {
    tables: Vec<Table>,
    /// A database that is dropped closes its file to every transaction.
    _database: Arc<Database>,
}

pub(crate) fn take(
    database: &Arc<Database>,
    keyspaces: &[Keyspace],
) -> Result<Box<dyn Snapshot>, StoreError> {
    let open = || -> Result<Vec<Table>, redb::Error> {
        let txn = database.begin_read()?;
        keyspaces.iter().map(|keyspace| Ok(txn.open_table(table(keyspace))?)).collect()
    };
    let tables = open().map_err(|error| failed("took a snapshot", error))?;
    Ok(Box::new(RedbSnapshot { tables, _database: Arc::clone(database) }))
}

impl Snapshot for RedbSnapshot {
    fn get(&self, keyspace: Keyspace, key: &[u8]) -> Result<Option<Cow<'_, [u8]>>, StoreError> {
        let Some(table) = self.tables.get(usize::from(keyspace.index)) else {
            return Ok(None);
        };
        let value = table.get(key).map_err(|error| failed("read a value", error))?;
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
        let Some(table) = self.tables.get(usize::from(keyspace.index)) else {
            return Ok(());
        };
        if !encloses(range) {
            return Ok(());
        }
        let mut scan = || {
            let entries = table.range::<&[u8]>(range)?;
            if reverse { walk(entries.rev(), visit) } else { walk(entries, visit) }
        };
        scan().map_err(|error: StorageError| failed("scanned a keyspace", error))
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
