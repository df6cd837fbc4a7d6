//! Events: envelope, canonical codec, signing, and the checks of one event alone.
//!
//! Bytes become an [`UnverifiedEvent`] (strict decoding), and only a verified signature makes that
//! an [`Event`]. Layouts: `docs/spec/events.md`.

mod body;
mod header;
pub mod payload;
mod signed;
mod verify;

pub use body::{Body, BodyError};
pub use header::{Header, Kind};
pub use signed::{Event, UnverifiedEvent};
pub use verify::{Job, verify_all, verify_all_on};

#[cfg(test)]
mod tests;
