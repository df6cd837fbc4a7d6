//! Events: envelope, canonical codec, signing, and the checks of one event alone.
//!
//! Bytes become an [`UnverifiedEvent`] (strict decoding), and only a verified signature makes that
//! an [`Event`]. Layouts: `docs/spec/events.md`.

mod admission;
mod author;
mod body;
mod fork_proof;
mod header;
pub mod payload;
mod signed;
mod ticket;
mod verify;

pub use admission::{AdmissionError, Founding};
pub use author::{author_genesis, author_topic};
pub use body::{Body, BodyError};
pub use fork_proof::{Fork, ForkProof, ForkProofError};
pub use header::{Header, Kind};
pub use signed::{Event, UnverifiedEvent};
pub use ticket::{Ticket, TicketError};
pub use verify::{Job, verify_all, verify_all_on};

#[cfg(test)]
mod tests;
