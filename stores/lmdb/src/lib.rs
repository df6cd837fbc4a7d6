//! A store over LMDB: one named database for each keyspace, one synced transaction for each batch.
//!
//! A snapshot is a read transaction that owns its environment; it keeps the pages it sees from
//! being reused, so long-lived ones make the file grow.
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod failure;
mod file;
mod snapshot;

use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use failure::failed_in;
use heed::types::Bytes;
use heed::{
    CommitOrAbort, CommitToken, Database, Env, EnvOpenOptions, OnCommit, PutFlags, RwTxn,
    WithoutTls,
};
use myrhiza_kernel_api::store::Write;
use myrhiza_kernel_api::{
    Keyspace, Registration, Snapshot, Store, StoreError, WriteBatch, register,
};

/// The name it is registered by.
pub const NAME: &str = "lmdb";

/// Address space set aside for the file, which grows only as it is filled. Many stores fit beside
/// each other in what a 64-bit process can address.
pub const MAP_BYTES: usize = if usize::BITS >= 64 { 1 << 38 } else { 1 << 30 };

/// Snapshots that can live at once, over all processes.
const SNAPSHOTS: u32 = 1024;

register!(Registration::Store {
    name: NAME,
    open: |config| match &config.path {
        Some(path) => Ok(Arc::new(LmdbStore::open(path, config.keyspaces, MAP_BYTES)?)),
        None => Err(StoreError::Config { store: NAME, why: "it needs a folder".into() }),
    },
});

type Db<'t> = Database<'t, Bytes, Bytes>;

/// A store over LMDB.
pub struct LmdbStore {
    env: Env<WithoutTls>,
    keyspaces: &'static [Keyspace],
    databases: Arc<[Db<'static>]>,
}

impl LmdbStore {
    /// Opens the store in a folder that exists, creating it if there is none. `map_bytes` bounds
    /// its size and is a multiple of the system's page size.
    ///
    /// # Errors
    /// [`StoreError`]; also if this process has the folder's store open already.
    pub fn open(
        path: &Path,
        keyspaces: &'static [Keyspace],
        map_bytes: usize,
    ) -> Result<Self, StoreError> {
        file::look_at(path)?;
        let env = open_env(path, keyspaces.len(), map_bytes).map_err(|error| match error {
            heed::Error::EnvAlreadyOpened => StoreError::Config {
                store: NAME,
                why: format!("{} is open in this process already; close it first", path.display()),
            },
            error => failed_in(path, "opened its environment", error),
        })?;
        // Slots of processes that were killed would hold pages back for ever.
        env.clear_stale_readers()
            .map_err(|error| failed_in(path, "cleared stale readers", error))?;
        let databases = databases(&env, keyspaces)
            .map_err(|error| failed_in(path, "opened its databases", error))?;
        sync_folder(path)?;
        Ok(Self { env, keyspaces, databases })
    }

    fn write(&self, txn: &mut RwTxn<'_>, writes: &[Write]) -> heed::Result<()> {
        for writes in writes.chunk_by(|a, b| a.keyspace == b.keyspace) {
            let index = writes.first().map(|write| usize::from(write.keyspace.index));
            if let Some(database) = index.and_then(|index| self.databases.get(index)) {
                write_keyspace(txn, database, writes)?;
            }
        }
        Ok(())
    }
}

impl Store for LmdbStore {
    fn name(&self) -> &'static str {
        NAME
    }

    fn snapshot(&self) -> Result<Box<dyn Snapshot>, StoreError> {
        snapshot::take(&self.env, &self.databases)
    }

    fn commit(&self, batch: WriteBatch) -> Result<(), StoreError> {
        batch.check(NAME, self.keyspaces)?;
        let mut writes = batch.into_writes();
        // Of several writes to one key the last is to count: reversed, a stable sort puts it first.
        writes.reverse();
        writes.sort_by(|a, b| (a.keyspace.index, &a.key).cmp(&(b.keyspace.index, &b.key)));
        writes.dedup_by(|a, b| (a.keyspace, &a.key) == (b.keyspace, &b.key));

        // A transaction that is dropped is aborted.
        let commit = || {
            let mut txn = self.env.write_txn()?;
            self.write(&mut txn, &writes)?;
            txn.commit()
        };
        commit().map_err(|error| failed_in(self.env.path(), "committed a batch", error))
    }
}

#[expect(unsafe_code, reason = "LMDB maps its file into memory")]
fn open_env(path: &Path, databases: usize, map_bytes: usize) -> heed::Result<Env<WithoutTls>> {
    let mut options = EnvOpenOptions::new().read_txn_without_tls();
    options.map_size(map_bytes).max_dbs(databases as u32).max_readers(SNAPSHOTS);
    // SAFETY: the mapped file must not change but through LMDB. The folder belongs to this store
    // (`StoreConfig::path`); whoever opens it does so through LMDB, whose lock file is in use, as no
    // flag says otherwise; and heed refuses a second environment on one folder in one process, which
    // would break these locks.
    unsafe { options.open(path) }
}

/// The databases while the transaction that creates them is open, and after.
struct Databases<'t>(Vec<Db<'t>>);

impl OnCommit for Databases<'_> {
    type Committed = Arc<[Db<'static>]>;

    fn on_commit(self, token: &CommitToken) -> Self::Committed {
        self.0.into_iter().map(|database| database.on_commit(token)).collect()
    }
}

fn databases(env: &Env<WithoutTls>, keyspaces: &[Keyspace]) -> heed::Result<Arc<[Db<'static>]>> {
    let txn = env.write_txn()?;
    let committed = env.create_databases_and_commit(txn, |opener, txn| {
        let create = |keyspace: &Keyspace| opener.create_database(txn, Some(keyspace.name));
        let databases = keyspaces.iter().map(create).collect::<heed::Result<_>>()?;
        Ok::<_, heed::Error>(CommitOrAbort::<_, ()>::Commit(Databases(databases)))
    })?;
    Ok(committed.commit().unwrap_or_default())
}

/// Makes the file's entry in its folder durable, which a synced transaction does not.
fn sync_folder(path: &Path) -> Result<(), StoreError> {
    if cfg!(unix) {
        let synced = File::open(path).and_then(|folder| folder.sync_all());
        synced.map_err(|error| failed_in(path, "synced its folder", error.into()))?;
    }
    Ok(())
}

/// Writes one keyspace's writes, ascending and each key once. Those past the end are appended,
/// which fills pages and searches none.
fn write_keyspace(txn: &mut RwTxn<'_>, database: &Db<'_>, writes: &[Write]) -> heed::Result<()> {
    let end = database.last(txn)?.map(|(key, _)| key.to_vec());
    for Write { key, value, .. } in writes {
        match value {
            Some(value) if end.as_ref().is_none_or(|end| key > end) => {
                database.put_with_flags(txn, PutFlags::APPEND, key, value)?;
            }
            Some(value) => database.put(txn, key, value)?,
            None => {
                database.delete(txn, key)?;
            }
        }
    }
    Ok(())
}
