//! The store over a redb database: one table for each keyspace, one durable transaction for each batch.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use myrhiza_kernel_api::store::Write;
use myrhiza_kernel_api::{Keyspace, Snapshot, Store, StoreError, WriteBatch};
use redb::{
    Database, DatabaseError, ReadableDatabase as _, TableDefinition, TableError, WriteTransaction,
};

use crate::failure::failed;
use crate::{NAME, snapshot};

/// A store over redb.
pub struct OpfsStore {
    open: Box<Open>,
    /// Nothing while its file cannot be opened again.
    live: Mutex<Option<Arc<Live>>>,
    keyspaces: &'static [Keyspace],
}

type Open = dyn Fn() -> Result<Database, DatabaseError> + Send + Sync;

/// A database while it can be used.
pub(crate) struct Live {
    pub(crate) database: Database,
    /// Set when its file has failed. redb then refuses everything, reads of what is intact too, until
    /// the database is opened anew.
    failed: AtomicBool,
}

impl Live {
    /// The error as others see it. After one of the file, the database is not used again.
    pub(crate) fn fail(&self, doing: &'static str, error: impl Into<redb::Error>) -> StoreError {
        let error = error.into();
        if matches!(error, redb::Error::Io(_) | redb::Error::PreviousIo) {
            self.failed.store(true, Ordering::Relaxed);
        }
        failed(doing, error)
    }
}

impl OpfsStore {
    /// The store in the database that `open` opens: now, and again after its file has failed, as it does
    /// where there is no more room. Whoever opens a file anew must see to it that what was opened before
    /// reaches it no more.
    ///
    /// # Errors
    /// [`StoreError`] if it cannot be opened, or its tables cannot be made.
    pub fn open(
        open: impl Fn() -> Result<Database, DatabaseError> + Send + Sync + 'static,
        keyspaces: &'static [Keyspace],
    ) -> Result<Self, StoreError> {
        let live = live(&open, keyspaces)?;
        Ok(Self { open: Box::new(open), live: Mutex::new(Some(live)), keyspaces })
    }

    /// The database, opened anew if its file has failed.
    fn live(&self) -> Result<Arc<Live>, StoreError> {
        let mut held = lock(&self.live);
        // What has failed is let go of first, so that it closes the file before another opens it.
        drop(held.take_if(|live| live.failed.load(Ordering::Relaxed)));
        match held.as_ref() {
            Some(live) => Ok(Arc::clone(live)),
            None => Ok(Arc::clone(held.insert(live(&self.open, self.keyspaces)?))),
        }
    }
}

impl Store for OpfsStore {
    fn name(&self) -> &'static str {
        NAME
    }

    fn snapshot(&self) -> Result<Box<dyn Snapshot>, StoreError> {
        snapshot::take(&self.live()?, self.keyspaces)
    }

    fn commit(&self, batch: WriteBatch) -> Result<(), StoreError> {
        batch.check(NAME, self.keyspaces)?;
        let mut writes = batch.into_writes();
        // Ascending keys fill pages one after another. Stable: of several writes to one key the last
        // still comes last.
        writes.sort_by(|a, b| (a.keyspace.index, &a.key).cmp(&(b.keyspace.index, &b.key)));

        let live = self.live()?;
        // A transaction that is dropped is aborted.
        let commit = || {
            let txn = begin(&live.database)?;
            write(&txn, &writes)?;
            Ok(txn.commit()?)
        };
        commit().map_err(|error: redb::Error| live.fail("committed a batch", error))
    }
}

impl fmt::Debug for OpfsStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OpfsStore").field("keyspaces", &self.keyspaces).finish_non_exhaustive()
    }
}

pub(crate) fn table(keyspace: &Keyspace) -> TableDefinition<'static, &'static [u8], &'static [u8]> {
    TableDefinition::new(keyspace.name)
}

fn live(open: &Open, keyspaces: &[Keyspace]) -> Result<Arc<Live>, StoreError> {
    let database = open().map_err(|error| failed("opened its file", error))?;
    let tables = || match has_tables(&database, keyspaces)? {
        true => Ok(()),
        false => make_tables(&database, keyspaces),
    };
    tables().map_err(|error| failed("made its tables", error))?;
    Ok(Arc::new(Live { database, failed: AtomicBool::new(false) }))
}

/// What has its tables is opened without a commit, which costs time, and might want room that there is
/// not.
fn has_tables(database: &Database, keyspaces: &[Keyspace]) -> Result<bool, redb::Error> {
    let txn = database.begin_read()?;
    for keyspace in keyspaces {
        match txn.open_table(table(keyspace)) {
            Ok(_) => {}
            Err(TableError::TableDoesNotExist(_)) => return Ok(false),
            Err(error) => return Err(error.into()),
        }
    }
    Ok(true)
}

fn make_tables(database: &Database, keyspaces: &[Keyspace]) -> Result<(), redb::Error> {
    let txn = begin(database)?;
    for keyspace in keyspaces {
        txn.open_table(table(keyspace))?;
    }
    Ok(txn.commit()?)
}

/// A write transaction; where one is open already, an error. To wait for its end would be a panic in
/// a browser, where nobody else could end it.
fn begin(database: &Database) -> Result<WriteTransaction, redb::Error> {
    let mut txn = database.try_begin_write()?;
    // Opening after a kill is to cost what was lost, not what there is.
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

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
