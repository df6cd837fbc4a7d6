//! The store in a worker: which files there are, and which of them are open.

mod file;
mod refused;
mod table;

use std::sync::Arc;
use std::time::Duration;

use myrhiza_kernel_api::{Registration, Store, StoreConfig, StoreError, register};

use crate::{NAME, OpfsStore};
use file::File;

register!(Registration::Store { name: NAME, open });

/// The file in the store's folder.
const FILE: &str = "store.redb";

/// How long to wait for whoever has the store: a worker that ended while it was busy takes two seconds
/// to let go, and a tab that is open never does.
const PATIENCE: Duration = Duration::from_secs(5);

/// Makes a folder of the origin's private file system ready to be opened as a store, in this worker and
/// no other. What was made ready stays so, whether the store is open or not, until [`release`], or until
/// the worker ends.
///
/// `folder` is what [`StoreConfig::path`] will be: names with slashes between.
///
/// # Errors
/// [`StoreError::Config`] where the browser has no such files, does not let this page have any, or
/// another worker, tab or window has the folder; [`StoreError::Full`] where there is no room.
pub async fn prepare(folder: &str) -> Result<(), StoreError> {
    if table::find(folder).is_some() {
        return Ok(());
    }
    let file = File::acquire(folder, FILE, PATIENCE).await;
    table::add(folder, file.map_err(|error| refused::told(folder, &error))?);
    Ok(())
}

/// Lets others have the folder.
///
/// # Errors
/// [`StoreError::Config`] if its store is still open, or a snapshot of it lives.
pub fn release(folder: &str) -> Result<(), StoreError> {
    match table::find(folder) {
        Some(at) if table::is_open(at) => Err(still_open(folder)),
        Some(at) => {
            table::remove(at);
            Ok(())
        }
        None => Ok(()),
    }
}

fn open(config: &StoreConfig) -> Result<Arc<dyn Store>, StoreError> {
    let unprepared = |why: String| StoreError::Config { store: NAME, why };
    let folder = config.path.as_deref().and_then(|path| path.to_str());
    let folder = folder.ok_or_else(|| unprepared("it needs a folder, in Unicode".into()))?;
    let at = table::find(folder).ok_or_else(|| {
        unprepared(format!("{folder} was not made ready in this worker; await `prepare` first"))
    })?;
    if table::is_open(at) {
        return Err(still_open(folder));
    }
    let store = OpfsStore::open(move || crate::file::open(table::open(at)), config.keyspaces)?;
    Ok(Arc::new(store))
}

fn still_open(folder: &str) -> StoreError {
    let why = format!("{folder} is open in this worker; close it first, and what reads it");
    StoreError::Config { store: NAME, why }
}
