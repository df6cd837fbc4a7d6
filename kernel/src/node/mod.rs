//! A home's runtime among its peers.
//!
//! - [`Switch`]: every connection's session over one runtime, as one synchronous machine, in
//!   [`traffic`] and out, and what is [`told`] of it. The simulator drives it as the node does.
//! - Who is connected to whom: [`choice`], [`dial`], [`link`], [`neighbours`], by what they
//!   have earned and owe ([`merit`]).
//! - Who sends a history, how much of it is folded at once and when late events are: [`turns`],
//!   [`intake`], [`pace`], by a [`clock`] that only goes on.
//! - What takes long, a part at a time: [`parts`].
//! - How this home stands with those it is connected to: [`standing`].
//! - What else is said: [`bundles`], [`votes`] on states and [`drift`] between them.
//! - [`drive`]: a transport, tasks and time around the switch, the one async room.

mod awake;
mod bundles;
mod choice;
mod clock;
mod dial;
mod drift;
pub mod drive;
mod fetches;
mod intake;
mod link;
pub(crate) mod merit;
mod neighbours;
mod pace;
mod parts;
mod seat;
mod standing;
mod status;
mod switch;
#[cfg(test)]
mod tests;
mod told;
mod traffic;
mod turns;
mod votes;

pub use choice::{Choice, DEGREE};
pub use dial::PEERS;
pub use link::{Exchange, LinkId, Traffic};
pub use neighbours::LINKS;
pub use seat::Seat;
pub use status::{NodeStatus, PeerStatus};
pub use switch::Switch;
pub use told::{Told, Why};
pub use traffic::{Batch, Input, Output, Verified};
