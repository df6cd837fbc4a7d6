//! Stores that are copied, and batches that are kept to be written again.

use std::ops::{Bound, ControlFlow};
use std::sync::{Arc, Mutex};

use myrhiza_kernel::schema;
use myrhiza_kernel_api::{Keyspace, Snapshot, Store, StoreError, WriteBatch};

/// Writes put into one batch of a copy.
const BATCH: usize = 100_000;

/// Copies all there is.
pub fn copy(from: &dyn Store, to: &dyn Store) {
    let snapshot = from.snapshot().unwrap();
    for keyspace in schema::ALL {
        copy_keyspace(&*snapshot, to, *keyspace);
    }
}

fn copy_keyspace(from: &dyn Snapshot, to: &dyn Store, keyspace: Keyspace) {
    let (mut batch, mut writes) = (WriteBatch::new(), 0);
    from.scan(keyspace, (Bound::Unbounded, Bound::Unbounded), false, &mut |key, value| {
        batch.put(keyspace, key, value);
        writes += 1;
        if writes % BATCH == 0 {
            to.commit(std::mem::take(&mut batch)).unwrap();
        }
        ControlFlow::Continue(())
    })
    .unwrap();
    to.commit(batch).unwrap();
}

/// A store that keeps what is committed to the one below.
pub struct Recorded {
    below: Arc<dyn Store>,
    batches: Mutex<Vec<WriteBatch>>,
}

impl Recorded {
    /// Above a store.
    pub fn over(below: Arc<dyn Store>) -> Arc<Self> {
        Arc::new(Self { below, batches: Mutex::default() })
    }

    /// What was committed, in order.
    pub fn batches(&self) -> Vec<WriteBatch> {
        self.batches.lock().unwrap().clone()
    }
}

impl Store for Recorded {
    fn name(&self) -> &'static str {
        self.below.name()
    }

    fn snapshot(&self) -> Result<Box<dyn Snapshot>, StoreError> {
        self.below.snapshot()
    }

    fn commit(&self, batch: WriteBatch) -> Result<(), StoreError> {
        self.batches.lock().unwrap().push(batch.clone());
        self.below.commit(batch)
    }
}

/// Commits batches in order.
pub fn replay(batches: Vec<WriteBatch>, to: &dyn Store) {
    batches.into_iter().for_each(|batch| to.commit(batch).unwrap());
}

/// The writes of one keyspace only.
pub fn only(batches: &[WriteBatch], keyspace: Keyspace) -> Vec<WriteBatch> {
    let of = |batch: &WriteBatch| {
        let mut one = WriteBatch::new();
        for write in batch.writes().iter().filter(|write| write.keyspace == keyspace) {
            match &write.value {
                Some(value) => one.put(keyspace, &*write.key, &**value),
                None => one.delete(keyspace, &*write.key),
            }
        }
        one
    };
    batches.iter().map(of).collect()
}
