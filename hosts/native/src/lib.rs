//! The `myrhiza` command as a library, so that anyone can link a binary with one more plug-in:
//!
//! ```ignore
//! use my_store as _; // registers itself as the store `mine`
//! use myrhiza_native::{Kind, run};
//!
//! fn main() -> std::process::ExitCode {
//!     run(&[(Kind::Store, "mine")])
//! }
//! ```
//!
//! A command is a file in `commands/`: its arguments and what it does. What it prints goes through
//! `output`, what goes wrong is a `Failure`, and a home is only ever touched through `home`, which
//! holds the lock.
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod cli;
mod commands;
mod console;
mod context;
mod device;
mod exit;
mod failure;
mod files;
mod hidden;
mod home;
mod keyring;
mod leftovers;
mod logging;
mod names;
mod node;
mod output;
mod plugins;
mod progress;
mod qr;
mod runtime;
mod signals;
mod steps;
mod terminal;
mod text;
mod ui;
mod usage;
mod view;

use std::process::ExitCode;

pub use myrhiza_kernel_api::Kind;

/// Runs the command with the arguments of this process.
///
/// `extra` names the plug-ins that the calling binary links beside those of this crate's features:
/// one that is not there is an error at start.
pub fn run(extra: &[(Kind, &'static str)]) -> ExitCode {
    cli::run(extra).into()
}
