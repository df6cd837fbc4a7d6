//! A full medium is told as such, and harms nothing.
#![allow(clippy::unwrap_used)]

use std::fs::File;
use std::io;

use myrhiza_fixture_store_redb::{FILE, RedbStore};
use myrhiza_kernel_api::{Keyspace, Store, StoreError, WriteBatch};
use redb::backends::FileBackend;
use redb::{Database, StorageBackend};

const KEYSPACES: &[Keyspace] = &[Keyspace { index: 0, name: "a" }];

/// A file on a disk with so much room and no more.
#[derive(Debug)]
struct Disk {
    file: FileBackend,
    bytes: u64,
}

impl StorageBackend for Disk {
    fn len(&self) -> io::Result<u64> {
        self.file.len()
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.file.read(offset, out)
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        match len > self.bytes {
            true => Err(io::ErrorKind::StorageFull.into()),
            false => self.file.set_len(len),
        }
    }

    fn sync_data(&self) -> io::Result<()> {
        self.file.sync_data()
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.file.write(offset, data)
    }
}

fn put(store: &RedbStore, n: u32) -> Result<(), StoreError> {
    let mut batch = WriteBatch::new();
    batch.put(KEYSPACES[0], n.to_be_bytes(), vec![n as u8; 60_000]);
    batch.put(KEYSPACES[0], [255, n as u8], *b"second of the batch");
    store.commit(batch)
}

#[test]
fn a_full_disk_is_an_error_that_leaves_what_was_committed() {
    let folder = tempfile::tempdir().unwrap();
    let options = || File::options().read(true).write(true).create(true).truncate(false).clone();
    let file = options().open(folder.path().join(FILE)).unwrap();
    let disk = Disk { file: FileBackend::new(file).unwrap(), bytes: 3 << 20 };
    let database = Database::builder().create_with_backend(disk).unwrap();
    let small = RedbStore::over(database, KEYSPACES).unwrap();
    let full = (0..100).find_map(|n| put(&small, n).err().map(|error| (n, error)));
    let (count, error) = full.unwrap();
    assert!(matches!(error, StoreError::Full { .. }), "{error}");
    drop(small);

    let larger = RedbStore::open(folder.path(), KEYSPACES).unwrap();
    let snapshot = larger.snapshot().unwrap();
    for n in 0..count {
        assert_eq!(snapshot.get(KEYSPACES[0], &n.to_be_bytes()).unwrap().unwrap()[0], n as u8);
    }
    assert!(snapshot.get(KEYSPACES[0], &[255, count as u8]).unwrap().is_none());
    put(&larger, count).unwrap();
}

#[test]
fn a_second_store_on_one_folder_is_refused_with_the_reason() {
    let folder = tempfile::tempdir().unwrap();
    let _first = RedbStore::open(folder.path(), KEYSPACES).unwrap();
    let second = RedbStore::open(folder.path(), KEYSPACES).err().unwrap();
    assert!(second.to_string().contains("is open already"), "{second}");
}
