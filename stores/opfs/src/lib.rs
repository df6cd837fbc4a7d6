//! A store in a browser: redb over a synchronous handle of the origin private file system (OPFS), in a
//! dedicated worker, where alone there are such handles.
//!
//! | module | what it is |
//! |---|---|
//! | `store`, `snapshot` | the store over a redb database, wherever that keeps its bytes |
//! | `file` | opening that database: its cache, and what a crash may have left of it |
//! | `failure` | what redb's failures mean |
//! | `web` | locks, handles and the registration |
//!
//! A handle can only be had by waiting, and a store opens without. So a host awaits [`prepare`] for the
//! folder first, and then opens the store as any other:
//!
//! ```ignore
//! myrhiza_store_opfs::prepare("home").await?;
//! let config = StoreConfig { path: Some("home".into()), keyspaces };
//! let store = open(&config)?; // of the registration
//! ```
//!
//! All but `web` is plain Rust, and the same on every machine, so that faults are tried where they can
//! be made. How a store in a browser is kept, and what it costs, is in `docs/adr/browser-store.md`.
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod failure;
pub mod file;
mod snapshot;
mod store;
#[cfg(target_arch = "wasm32")]
mod web;

pub use store::OpfsStore;
#[cfg(target_arch = "wasm32")]
pub use web::{linked, prepare, release};

/// The name it is registered by.
pub const NAME: &str = "opfs";
