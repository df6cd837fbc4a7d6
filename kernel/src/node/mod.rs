//! The one async room: a home's runtime among its peers.
//!
//! - [`Switch`]: every connection's session over one runtime, as one synchronous machine. The
//!   simulator drives it as the node does.
//! - [`dial`], [`choice`], [`neighbours`]: whom to connect to and when. Each node chooses a few peers of
//!   each topic; what is new goes from neighbour to neighbour.
//! - [`drive`]: a transport, tasks and time around the switch.

mod bundles;
mod choice;
mod clock;
mod dial;
mod drift;
pub mod drive;
mod link;
mod neighbours;
mod pace;
mod seat;
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
pub use status::PeerStatus;
pub use switch::Switch;
pub use told::{Told, Why};
pub use traffic::{Batch, Input, Output, Verified};
