//! A store that keeps nothing past the process.
//!
//! Each keyspace is a persistent B-tree: a snapshot shares it, and a commit beside a living
//! snapshot copies only the nodes it touches.
#![cfg_attr(test, allow(clippy::unwrap_used))]

use std::borrow::Cow;
use std::sync::{Arc, PoisonError, RwLock};

use imbl::OrdMap;
use myrhiza_kernel_api::store::{KeyRange, Visit, encloses};
use myrhiza_kernel_api::{
    Keyspace, Registration, Snapshot, Store, StoreError, WriteBatch, register,
};

/// The name it is registered by.
pub const NAME: &str = "memory";

register!(Registration::Store {
    name: NAME,
    open: |config| Ok(Arc::new(MemoryStore::new(config.keyspaces))),
});

/// By index of keyspace.
type Maps = Vec<OrdMap<Arc<[u8]>, Arc<[u8]>>>;

/// A store in memory; it needs no path and ignores one.
pub struct MemoryStore {
    keyspaces: &'static [Keyspace],
    maps: RwLock<Maps>,
}

impl MemoryStore {
    /// An empty store.
    pub fn new(keyspaces: &'static [Keyspace]) -> Self {
        Self { keyspaces, maps: RwLock::new(vec![OrdMap::new(); keyspaces.len()]) }
    }

    /// What is committed now. A lock is never poisoned: no code of others runs while it is held.
    fn committed(&self) -> Maps {
        self.maps.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Store for MemoryStore {
    fn name(&self) -> &'static str {
        NAME
    }

    fn snapshot(&self) -> Result<Box<dyn Snapshot>, StoreError> {
        Ok(Box::new(MemorySnapshot { maps: self.committed() }))
    }

    fn commit(&self, batch: WriteBatch) -> Result<(), StoreError> {
        batch.check(NAME, self.keyspaces)?;
        // In place: what no snapshot shares is not copied. Nothing below can fail half-way.
        let mut maps = self.maps.write().unwrap_or_else(PoisonError::into_inner);
        for write in batch.into_writes() {
            if let Some(map) = maps.get_mut(usize::from(write.keyspace.index)) {
                match write.value {
                    Some(value) => map.insert(write.key.into(), value.into()),
                    None => map.remove(write.key.as_slice()),
                };
            }
        }
        Ok(())
    }
}

struct MemorySnapshot {
    maps: Maps,
}

impl Snapshot for MemorySnapshot {
    fn get(&self, keyspace: Keyspace, key: &[u8]) -> Result<Option<Cow<'_, [u8]>>, StoreError> {
        let map = self.maps.get(usize::from(keyspace.index));
        Ok(map.and_then(|map| map.get(key)).map(|value| Cow::Borrowed(&**value)))
    }

    fn scan(
        &self,
        keyspace: Keyspace,
        range: KeyRange<'_>,
        reverse: bool,
        visit: &mut Visit<'_>,
    ) -> Result<(), StoreError> {
        let Some(map) = self.maps.get(usize::from(keyspace.index)).filter(|_| encloses(range))
        else {
            return Ok(());
        };
        let mut entries = map.range::<_, [u8]>(range);
        let _ended = if reverse {
            entries.rev().try_for_each(|(key, value)| visit(key, value))
        } else {
            entries.try_for_each(|(key, value)| visit(key, value))
        };
        Ok(())
    }
}
