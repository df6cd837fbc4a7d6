//! `interaction`.

use std::sync::Arc;

use myrhiza_kernel_api::host::InteractionHost;
use myrhiza_kernel_api::{Interaction, Returned};

use crate::instance::{Callee, Compiled};

pub(crate) const EXPORT: &str = "render";

/// Keeps its instance, memory and all, until a call traps.
pub(crate) struct Render {
    callee: Callee<dyn InteractionHost, (), ()>,
}

impl Render {
    pub(crate) fn new(compiled: Arc<Compiled<dyn InteractionHost>>, fuel: u64) -> Self {
        Self { callee: Callee::new(compiled, fuel) }
    }
}

impl Interaction for Render {
    fn render(&mut self, host: Box<dyn InteractionHost>) -> Returned<Box<dyn InteractionHost>, ()> {
        self.callee.call(host, ())
    }
}
