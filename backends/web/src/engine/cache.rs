//! Compiled code, shared by everything that runs the same component.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::marker::PhantomData;
use std::rc::{Rc, Weak};

use myrhiza_kernel_api::{BackendError, Component, ComponentId};

use super::NAME;
use super::instance::Compiled;
use super::link::Linked;
use crate::read;
use crate::world::World;

/// A profile's world, and the compiled components that are in use under it.
pub(super) struct Cache<H: ?Sized> {
    world: World,
    in_use: RefCell<BTreeMap<ComponentId, Weak<Compiled>>>,
    host: PhantomData<fn(&mut H)>,
}

impl<H: Linked + ?Sized> Cache<H> {
    pub(super) fn new(world: World) -> Self {
        Self { world, in_use: RefCell::default(), host: PhantomData }
    }

    /// Compiles a component of the profile, unless its code is in use already.
    pub(super) fn compile(&self, component: Component<'_>) -> Result<Rc<Compiled>, BackendError> {
        let found = self.in_use.borrow().get(&component.id).and_then(Weak::upgrade);
        if let Some(found) = found {
            return Ok(found);
        }
        let compiled = read(component.bytes, &self.world)
            .map_err(|error| error.to_string())
            .and_then(|plan| Compiled::new(plan, component.bytes))
            .map_err(|cause| BackendError::Compile {
                backend: NAME,
                component: component.id,
                cause,
            })?;
        let compiled = Rc::new(compiled);
        let mut in_use = self.in_use.borrow_mut();
        in_use.retain(|_, code| code.strong_count() > 0);
        in_use.insert(component.id, Rc::downgrade(&compiled));
        Ok(compiled)
    }
}
