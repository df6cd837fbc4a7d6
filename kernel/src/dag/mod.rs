//! The event DAG of one topic: who knows whom, who waits for whom, who forked.
//!
//! Insertion looks only at an event and its causal past. What depends on the whole set (uses of
//! invitations, cuts) is judged in the fold, where arrival order cannot matter.

mod causal;
mod cut_index;
mod forks;
mod graph;
mod insert;
mod last;
mod node;
mod pending;
mod report;
#[cfg(test)]
mod tests;

pub use causal::Refusal;
pub use cut_index::index_cuts;
pub use forks::{KnownFork, forks, has_forked};
pub use graph::Graph;
pub(crate) use graph::founding;
#[cfg(test)]
pub(crate) use insert::insert;
pub use insert::{Inserted, Inserter, Outcome, Room};
pub use node::Node;
pub use pending::{
    AUTHOR_PENDING_BYTES, AUTHOR_PENDING_EVENTS, PENDING_BYTES, PENDING_EVENTS, Waiting, ready,
    ready_count, waiting,
};
pub use report::{IngestReport, RefusedEvent};
