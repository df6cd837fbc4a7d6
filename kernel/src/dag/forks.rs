use myrhiza_kernel_api::{EventId, PublicKey, Snapshot, StoreExt, TopicId};

use crate::dag::Graph;
use crate::event::{Event, ForkProof};
use crate::fault::Fault;
use crate::order::TopicKeys;
use crate::schema;
use crate::state::Overlay;

/// Notes that this event is the second of its scope with its number, if it is. One pair a scope is
/// kept: which one decides nothing, the events themselves stand in the log either way.
pub(super) fn note(overlay: &mut Overlay, topic: TopicId, event: &Event) -> Result<(), Fault> {
    let header = event.header();
    let keys = TopicKeys { topic };
    let id = event.id();
    let prefix = keys.key(&[header.scope.as_ref(), &header.seq.to_be_bytes()]);
    let numbered = Graph::new(overlay, topic).ids(schema::CHAINS, &prefix, 2)?;
    let Some(other) = numbered.into_iter().find(|other| *other != id) else { return Ok(()) };
    let key = keys.key(&[header.scope.as_ref()]);
    if overlay.get(schema::FORKS, &key)?.is_none() {
        overlay.put(schema::FORKS, key, [id.min(other).0, id.max(other).0].concat());
    }
    Ok(())
}

/// A proof that an author of the topic made two events with one number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownFork {
    /// The author's scope.
    pub scope: PublicKey,
    /// The number.
    pub seq: u64,
    /// The two events, ascending.
    pub events: [EventId; 2],
    /// What anyone can check.
    pub proof: ForkProof,
}

/// The forks known in a topic, ascending by scope.
///
/// # Errors
/// [`Fault`]
pub fn forks(reader: &dyn Snapshot, topic: TopicId) -> Result<Vec<KnownFork>, Fault> {
    let prefix = TopicKeys { topic }.key(&[]);
    let graph = Graph::new(reader, topic);
    let read = |(_, pair): (Vec<u8>, Vec<u8>)| {
        let damaged = |cause: &str| Fault::damaged("a pair of forked events", cause);
        let (ids, []) = pair.as_chunks::<32>() else { return Err(damaged("length")) };
        let [one, other] = ids else { return Err(damaged("length")) };
        let events = [EventId(*one), EventId(*other)];
        let one = graph.event(graph.known(events[0])?.place)?;
        let other = graph.event(graph.known(events[1])?.place)?;
        let proof = ForkProof::new(&one, &other).map_err(|cause| damaged(&cause.to_string()))?;
        let header = one.header();
        Ok(KnownFork { scope: header.scope, seq: header.seq, events, proof })
    };
    reader.prefix(schema::FORKS, &prefix, usize::MAX)?.into_iter().map(read).collect()
}

/// Whether an author of the topic is known to have made two events with one number.
///
/// # Errors
/// [`Fault`]
pub fn has_forked(reader: &dyn Snapshot, topic: TopicId, scope: PublicKey) -> Result<bool, Fault> {
    let key = TopicKeys { topic }.key(&[scope.as_ref()]);
    Ok(reader.get(schema::FORKS, &key)?.is_some())
}
