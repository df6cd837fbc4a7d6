//! Time and chance, and room for others: a worker has one thread for the kernel, its network and what
//! the page asks.

use std::cell::Cell;
use std::time::Duration;

use myrhiza_api::Error;
use myrhiza_kernel::node::drive::Surroundings;
use myrhiza_kernel::runtime::Ambient;
use myrhiza_kernel_api::BoxFuture;
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::{Rng as _, SeedableRng as _};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen_futures::JsFuture;

use crate::fault;

/// Milliseconds that the kernel works on before it lets others go on.
const TURN_MS: f64 = 8.0;

#[wasm_bindgen(module = "/web/turn.js")]
extern "C" {
    /// Is done once whatever else waits in this worker has had its turn.
    fn turn() -> js_sys::Promise;
}

/// The browser's.
#[derive(Default)]
pub(crate) struct Browser {
    /// When the kernel's turn began.
    began_ms: Cell<f64>,
}

impl Surroundings for Browser {
    fn now_ms(&self) -> u64 {
        js_sys::Date::now() as u64
    }

    fn sleep(&self, ms: u64) -> BoxFuture<'static, ()> {
        Box::pin(n0_future::time::sleep(Duration::from_millis(ms)))
    }

    fn random(&self, bytes: &mut [u8]) {
        // Without it nothing safe can be done: the worker ends with what it was about to do.
        if let Err(error) = getrandom::fill(bytes) {
            wasm_bindgen::throw_val(JsValue::from_str(&error.to_string()));
        }
    }

    fn turn(&self) -> Option<BoxFuture<'static, ()>> {
        let now_ms = js_sys::Date::now();
        if (now_ms - self.began_ms.get()).abs() < TURN_MS {
            return None;
        }
        self.began_ms.set(now_ms);
        Some(Box::pin(async {
            // It cannot fail, and if it did there would be no turn.
            let _ = JsFuture::from(turn()).await;
        }))
    }
}

/// Calls `act` with the time and a source of randomness seeded by the browser.
pub(crate) fn with_ambient<T>(
    act: impl FnOnce(&mut Ambient<'_>) -> Result<T, Error>,
) -> Result<T, Error> {
    let mut seed = [0; 32];
    getrandom::fill(&mut seed).map_err(|error| fault::chance(&error))?;
    let mut source = ChaCha20Rng::from_seed(seed);
    let now_ms = js_sys::Date::now() as u64;
    act(&mut Ambient { now_ms, random: &mut |bytes| source.fill_bytes(bytes) })
}
