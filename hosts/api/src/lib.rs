//! What every host offers its user: requests and answers, over one home's runtime.
//!
//! A host reads a [`Request`], puts together a [`Desk`] (the home's seat, how its node stands, time and
//! chance) and has it answer: with an [`Answer`], or with an [`Error`] whose next step a person at the
//! shell can take. What happens unasked it tells as [`Notice`]s, and keeps the last of it in a
//! [`Journal`]. All of these are JSON at the edge: `docs/guide/web-shell.md`. How that is done over a node
//! is the same for every [`Host`]: [`respond`].
//!
//! Nothing here does I/O or holds a key. Events are signed by the seat's own scope; the person's
//! long-term key is lent by the host, for one request ([`Custody`]).
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

mod answer;
mod desk;
mod error;
mod host;
mod id;
mod journal;
mod methods;
mod notice;
mod request;
#[cfg(test)]
mod tests;
mod words;

pub use answer::{Answer, Answered, Ask};
pub use desk::{About, Custody, Desk, Fact, Status};
pub use error::Error;
pub use host::{Host, Lent, respond};
pub use journal::{Fetch, Journal, Level, Line};
pub use methods::{
    act, apps, asked, dag, drift, event, log, members, offers, peers, root, state, surface,
    tickets, topics, view,
};
pub use notice::Notice;
pub use request::Request;
pub use words::{Excerpt, hex, verdict};
