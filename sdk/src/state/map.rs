//! Values by key, in the order of the keys.

use std::marker::PhantomData;

use super::{Entries, Name, value};
use crate::codec::Codec;
use crate::context::{ReadState, WriteState};
use crate::key::Key;

/// Values by key, in the order of the keys.
pub struct Map<K, V> {
    name: Name,
    holds: PhantomData<fn() -> (K, V)>,
}

impl<K: Key, V: Codec> Map<K, V> {
    /// The map of that name.
    pub const fn new(name: &'static str) -> Self {
        Self { name: Name::new(name), holds: PhantomData }
    }

    fn key(&self, key: &K) -> Vec<u8> {
        let mut bytes = self.name.entries();
        key.write(&mut bytes);
        bytes
    }

    /// The value of a key.
    pub fn get(&self, state: &impl ReadState, key: &K) -> Option<V> {
        state.get(&self.key(key)).map(|bytes| value(&bytes))
    }

    /// Whether a key has a value.
    pub fn contains(&self, state: &impl ReadState, key: &K) -> bool {
        state.get(&self.key(key)).is_some()
    }

    /// Sets the value of a key.
    pub fn set(&self, state: &mut impl WriteState, key: &K, value: &V) {
        state.set(&self.key(key), &value.to_bytes());
    }

    /// Removes a key.
    pub fn remove(&self, state: &mut impl WriteState, key: &K) {
        state.delete(&self.key(key));
    }

    /// All entries.
    pub fn iter<'s, S: ReadState>(&self, state: &'s S) -> Entries<'s, S, K, V> {
        let from = self.name.entries();
        let to = self.end();
        Entries::new(state, from.len(), from, to)
    }

    /// The entries from a key on, it included.
    pub fn iter_from<'s, S: ReadState>(&self, state: &'s S, from: &K) -> Entries<'s, S, K, V> {
        let prefix = self.name.0.len() + 1;
        Entries::new(state, prefix, self.key(from), self.end())
    }

    /// The entries whose key, a tuple, begins with `first`.
    pub fn iter_under<'s, S: ReadState>(
        &self,
        state: &'s S,
        first: &impl Key,
    ) -> Entries<'s, S, K, V> {
        let mut from = self.name.entries();
        let prefix = from.len();
        first.write(&mut from);
        let to = after(from.clone());
        Entries::new(state, prefix, from, to)
    }

    /// Removes all entries; costs as much as there are.
    pub fn clear<S: WriteState>(&self, state: &mut S) {
        let keys: Vec<K> = self.iter(state).map(|(key, _)| key).collect();
        keys.iter().for_each(|key| self.remove(state, key));
    }

    fn end(&self) -> Vec<u8> {
        after(self.name.entries())
    }
}

/// The least bytes above everything that begins with `prefix`; a prefix begins with a name, which
/// is UTF-8, so there are such.
pub(super) fn after(mut prefix: Vec<u8>) -> Vec<u8> {
    while let Some(last) = prefix.pop() {
        if let Some(next) = last.checked_add(1) {
            prefix.push(next);
            break;
        }
    }
    prefix
}
