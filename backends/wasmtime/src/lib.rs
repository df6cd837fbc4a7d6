//! Runs components on Wasmtime.
