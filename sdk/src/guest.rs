//! The traits of [`crate::context`] over the kernel's imports, and the calls the component macros
//! export. Exists in components only.

#[allow(unsafe_code, reason = "imports of the component model are raw functions")]
mod imports {
    myrhiza_sdk_macros::__imports!();
}

mod act;
mod apply;
mod canvas;
mod common;
mod migrate;
mod propose;
mod show;

pub use act::{complete, press};
pub use apply::apply;
pub use canvas::draw;
pub use migrate::migrate;
pub use propose::propose;
pub use show::render;
pub use wit_bindgen;

use imports::myrhiza::kernel;

use crate::fault::fault;

/// Bytes of the kernel whose number the WIT fixes.
fn fixed<const N: usize>(bytes: Vec<u8>) -> [u8; N] {
    match bytes.try_into() {
        Ok(bytes) => bytes,
        Err(_) => fault("the kernel's answer has another size"),
    }
}
