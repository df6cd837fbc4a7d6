//! The apps as WebAssembly: what a node does with their components, and their cases and golden
//! histories through the real kernel.

mod app;
mod golden;
// The SDK has a stage for stories where it is not a guest's.
#[cfg(not(target_arch = "wasm32"))]
mod home;
#[cfg(not(target_arch = "wasm32"))]
mod homes;

pub use app::{App, profiles};
#[cfg(not(target_arch = "wasm32"))]
pub use golden::Golden;
pub use golden::Recorded;
#[cfg(not(target_arch = "wasm32"))]
pub use homes::Homes;
