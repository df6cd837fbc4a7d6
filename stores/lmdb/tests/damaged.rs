//! A file that was cut off is told as damaged, and ends no process.
#![allow(clippy::unwrap_used)]

use std::fs::{self, File};

use myrhiza_kernel_api::{Keyspace, Store, StoreError, WriteBatch};
use myrhiza_store_lmdb::LmdbStore;

const KEYSPACES: &[Keyspace] = &[Keyspace { index: 0, name: "a" }];

fn open(folder: &std::path::Path) -> Result<LmdbStore, StoreError> {
    LmdbStore::open(folder, KEYSPACES, 64 << 20)
}

#[test]
fn a_file_that_ends_within_what_it_holds_is_damaged() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data.mdb");
    let store = open(folder.path()).unwrap();
    for n in 0..200_u32 {
        let mut batch = WriteBatch::new();
        batch.put(KEYSPACES[0], n.to_be_bytes(), vec![n as u8; 5_000]);
        store.commit(batch).unwrap();
    }
    drop(store);
    let whole = fs::read(&data).unwrap();
    for length in [100, 4_096, 8_192, 8_200] {
        File::options().write(true).open(&data).unwrap().set_len(length).unwrap();
        let error = open(folder.path()).err().unwrap();
        assert!(matches!(error, StoreError::Damaged { .. }), "{length}: {error}");
        assert_eq!(fs::metadata(&data).unwrap().len(), length, "it is left as it is");
        fs::write(&data, &whole).unwrap();
    }
    let store = open(folder.path()).unwrap();
    let snapshot = store.snapshot().unwrap();
    for n in 0..200_u32 {
        let found = snapshot.get(KEYSPACES[0], &n.to_be_bytes()).unwrap();
        assert_eq!(found.unwrap()[0], n as u8);
    }
}

/// LMDB does not write pages that were taken and given back in one transaction.
#[test]
fn a_file_whose_last_pages_are_free_is_whole() {
    let folder = tempfile::tempdir().unwrap();
    for round in 0..20_u32 {
        let store = open(folder.path()).unwrap();
        let mut batch = WriteBatch::new();
        for n in 0..300_u32 {
            let key = (round * 100 + n).to_be_bytes();
            if round % 2 == 0 {
                batch.put(KEYSPACES[0], key, vec![1; 3_000]);
            } else {
                batch.delete(KEYSPACES[0], key);
            }
        }
        store.commit(batch).unwrap();
    }
    open(folder.path()).unwrap();
}
