//! What the tests of the component pass share: guests in WAT, profiles with limits of the test's
//! choice, and an engine that records what a guest does.
#![allow(clippy::unwrap_used, reason = "a test crate")]

mod engine;
mod guest;
mod rules;

pub use engine::{Engine, Live, NATIVE_STACK, Outcome};
pub use guest::{WIT, apply, component, wrap};
pub use myrhiza_random_components::smith;
pub use rules::{APPLY, INTERACTION, PROPOSE, Rules};

/// How many rounds a test goes: `MYRHIZA_ROUNDS`, or so many.
pub fn rounds(default: u64) -> u64 {
    std::env::var("MYRHIZA_ROUNDS").ok().and_then(|n| n.parse().ok()).unwrap_or(default)
}
