//! One file a command or group of commands: its arguments, what it does, what it prints.

pub(crate) mod act;
pub(crate) mod app;
mod asked;
mod authors;
pub(crate) mod completions;
pub(crate) mod config;
pub(crate) mod dag;
pub(crate) mod device;
pub(crate) mod doctor;
pub(crate) mod drift;
pub(crate) mod id;
pub(crate) mod init;
pub(crate) mod inspect;
mod install;
pub(crate) mod log;
mod offers;
pub(crate) mod pack;
pub(crate) mod passwd;
pub(crate) mod peers;
pub(crate) mod proof;
pub(crate) mod publish;
#[cfg(feature = "relay")]
pub(crate) mod relay;
pub(crate) mod root;
pub(crate) mod sign;
pub(crate) mod state;
pub(crate) mod sync;
mod ticket;
pub(crate) mod topic;
pub(crate) mod ui;
pub(crate) mod up;
mod upgrade;
pub(crate) mod view;
