//! The rules, each in a file: they look and report, and change nothing.

mod bounds;
mod canvas;
mod foreign;
mod linkage;
mod memory;
mod signature;
mod world;

pub(super) use bounds::bounded;
pub(super) use foreign::{component_floats, explain};
pub(super) use linkage::{exports, imports};
pub(super) use memory::memories;
pub use world::{INTERFACES, Shape, WORLDS};
