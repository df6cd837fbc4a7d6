use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use myrhiza_kernel_api::EventId;

use super::cut::Last;
use crate::dag::{Graph, Node};
use crate::event::Body;
use crate::fault::Fault;

/// Most ids kept; with more all are forgotten, and found again when they are asked for.
const IDS: usize = 1 << 20;

/// The branches, by `prev`, below last recognised events of authors who forked. What an event's
/// ancestors are never changes, so each branch is walked once and not for each of its events.
#[derive(Clone, Debug, Default)]
pub(super) struct Branches {
    walked: Arc<Mutex<Walked>>,
}

/// By last event: the ids on its branch by number, highest first.
type Walked = BTreeMap<EventId, Vec<EventId>>;

impl Branches {
    /// Whether an event is `last` or an ancestor of it by `prev`.
    pub(super) fn recognise(
        &self,
        graph: Graph<'_>,
        event: &Body,
        last: Last,
    ) -> Result<bool, Fault> {
        let Some(last) = last else { return Ok(false) };
        let Some(last) = graph.node(last)? else { return Ok(false) };
        let (id, header) = (event.id(), event.header());
        let Some(below) = last.seq.checked_sub(header.seq) else { return Ok(false) };
        if last.scope != header.scope {
            return Ok(false);
        }
        // Unless the author forked, there is one event a number, and the walk is not needed.
        if graph.only(id, header.scope, header.seq)? {
            return Ok(true);
        }
        let below = usize::try_from(below).unwrap_or(usize::MAX);
        let walked = self.walk(graph, last)?;
        Ok(walked.get(&last.place.id).and_then(|branch| branch.get(below)) == Some(&id))
    }

    /// The branches, that below `last` among them.
    fn walk(&self, graph: Graph<'_>, last: Node) -> Result<MutexGuard<'_, Walked>, Fault> {
        // Whoever panicked meanwhile has left whole branches only.
        let mut walked = self.walked.lock().unwrap_or_else(PoisonError::into_inner);
        if walked.contains_key(&last.place.id) {
            return Ok(walked);
        }
        let (mut branch, mut at) = (vec![last.place.id], last.place);
        while let Some(prev) = graph.event(at)?.header().prev {
            branch.push(prev);
            at = graph.known(prev)?.place;
        }
        if walked.values().map(Vec::len).sum::<usize>() > IDS {
            walked.clear();
        }
        walked.insert(last.place.id, branch);
        Ok(walked)
    }
}
