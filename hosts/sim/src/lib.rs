//! Many nodes in one process, with everything that can go wrong, from one seed.
//!
//! A *history* is at least four nodes, a hundred events and three kinds of fault. At its end all
//! nodes have all events, and equal sets must have given equal roots. A failing seed reproduces by
//! its number; time is virtual and chance has one source, so a history is the same on any machine.
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod chance;
mod check;
mod history;
mod ledger;
mod mischief;
mod node;
mod sweep;
mod upgrade;

use anyhow::Result;
// Linked for their registration.
use {
    myrhiza_backend_wasmtime as _, myrhiza_profile_interaction as _, myrhiza_profile_migrate as _,
    myrhiza_profile_state_apply as _, myrhiza_profile_state_propose as _, myrhiza_store_lmdb as _,
    myrhiza_store_memory as _,
};

use history::History;
pub use history::{Fault, Shape, Told};
pub use node::Ground;
pub use sweep::{Swept, sweep};

/// Runs the history of a seed and checks it.
///
/// # Errors
/// What did not hold.
pub fn run(ground: &Ground, seed: u64, shape: Shape) -> Result<Told> {
    let mut history = History::new(ground, seed, shape)?;
    history.run()?;
    history.settle()?;
    history.check()?;
    Ok(history.told)
}
