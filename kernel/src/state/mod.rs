//! What a topic's events add up to, and how it is kept.
//!
//! Everything the kernel writes goes through an [`Overlay`] above a snapshot and is committed as
//! one batch.

mod overlay;
#[cfg(test)]
mod testing;

pub use overlay::{Overlay, Replaced};
