//! What a file that fails or was cut short does to the store.
#![allow(clippy::unwrap_used)]

mod disk;

use std::sync::{Arc, OnceLock, Weak};

use disk::{Disk, KEYSPACES, get, open, put};
use myrhiza_kernel_api::{Store, StoreError, WriteBatch};
use myrhiza_store_opfs::{OpfsStore, file};
use redb::StorageBackend as _;

#[test]
fn a_full_disk_fails_writes_alone_and_only_while_it_is_full() {
    let disk = Disk::with_room(3 << 20);
    let store = open(&disk);
    let before = store.snapshot().unwrap();
    let full = (0..100).find_map(|n| Some((n, put(&store, n).err()?)));
    let (count, error) = full.unwrap();
    assert!(count > 0);
    assert!(matches!(error, StoreError::Full { .. }), "{error}");

    // Nothing was opened again by whoever holds the store.
    let all_there = |store: &OpfsStore, count| {
        let snapshot = store.snapshot().unwrap();
        (0..count).for_each(|n| assert_eq!(get(&*snapshot, n), Some(n as u8), "{n}"));
        assert_eq!(get(&*snapshot, count), None);
    };
    all_there(&store, count);
    assert!(matches!(put(&store, count), Err(StoreError::Full { .. })), "it is as full as before");
    all_there(&store, count);
    all_there(&open(&disk), count);
    drop(before);

    let store = open(&disk);
    disk.give_room(16 << 20);
    put(&store, count).unwrap();
    all_there(&store, count + 1);
}

#[test]
fn a_full_disk_can_be_opened_and_read() {
    let disk = Disk::with_room(u64::MAX);
    put(&open(&disk), 1).unwrap();
    disk.give_room(0);
    let store = open(&disk);
    assert_eq!(get(&*store.snapshot().unwrap(), 1), Some(1));
}

#[test]
fn opening_what_is_whole_commits_nothing() {
    let disk = Disk::with_room(u64::MAX);
    put(&open(&disk), 1).unwrap();
    let before = disk.syncs();
    let store = open(&disk);
    // redb notes that the file is open. A commit syncs twice at least.
    assert_eq!(disk.syncs(), before + 1);
    assert_eq!(get(&*store.snapshot().unwrap(), 1), Some(1));
}

#[test]
fn a_file_cut_short_at_its_making_is_made_again() {
    for length in [1, 8, 9, 4096, 1 << 20] {
        let disk = Disk::with_room(u64::MAX);
        disk.file().set_len(length).unwrap();
        // What redb writes of a header before it says that there is one.
        if length > 9 {
            disk.file().write(9, &[1, 2, 3]).unwrap();
        }
        let store = open(&disk);
        put(&store, 1).unwrap();
        drop(store);
        assert_eq!(get(&*open(&disk).snapshot().unwrap(), 1), Some(1), "{length}");
    }
}

#[test]
fn a_file_of_something_else_is_left_alone() {
    let disk = Disk::with_room(u64::MAX);
    disk.file().set_len(64 << 20).unwrap();
    disk.file().write(1 << 20, b"somebody's").unwrap();
    let error = file::open(disk.file()).unwrap_err();
    assert!(error.to_string().contains("Not a redb database"), "{error}");
    assert_eq!(disk.file().len().unwrap(), 64 << 20);
}

#[test]
fn a_commit_within_a_commit_is_an_error_and_no_end() {
    static STORE: OnceLock<Weak<OpfsStore>> = OnceLock::new();
    let disk = Disk::with_room(u64::MAX);
    let store = Arc::new(open(&disk));
    STORE.set(Arc::downgrade(&store)).unwrap();
    let inner = Arc::new(std::sync::Mutex::new(None));
    let heard = Arc::clone(&inner);
    disk.at_the_next_write(move || {
        let store = STORE.get().and_then(Weak::upgrade).unwrap();
        let mut batch = WriteBatch::new();
        batch.put(KEYSPACES[0], *b"k", *b"v");
        *heard.lock().unwrap() = Some(store.commit(batch));
    });
    put(&store, 1).unwrap();
    let error = inner.lock().unwrap().take().unwrap().unwrap_err();
    assert!(matches!(error, StoreError::Failed { .. }), "{error}");
    assert!(error.to_string().contains("a commit of this store is under way"), "{error}");
    put(&store, 2).unwrap();
    assert_eq!(get(&*store.snapshot().unwrap(), 2), Some(2));
}
