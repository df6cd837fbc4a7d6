//! Which store is a home's: `home.toml` and the store say the same of it. A store whose files are gone
//! is made anew when it is opened; without this it would pass for one that never had anything, and
//! the home would sign its events a second time.

use std::ops::{Bound, ControlFlow};
use std::path::Path;

use myrhiza_kernel::schema;
use myrhiza_kernel_api::{Store, StoreError, WriteBatch};

use super::doctor::BEYOND_MENDING;
use super::marker::Marker;
use super::{random, store_failed};
use crate::failure::{Failure, Outcome};
use crate::text;

/// Where a store has it, among what is of the home.
const KEY: &[u8] = b"store";

/// Gives a store a new one.
pub(super) fn give(store: &dyn Store) -> Outcome<String> {
    let mut id = [0; 16];
    random(&mut id)?;
    put(store, &id)?;
    Ok(text::hex(&id))
}

/// What a store says; nothing if it is new, or older than these.
pub(super) fn of(store: &dyn Store) -> Outcome<Option<String>> {
    let read = || -> Result<_, StoreError> {
        let snapshot = store.snapshot()?;
        let found = snapshot.get(schema::HOME, KEY)?;
        Ok(found.map(|id| text::hex(&id)))
    };
    read().map_err(|error| store_failed("the store was not read", &error))
}

/// Refuses a store that is not the one the home was made with. A home that is older than this takes
/// its store as it is, once there is something in it.
pub(super) fn check(home: &Path, store: &dyn Store) -> Outcome<()> {
    let mut marker = Marker::read(home)?;
    let damaged = |cause: &str| {
        let what = format!("the home {} was not opened", home.display());
        Err(Failure::refused("home-damaged", what, cause, BEYOND_MENDING))
    };
    match (marker.store_id.clone(), of(store)?) {
        (Some(said), Some(found)) if said == found => Ok(()),
        (Some(_), Some(_)) => damaged("its store is another home's"),
        (Some(_), None) => damaged("its store is gone: there is an empty one in its place"),
        (None, None) if !has_topics(store)? => Ok(()),
        (None, found) => {
            let id = found.map_or_else(|| give(store), Ok)?;
            marker.store_id = Some(id);
            marker.write(home)
        }
    }
}

fn put(store: &dyn Store, id: &[u8]) -> Outcome<()> {
    let mut batch = WriteBatch::new();
    batch.put(schema::HOME, KEY, id);
    store.commit(batch).map_err(|error| store_failed("the store was not made", &error))
}

fn has_topics(store: &dyn Store) -> Outcome<bool> {
    let mut found = false;
    let mut visit = |_: &[u8], _: &[u8]| {
        found = true;
        ControlFlow::Break(())
    };
    let all = (Bound::Unbounded, Bound::Unbounded);
    let scanned = store.snapshot().and_then(|s| s.scan(schema::TOPICS, all, false, &mut visit));
    scanned.map_err(|error| store_failed("the store was not read", &error))?;
    Ok(found)
}

#[cfg(all(test, feature = "store-lmdb"))]
mod tests {
    use std::fs;

    use super::super::{layout, open_store};
    use super::*;
    use crate::plugins;

    #[test]
    fn a_store_is_taken_once_and_no_other_after_it() {
        let folder = tempfile::tempdir().unwrap();
        let home = folder.path();
        let registry = myrhiza_kernel_api::Registry::collect(plugins::EXPECTED).unwrap();
        fs::create_dir_all(layout::store(home, "lmdb")).unwrap();
        let open = || open_store(&registry, "lmdb", home).unwrap();
        // As older builds made it.
        Marker::new("lmdb", None).write(home).unwrap();
        check(home, &*open()).unwrap();
        assert_eq!(Marker::read(home).unwrap().store_id, None, "there is nothing to lose");
        let mut batch = WriteBatch::new();
        batch.put(schema::TOPICS, [1_u8; 32], [1_u8]);
        open().commit(batch).unwrap();
        check(home, &*open()).unwrap();
        let id = Marker::read(home).unwrap().store_id;
        assert!(id.is_some() && id == of(&*open()).unwrap());
        check(home, &*open()).unwrap();
        // Of what a kill left the rest is done.
        Marker::new("lmdb", None).write(home).unwrap();
        check(home, &*open()).unwrap();
        assert_eq!(Marker::read(home).unwrap().store_id, id);

        fs::remove_dir_all(layout::store(home, "lmdb")).unwrap();
        fs::create_dir(layout::store(home, "lmdb")).unwrap();
        assert_eq!(check(home, &*open()).unwrap_err().code, "home-damaged");
        give(&*open()).unwrap();
        assert_eq!(check(home, &*open()).unwrap_err().code, "home-damaged");
    }
}
