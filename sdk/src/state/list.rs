//! Values by position.

use super::{Cell, Map};
use crate::codec::Codec;
use crate::context::{ReadState, WriteState};

/// Values by position, from 0. The length is under the name itself.
pub struct List<T> {
    length: Cell<u64>,
    items: Map<u64, T>,
}

impl<T: Codec> List<T> {
    /// The list of that name.
    pub const fn new(name: &'static str) -> Self {
        Self { length: Cell::new(name), items: Map::new(name) }
    }

    /// How many items it has.
    pub fn len(&self, state: &impl ReadState) -> u64 {
        self.length.get_or_default(state)
    }

    /// Whether it has none.
    pub fn is_empty(&self, state: &impl ReadState) -> bool {
        self.len(state) == 0
    }

    /// The item at a position.
    pub fn get(&self, state: &impl ReadState, index: u64) -> Option<T> {
        self.items.get(state, &index)
    }

    /// Puts another item at a position that has one; tells whether it has.
    pub fn set<S: WriteState>(&self, state: &mut S, index: u64, item: &T) -> bool {
        let there = index < self.len(state);
        if there {
            self.items.set(state, &index, item);
        }
        there
    }

    /// Adds an item at the end and gives its position.
    pub fn push<S: WriteState>(&self, state: &mut S, item: &T) -> u64 {
        let index = self.len(state);
        self.items.set(state, &index, item);
        self.length.set(state, &(index + 1));
        index
    }

    /// Takes the last item.
    pub fn pop<S: WriteState>(&self, state: &mut S) -> Option<T> {
        let index = self.len(state).checked_sub(1)?;
        let item = self.items.get(state, &index)?;
        self.items.remove(state, &index);
        self.length.set(state, &index);
        Some(item)
    }

    /// All items in order.
    pub fn iter<S: ReadState>(&self, state: &S) -> impl Iterator<Item = T> {
        self.items.iter(state).map(|(_, item)| item)
    }

    /// The items from a position on.
    pub fn iter_from<S: ReadState>(&self, state: &S, index: u64) -> impl Iterator<Item = T> {
        self.items.iter_from(state, &index).map(|(_, item)| item)
    }
}
