//! Runs components on the WebAssembly engine of a browser, through its JavaScript interface.
//!
//! | module | what it is |
//! |---|---|
//! | [`world`] | the functions a profile's component may import and must export |
//! | [`plan`], [`read`](mod@read) | how to make an instance, and how a component's bytes say it |
//! | `types` | component types as text, to compare them |
//! | `pool` | how many instances live at once |
//! | `engine` | compiled code, instances, calls and host functions |
//!
//! A browser runs core modules but no components. So the canonical ABI is done here, for the types
//! of the kernel's interfaces, and to the letter as Wasmtime does it: the order of checks and of
//! reallocs decides what a call costs and where it traps. Reading is plain Rust, and the same on
//! every machine; the engine exists where there is one.

pub mod plan;
pub mod read;
pub mod world;

#[cfg(any(test, target_arch = "wasm32"))]
mod pool;
mod types;

#[cfg(target_arch = "wasm32")]
mod engine;

pub use plan::{Plan, ReadError};
pub use read::read;

#[cfg(target_arch = "wasm32")]
pub use engine::{NAME, Web, linked};
