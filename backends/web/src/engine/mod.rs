//! The engine: compiled code, instances, calls and host functions.
//!
//! | module | what it is |
//! |---|---|
//! | `stop` | which end of a call is a trap and which a failure of this host |
//! | `js` | core functions as JavaScript sees them |
//! | `guest` | a component's memory, and values in it |
//! | `frame` | where a call's host lies, and what a host function sees of the component |
//! | `link` | the host functions, one module a group of interfaces |
//! | `instance` | compiled code, live instances and one call |
//! | `cache` | compiled code, shared by everything that runs the same component |
//! | `profiles` | the call of each profile |

mod cache;
mod frame;
mod guest;
mod instance;
mod js;
mod link;
mod profiles;
mod stop;

use std::rc::Rc;
use std::sync::Arc;

use js_sys::{Reflect, global};
use myrhiza_kernel_api::host::{ApplyHost, InteractionHost, MigrateHost, ProposeHost};
use myrhiza_kernel_api::{
    Backend, BackendError, Component, Interaction, Migrate, Registration, StateApply, StatePropose,
    register,
};
use wasm_bindgen::JsValue;

use crate::pool::Pool;
use crate::world;
use cache::Cache;
use instance::Callee;

/// The name this backend is registered and configured by.
pub const NAME: &str = "web";

register!(Registration::Backend { name: NAME, create: || Ok(Web::shared()) });

/// Instances that are kept although they may end: half of what fits, since others must live on.
const LIVE: usize = 64;

/// The engine of the page or worker this runs in.
pub struct Web {
    state_apply: Cache<dyn ApplyHost>,
    migrate: Cache<dyn MigrateHost>,
    state_propose: Cache<dyn ProposeHost>,
    interaction: Cache<dyn InteractionHost>,
    pool: Rc<Pool>,
}

impl Web {
    /// Nothing is compiled yet.
    pub fn new() -> Self {
        Self {
            state_apply: Cache::new(world::STATE_APPLY),
            migrate: Cache::new(world::MIGRATE),
            state_propose: Cache::new(world::STATE_PROPOSE),
            interaction: Cache::new(world::INTERACTION),
            pool: Rc::new(Pool::new(LIVE)),
        }
    }
}

impl Web {
    /// One as the kernel holds it.
    #[expect(clippy::arc_with_non_send_sync, reason = "the kernel's type; there is one thread")]
    pub fn shared() -> Arc<dyn Backend> {
        Arc::new(Self::new())
    }
}

impl Default for Web {
    fn default() -> Self {
        Self::new()
    }
}

impl Backend for Web {
    fn name(&self) -> &'static str {
        NAME
    }

    /// The browser's own words for itself, or Node's.
    fn version(&self) -> String {
        let of = |object: &str, field: &str| {
            let object = Reflect::get(&global(), &JsValue::from_str(object)).ok()?;
            Reflect::get(&object, &JsValue::from_str(field)).ok()?.as_string()
        };
        let node = || of("process", "version").map(|version| format!("node {version}"));
        node().or_else(|| of("navigator", "userAgent")).unwrap_or_else(|| "unknown".into())
    }

    fn state_apply(&self, component: Component<'_>) -> Result<Box<dyn StateApply>, BackendError> {
        let compiled = self.state_apply.compile(component)?;
        let callee = Callee::pooled(compiled, component.fuel, Rc::clone(&self.pool));
        Ok(Box::new(profiles::Apply(callee)))
    }

    fn migrate(&self, component: Component<'_>) -> Result<Box<dyn Migrate>, BackendError> {
        let compiled = self.migrate.compile(component)?;
        let callee = Callee::pooled(compiled, component.fuel, Rc::clone(&self.pool));
        Ok(Box::new(profiles::Chunks(callee)))
    }

    fn state_propose(
        &self,
        component: Component<'_>,
    ) -> Result<Box<dyn StatePropose>, BackendError> {
        let compiled = self.state_propose.compile(component)?;
        Ok(Box::new(profiles::Propose(Callee::new(compiled, component.fuel))))
    }

    fn interaction(&self, component: Component<'_>) -> Result<Box<dyn Interaction>, BackendError> {
        let compiled = self.interaction.compile(component)?;
        Ok(Box::new(profiles::Render(Callee::new(compiled, component.fuel))))
    }
}
