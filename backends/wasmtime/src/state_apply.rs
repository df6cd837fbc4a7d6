//! `state-apply`.

use std::sync::Arc;

use myrhiza_kernel_api::host::ApplyHost;
use myrhiza_kernel_api::{Returned, StateApply, Verdict};
use wasmtime::component::{ComponentType, Lift};

use crate::instance::{Callee, Compiled};

pub(crate) const EXPORT: &str = "apply";

/// The instrumentation gives every call the memory of a new instance, so the instance is kept.
pub(crate) struct Apply {
    callee: Callee<dyn ApplyHost, (), (Lifted,)>,
}

#[derive(ComponentType, Lift)]
#[component(record)]
struct Lifted {
    code: u32,
    reason: Vec<u8>,
}

impl Apply {
    pub(crate) fn new(compiled: Arc<Compiled<dyn ApplyHost>>, fuel: u64) -> Self {
        Self { callee: Callee::new(compiled, fuel) }
    }
}

impl StateApply for Apply {
    fn apply(&mut self, host: Box<dyn ApplyHost>) -> Returned<Box<dyn ApplyHost>, Verdict> {
        self.callee.call(host, ()).map(|(verdict,)| Verdict::new(verdict.code, &verdict.reason))
    }
}
