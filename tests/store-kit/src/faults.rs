//! A store that fails on command.

use std::borrow::Cow;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use myrhiza_kernel_api::store::{KeyRange, Visit};
use myrhiza_kernel_api::{Keyspace, Snapshot, Store, StoreError, WriteBatch};

/// What can be made to fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// A commit, before anything is written: a full disk.
    CommitBefore,
    /// A commit, after everything is written: the process was killed before it could know. The
    /// caller must drop all it holds in memory and open again.
    CommitAfter,
    /// Taking a snapshot.
    Snapshot,
    /// A get or a scan of a snapshot.
    Read,
}

/// The faults that are to come. Shared with the store and the snapshots that fail.
#[derive(Debug, Default)]
pub struct Faults {
    /// What is to fail, and how many of its kind still go well before.
    armed: Mutex<Vec<(Operation, u64)>>,
}

impl Faults {
    /// Makes one operation fail, after `passing` more of its kind have gone well.
    pub fn arm(&self, operation: Operation, passing: u64) {
        self.armed().push((operation, passing));
    }

    /// Takes back what has not failed yet.
    pub fn disarm(&self) {
        self.armed().clear();
    }

    /// True if something is still to fail.
    pub fn pending(&self) -> bool {
        !self.armed().is_empty()
    }

    fn armed(&self) -> MutexGuard<'_, Vec<(Operation, u64)>> {
        self.armed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts one operation, and fails it if it is its turn.
    fn pass(&self, operation: Operation) -> Result<(), StoreError> {
        let mut armed = self.armed();
        let mine = |(kind, passing): &(Operation, u64)| *kind == operation && *passing == 0;
        let due = armed.iter().position(mine);
        match due {
            Some(due) => {
                armed.remove(due);
                Err(fault(operation))
            }
            None => {
                let waiting = armed.iter_mut().filter(|(kind, _)| *kind == operation);
                waiting.for_each(|(_, passing)| *passing -= 1);
                Ok(())
            }
        }
    }
}

fn fault(operation: Operation) -> StoreError {
    const STORE: &str = "fault";
    let source = Box::from("a fault that the test asked for");
    match operation {
        Operation::CommitBefore => {
            StoreError::Full { store: STORE, doing: "committed a batch", source }
        }
        Operation::CommitAfter => {
            StoreError::Failed { store: STORE, doing: "committed a batch", source }
        }
        Operation::Snapshot => {
            StoreError::Failed { store: STORE, doing: "took a snapshot", source }
        }
        Operation::Read => StoreError::Failed { store: STORE, doing: "read", source },
    }
}

/// Another store, with [`Faults`].
pub struct FaultStore {
    inner: Arc<dyn Store>,
    faults: Arc<Faults>,
}

impl FaultStore {
    /// Wraps a store. Several may share their faults, as before and after a restart.
    pub fn new(inner: Arc<dyn Store>, faults: Arc<Faults>) -> Self {
        Self { inner, faults }
    }
}

impl Store for FaultStore {
    fn name(&self) -> &'static str {
        self.inner.name()
    }

    fn snapshot(&self) -> Result<Box<dyn Snapshot>, StoreError> {
        self.faults.pass(Operation::Snapshot)?;
        let inner = self.inner.snapshot()?;
        Ok(Box::new(FaultSnapshot { inner, faults: Arc::clone(&self.faults) }))
    }

    fn commit(&self, batch: WriteBatch) -> Result<(), StoreError> {
        self.faults.pass(Operation::CommitBefore)?;
        self.inner.commit(batch)?;
        self.faults.pass(Operation::CommitAfter)
    }
}

struct FaultSnapshot {
    inner: Box<dyn Snapshot>,
    faults: Arc<Faults>,
}

impl Snapshot for FaultSnapshot {
    fn get(&self, keyspace: Keyspace, key: &[u8]) -> Result<Option<Cow<'_, [u8]>>, StoreError> {
        self.faults.pass(Operation::Read)?;
        self.inner.get(keyspace, key)
    }

    fn scan(
        &self,
        keyspace: Keyspace,
        range: KeyRange<'_>,
        reverse: bool,
        visit: &mut Visit<'_>,
    ) -> Result<(), StoreError> {
        self.faults.pass(Operation::Read)?;
        self.inner.scan(keyspace, range, reverse, visit)
    }
}
