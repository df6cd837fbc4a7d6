//! A store over redb: one file, one table for each keyspace, one durable transaction for each batch.
//!
//! It stands outside the folders of plug-ins, as a store that somebody else wrote does: nothing
//! else of the project names it. `docs/guide/add-a-store.md` walks through it.
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod snapshot;

use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use myrhiza_kernel_api::store::Write;
use myrhiza_kernel_api::{
    Keyspace, Registration, Snapshot, Store, StoreError, WriteBatch, register,
};
use redb::{Database, DatabaseError, TableDefinition, WriteTransaction};

/// The name it is registered by.
pub const NAME: &str = "redb";

/// The file in the store's folder.
pub const FILE: &str = "store.redb";

register!(Registration::Store {
    name: NAME,
    open: |config| match &config.path {
        Some(path) => Ok(Arc::new(RedbStore::open(path, config.keyspaces)?)),
        None => Err(StoreError::Config { store: NAME, why: "it needs a folder".into() }),
    },
});

/// A store over redb.
pub struct RedbStore {
    database: Arc<Database>,
    keyspaces: &'static [Keyspace],
}

impl RedbStore {
    /// Opens the store in a folder that exists, creating it if there is none.
    ///
    /// # Errors
    /// [`StoreError`]; also if the folder's store is open already.
    pub fn open(path: &Path, keyspaces: &'static [Keyspace]) -> Result<Self, StoreError> {
        let database = Database::create(path.join(FILE)).map_err(|error| match error {
            DatabaseError::DatabaseAlreadyOpen => StoreError::Config {
                store: NAME,
                why: format!("{} is open already; close it first", path.display()),
            },
            error => failed("opened its file", error),
        })?;
        let store = Self::over(database, keyspaces)?;
        sync_folder(path)?;
        Ok(store)
    }

    /// The store in a database that is open, wherever that keeps its bytes.
    ///
    /// # Errors
    /// [`StoreError`] if the tables cannot be made.
    pub fn over(database: Database, keyspaces: &'static [Keyspace]) -> Result<Self, StoreError> {
        let create = || {
            let txn = begin(&database)?;
            for keyspace in keyspaces {
                txn.open_table(table(keyspace))?;
            }
            Ok(txn.commit()?)
        };
        create().map_err(|error: redb::Error| failed("made its tables", error))?;
        Ok(Self { database: Arc::new(database), keyspaces })
    }
}

impl Store for RedbStore {
    fn name(&self) -> &'static str {
        NAME
    }

    fn snapshot(&self) -> Result<Box<dyn Snapshot>, StoreError> {
        snapshot::take(&self.database, self.keyspaces)
    }

    fn commit(&self, batch: WriteBatch) -> Result<(), StoreError> {
        batch.check(NAME, self.keyspaces)?;
        let mut writes = batch.into_writes();
        // Stable: of several writes to one key the last still comes last.
        writes.sort_by_key(|write| write.keyspace.index);

        // A transaction that is dropped is aborted.
        let commit = || {
            let txn = begin(&self.database)?;
            write(&txn, &writes)?;
            Ok(txn.commit()?)
        };
        commit().map_err(|error: redb::Error| failed("committed a batch", error))
    }
}

fn table(keyspace: &Keyspace) -> TableDefinition<'static, &'static [u8], &'static [u8]> {
    TableDefinition::new(keyspace.name)
}

/// Opening after a kill is to cost what was lost, not what there is.
fn begin(database: &Database) -> Result<WriteTransaction, redb::Error> {
    let mut txn = database.begin_write()?;
    txn.set_quick_repair(true);
    Ok(txn)
}

fn write(txn: &WriteTransaction, writes: &[Write]) -> Result<(), redb::Error> {
    for writes in writes.chunk_by(|a, b| a.keyspace == b.keyspace) {
        let Some(first) = writes.first() else { continue };
        let mut table = txn.open_table(table(&first.keyspace))?;
        for Write { key, value, .. } in writes {
            match value {
                Some(value) => table.insert(key.as_slice(), value.as_slice())?,
                None => table.remove(key.as_slice())?,
            };
        }
    }
    Ok(())
}

/// Makes the file's entry in its folder durable, which a committed transaction does not.
fn sync_folder(path: &Path) -> Result<(), StoreError> {
    if cfg!(unix) {
        let synced = File::open(path).and_then(|folder| folder.sync_all());
        synced.map_err(|error| failed("synced its folder", error))?;
    }
    Ok(())
}

fn failed(doing: &'static str, error: impl Into<redb::Error>) -> StoreError {
    use std::io::ErrorKind::{FileTooLarge, QuotaExceeded, StorageFull};
    let error = error.into();
    let full = match &error {
        redb::Error::Io(error) => {
            matches!(error.kind(), StorageFull | QuotaExceeded | FileTooLarge)
        }
        _ => false,
    };
    let source = error.into();
    match full {
        true => StoreError::Full { store: NAME, doing, source },
        false => StoreError::Failed { store: NAME, doing, source },
    }
}
