//! The apps as WebAssembly: what a node does with their components, and their cases through the
//! real kernel.

mod app;

pub use app::{App, profiles};
