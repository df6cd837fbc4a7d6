//! What components reach: the kernel's side of the WIT interfaces.

mod canvas;
mod common;
mod fold;
mod kv;
mod meter;
mod screen;
mod tokens;
mod view;

pub(super) use fold::FoldHost;
pub(crate) use kv::Kv;
pub(crate) use screen::{Caller, Does, ScreenHost, Shown};
use tokens::Open;
pub(crate) use tokens::Tokens;
pub use view::{Free, Randomness, ViewHost};
