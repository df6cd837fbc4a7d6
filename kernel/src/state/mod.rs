//! What a topic's events add up to, and how it is kept.
//!
//! - [`Overlay`]: everything the kernel writes goes through one, above a snapshot, and is committed
//!   as one batch;
//! - [`StateMap`]: the ordered map of bytes an event's fold reads and writes, in two parts;
//! - [`undo`]: what each event replaced, to rewind it;
//! - [`trie`]: the authenticated tree whose root is the digest of the state, and of the log.
//!
//! Nothing here knows what an event is.

mod error;
mod map;
mod overlay;
#[cfg(test)]
pub(crate) mod testing;

pub mod trie;
pub mod undo;

pub use error::StateError;
pub use map::StateMap;
pub use overlay::{Overlay, Replaced};
