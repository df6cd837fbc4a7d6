use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use myrhiza_kernel_api::limits::{HAND_OVERS, INVITATION_CHAIN};
use myrhiza_kernel_api::{EventId, PublicKey, Snapshot};

use crate::dag::causal::{Past, check};
use crate::dag::cut_index::index_cuts;
use crate::dag::forks;
use crate::dag::last::{Last, key};
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

/// Inserts events of one topic into one overlay, which nobody else writes the topic's log to
/// meanwhile. What is the same for all of them, or is undone by the next, is not read and written for
/// each: heads are written by [`Inserter::finish`].
pub struct Inserter<'a> {
    topic: &'a Founding,
    /// Heads that are yet to be written.
    heads: BTreeSet<Place>,
    /// The greatest number of each scope that was met.
    last: BTreeMap<PublicKey, Option<u64>>,
    /// The last event below each introduction that was met, yet to be written.
    lasts: BTreeMap<EventId, Last>,
    /// There are events that wait for others.
    waits: bool,
    /// Some of these wait for nothing any more.
    ready: bool,
    /// Some of these were taken out.
    took_ready: bool,
    room: Room,
    /// Signatures that were checked with events, beside their own.
    signatures: u64,
}

/// How many events that waited are inserted beside those that are given. The rest is kept in the
/// store, where it waits for nothing any more and for its turn alone: see [`super::ready`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Room {
    /// So many.
    pub events: usize,
    /// Until so many signatures were checked with all that is inserted.
    pub signatures: u64,
}

impl Room {
    /// All of them.
    pub const ALL: Self = Self { events: usize::MAX, signatures: u64::MAX };
}

/// Bytes of a join for each signature that is checked with it: those of a link and its four, without
/// names.
const SIGNED_BYTES: usize = 120;

/// Inserts one event, as an [`Inserter`] does.
#[cfg(test)]
pub(crate) fn insert(
    overlay: &mut Overlay,
    topic: &Founding,
    event: &Event,
) -> Result<Vec<Inserted>, Fault> {
    let mut inserter = Inserter::new(overlay, topic, Room::ALL)?;
    let inserted = inserter.insert(overlay, event)?;
    inserter.finish(overlay)?;
    Ok(inserted)
}

impl<'a> Inserter<'a> {
    /// For an overlay.
    ///
    /// # Errors
    /// [`Fault`]
    pub fn new(overlay: &mut Overlay, topic: &'a Founding, room: Room) -> Result<Self, Fault> {
        let (waiting, ready) = Pending::new(overlay, topic).count()?;
        Ok(Self {
            topic,
            heads: BTreeSet::new(),
            last: BTreeMap::new(),
            lasts: BTreeMap::new(),
            waits: waiting > 0,
            ready: ready > 0,
            took_ready: false,
            room,
            signatures: 0,
        })
    }

    /// Inserts an event, and after it those that waited for it, as far as there is room for them.
    /// Returns what became of each, the given event first, then the others in the order they were
    /// inserted.
    ///
    /// # Errors
    /// [`Fault`]; the overlay is then to be dropped.
    pub fn insert(&mut self, overlay: &mut Overlay, event: &Event) -> Result<Vec<Inserted>, Fault> {
        let first = self.insert_one(overlay, event)?;
        let mut inserted = vec![Inserted::new(event, first)];
        let mut next = 0;
        while self.waits
            && let Some(Inserted { id, outcome, .. }) = inserted.get(next)
        {
            next += 1;
            if !matches!(outcome, Outcome::Added(..)) {
                continue;
            }
            for child in Pending::new(overlay, self.topic).complete(*id)? {
                let mut pending = Pending::new(overlay, self.topic);
                if self.room.events == 0 || self.signatures >= self.room.signatures {
                    pending.keep_ready(child)?;
                    self.ready = true;
                    continue;
                }
                let Some(child) = pending.take(child)? else { continue };
                self.room.events -= 1;
                let outcome = self.insert_one(overlay, &child)?;
                inserted.push(Inserted::new(&child, outcome));
            }
        }
        Ok(inserted)
    }

    /// Signatures that were checked with events so far, beside their own.
    pub const fn signatures(&self) -> u64 {
        self.signatures
    }

    /// Whether the overlay has changed although nothing may have been added: of the events that waited
    /// for nothing any more some were taken out.
    pub const fn took_ready(&self) -> bool {
        self.took_ready
    }

    /// Writes what was kept back.
    ///
    /// # Errors
    /// [`Fault`]; the overlay is then to be dropped.
    pub fn finish(self, overlay: &mut Overlay) -> Result<(), Fault> {
        let keys = TopicKeys { topic: self.topic.topic() };
        self.heads.into_iter().for_each(|head| overlay.put(schema::HEADS, keys.place(head), []));
        self.lasts.into_iter().try_for_each(|(entry, last)| last.save(overlay, keys, entry))
    }

    fn insert_one(&mut self, overlay: &mut Overlay, event: &Event) -> Result<Outcome, Fault> {
        let topic = self.topic;
        let graph = Graph::new(overlay, topic.topic());
        let header = event.header();
        if graph.node(event.id())?.is_some() {
            return Ok(Outcome::Known);
        }
        // Looked for first: what is dear is done once for an event, however often it comes.
        if self.waits {
            let mut pending = Pending::new(overlay, topic);
            if pending.holds(event.id())? {
                if !self.ready || !pending.take_ready(event.id())? {
                    return Ok(Outcome::Known);
                }
                self.took_ready = true;
            }
        }
        self.signatures = self.signatures.saturating_add(signatures(event));
        let graph = Graph::new(overlay, topic.topic());
        let payload = match topic.check(event) {
            Ok(payload) => payload,
            Err(error) => return Ok(Outcome::Refused(error.into())),
        };
        let (past, missing) = resolve(graph, event)?;
        if !missing.is_empty() {
            if let Err(refusal) = past.follows(header) {
                return Ok(Outcome::Refused(refusal));
            }
            Pending::new(overlay, topic).hold(event, &missing)?;
            self.waits = true;
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
        let entry = match past.prev {
            Some(prev) if !header.kind.introduces() => prev.entry,
            _ => event.id(),
        };
        let (scope, seq, kind) = (header.scope, header.seq, header.kind);
        let node = Node { place, scope, seq, kind, entry };
        self.write(overlay, event, node, &past)?;
        if let Some(cuts) = payload.cuts() {
            index_cuts(overlay, topic.topic(), event.id(), cuts);
        }
        Ok(Outcome::Added(place, header.kind))
    }

    fn write(
        &mut self,
        overlay: &mut Overlay,
        event: &Event,
        node: Node,
        past: &Past,
    ) -> Result<(), Fault> {
        let topic = self.topic.topic();
        let keys = TopicKeys { topic };
        let (id, header) = (event.id(), event.header());
        overlay.put(schema::LOG, keys.place(node.place), event.to_bytes());
        overlay.put(schema::IDS, keys.key(&[id.as_ref()]), node.to_bytes());
        let chain = keys.key(&[header.scope.as_ref(), &header.seq.to_be_bytes(), id.as_ref()]);
        // Only a number up to the scope's greatest can be there already.
        let last = match self.last.entry(header.scope) {
            Entry::Occupied(last) => last.into_mut(),
            Entry::Vacant(last) => {
                last.insert(Graph::new(overlay, topic).greatest_number(header.scope)?)
            }
        };
        let is_new = last.is_none_or(|last| header.seq > last);
        *last = (*last).max(Some(header.seq));
        overlay.put(schema::CHAINS, chain, []);
        if !is_new {
            forks::note(overlay, topic, event)?;
        }
        for named in past.prev.iter().chain(&past.parents) {
            if self.heads.remove(&named.place) {
                continue;
            }
            let key = keys.place(named.place);
            if overlay.get(schema::HEADS, &key)?.is_some() {
                overlay.delete(schema::HEADS, key);
            }
        }
        self.heads.insert(node.place);
        let last = self.lasts.entry(node.entry).or_insert(Last::of(&node));
        *last = (*last).max(Last::of(&node));
        match node.kind {
            Kind::Genesis | Kind::Join | Kind::Delegate => {
                overlay.put(schema::ENTRIES, key(keys, &node), Last::of(&node).to_bytes());
            }
            Kind::Revoke | Kind::Remove => {
                let cuts = Graph::new(overlay, topic).cuts()?.saturating_add(1);
                overlay.put(schema::CUTS, keys.key(&[]), cuts.to_be_bytes());
                overlay.put(schema::CUTS, keys.place(node.place), []);
            }
            Kind::Upgrade => overlay.put(schema::UPGRADES, keys.place(node.place), []),
            Kind::App | Kind::Notice => {}
        }
        Ok(())
    }
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

/// Signatures that are checked with an event beside its own, at most.
fn signatures(event: &Event) -> u64 {
    let of_chain = (event.payload().len() / SIGNED_BYTES).min(4 * INVITATION_CHAIN);
    match event.header().kind {
        Kind::App | Kind::Remove => 0,
        Kind::Join => 1 + of_chain as u64,
        Kind::Upgrade => 1 + HAND_OVERS as u64,
        Kind::Genesis | Kind::Delegate | Kind::Revoke | Kind::Notice => 2,
    }
}
