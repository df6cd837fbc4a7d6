//! What only a browser has, tried in one: the store over its files.
//!
//! `cargo xtask test browser` builds this for wasm32, makes the JavaScript around it, and has `run.mjs`
//! call it in workers of Chromium. For this machine itself there is nothing to build.
//!
//! | module | what it is |
//! |---|---|
//! | `kit` | the conformance kit, over folders made ready beforehand |
//! | `held` | stores that stay open between calls: full ones, taken ones, ended ones |
//! | `measured` | what it costs |
#![cfg(target_arch = "wasm32")]

pub mod held;
pub mod kit;
pub mod measured;

use std::fmt::Display;
use std::sync::Arc;

// What the kit's property tests draw from.
use getrandom as _;
use js_sys::Error;
use myrhiza_kernel_api::{Keyspace, Kind, Registration, Registry, Store, StoreConfig};
use myrhiza_store_opfs::NAME;
use wasm_bindgen::prelude::wasm_bindgen;

type Outcome<T = ()> = Result<T, Error>;

/// Opens the registered store in a folder that was made ready.
fn open(folder: &str, keyspaces: &'static [Keyspace]) -> Outcome<Arc<dyn Store>> {
    let registry = Registry::collect(&[(Kind::Store, NAME)]).map_err(told)?;
    let Registration::Store { open, .. } = registry.get(Kind::Store, NAME).map_err(told)? else {
        return Err(Error::new("the registry answers with another kind than it was asked for"));
    };
    open(&StoreConfig { path: Some(folder.into()), keyspaces }).map_err(told)
}

/// An error with all its causes.
fn told(error: impl Display) -> Error {
    Error::new(&error.to_string())
}

/// What runs once, when the module is loaded.
#[wasm_bindgen(start)]
pub fn start() {
    // A panic ends in `unreachable`, which says nothing.
    std::panic::set_hook(Box::new(|panic| wasm_bindgen::throw_str(&panic.to_string())));
}
