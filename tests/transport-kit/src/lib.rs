//! The conformance kit of transports: checks of each thing [`Transport`] says an implementor must hold.
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
//! use myrhiza_transport_kit::{Abilities, conformance};
//!
//! fn main() -> ExitCode {
//!     conformance("my-transport", Abilities::default())
//! }
//! ```
//!
//! The transport is found by its registration, so the test must link its crate (`use my_transport as
//! _`). What the trait cannot bring about is left to the plug-in's own tests: a peer that breaks the
//! transport's protocol, a link that fails.
#![allow(clippy::unwrap_used, reason = "a check that cannot go on has failed")]

mod blobs;
mod ends;
mod frames;
mod meeting;
mod subject;

use std::process::ExitCode;
use std::time::Duration;

use libtest_mimic::{Arguments, Trial};
use myrhiza_kernel_api::BoxFuture;
pub use myrhiza_kernel_api::Transport;
use tokio::runtime::Builder;
use tokio::time::timeout;

pub use subject::{Abilities, Node, Subject};

/// A check; it panics if the transport does not hold it.
pub type Check = fn(Subject) -> BoxFuture<'static, ()>;

/// How long a check may take.
const LIMIT: Duration = Duration::from_secs(60);

macro_rules! checks {
    ($($title:literal: $check:path,)*) => { &[$(($title, |it| Box::pin($check(it)))),*] };
}

/// What every transport holds.
pub const CHECKS: &[(&str, Check)] = checks![
    "its_key_is_the_public_half_of_its_secret": meeting::key_of_secret,
    "each_end_knows_the_other_by_key": meeting::each_knows_the_other,
    "addresses_of_others_are_left_alone": meeting::foreign_addresses,
    "a_peer_that_is_not_there_is_unreachable": meeting::nobody_there,
    "a_peer_without_an_address_is_unreachable": meeting::no_address,
    "another_key_at_an_address_is_unreachable": meeting::wrong_key,
    "a_transport_does_not_connect_to_itself": meeting::itself,
    "many_connections_join_the_same_two": meeting::many_at_once,
    "frames_arrive_whole_in_order_and_once": frames::whole_and_in_order,
    "a_frame_over_the_limit_is_refused_and_harms_nothing": frames::over_the_limit,
    "a_thousand_frames_pass_both_ways_at_once": frames::both_ways,
    "a_receiver_that_does_not_read_stops_the_sender": frames::back_pressure,
    "a_dropped_receive_loses_no_frame": frames::dropped_receive,
    "a_dropped_send_leaves_whole_frames": frames::dropped_send,
    "a_graceful_end_delivers_what_was_sent": ends::finish_delivers,
    "one_way_ends_without_the_other": ends::half_closed,
    "a_dropped_sender_is_reported": ends::dropped_sender,
    "a_dropped_receiver_is_reported": ends::dropped_receiver,
    "a_connection_dropped_before_it_is_accepted_harms_nothing": ends::dropped_unaccepted,
    "close_delivers_what_was_sent": ends::close_delivers,
    "close_ends_every_call": ends::close_ends_calls,
    "a_closed_transport_leaves_no_task": ends::no_task_left,
    "a_blob_is_kept_by_its_hash_until_removed": blobs::kept_until_removed,
    "a_blob_is_fetched_and_served_on": blobs::served_on,
    "an_empty_blob_is_a_blob": blobs::empty,
    "a_blob_that_nobody_has_is_not_there": blobs::nobody_has_it,
    "the_next_peer_is_asked": blobs::next_is_asked,
    "a_blob_over_the_limit_is_not_fetched": blobs::over_the_limit,
    "a_removed_blob_is_not_served": blobs::removed,
];

/// What a transport with a folder holds on top.
pub const KEEPING_CHECKS: &[(&str, Check)] =
    checks!["blobs_are_there_after_reopening": blobs::after_reopening,];

/// What a transport that can be cut off in the middle of a blob holds on top.
pub const RESUMING_CHECKS: &[(&str, Check)] =
    checks!["a_fetch_goes_on_where_the_last_one_ended": blobs::resumed,];

/// Runs every check on the registered transport of that name, as a test program does: arguments
/// filter, list and so on.
pub fn conformance(name: &'static str, abilities: Abilities) -> ExitCode {
    let subject = Subject::registered(name, abilities);
    let keeping = if abilities.keeps { KEEPING_CHECKS } else { &[] };
    let resuming = if abilities.resumes { RESUMING_CHECKS } else { &[] };
    let checks = CHECKS.iter().chain(keeping).chain(resuming);
    let trials = checks.map(|(title, check)| {
        Trial::test(*title, move || {
            run(check(subject));
            Ok(())
        })
    });
    libtest_mimic::run(&Arguments::from_args(), trials.collect()).exit_code()
}

/// On a runtime of its own, so that nothing one check leaves behind is there in another.
fn run(check: BoxFuture<'static, ()>) {
    let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let ended = runtime.block_on(async { timeout(LIMIT, tokio::spawn(check)).await });
    runtime.shutdown_background();
    match ended {
        Err(_) => panic!("it did not end within {} s", LIMIT.as_secs()),
        Ok(Err(error)) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
        Ok(ended) => ended.unwrap(),
    }
}
