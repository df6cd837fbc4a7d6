//! The store under test.

use std::ops::{Bound, ControlFlow};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use myrhiza_kernel_api::store::{Entries, KeyRange};
use myrhiza_kernel_api::{
    Keyspace, Kind, Registration, Registry, Snapshot, Store, StoreConfig, StoreError, WriteBatch,
};

pub(crate) const A: Keyspace = Keyspace { index: 0, name: "a" };
pub(crate) const B: Keyspace = Keyspace { index: 1, name: "b" };
pub(crate) const C: Keyspace = Keyspace { index: 2, name: "c" };
const KEYSPACES: &[Keyspace] = &[A, B, C];

/// Both bounds open.
pub(crate) const ALL: KeyRange<'static> = (Bound::Unbounded, Bound::Unbounded);

/// Where a store keeps what it is given.
#[derive(Clone, Copy, Debug)]
pub enum Medium {
    /// Nowhere past its own life.
    Memory,
    /// In a folder.
    #[cfg(not(target_arch = "wasm32"))]
    Folder,
    /// In a folder that the function names: each time another, where nothing is yet.
    Given(fn() -> PathBuf),
}

/// A folder that a store can be opened in again and again.
pub(crate) struct Folder {
    pub(crate) path: PathBuf,
    /// Goes with it, where the folder is the kit's.
    #[cfg(not(target_arch = "wasm32"))]
    _own: Option<tempfile::TempDir>,
}

impl Folder {
    #[cfg(not(target_arch = "wasm32"))]
    fn own() -> Self {
        let own = tempfile::tempdir().unwrap();
        Self { path: own.path().to_path_buf(), _own: Some(own) }
    }

    fn given(path: PathBuf) -> Self {
        Self {
            path,
            #[cfg(not(target_arch = "wasm32"))]
            _own: None,
        }
    }
}

/// The store under test, by its constructor.
#[derive(Clone, Copy)]
pub struct Subject {
    open: fn(&StoreConfig) -> Result<Arc<dyn Store>, StoreError>,
    medium: Medium,
}

/// A store of its own for one check; its folder goes with it.
pub(crate) struct Fresh {
    pub(crate) store: Arc<dyn Store>,
    _folder: Option<Folder>,
}

impl Subject {
    /// The store registered under that name.
    ///
    /// # Panics
    /// If there is none: its crate is not linked.
    pub fn registered(name: &str, medium: Medium) -> Self {
        let registry = Registry::collect(&[(Kind::Store, name)]).unwrap();
        match registry.get(Kind::Store, name).unwrap() {
            Registration::Store { open, .. } => Self { open, medium },
            _ => unreachable!("the registry answers with the kind it was asked for"),
        }
    }

    /// Opens the store in a folder, with the kit's keyspaces.
    ///
    /// # Panics
    /// If it cannot be opened.
    pub fn open(&self, folder: &Path) -> Arc<dyn Store> {
        let path = Some(folder.to_path_buf());
        (self.open)(&StoreConfig { path, keyspaces: KEYSPACES }).unwrap()
    }

    pub(crate) fn fresh(&self) -> Fresh {
        match self.folder() {
            None => {
                let store = (self.open)(&StoreConfig { path: None, keyspaces: KEYSPACES }).unwrap();
                Fresh { store, _folder: None }
            }
            Some(folder) => Fresh { store: self.open(&folder.path), _folder: Some(folder) },
        }
    }

    /// A folder with nothing in it, if the store is kept in one.
    pub(crate) fn folder(&self) -> Option<Folder> {
        match self.medium {
            Medium::Memory => None,
            #[cfg(not(target_arch = "wasm32"))]
            Medium::Folder => Some(Folder::own()),
            Medium::Given(folder) => Some(Folder::given(folder())),
        }
    }
}

/// A batch of puts into one keyspace.
pub(crate) fn puts(keyspace: Keyspace, entries: &[(&[u8], &[u8])]) -> WriteBatch {
    let mut batch = WriteBatch::new();
    entries.iter().for_each(|(key, value)| batch.put(keyspace, *key, *value));
    batch
}

/// What a scan visits, up to `limit` entries.
pub(crate) fn scan(
    snapshot: &dyn Snapshot,
    keyspace: Keyspace,
    range: KeyRange<'_>,
    reverse: bool,
    limit: usize,
) -> Entries {
    let mut found = Vec::new();
    let mut visit = |key: &[u8], value: &[u8]| {
        found.push((key.to_vec(), value.to_vec()));
        if found.len() < limit { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    };
    snapshot.scan(keyspace, range, reverse, &mut visit).unwrap();
    found
}

/// Every entry of a keyspace.
pub(crate) fn all(snapshot: &dyn Snapshot, keyspace: Keyspace) -> Entries {
    scan(snapshot, keyspace, ALL, false, usize::MAX)
}

/// The value of a key, owned.
pub(crate) fn get(snapshot: &dyn Snapshot, keyspace: Keyspace, key: &[u8]) -> Option<Vec<u8>> {
    snapshot.get(keyspace, key).unwrap().map(Vec::from)
}
