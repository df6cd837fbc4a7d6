//! The apps as WebAssembly: what a node does with their components, and their cases through the
//! real kernel.

mod app;
mod home;
mod homes;

pub use app::{App, profiles};
pub use homes::Homes;
