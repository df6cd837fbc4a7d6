//! The one configuration of the engine.

use wasmtime::{Config, Engine, WasmFeatures};

/// Wasmtime's version, for drift reports. A test compares it with the lock file.
pub(crate) const VERSION: &str = "48.0.8";

/// Native stack of one call into a component, in bytes.
///
/// The instrumentation stops a call at [`limits::STACK_UNITS`](myrhiza_kernel_api::limits) units,
/// each at most a byte of native stack, so this leaves a margin of two. Meeting it all the same is
/// a local failure, never a verdict. A thread that calls a component needs this much and what the
/// host functions take on top of it.
const NATIVE_STACK: usize = 2 * myrhiza_kernel_api::limits::STACK_UNITS as usize;

/// Everything a component may use. What is not listed is refused, whatever Wasmtime turns on by
/// default in a later version. Floats are here for the profiles that may use them; admission
/// keeps them from `state-apply`.
const FEATURES: WasmFeatures = WasmFeatures::MUTABLE_GLOBAL
    .union(WasmFeatures::SATURATING_FLOAT_TO_INT)
    .union(WasmFeatures::SIGN_EXTENSION)
    .union(WasmFeatures::MULTI_VALUE)
    .union(WasmFeatures::BULK_MEMORY)
    .union(WasmFeatures::REFERENCE_TYPES)
    .union(WasmFeatures::FLOATS)
    .union(WasmFeatures::COMPONENT_MODEL);

pub(crate) fn new() -> wasmtime::Result<Engine> {
    let mut config = Config::new();
    config
        .wasm_features(WasmFeatures::all(), false)
        .wasm_features(FEATURES, true)
        .max_wasm_stack(NATIVE_STACK)
        .concurrency_support(false)
        // What a trap is told as does not depend on where it happened.
        .wasm_backtrace_max_frames(None)
        .generate_address_map(false);
    Engine::new(&config)
}

#[cfg(test)]
mod tests {
    use super::VERSION;

    #[test]
    fn the_version_told_is_the_version_locked() {
        let lock = include_str!("../../../Cargo.lock");
        assert!(lock.contains(&format!("name = \"wasmtime\"\nversion = \"{VERSION}\"")));
    }
}
