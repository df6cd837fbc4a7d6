//! The apps as WebAssembly: what a node does with their components, and their cases and golden
//! histories through the real kernel.

mod app;
mod golden;
mod home;
mod homes;

pub use app::{App, profiles};
pub use golden::Golden;
pub use homes::Homes;
