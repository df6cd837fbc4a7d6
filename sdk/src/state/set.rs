//! Keys, in order.

use super::Map;
use crate::context::{ReadState, WriteState};
use crate::key::Key;

/// Keys, in order.
pub struct Set<K>(Map<K, ()>);

impl<K: Key> Set<K> {
    /// The set of that name.
    pub const fn new(name: &'static str) -> Self {
        Self(Map::new(name))
    }

    /// Whether a key is in it.
    pub fn contains(&self, state: &impl ReadState, key: &K) -> bool {
        self.0.contains(state, key)
    }

    /// Puts a key in; tells whether it was new.
    pub fn insert<S: WriteState>(&self, state: &mut S, key: &K) -> bool {
        let new = !self.contains(state, key);
        if new {
            self.0.set(state, key, &());
        }
        new
    }

    /// Takes a key out; tells whether it was there.
    pub fn remove<S: WriteState>(&self, state: &mut S, key: &K) -> bool {
        let old = self.contains(state, key);
        if old {
            self.0.remove(state, key);
        }
        old
    }

    /// All keys.
    pub fn iter<S: ReadState>(&self, state: &S) -> impl Iterator<Item = K> {
        self.0.iter(state).map(|(key, ())| key)
    }

    /// Takes all keys out; costs as much as there are.
    pub fn clear<S: WriteState>(&self, state: &mut S) {
        self.0.clear(state);
    }
}
