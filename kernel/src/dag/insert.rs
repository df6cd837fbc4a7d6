use myrhiza_kernel_api::{EventId, PublicKey, Snapshot};

use crate::dag::causal::{Past, check};
use crate::dag::forks;
use crate::dag::pending::Pending;
use crate::dag::{Graph, Node, Refusal};
use crate::event::{Event, Founding, Header, Kind};
use crate::fault::Fault;
use crate::order::{Place, TopicKeys};
use crate::schema;
use crate::state::Overlay;

/// What became of an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is in the log, at this place.
    Added(Place, Kind),
    /// It was there before, in the log or waiting.
    Known,
    /// It waits for these, which it names and the log does not have.
    Held {
        /// Ascending, each once.
        missing: Vec<EventId>,
    },
    /// It will never be in the log.
    Refused(Refusal),
}

/// An event, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inserted {
    /// Its id.
    pub id: EventId,
    /// Its author's scope.
    pub scope: PublicKey,
    /// The clock it claims.
    pub hlc: u64,
    /// What became of it.
    pub outcome: Outcome,
}

impl Inserted {
    fn new(event: &Event, outcome: Outcome) -> Self {
        let Header { scope, hlc, .. } = *event.header();
        Self { id: event.id(), scope, hlc, outcome }
    }
}

/// Inserts an event, and after it those that waited for it. Returns what became of each, the given
/// event first, then the others in the order they were inserted.
///
/// # Errors
/// [`Fault`]; the overlay is then to be dropped.
pub fn insert(
    overlay: &mut Overlay,
    topic: &Founding,
    event: &Event,
) -> Result<Vec<Inserted>, Fault> {
    let first = insert_one(overlay, topic, event)?;
    let mut inserted = vec![Inserted::new(event, first)];
    let mut next = 0;
    while let Some(Inserted { id, outcome, .. }) = inserted.get(next) {
        next += 1;
        if !matches!(outcome, Outcome::Added(..)) {
            continue;
        }
        for child in Pending::new(overlay, topic.topic()).release(*id)? {
            let outcome = insert_one(overlay, topic, &child)?;
            inserted.push(Inserted::new(&child, outcome));
        }
    }
    Ok(inserted)
}

fn insert_one(overlay: &mut Overlay, topic: &Founding, event: &Event) -> Result<Outcome, Fault> {
    let graph = Graph::new(overlay, topic.topic());
    let header = event.header();
    if graph.node(event.id())?.is_some() {
        return Ok(Outcome::Known);
    }
    let payload = match topic.check(event) {
        Ok(payload) => payload,
        Err(error) => return Ok(Outcome::Refused(error.into())),
    };
    let (past, missing) = resolve(graph, event)?;
    if !missing.is_empty() {
        let mut pending = Pending::new(overlay, topic.topic());
        if pending.holds(event.id())? {
            return Ok(Outcome::Known);
        }
        pending.hold(event, &missing)?;
        return Ok(Outcome::Held { missing });
    }
    if let Err(refusal) = check(graph, event, &payload, &past)? {
        return Ok(Outcome::Refused(refusal));
    }
    let height = match past.height() {
        Ok(height) => height,
        Err(refusal) => return Ok(Outcome::Refused(refusal)),
    };
    let place = Place { epoch: 0, height, id: event.id() };
    let node = Node { place, scope: header.scope, seq: header.seq, kind: header.kind };
    write(overlay, topic, event, node, &past)?;
    Ok(Outcome::Added(place, header.kind))
}

fn resolve(graph: Graph<'_>, event: &Event) -> Result<(Past, Vec<EventId>), Fault> {
    let header = event.header();
    let mut missing = Vec::new();
    let mut find = |id: EventId| {
        let node = graph.node(id)?;
        if node.is_none() {
            missing.push(id);
        }
        Ok::<_, Fault>(node)
    };
    let prev = header.prev.map(&mut find).transpose()?.flatten();
    let mut parents = Vec::with_capacity(header.parents.len());
    for parent in &header.parents {
        parents.extend(find(*parent)?);
    }
    missing.sort_unstable();
    missing.dedup();
    Ok((Past { prev, parents }, missing))
}

fn write(
    overlay: &mut Overlay,
    topic: &Founding,
    event: &Event,
    node: Node,
    past: &Past,
) -> Result<(), Fault> {
    let keys = TopicKeys { topic: topic.topic() };
    let (id, header) = (event.id(), event.header());
    overlay.put(schema::LOG, keys.place(node.place), event.to_bytes());
    overlay.put(schema::IDS, keys.key(&[id.as_ref()]), node.to_bytes());
    let chain = keys.key(&[header.scope.as_ref(), &header.seq.to_be_bytes(), id.as_ref()]);
    overlay.put(schema::CHAINS, chain, []);
    for named in past.prev.iter().chain(&past.parents) {
        let key = keys.place(named.place);
        if overlay.get(schema::HEADS, &key)?.is_some() {
            overlay.delete(schema::HEADS, key);
        }
    }
    overlay.put(schema::HEADS, keys.place(node.place), []);
    match node.kind {
        Kind::Genesis | Kind::Join | Kind::Delegate => {
            let entry = keys.key(&[header.scope.as_ref(), &node.place.to_bytes()]);
            overlay.put(schema::ENTRIES, entry, []);
        }
        Kind::Revoke | Kind::Remove => {
            overlay.put(schema::CUTS, keys.place(node.place), []);
        }
        Kind::Upgrade => overlay.put(schema::UPGRADES, keys.place(node.place), []),
        Kind::App | Kind::Notice => {}
    }
    forks::note(overlay, topic.topic(), event)
}
