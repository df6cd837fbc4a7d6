//! One file a command.

pub(crate) mod bench;
pub(crate) mod browser;
pub(crate) mod build;
pub(crate) mod bundles;
pub(crate) mod chromium;
pub(crate) mod demo;
pub(crate) mod doctor;
pub(crate) mod guests;
pub(crate) mod native;
pub(crate) mod node;
pub(crate) mod npm;
pub(crate) mod setup;
pub(crate) mod shell;
pub(crate) mod sim;
pub(crate) mod test;
pub(crate) mod tidy;
pub(crate) mod wit_freeze;
