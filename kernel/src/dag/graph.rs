use std::ops::{Bound, ControlFlow};

use myrhiza_kernel_api::limits::INTRODUCTIONS;
use myrhiza_kernel_api::{EventId, Keyspace, PublicKey, Snapshot, TopicId};

use crate::dag::Node;
use crate::dag::last::Last;
use crate::event::payload::Payload;
use crate::event::{Body, Event, Founding, Header};
use crate::fault::Fault;
use crate::identity::Certificate;
use crate::order::{Place, TopicKeys};
use crate::schema;

/// Reads of one topic's DAG, over a snapshot or an overlay.
#[derive(Clone, Copy)]
pub struct Graph<'a> {
    pub(super) reader: &'a dyn Snapshot,
    pub(super) keys: TopicKeys,
}

impl<'a> Graph<'a> {
    /// The DAG of `topic` as `reader` sees it.
    pub fn new(reader: &'a dyn Snapshot, topic: TopicId) -> Self {
        Self { reader, keys: TopicKeys { topic } }
    }

    /// Whose DAG it is.
    pub fn topic(&self) -> TopicId {
        self.keys.topic
    }

    /// The node of an event in the log.
    ///
    /// # Errors
    /// [`Fault`]
    pub fn node(&self, id: EventId) -> Result<Option<Node>, Fault> {
        let found = self.reader.get(schema::IDS, &self.keys.key(&[id.as_ref()]))?;
        found.map(|bytes| Node::from_bytes(id, &bytes)).transpose()
    }

    /// The node of an event that something in the log refers to.
    ///
    /// # Errors
    /// [`Fault::Damaged`] if it is not there.
    pub fn known(&self, id: EventId) -> Result<Node, Fault> {
        let node = self.node(id)?;
        node.ok_or_else(|| Fault::damaged(format!("the index entry of event {id}"), "missing"))
    }

    /// An event of the log. It was verified when it was inserted.
    ///
    /// # Errors
    /// [`Fault::Damaged`] if it is not there or does not decode.
    pub fn event(&self, place: Place) -> Result<Event, Fault> {
        let what = || format!("event {}", place.id);
        let bytes = self.reader.get(schema::LOG, &self.keys.place(place))?;
        let bytes = bytes.ok_or_else(|| Fault::damaged(what(), "missing"))?;
        Event::decode_stored(place.id, &bytes).map_err(|cause| Fault::damaged(what(), cause))
    }

    /// The events of a scope with that number: one, or several of an author who forked. Ascending.
    ///
    /// # Errors
    /// [`Fault`]
    pub fn numbered(&self, scope: PublicKey, seq: u64) -> Result<Vec<EventId>, Fault> {
        let prefix = self.keys.key(&[scope.as_ref(), &seq.to_be_bytes()]);
        self.ids(schema::CHAINS, &prefix, usize::MAX)
    }

    /// The greatest number among the events of a scope.
    ///
    /// # Errors
    /// [`Fault`]
    pub fn greatest_number(&self, scope: PublicKey) -> Result<Option<u64>, Fault> {
        let from = self.keys.key(&[scope.as_ref()]);
        let end = myrhiza_kernel_api::store::prefix_end(&from);
        let to = end.as_deref().map_or(Bound::Unbounded, Bound::Excluded);
        let mut last = None;
        self.reader.scan(schema::CHAINS, (Bound::Included(&from), to), true, &mut |key, _| {
            last = key.get(from.len()..).and_then(|rest| rest.first_chunk::<8>()).copied();
            ControlFlow::Break(())
        })?;
        Ok(last.map(u64::from_be_bytes))
    }

    /// The last event of a person's scope: greatest number, of several with it the least id. Whoever
    /// else holds the scope's key may have forked it and introduced it as another person's; that is
    /// not looked at.
    ///
    /// # Errors
    /// [`Fault`]
    pub fn last_of(&self, scope: PublicKey, person: PublicKey) -> Result<Option<Node>, Fault> {
        let mut found = None;
        for (place, last) in self.introductions(scope)? {
            let payload = Payload::decode(self.event(place)?.body()).ok();
            let introduced = payload.as_ref().and_then(Payload::certificate);
            if introduced.map(Certificate::person) == Some(person) {
                found = found.max(Some(last));
            }
        }
        found.map(|last| self.known(last.id())).transpose()
    }

    /// The event that introduces a scope on the chain of an event of it, which may be new: itself, or
    /// the last before it.
    ///
    /// # Errors
    /// [`Fault::Damaged`] if what it follows is not there.
    pub fn entry(&self, body: &Body) -> Result<EventId, Fault> {
        match body.header() {
            Header { kind, .. } if kind.introduces() => Ok(body.id()),
            Header { prev: Some(prev), .. } => Ok(self.known(*prev)?.entry),
            _ => Err(Fault::damaged(format!("event {}", body.id()), "it follows nothing")),
        }
    }

    /// The introductions on a chain, from `entry` backwards: [`INTRODUCTIONS`] of them at most. There
    /// is more than one where the scope tried again.
    ///
    /// # Errors
    /// [`Fault`]
    pub fn entries_of_chain(&self, entry: EventId) -> Result<Vec<Node>, Fault> {
        let mut entries = vec![self.known(entry)?];
        while let Some(last) = entries.last()
            && last.seq > 0
            && entries.len() < INTRODUCTIONS
            && let Some(prev) = self.event(last.place)?.header().prev
        {
            entries.push(self.known(self.known(prev)?.entry)?);
        }
        Ok(entries)
    }

    /// How many events of the log cut: another number than before says that one has come. (Of a home
    /// that is older than this count, those since.)
    ///
    /// # Errors
    /// [`Fault`]
    pub fn cuts(&self) -> Result<u64, Fault> {
        let Some(count) = self.reader.get(schema::CUTS, &self.keys.key(&[]))? else { return Ok(0) };
        let count = <[u8; 8]>::try_from(&*count);
        let count = count.map_err(|_| Fault::damaged("the count of cuts", "bad layout"))?;
        Ok(u64::from_be_bytes(count))
    }

    /// What a new event should name as parents: the heads, highest first, `limit` of them at most.
    ///
    /// # Errors
    /// [`Fault`]
    pub fn heads(&self, limit: usize) -> Result<Vec<Place>, Fault> {
        let mut heads = Vec::new();
        if limit == 0 {
            return Ok(Vec::new());
        }
        let (from, to) = self.keys.places_after(None);
        let range = (from.as_ref().map(Vec::as_slice), to.as_ref().map(Vec::as_slice));
        self.reader.scan(schema::HEADS, range, true, &mut |key, _| {
            heads.push(self.keys.read_place(key));
            if heads.len() < limit { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        })?;
        let damaged = || Fault::damaged("the key of a head", "bad layout");
        heads.into_iter().map(|place| place.ok_or_else(damaged)).collect()
    }

    /// The events that introduce a scope, in canonical order: one, or more where the first were
    /// rejected or the author forked.
    ///
    /// # Errors
    /// [`Fault`]
    pub fn entries(&self, scope: PublicKey) -> Result<Vec<Place>, Fault> {
        Ok(self.introductions(scope)?.into_iter().map(|(place, _)| place).collect())
    }

    /// The same, each with the last event below it.
    fn introductions(&self, scope: PublicKey) -> Result<Vec<(Place, Last)>, Fault> {
        use myrhiza_kernel_api::StoreExt;
        let prefix = self.keys.key(&[scope.as_ref()]);
        let entries = self.reader.prefix(schema::ENTRIES, &prefix, usize::MAX)?;
        let read = |(key, value): (Vec<u8>, Vec<u8>)| {
            let place = key.strip_prefix(&*prefix).and_then(Place::from_bytes);
            let place = place.ok_or_else(|| Fault::damaged("the key of an entry", "bad layout"))?;
            Ok((place, Last::from_bytes(&value)?))
        };
        entries.into_iter().map(read).collect()
    }

    /// Whether the scope has made one event with that number and no other.
    ///
    /// # Errors
    /// [`Fault`]
    pub fn only(&self, id: EventId, scope: PublicKey, seq: u64) -> Result<bool, Fault> {
        let prefix = self.keys.key(&[scope.as_ref(), &seq.to_be_bytes()]);
        Ok(self.ids(schema::CHAINS, &prefix, 2)? == [id])
    }

    /// The ids at the end of the keys that start with `prefix`, ascending.
    pub(super) fn ids(
        &self,
        keyspace: Keyspace,
        prefix: &[u8],
        limit: usize,
    ) -> Result<Vec<EventId>, Fault> {
        use myrhiza_kernel_api::StoreExt;
        let entries = self.reader.prefix(keyspace, prefix, limit)?;
        let id = |(key, _): (Vec<u8>, Vec<u8>)| {
            let tail = key.last_chunk::<32>().copied().map(EventId);
            tail.ok_or_else(|| Fault::damaged(format!("a key of `{}`", keyspace.name), "short"))
        };
        entries.into_iter().map(id).collect()
    }
}

/// What a topic of this home was founded as.
pub(crate) fn founding(reader: &dyn Snapshot, id: TopicId) -> Result<Founding, Fault> {
    let place = Place { epoch: 0, height: 0, id: EventId(id.0) };
    let genesis = Graph::new(reader, id).event(place)?;
    Founding::of_stored(&genesis)
        .map_err(|cause| Fault::damaged(format!("the genesis of topic {id}"), cause))
}
