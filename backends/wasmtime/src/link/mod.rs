//! The host functions of each profile. An interface that is not linked here cannot be imported.

mod act;
mod canvas;
mod common;
mod event;
mod free;
mod kv;
mod state;
mod ui;

use myrhiza_kernel_api::host::{ApplyHost, InteractionHost, MigrateHost, ProposeHost};
use wasmtime::component::{Linker, LinkerInstance};
use wasmtime::{Engine, Result};

use crate::slot::Slot;

pub(crate) fn state_apply(engine: &Engine) -> Result<Linker<Slot<dyn ApplyHost>>> {
    let mut linker = Linker::new(engine);
    common::define(&mut linker)?;
    event::define(&mut linker)?;
    state::define(&mut linker)?;
    Ok(linker)
}

pub(crate) fn migrate(engine: &Engine) -> Result<Linker<Slot<dyn MigrateHost>>> {
    let mut linker = Linker::new(engine);
    common::define(&mut linker)?;
    state::define(&mut linker)?;
    Ok(linker)
}

pub(crate) fn state_propose(engine: &Engine) -> Result<Linker<Slot<dyn ProposeHost>>> {
    let mut linker = Linker::new(engine);
    common::define(&mut linker)?;
    state::define_view(&mut linker)?;
    free::define(&mut linker)?;
    Ok(linker)
}

pub(crate) fn interaction(engine: &Engine) -> Result<Linker<Slot<dyn InteractionHost>>> {
    let mut linker = Linker::new(engine);
    common::define(&mut linker)?;
    state::define_view(&mut linker)?;
    free::define(&mut linker)?;
    ui::define(&mut linker)?;
    canvas::define(&mut linker)?;
    kv::define(&mut linker)?;
    act::define(&mut linker)?;
    Ok(linker)
}

/// An interface of the kernel's package.
fn interface<'a, T: 'static>(
    linker: &'a mut Linker<T>,
    name: &str,
) -> Result<LinkerInstance<'a, T>> {
    linker.instance(&format!("myrhiza:kernel/{name}@1.0.0"))
}
