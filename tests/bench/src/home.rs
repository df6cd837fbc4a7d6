//! A kernel over a store, with a topic of a wanted number of events.

use std::path::Path;
use std::sync::Arc;
use std::thread;

use myrhiza_apps_suite::profiles;
use myrhiza_backend_wasmtime::Wasmtime;
use myrhiza_kernel::event::{Event, UnverifiedEvent, verify_all_on};
use myrhiza_kernel::export::Opening;
use myrhiza_kernel::identity::SignatureError;
use myrhiza_kernel::node::Seat;
use myrhiza_kernel::runtime::{Ambient, Runtime};
use myrhiza_kernel::schema;
use myrhiza_kernel_api::ui::View;
use myrhiza_kernel_api::{Backend, Store};
use myrhiza_store_lmdb::{LmdbStore, MAP_BYTES};
use myrhiza_store_memory::MemoryStore;
use tempfile::TempDir;

use crate::app::App;
use crate::record;
use crate::trunk::{NOW_MS, Trunk, scope};

/// Events taken in one go while a home is filled: many, since each batch is synced to disk and
/// writes pages all over the file.
const BATCH: u32 = 50_000;

/// The engine. A component is compiled once while anything over it has it loaded.
#[derive(Clone)]
pub struct Ground(Arc<dyn Backend>);

impl Ground {
    /// An engine that has compiled nothing.
    #[expect(clippy::new_without_default, reason = "it starts an engine")]
    pub fn new() -> Self {
        Self(Arc::new(Wasmtime::new().unwrap()))
    }

    /// A kernel over a store.
    pub fn runtime(&self, store: Arc<dyn Store>) -> Runtime {
        Runtime::new(store, Arc::clone(&self.0), profiles().unwrap())
    }
}

/// A home with one topic.
pub struct Home {
    /// The kernel.
    pub runtime: Runtime,
    /// What comes next in the topic.
    pub trunk: Trunk,
    store: Arc<dyn Store>,
    folder: Option<TempDir>,
}

impl Home {
    /// A home in memory with the app and so many events of it.
    pub fn in_memory(ground: &Ground, app: &App, events: u32) -> Self {
        Self::filled(ground, memory(), None, app, events)
    }

    /// The same on disk, in the folder for temporary files.
    pub fn on_disk(ground: &Ground, app: &App, events: u32) -> Self {
        let folder = TempDir::new().unwrap();
        Self::filled(ground, lmdb(folder.path()), Some(folder), app, events)
    }

    fn filled(
        ground: &Ground,
        store: Arc<dyn Store>,
        folder: Option<TempDir>,
        app: &App,
        events: u32,
    ) -> Self {
        let (trunk, opening) = Trunk::new(app);
        let mut runtime = ground.runtime(Arc::clone(&store));
        runtime.install(&app.bundle).unwrap();
        found(&mut runtime, &opening);
        let mut home = Self { runtime, trunk, store, folder };
        for from in (0..events).step_by(BATCH as usize) {
            let batch = home.trunk.tips(BATCH.min(events - from));
            home.take(&batch);
        }
        home
    }

    /// The same home in memory.
    pub fn copied_to_memory(&self, ground: &Ground) -> Self {
        let store = memory();
        record::copy(&*self.store, &*store);
        let runtime = ground.runtime(Arc::clone(&store));
        Self { runtime, trunk: self.trunk.clone(), store, folder: None }
    }

    /// Takes verified events, all of which have to be new and in order.
    pub fn take(&mut self, events: &[Event]) {
        let report = self.runtime.ingest(self.trunk.topic(), events, 0).unwrap();
        assert_eq!(report.added, events.len() as u64);
    }

    /// Events in the log.
    pub fn events(&self) -> u64 {
        self.runtime.root(self.trunk.topic()).unwrap().events
    }

    /// What a node of the topic's scope with that number acts for, and what it is kept in.
    pub fn seat(self, number: u8) -> (Seat, Kept) {
        (seat(self.runtime, number), Kept { store: self.store, folder: self.folder })
    }

    /// Closes a home on disk; its folder stays as long as the guard.
    pub fn close(self) -> (TempDir, Trunk) {
        (self.folder.unwrap(), self.trunk)
    }
}

/// What a home is kept in, as long as it is to be.
pub struct Kept {
    /// The store.
    pub store: Arc<dyn Store>,
    /// Where it is.
    pub folder: Option<TempDir>,
}

/// What a node of the scope with that number acts for. What was done to the home before is no news
/// to its peers.
pub fn seat(mut runtime: Runtime, number: u8) -> Seat {
    runtime.take_changes();
    let (scope, certificate) = scope(number);
    Seat { runtime, scope, certificate }
}

/// A new store in memory.
pub fn memory() -> Arc<dyn Store> {
    Arc::new(MemoryStore::new(schema::ALL))
}

/// The store in a folder.
pub fn lmdb(folder: &Path) -> Arc<dyn Store> {
    Arc::new(LmdbStore::open(folder, schema::ALL, MAP_BYTES).unwrap())
}

/// Takes a topic in by the events that found it.
pub fn found(runtime: &mut Runtime, opening: &[Event]) {
    let (genesis, scopes) = opening.split_first().unwrap();
    let genesis = UnverifiedEvent::decode(&genesis.to_bytes()).unwrap();
    let opening = Opening { genesis, bundles: 0 };
    let import = runtime.begin_import(&opening, None, 0).unwrap();
    runtime.finish_import(import, &verify).unwrap();
    runtime.ingest(opening.topic(), scopes, 0).unwrap();
}

/// What the topic's founder is shown.
pub fn view(runtime: &mut Runtime, trunk: &Trunk) -> View {
    let mut random = |bytes: &mut [u8]| bytes.fill(7);
    let mut ambient = Ambient { now_ms: NOW_MS, random: &mut random };
    runtime.view(trunk.topic(), trunk.person(), &mut ambient).unwrap()
}

/// Checks signatures on every core, as the native host does.
pub fn verify(events: Vec<UnverifiedEvent>) -> Vec<Result<Event, SignatureError>> {
    let cores = thread::available_parallelism().map_or(1, usize::from);
    verify_all_on(events, cores, |jobs| {
        thread::scope(|scope| {
            for job in jobs {
                scope.spawn(job);
            }
        });
    })
}
