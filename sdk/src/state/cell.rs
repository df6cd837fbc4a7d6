//! One value.

use std::marker::PhantomData;

use super::{Name, value};
use crate::codec::Codec;
use crate::context::{ReadState, WriteState};

/// One value.
pub struct Cell<T> {
    name: Name,
    holds: PhantomData<fn() -> T>,
}

impl<T: Codec> Cell<T> {
    /// The cell of that name.
    pub const fn new(name: &'static str) -> Self {
        Self { name: Name::new(name), holds: PhantomData }
    }

    /// Its value, if it was ever set.
    pub fn get(&self, state: &impl ReadState) -> Option<T> {
        state.get(self.name.0.as_bytes()).map(|bytes| value(&bytes))
    }

    /// Sets its value.
    pub fn set(&self, state: &mut impl WriteState, value: &T) {
        state.set(self.name.0.as_bytes(), &value.to_bytes());
    }

    /// Makes it as if it was never set.
    pub fn remove(&self, state: &mut impl WriteState) {
        state.delete(self.name.0.as_bytes());
    }
}

impl<T: Codec + Default> Cell<T> {
    /// Its value, or the type's default.
    pub fn get_or_default(&self, state: &impl ReadState) -> T {
        self.get(state).unwrap_or_default()
    }
}
