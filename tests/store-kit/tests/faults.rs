//! Faults come when they were asked for, once, and do what they say.
#![allow(clippy::unwrap_used)]

use std::sync::Arc;

use myrhiza_kernel_api::{Keyspace, Store, StoreError, WriteBatch};
use myrhiza_store_kit::{FaultStore, Faults, Operation};
use myrhiza_store_memory::MemoryStore;

const A: Keyspace = Keyspace { index: 0, name: "a" };

fn store() -> (FaultStore, Arc<Faults>) {
    let faults = Arc::new(Faults::default());
    (FaultStore::new(Arc::new(MemoryStore::new(&[A])), Arc::clone(&faults)), faults)
}

fn put(store: &FaultStore, key: &[u8]) -> Result<(), StoreError> {
    let mut batch = WriteBatch::new();
    batch.put(A, key, *b"v");
    store.commit(batch)
}

fn has(store: &FaultStore, key: &[u8]) -> bool {
    store.snapshot().unwrap().get(A, key).unwrap().is_some()
}

#[test]
fn a_commit_fails_before_or_after_it_is_written() {
    let (store, faults) = store();
    faults.arm(Operation::CommitBefore, 1);
    faults.arm(Operation::CommitAfter, 1);
    put(&store, b"1").unwrap();
    assert!(matches!(put(&store, b"2"), Err(StoreError::Full { .. })));
    assert!(!has(&store, b"2"));
    assert!(matches!(put(&store, b"3"), Err(StoreError::Failed { .. })));
    assert!(has(&store, b"3"));
    assert!(!faults.pending());
    put(&store, b"4").unwrap();
}

#[test]
fn snapshots_and_reads_fail_in_their_turn() {
    let (store, faults) = store();
    put(&store, b"1").unwrap();
    faults.arm(Operation::Snapshot, 0);
    assert!(store.snapshot().is_err());
    let snapshot = store.snapshot().unwrap();
    faults.arm(Operation::Read, 1);
    assert!(snapshot.get(A, b"1").is_ok());
    assert!(snapshot.get(A, b"1").is_err());
    assert!(snapshot.get(A, b"1").is_ok());
    faults.arm(Operation::Read, 0);
    faults.disarm();
    assert!(snapshot.get(A, b"1").is_ok());
}
