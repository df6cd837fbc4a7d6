//! The peer protocol as a pure state machine: bytes in, messages and effects out.
//!
//! One [`Session`] is one connection to one peer. It does no I/O, has no clock and no randomness,
//! and holds no key: time and nonces are arguments, and a [`Host`] shows it the home and signs. In
//! order of what happens:
//!
//! - [`opening`](Opening): each side greets, then names its topics by tags that tell nothing to who
//!   does not know them; for a topic of invited people each gives a [`Proof`] before it is served;
//! - `compare`: the dialer leads. Equal roots are in sync; a log that is the start of the other gets
//!   the rest of it; else
//! - `walk`: the leader asks its way down the log's trie, into what differs, and finds what each
//!   side lacks;
//! - `stream`: events go in canonical order, in batches, as far as the receiver's credit lasts;
//!   then roots are compared again, until they are equal: the history is complete;
//! - `bundles`: what a topic is folded through is asked for by its id, and fetched as a blob;
//! - `live`: afterwards new events are sent as they come, and what they name is pulled.
//!
//! Everything a peer can make a session keep is bounded by [`limits`], and what no honest peer does is
//! told as an [`Offence`]; what that comes to is counted by who has all connections in view. Layouts: `docs/spec/sync.md`.

mod bundles;
mod compare;
mod effect;
pub mod limits;
mod live;
mod meet;
pub(crate) mod message;
mod offence;
mod opening;
mod proof;
mod session;
mod shared;
mod sides;
mod stream;
#[cfg(test)]
mod tests;
mod walk;

pub use effect::{Effect, Host, Reason};
pub use message::{Blob, VERSION};
pub use offence::Offence;
pub use opening::{Nonce, Opening, Role, Transcript};
pub use proof::{NotAdmitted, Proof, credential};
pub use session::Session;
