//! What each part of a join costs alone: the least the whole could cost if nothing were done twice.

use std::any::Any;
use std::ops::{Bound, ControlFlow};
use std::time::{Duration, Instant};

use myrhiza_backend_kit::guest::{self, Profile};
use myrhiza_backend_kit::memory::InMemory;
use myrhiza_backend_wasmtime::Wasmtime;
use myrhiza_kernel::event::{Event, UnverifiedEvent};
use myrhiza_kernel::schema;
use myrhiza_kernel_api::host::ApplyHost;
use myrhiza_kernel_api::{Backend, Component, Store, WriteBatch};

use crate::app::TALLY;
use crate::home::{lmdb, verify};
use crate::record::replay;

/// Events verified in one go, as by an import.
pub const BATCH: usize = 4096;

/// Events of [`crate::app::tally`] as they come in.
pub struct Floors {
    /// Each as it is sent.
    pub bytes: Vec<Vec<u8>>,
    payloads: Vec<Vec<u8>>,
}

impl Floors {
    /// Of these events.
    pub fn of(events: &[Event]) -> Self {
        Self {
            bytes: events.iter().map(Event::to_bytes).collect(),
            payloads: events.iter().map(|event| event.payload().to_vec()).collect(),
        }
    }

    /// Decodes and hashes all.
    pub fn decode(&self) -> Duration {
        let start = Instant::now();
        assert_eq!(decode(&self.bytes).len(), self.bytes.len());
        start.elapsed()
    }

    /// Verifies all, on every core.
    pub fn verify(&self) -> Duration {
        let batches: Vec<_> = self.bytes.chunks(BATCH).map(decode).collect();
        let start = Instant::now();
        for batch in batches {
            assert!(verify(batch).iter().all(Result::is_ok));
        }
        start.elapsed()
    }

    /// Calls the app as its author compiled it, in one instance and with a state in memory.
    pub fn call(&self) -> Duration {
        let bytes = guest::unmetered(Profile::StateApply, TALLY).unwrap();
        let fuel = Profile::StateApply.fuel();
        let component = Component { id: guest::id(&bytes), bytes: &bytes, fuel };
        let backend = Wasmtime::new().unwrap();
        let mut apply = backend.state_apply(component).unwrap();
        let mut host = Box::new(InMemory::default());
        let start = Instant::now();
        for payload in &self.payloads {
            host.payload.clone_from(payload);
            let returned = apply.apply(host as Box<dyn ApplyHost>);
            assert!(returned.outcome.is_ok_and(|called| called.result.is_ok()));
            host = (returned.host as Box<dyn Any>).downcast().unwrap();
        }
        start.elapsed()
    }
}

/// Decodes events that are well-formed.
pub fn decode(bytes: &[Vec<u8>]) -> Vec<UnverifiedEvent> {
    bytes.iter().map(|bytes| UnverifiedEvent::decode(bytes).unwrap()).collect()
}

/// Writes batches to an empty store on disk.
pub fn write(batches: Vec<WriteBatch>) -> Duration {
    let folder = tempfile::tempdir().unwrap();
    let store = lmdb(folder.path());
    let start = Instant::now();
    replay(batches, &*store);
    start.elapsed()
}

/// Reads the events of a store, as they are sent.
pub fn read(store: &dyn Store) -> Duration {
    let start = Instant::now();
    let (snapshot, mut events) = (store.snapshot().unwrap(), Vec::new());
    let all = (Bound::Unbounded, Bound::Unbounded);
    snapshot
        .scan(schema::LOG, all, false, &mut |_, event| {
            events.push(event.to_vec());
            ControlFlow::Continue(())
        })
        .unwrap();
    assert!(!events.is_empty());
    start.elapsed()
}
