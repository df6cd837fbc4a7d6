use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use myrhiza_kernel_api::{EventId, PublicKey};

use super::cut::Last;
use crate::dag::{Graph, Node};
use crate::fault::Fault;

/// Most ids kept; with more all are forgotten, and found again when they are asked for.
const IDS: usize = 1 << 20;

/// The branches, by `prev`, below last recognised events of authors who forked. What an event's
/// ancestors are never changes, so each branch is walked once and not for each of its events.
#[derive(Clone, Debug, Default)]
pub(super) struct Branches {
    /// By last event: the ids on its branch by number, highest first.
    walked: Arc<Mutex<BTreeMap<EventId, Branch>>>,
}

type Branch = Arc<[EventId]>;

impl Branches {
    /// Whether an event, with its scope and number, is `last` or an ancestor of it by `prev`.
    pub(super) fn recognise(
        &self,
        graph: Graph<'_>,
        (id, scope, seq): (EventId, PublicKey, u64),
        last: Last,
    ) -> Result<bool, Fault> {
        let Some(last) = last else { return Ok(false) };
        let Some(last) = graph.node(last)? else { return Ok(false) };
        let Some(below) = last.seq.checked_sub(seq) else { return Ok(false) };
        if last.scope != scope {
            return Ok(false);
        }
        // Unless the author forked, there is one event a number, and the walk is not needed.
        if graph.only(id, scope, seq)? {
            return Ok(true);
        }
        let below = usize::try_from(below).unwrap_or(usize::MAX);
        Ok(self.below(graph, last)?.get(below) == Some(&id))
    }

    /// The last event that both of two recognise: their nearest common ancestor by `prev`.
    pub(super) fn common(&self, graph: Graph<'_>, one: Last, other: Last) -> Result<Last, Fault> {
        let (Some(one), Some(other)) = (one, other) else { return Ok(None) };
        if one == other {
            return Ok(Some(one));
        }
        let (Some(one), Some(other)) = (graph.node(one)?, graph.node(other)?) else {
            return Ok(None);
        };
        let (high, low) = if one.seq < other.seq { (other, one) } else { (one, other) };
        if graph.only(low.place.id, low.scope, low.seq)? {
            return Ok(Some(low.place.id));
        }
        let (high, low) = (self.below(graph, high)?, self.below(graph, low)?);
        let higher = high.get(high.len().saturating_sub(low.len())..).unwrap_or_default();
        let mut pairs = low.iter().zip(higher);
        Ok(pairs.find(|(low, high)| low == high).map(|(id, _)| *id))
    }

    /// The branch below `last`.
    fn below(&self, graph: Graph<'_>, last: Node) -> Result<Branch, Fault> {
        // Whoever panicked meanwhile has left whole branches only.
        let mut walked = self.walked.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(branch) = walked.get(&last.place.id) {
            return Ok(Arc::clone(branch));
        }
        let (mut branch, mut at) = (vec![last.place.id], last.place);
        while let Some(prev) = graph.event(at)?.header().prev {
            branch.push(prev);
            at = graph.known(prev)?.place;
        }
        if walked.values().map(|branch| branch.len()).sum::<usize>() > IDS {
            walked.clear();
        }
        let branch = Branch::from(branch);
        walked.insert(last.place.id, Arc::clone(&branch));
        Ok(branch)
    }
}
