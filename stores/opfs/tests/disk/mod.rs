//! A disk with one file, so much room, and power that can fail.
#![allow(dead_code, reason = "each test uses its part")]

use std::io;
use std::sync::{Arc, Mutex, MutexGuard};

use myrhiza_kernel_api::{Keyspace, Snapshot, Store, StoreError, WriteBatch};
use myrhiza_store_opfs::{OpfsStore, file};
use redb::StorageBackend;

pub(crate) const KEYSPACES: &[Keyspace] =
    &[Keyspace { index: 0, name: "a" }, Keyspace { index: 1, name: "b" }];

pub(crate) fn open(disk: &Disk) -> OpfsStore {
    let disk = disk.clone();
    OpfsStore::open(move || file::open(disk.file()), KEYSPACES).unwrap()
}

pub(crate) fn put(store: &OpfsStore, n: u32) -> Result<(), StoreError> {
    let mut batch = WriteBatch::new();
    batch.put(KEYSPACES[0], n.to_be_bytes(), vec![n as u8; 60_000]);
    batch.put(KEYSPACES[1], n.to_be_bytes(), [n as u8]);
    store.commit(batch)
}

/// What was put under a number, whole or not at all.
pub(crate) fn get(snapshot: &dyn Snapshot, n: u32) -> Option<u8> {
    let read = |keyspace| snapshot.get(keyspace, &n.to_be_bytes()).unwrap().map(Vec::from);
    let (large, small) = (read(KEYSPACES[0]), read(KEYSPACES[1]));
    assert_eq!(large, small.as_ref().map(|small| small.repeat(60_000)));
    small.map(|small| small[0])
}

#[derive(Clone, Debug)]
pub(crate) struct Disk(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    bytes: Vec<u8>,
    room: u64,
    opened: u64,
    syncs: u64,
    interrupt: Option<Box<dyn FnOnce() + Send>>,
    /// What was done since all was last synced.
    since: Vec<Change>,
    synced: Vec<u8>,
}

#[derive(Clone)]
enum Change {
    Length(u64),
    Bytes(usize, Vec<u8>),
}

impl std::fmt::Debug for State {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("State").field("bytes", &self.bytes.len()).finish_non_exhaustive()
    }
}

impl Disk {
    pub(crate) fn with_room(room: u64) -> Self {
        Self(Arc::new(Mutex::new(State { room, ..State::default() })))
    }

    pub(crate) fn give_room(&self, room: u64) {
        self.state().room = room;
    }

    /// How often all was synced.
    pub(crate) fn syncs(&self) -> u64 {
        self.state().syncs
    }

    /// Runs that once, within a write.
    pub(crate) fn at_the_next_write(&self, run: impl FnOnce() + Send + 'static) {
        self.state().interrupt = Some(Box::new(run));
    }

    /// Opens the file; whoever had it before has it no more.
    pub(crate) fn file(&self) -> File {
        let mut state = self.state();
        state.opened += 1;
        File { disk: self.clone(), opened: state.opened }
    }

    /// The disk as it may be after the power fails now: of what was not synced, whatever `keeps` says.
    pub(crate) fn after_power_failed(&self, mut keeps: impl FnMut() -> bool) -> Self {
        let state = self.state();
        let mut bytes = state.synced.clone();
        for change in state.since.iter().filter(|_| keeps()) {
            change.apply(&mut bytes);
        }
        let synced = bytes.clone();
        Self(Arc::new(Mutex::new(State { bytes, synced, room: state.room, ..State::default() })))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }
}

impl Change {
    fn apply(&self, bytes: &mut Vec<u8>) {
        match self {
            Self::Length(length) => bytes.resize(*length as usize, 0),
            Self::Bytes(at, new) => {
                let end = at + new.len();
                if bytes.len() < end {
                    bytes.resize(end, 0);
                }
                bytes[*at..end].copy_from_slice(new);
            }
        }
    }
}

#[derive(Debug)]
pub(crate) struct File {
    disk: Disk,
    opened: u64,
}

impl File {
    fn state(&self) -> io::Result<MutexGuard<'_, State>> {
        let state = self.disk.state();
        match state.opened == self.opened {
            true => Ok(state),
            false => Err(io::Error::other("opened anew")),
        }
    }

    fn change(&self, change: Change) -> io::Result<()> {
        let mut state = self.state()?;
        change.apply(&mut state.bytes);
        state.since.push(change);
        Ok(())
    }
}

impl StorageBackend for File {
    fn len(&self) -> io::Result<u64> {
        Ok(self.state()?.bytes.len() as u64)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let at = offset as usize;
        let state = self.state()?;
        let there = state.bytes.get(at..at + out.len());
        out.copy_from_slice(there.ok_or(io::ErrorKind::UnexpectedEof)?);
        Ok(())
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        let state = self.state()?;
        if len > state.room.max(state.bytes.len() as u64) {
            return Err(io::ErrorKind::QuotaExceeded.into());
        }
        drop(state);
        self.change(Change::Length(len))
    }

    fn sync_data(&self) -> io::Result<()> {
        let mut state = self.state()?;
        state.syncs += 1;
        let since = std::mem::take(&mut state.since);
        since.iter().for_each(|change| change.apply(&mut state.synced));
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        let interrupt = self.state()?.interrupt.take();
        if let Some(interrupt) = interrupt {
            interrupt();
        }
        self.change(Change::Bytes(offset as usize, data.to_vec()))
    }
}
