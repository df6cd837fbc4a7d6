//! The synchronous whole: one home's apps and topics over a store and a backend.
//!
//! It is what commands, the node and the simulator drive. It does no I/O of its own, has no clock
//! and no randomness ([`Ambient`] brings them) and holds no key ([`Signer`] does, for one call).
//! One batch of events is one store transaction.

mod ambient;
mod apps;
mod author;
mod authors;
mod blobs;
mod changes;
mod cuts;
mod devices;
mod drift;
mod error;
mod index;
mod ingest;
mod inspect;
mod leave;
mod loaded;
mod members;
mod membership;
mod offers;
mod open;
mod parts;
mod peers;
mod query;
mod record;
mod render;
mod screen;
mod settle;
mod standing;
#[cfg(test)]
mod tests;
mod topics;
mod transfer;
mod upgrade;
mod wanted;
mod ways;
mod work;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use myrhiza_kernel_api::{Backend, ProfilePolicy, Snapshot, Store, TopicId};

pub use ambient::{Ambient, Signer};
pub use author::Authored;
pub use changes::Change;
pub use devices::Device;
pub use drift::{DriftHost, KnownVote, Taken, VoteAt};
pub use error::{RuntimeError, Subject};
pub use ingest::{GivenUp, Ingested};
pub use inspect::{Effect, Effects};
pub use membership::Membership;
pub use parts::Busy;
pub use query::{LogEntry, LogRange, TopicRoot};
pub use record::TopicRecord;
pub use render::Rendered;
pub use screen::{Asked, Pressed};
pub use standing::{Publication, Standing, Withdrawn};
pub use topics::{NewTopic, TopicSummary};
pub use transfer::{Export, Import, Verify};
pub use upgrade::Waits;
pub(crate) use ways::{invites, way_in};
pub use work::{Most, PART, Work};

use crate::fault::Fault;
use loaded::Loaded;
use wanted::Wanted;

/// One home's kernel.
pub struct Runtime {
    store: Arc<dyn Store>,
    pub(crate) loaded: Loaded,
    /// The cuts in force in topics, as far as they were worked out.
    cuts: cuts::KnownCuts,
    /// How often cuts were judged anew since the start, by topic.
    judged: BTreeMap<TopicId, u64>,
    changes: changes::Changes,
    /// The topics by what they are looked for by; none where it has to be read.
    index: Mutex<Option<index::Index>>,
    /// Who may have which topic, in part only heard; none where it has to be read.
    peers: peers::Peers,
    /// Bundles the user has asked for by their id, and how often; with another, the least id goes.
    wanted: Wanted,
    /// Bytes pending before a long fold or rewind is committed and goes on.
    pub(crate) batch_bytes: usize,
    /// Work that is done at a time, in units of fuel; none where all is.
    part: Option<u64>,
    /// Topics of which only a part of what there is to do is done.
    at_work: BTreeSet<TopicId>,
    /// Those of them that were asked for.
    asked: BTreeSet<TopicId>,
}

/// What a runtime starts with as [`Runtime::batch_bytes`].
const BATCH_BYTES: usize = 16 << 20;

impl Runtime {
    /// A kernel over a store that holds a home, or nothing yet.
    pub fn new(
        store: Arc<dyn Store>,
        backend: Arc<dyn Backend>,
        profiles: Vec<&'static dyn ProfilePolicy>,
    ) -> Self {
        Self {
            store,
            loaded: Loaded::new(backend, profiles),
            cuts: cuts::KnownCuts::default(),
            judged: BTreeMap::new(),
            changes: BTreeMap::new(),
            index: Mutex::new(None),
            peers: peers::Peers::default(),
            wanted: Wanted::default(),
            batch_bytes: BATCH_BYTES,
            part: None,
            at_work: BTreeSet::new(),
            asked: BTreeSet::new(),
        }
    }

    /// Forgets what it holds of its store, as after a failure that leaves open what was committed, or
    /// as a new process would. Compiled apps, which say nothing of the store, are kept.
    pub fn forget(&mut self) {
        self.cuts.clear();
        self.forget_index();
        self.peers.forget();
    }

    /// The backend, for those who report what ran.
    pub fn backend(&self) -> &dyn Backend {
        &*self.loaded.backend
    }

    pub(crate) fn read(&self) -> Result<Box<dyn Snapshot>, Fault> {
        Ok(self.store.snapshot()?)
    }
}
