//! One file a command.

pub(crate) mod bench;
pub(crate) mod doctor;
pub(crate) mod guests;
pub(crate) mod setup;
pub(crate) mod sim;
pub(crate) mod test;
pub(crate) mod tidy;
pub(crate) mod wit_freeze;
