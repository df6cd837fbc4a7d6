//! What components reach: the kernel's side of the WIT interfaces.

mod canvas;
mod common;
mod fold;
mod meter;
mod view;

pub(super) use fold::FoldHost;
pub use view::{Free, Randomness, Shown, ViewHost};
