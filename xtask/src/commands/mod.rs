//! One file a command.

pub(crate) mod doctor;
pub(crate) mod guests;
pub(crate) mod setup;
