//! Compiled code, shared by everything that runs the same component.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use myrhiza_kernel_api::{BackendError, Component, ComponentId};
use wasmtime::Engine;
use wasmtime::component::Linker;

use crate::NAME;
use crate::instance::{Compiled, METER_LEFT};
use crate::slot::Slot;

/// The host functions of one profile, and the compiled components that are in use under it.
pub(crate) struct Cache<H: ?Sized + 'static> {
    linker: Linker<Slot<H>>,
    in_use: Mutex<BTreeMap<ComponentId, Weak<Compiled<H>>>>,
}

impl<H: ?Sized + 'static> Cache<H> {
    pub(crate) fn new(linker: Linker<Slot<H>>) -> Self {
        Self { linker, in_use: Mutex::default() }
    }

    /// Compiles a component that exports `export`, unless its code is in use already.
    ///
    /// The lock is not held meanwhile: two threads that want one component at once may both
    /// compile it.
    pub(crate) fn compile(
        &self,
        engine: &Engine,
        component: Component<'_>,
        export: &str,
    ) -> Result<Arc<Compiled<H>>, BackendError> {
        if let Some(found) = self.lock().get(&component.id).and_then(Weak::upgrade) {
            return Ok(found);
        }
        let compiled = self.compile_new(engine, component.bytes, export);
        let compiled = Arc::new(compiled.map_err(|error| BackendError::Compile {
            backend: NAME,
            component: component.id,
            cause: format!("{error:#}"),
        })?);
        let mut in_use = self.lock();
        in_use.retain(|_, code| code.strong_count() > 0);
        in_use.insert(component.id, Arc::downgrade(&compiled));
        Ok(compiled)
    }

    fn compile_new(
        &self,
        engine: &Engine,
        bytes: &[u8],
        export: &str,
    ) -> wasmtime::Result<Compiled<H>> {
        let component = wasmtime::component::Component::from_binary(engine, bytes)?;
        let index = |name: &str| {
            component
                .get_export_index(None, name)
                .ok_or_else(|| wasmtime::format_err!("it does not export `{name}`"))
        };
        let (export, meter_left) = (index(export)?, index(METER_LEFT)?);
        Ok(Compiled { pre: self.linker.instantiate_pre(&component)?, export, meter_left })
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<ComponentId, Weak<Compiled<H>>>> {
        // A panic under the lock leaves a whole map.
        self.in_use.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
