//! `state-propose`.

use std::sync::Arc;

use myrhiza_kernel_api::host::ProposeHost;
use myrhiza_kernel_api::{Candidate, Returned, StatePropose};
use wasmtime::component::{ComponentType, Lift};

use crate::instance::{Callee, Compiled};

pub(crate) const EXPORT: &str = "propose";

/// Gets a new instance for each call.
pub(crate) struct Propose {
    callee: Callee<dyn ProposeHost, (Vec<String>,), (Proposed,)>,
}

type Proposed = Result<Lifted, String>;

#[derive(ComponentType, Lift)]
#[component(record)]
struct Lifted {
    variant: u32,
    payload: Vec<u8>,
}

impl Propose {
    pub(crate) fn new(compiled: Arc<Compiled<dyn ProposeHost>>, fuel: u64) -> Self {
        Self { callee: Callee::new(compiled, fuel) }
    }
}

impl StatePropose for Propose {
    fn propose(
        &mut self,
        host: Box<dyn ProposeHost>,
        intent: &[String],
    ) -> Returned<Box<dyn ProposeHost>, Result<Candidate, String>> {
        let returned = self.callee.call(host, (intent.to_vec(),));
        self.callee.end();
        returned.map(|(proposed,)| {
            proposed.map(|event| Candidate { variant: event.variant, payload: event.payload })
        })
    }
}
