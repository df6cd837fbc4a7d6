//! A home's node: the kernel among its peers, and the local API by which other commands reach it.

mod api;
mod ask;
mod client;
mod connections;
mod counts;
mod denials;
mod file;
mod health;
mod heard;
mod metrics;
mod page;
mod progress;
mod relays;
mod run;
mod serve;
mod shell;
mod up;

pub(crate) use ask::{Ask, Waits};
pub(crate) use client::forward;
pub(crate) use denials::{Denials, LOOK};
pub(crate) use file::NodeFile;
pub(crate) use myrhiza_api::Status;
pub(crate) use run::{Running, Settings, start};
pub(crate) use up::serve_api;
