//! Drift: two homes with one log, up to a point, and two states. Found by votes, and explained.
//!
//! - [`Anchor`]: every so many events a home keeps the root of its state;
//! - [`Vote`]: a scope's signed word on that. Votes are compared only where the log and the cuts in
//!   force are the same;
//! - [`Session`]: on a mismatch two homes look, over one connection, for the first event whose
//!   writes differ and for the keys. A pure state machine: bytes in, effects out. The dialer leads:
//!   from the last anchor at which both agree (`leader`, `follower`) it splits the events (`split`,
//!   `interval`, `back`) and then walks the follower's trie of the state after that event;
//! - [`Report`]: what each side then keeps. What the peer said stays its claim.
//!
//! Nothing here writes a topic's log or state, and no majority decides. What a peer can make a home
//! keep or do is bounded by [`limits`]. Layouts: `docs/spec/drift.md`.

mod about;
mod anchor;
mod back;
mod effect;
mod engine;
mod follower;
mod interval;
mod leader;
pub mod limits;
mod message;
mod place;
mod refold;
mod report;
mod session;
mod split;
#[cfg(test)]
mod tests;
mod vote;

pub use anchor::Anchor;
pub use effect::{Effect, Host, Why};
pub use engine::Engine;
pub use message::is_drift;
pub(crate) use place::log_key;
pub use refold::refolds;
pub use report::{Differing, Explanation, Outcome, Report, Shown};
pub use session::Session;
pub(crate) use vote::is_member;
pub use vote::{NotCounted, Point, Vote};
