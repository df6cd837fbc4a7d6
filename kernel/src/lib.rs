//! The generic kernel: everything that decides state, and nothing that does I/O.
//!
//! It takes stores, backends and profiles as `kernel-api` traits and names none of them. Data flows
//! one way: bytes → `event` (decode, verify) → `dag` (insert or hold) → `order` (place) → `apply`
//! (fold) → `state` (write, root).
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

pub mod apply;
mod armour;
pub mod bundle;
pub mod clock;
pub mod codec;
pub mod component;
pub mod dag;
pub mod drift;
pub mod event;
pub mod export;
pub mod fault;
pub mod hash;
pub mod identity;
mod magic;
pub mod node;
pub mod order;
mod peer;
pub mod runtime;
pub mod schema;
pub mod state;
pub mod sync;

#[cfg(test)]
mod fuzz;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod vectors;
