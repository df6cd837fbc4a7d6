//! Many nodes in one process, with everything that can go wrong, from one seed.
//!
//! A *history* is at least four nodes, a hundred events and three kinds of fault. At its end all
//! nodes have all events, and equal sets must have given equal roots. A failing seed reproduces by
//! its number; time is virtual and chance has one source, so a history is the same on any machine.
//!
//! Events reach the nodes one by one, or as in life: each node runs the peer protocol over a network
//! that breaks, and some of its peers are hostile. Then the nodes themselves must come to have the
//! same events, but for those who were ended, and no honest one may take another for hostile.
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod chance;
mod check;
mod disturb;
mod history;
mod hostile;
mod ledger;
mod mischief;
mod network;
mod node;
mod online;
mod shape;
mod sweep;
mod told;
mod upgrade;

use anyhow::Result;
// Linked for their registration.
use {
    myrhiza_backend_wasmtime as _, myrhiza_profile_interaction as _, myrhiza_profile_migrate as _,
    myrhiza_profile_state_apply as _, myrhiza_profile_state_propose as _, myrhiza_store_lmdb as _,
    myrhiza_store_memory as _,
};

use history::History;
pub use node::Ground;
pub use shape::{Over, Shape};
pub use sweep::{Swept, sweep};
pub use told::{Fault, Networked, Told};

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
