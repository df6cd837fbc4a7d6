//! The canonical order: `(epoch, height, id)`, as store keys.
//!
//! An event's place depends on its causal past and its own bytes alone, so it never changes, and
//! the order of a set of events does not depend on how they arrived. Reading a topic in order is a
//! range scan of [`crate::schema::LOG`].

mod place;
#[cfg(test)]
mod tests;

pub use place::{Place, TopicKeys};
