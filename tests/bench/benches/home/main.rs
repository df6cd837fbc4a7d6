//! What a home costs as its log and its state grow.
//!
//! A filter selects by name, as in `cargo bench -p myrhiza-bench --bench home -- tip`; what it
//! leaves out is not built up either.

#![allow(clippy::expect_used, reason = "a bench without its fixture has nothing to measure")]

mod join;
mod log;
mod open;
mod trie;

use criterion::{criterion_group, criterion_main};

criterion_group!(tries, trie::tries, trie::log_tip);
criterion_group!(logs, log::one_event, log::bare_commit);
criterion_group!(homes, open::open, join::join);
criterion_main!(tries, logs, homes);
