//! Runs components on Wasmtime.
//!
//! | module | what it is |
//! |---|---|
//! | `engine` | the one configuration of the engine |
//! | `outcome` | which end of a call is a trap and which a failure of this host |
//! | `slot` | where a call's host lies while the component runs |
//! | `link` | the host functions, one module a group of interfaces |
//! | `instance` | compiled code, live instances and one call |
//! | `cache` | compiled code, shared by everything that runs the same component |
//!
//! Metering is in the component's bytes, so Wasmtime's own fuel and epochs are off. Native stack
//! is the one limit of the engine's that a component could meet, and the instrumentation's stack
//! units end the call well before: see [`engine`](crate::engine).

mod cache;
mod engine;
mod instance;
mod interaction;
mod link;
mod migrate;
mod outcome;
mod slot;
mod state_apply;
mod state_propose;

use std::sync::Arc;

use myrhiza_kernel_api::host::{ApplyHost, InteractionHost, MigrateHost, ProposeHost};
use myrhiza_kernel_api::{
    Backend, BackendError, Component, Interaction, Migrate, Registration, StateApply, StatePropose,
    register,
};
use wasmtime::Engine;

use crate::cache::Cache;

/// The name this backend is registered and configured by.
pub const NAME: &str = "wasmtime";

register!(Registration::Backend { name: NAME, create: || Ok(Arc::new(Wasmtime::new()?)) });

/// Wasmtime with Cranelift.
pub struct Wasmtime {
    engine: Engine,
    state_apply: Cache<dyn ApplyHost>,
    migrate: Cache<dyn MigrateHost>,
    state_propose: Cache<dyn ProposeHost>,
    interaction: Cache<dyn InteractionHost>,
}

impl Wasmtime {
    /// An engine and the host functions of each profile; nothing is compiled yet.
    ///
    /// # Errors
    /// [`BackendError::Local`] if this machine cannot run the engine.
    pub fn new() -> Result<Self, BackendError> {
        let engine = engine::new().map_err(outcome::local)?;
        Ok(Self {
            state_apply: Cache::new(link::state_apply(&engine).map_err(outcome::local)?),
            migrate: Cache::new(link::migrate(&engine).map_err(outcome::local)?),
            state_propose: Cache::new(link::state_propose(&engine).map_err(outcome::local)?),
            interaction: Cache::new(link::interaction(&engine).map_err(outcome::local)?),
            engine,
        })
    }
}

impl Backend for Wasmtime {
    fn name(&self) -> &'static str {
        NAME
    }

    fn version(&self) -> String {
        format!("wasmtime {}", engine::VERSION)
    }

    fn state_apply(&self, component: Component<'_>) -> Result<Box<dyn StateApply>, BackendError> {
        let compiled = self.state_apply.compile(&self.engine, component, state_apply::EXPORT)?;
        Ok(Box::new(state_apply::Apply::new(compiled, component.fuel)))
    }

    fn migrate(&self, component: Component<'_>) -> Result<Box<dyn Migrate>, BackendError> {
        let compiled = self.migrate.compile(&self.engine, component, migrate::EXPORT)?;
        Ok(Box::new(migrate::Chunks::new(compiled, component.fuel)))
    }

    fn state_propose(
        &self,
        component: Component<'_>,
    ) -> Result<Box<dyn StatePropose>, BackendError> {
        let compiled =
            self.state_propose.compile(&self.engine, component, state_propose::EXPORT)?;
        Ok(Box::new(state_propose::Propose::new(compiled, component.fuel)))
    }

    fn interaction(&self, component: Component<'_>) -> Result<Box<dyn Interaction>, BackendError> {
        let compiled = self.interaction.compile(&self.engine, component, interaction::EXPORT)?;
        Ok(Box::new(interaction::Render::new(compiled, component.fuel)))
    }
}
