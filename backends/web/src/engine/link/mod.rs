//! The host functions of each profile.

mod act;
mod canvas;
mod common;
mod event;
mod free;
mod kv;
mod state;
mod ui;

use myrhiza_kernel_api::host::{ApplyHost, InteractionHost, MigrateHost, ProposeHost};

use super::frame::Import;
use crate::world::Function;

/// A profile's host, as an object.
pub(super) trait Linked: 'static {
    /// The host function behind a function of an interface, if the profile has it.
    fn import(function: Function) -> Option<Import<Self>>;
}

impl Linked for dyn ApplyHost {
    fn import(function: Function) -> Option<Import<Self>> {
        common::import(function)
            .or_else(|| event::import(function))
            .or_else(|| state::read(function))
            .or_else(|| state::write(function))
    }
}

impl Linked for dyn MigrateHost {
    fn import(function: Function) -> Option<Import<Self>> {
        common::import(function)
            .or_else(|| state::read(function))
            .or_else(|| state::write(function))
    }
}

impl Linked for dyn ProposeHost {
    fn import(function: Function) -> Option<Import<Self>> {
        common::import(function)
            .or_else(|| state::read(function))
            .or_else(|| free::import(function))
    }
}

impl Linked for dyn InteractionHost {
    fn import(function: Function) -> Option<Import<Self>> {
        common::import(function)
            .or_else(|| state::read(function))
            .or_else(|| free::import(function))
            .or_else(|| ui::import(function))
            .or_else(|| canvas::import(function))
            .or_else(|| kv::import(function))
            .or_else(|| act::import(function))
    }
}
