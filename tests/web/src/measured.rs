//! What a call costs, over a host that does as little as one can.

use anyhow::{Context as _, Result, ensure};
use js_sys::Error;
use myrhiza_backend_kit::guest::{self, Profile};
use myrhiza_backend_kit::memory::InMemory;
use myrhiza_backend_web::Web;
use myrhiza_kernel_api::host::ApplyHost;
use myrhiza_kernel_api::{Backend as _, Component, StateApply, Verdict};
use wasm_bindgen::prelude::wasm_bindgen;

use crate::{Outcome, told};

/// One key is read and written: see `backends/wasmtime/benches/call`.
const GET_AND_SET: &str = include_str!("../../../backends/wasmtime/benches/call/get-and-set.wat");

/// A `state-apply` component that is called again and again.
#[wasm_bindgen]
pub struct Measured {
    apply: Box<dyn StateApply>,
    host: Option<Box<dyn ApplyHost>>,
}

#[wasm_bindgen]
impl Measured {
    /// One get and one set.
    ///
    /// # Errors
    /// If it cannot be made or compiled.
    pub fn get_and_set() -> Outcome<Measured> {
        let bytes = guest::component(Profile::StateApply, GET_AND_SET).map_err(told)?;
        Self::new(&bytes, Vec::new()).map_err(told)
    }

    /// A component as `cargo xtask guests` leaves it, which folds an event with that payload.
    ///
    /// # Errors
    /// If it is not admitted or cannot be compiled.
    pub fn of(component: &[u8], payload: Vec<u8>) -> Outcome<Measured> {
        let bytes = guest::admitted(Profile::StateApply, component).map_err(told)?;
        Self::new(&bytes, payload).map_err(told)
    }

    /// Calls it so many times.
    ///
    /// # Errors
    /// If a call does not accept.
    pub fn call(&mut self, times: u32) -> Result<(), Error> {
        (0..times).try_for_each(|_| self.call_once()).map_err(told)
    }
}

impl Measured {
    fn new(bytes: &[u8], payload: Vec<u8>) -> Result<Self> {
        let fuel = Profile::StateApply.fuel();
        let component = Component { id: guest::id(bytes), bytes, fuel };
        let host = InMemory::with_payload(payload);
        Ok(Self { apply: Web::new().state_apply(component)?, host: Some(Box::new(host)) })
    }

    fn call_once(&mut self) -> Result<()> {
        let returned = self.apply.apply(self.host.take().context("the host is lost")?);
        self.host = Some(returned.host);
        let verdict = returned.outcome?.result?;
        ensure!(verdict == Verdict::Accept, "{verdict:?}");
        Ok(())
    }
}
