//! A full medium is told as such, and harms nothing.
#![allow(clippy::unwrap_used)]

use myrhiza_kernel_api::{Keyspace, Store, StoreError, WriteBatch};
use myrhiza_store_lmdb::LmdbStore;

const KEYSPACES: &[Keyspace] = &[Keyspace { index: 0, name: "a" }];

fn put(store: &LmdbStore, n: u32) -> Result<(), StoreError> {
    let mut batch = WriteBatch::new();
    batch.put(KEYSPACES[0], n.to_be_bytes(), vec![n as u8; 60_000]);
    batch.put(KEYSPACES[0], [255, n as u8], *b"second of the batch");
    store.commit(batch)
}

#[test]
fn a_full_map_is_an_error_that_leaves_what_was_committed() {
    let folder = tempfile::tempdir().unwrap();
    let small = LmdbStore::open(folder.path(), KEYSPACES, 1 << 20).unwrap();
    let full = (0..100).find_map(|n| put(&small, n).err().map(|error| (n, error)));
    let (count, error) = full.unwrap();
    assert!(matches!(error, StoreError::Full { .. }), "{error}");
    let check = |store: &LmdbStore| {
        let snapshot = store.snapshot().unwrap();
        for n in 0..count {
            assert_eq!(snapshot.get(KEYSPACES[0], &n.to_be_bytes()).unwrap().unwrap()[0], n as u8);
        }
        assert!(snapshot.get(KEYSPACES[0], &[255, count as u8]).unwrap().is_none());
    };
    check(&small);
    drop(small);
    let larger = LmdbStore::open(folder.path(), KEYSPACES, 8 << 20).unwrap();
    check(&larger);
    put(&larger, count).unwrap();
}

#[test]
fn a_second_store_on_one_folder_is_refused_with_the_reason() {
    let folder = tempfile::tempdir().unwrap();
    let _first = LmdbStore::open(folder.path(), KEYSPACES, 1 << 20).unwrap();
    let second = LmdbStore::open(folder.path(), KEYSPACES, 1 << 20).err().unwrap();
    assert!(second.to_string().contains("open in this process already"), "{second}");
}
