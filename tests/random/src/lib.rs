//! Random components: [`smith`] makes them, and [`transcript`] says what an engine makes of one.
//!
//! What it has to be is in `transcripts.txt`, a line for each seed: those that Wasmtime made, which the
//! engines of Node and Chromium have to make too. Traps, results, host calls and fuel are in it.
#![allow(clippy::unwrap_used, reason = "a test crate")]

mod smith;
mod transcript;

pub use smith::{WIT, smith, wrap};
pub use transcript::transcript;

/// What every engine has to make of each component, by its seed.
pub const TRANSCRIPTS: &str = include_str!("../transcripts.txt");
