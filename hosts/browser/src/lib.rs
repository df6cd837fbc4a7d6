//! A home in a browser: the kernel as WebAssembly in a worker, with a store on the browser's files,
//! components on the browser's own engine, and peers reached through a relay.
//!
//! - [`peer`]: a home that is up, as the worker's JavaScript (`web/worker.js`) has it.
//! - [`host`]: what its page is answered with.
//! - [`keys`]: the home's keys, sealed by a key that the browser gives to nobody.
//! - [`opening`]: what became of its store since.
//! - [`surroundings`]: time and chance, and room for everything else that runs in the worker.
//! - [`plugins`]: the plug-ins of this build.
//!
//! There is one thread. What blocks it (a fold, a commit) is brief, or is done in pieces between
//! which others go on.
#![cfg(target_arch = "wasm32")]
#![allow(unreachable_pub, reason = "JavaScript reaches what is exported to it")]

mod author;
mod fault;
mod host;
mod keys;
mod opening;
mod peer;
mod plugins;
mod relays;
mod surroundings;
mod ticket;

use wasm_bindgen::prelude::wasm_bindgen;

/// What runs once, when the module is loaded.
#[wasm_bindgen(start)]
pub fn start() {
    // A panic ends in `unreachable`, which says nothing. What the program held may be half changed:
    // the worker ends with it and is started anew.
    std::panic::set_hook(Box::new(|panic| wasm_bindgen::throw_str(&panic.to_string())));
}
