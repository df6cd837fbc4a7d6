//! The conformance kit of stores: one check for each thing [`Store`] says an implementor must hold.
//!
//! A plug-in runs it as a test without the usual harness:
//!
//! ```toml
//! [[test]]
//! name = "conformance"
//! harness = false
//! ```
//! ```no_run
//! use std::process::ExitCode;
//! use myrhiza_store_kit::{Medium, conformance};
//!
//! fn main() -> ExitCode {
//!     conformance("my-store", Medium::Folder)
//! }
//! ```
//!
//! The store is found by its registration, so the test must link its crate (`use my_store as _`).
//! [`FaultStore`] makes any store fail on command.
//!
//! In a browser, where there are no threads, processes and folders, a test runs [`CHECKS`] and
//! [`DURABLE_CHECKS`] itself, over folders that it has made ready ([`Medium::Given`]), and brings about
//! the kills: [`write_batches`] and [`assert_batches`] are what is to survive them.
#![allow(clippy::unwrap_used, reason = "a check that cannot go on has failed")]

mod batches;
mod durability;
mod faults;
#[cfg(not(target_arch = "wasm32"))]
mod killed;
mod limits;
mod order;
#[cfg(not(target_arch = "wasm32"))]
mod readers;
mod snapshots;
mod subject;

#[cfg(not(target_arch = "wasm32"))]
use std::process::ExitCode;

#[cfg(not(target_arch = "wasm32"))]
use libtest_mimic::{Arguments, Trial};

pub use durability::{assert_batches, write_batches};
pub use faults::{FaultStore, Faults, Operation};
pub use myrhiza_kernel_api::Store;
pub use subject::{Medium, Subject};

/// A check; it panics if the store does not hold it.
pub type Check = fn(&Subject);

/// What every store holds.
pub const CHECKS: &[(&str, Check)] = &[
    ("a_snapshot_sees_what_was_committed_before_it", snapshots::sees_what_was_before),
    ("a_snapshot_is_owned_and_outlives_its_store", snapshots::outlives_its_store),
    ("many_snapshots_live_side_by_side", snapshots::many_at_once),
    #[cfg(not(target_arch = "wasm32"))]
    ("readers_beside_a_writer_see_whole_batches", readers::whole_beside_a_writer),
    ("a_batch_is_seen_whole", batches::seen_whole),
    ("a_refused_batch_leaves_nothing", batches::refused_leaves_nothing),
    ("the_last_of_several_writes_to_a_key_counts", batches::last_write_counts),
    ("deletes_and_empty_batches_need_nothing_to_be_there", batches::nothing_to_do),
    ("keyspaces_do_not_meet", batches::keyspaces_apart),
    ("reads_agree_with_a_model", order::agrees_with_a_model),
    ("keys_order_bytewise", order::bytewise),
    ("prefixes_are_ranges", order::prefixes),
    ("a_scan_ends_when_told_and_may_read", order::ends_when_told),
    ("keys_and_values_up_to_the_limits_are_taken", limits::up_to),
    ("what_no_store_takes_is_refused_alike", limits::beyond),
    ("a_read_never_fails_for_its_arguments", limits::reads),
];

/// What a store with a folder holds on top.
pub const DURABLE_CHECKS: &[(&str, Check)] = &[
    ("what_was_committed_is_there_after_reopening", durability::reopened),
    #[cfg(not(target_arch = "wasm32"))]
    ("a_kill_leaves_every_acknowledged_batch_and_no_part_of_another", killed::killed),
];

/// Runs every check on the registered store of that name, as a test program does: arguments
/// filter, list and so on.
#[cfg(not(target_arch = "wasm32"))]
pub fn conformance(name: &'static str, medium: Medium) -> ExitCode {
    let subject = Subject::registered(name, medium);
    if let Some(exit) = killed::run_child(&subject) {
        return exit;
    }
    let durable = if matches!(medium, Medium::Memory) { &[] } else { DURABLE_CHECKS };
    let trials = CHECKS.iter().chain(durable).map(|(title, check)| {
        Trial::test(*title, move || {
            check(&subject);
            Ok(())
        })
    });
    libtest_mimic::run(&Arguments::from_args(), trials.collect()).exit_code()
}
