//! Leaving a topic, and what a home must not forget of one it left: its own chain, or at least where
//! that ended. An event made without those it made before would be a second with the same number, a
//! fork. So the last of its events stay here, and come back into the log with the topic.

use std::ops::{Bound, ControlFlow};

use myrhiza_kernel_api::store::prefix_end;
use myrhiza_kernel_api::{EventId, Keyspace, Snapshot, StoreExt, TopicId};

use super::open::Opened;
use super::{Change, Runtime, RuntimeError, TopicRecord, ways};
use crate::dag::{Graph, Node};
use crate::event::Event;
use crate::fault::Fault;
use crate::identity::Certificate;
use crate::schema;
use crate::state::Overlay;

/// Keys deleted in one transaction.
const KEYS: usize = 10_000;
/// Events of a chain that are kept, and their bytes. Earlier ones have long been passed on: peers have
/// them.
const OWN_EVENTS: usize = 1_024;
const OWN_BYTES: usize = 4 << 20;

/// A topic this home has left. Layout, under `left` ‖ topic: `gone (u8) ‖ last event or nothing`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Left {
    /// Every row of the topic is gone.
    gone: bool,
    /// The last event this home made in it.
    last: Option<EventId>,
}

impl Left {
    fn key(topic: TopicId) -> Vec<u8> {
        [b"left", topic.as_ref()].concat()
    }

    fn load(reader: &dyn Snapshot, topic: TopicId) -> Result<Option<Self>, Fault> {
        let Some(row) = reader.get(schema::HOME, &Self::key(topic))? else { return Ok(None) };
        match &*row {
            [gone @ (0 | 1)] => Ok(Some(Self { gone: *gone == 1, last: None })),
            [gone @ (0 | 1), last @ ..] if last.len() == EventId::LEN => {
                Ok(Some(Self { gone: *gone == 1, last: EventId::from_slice(last) }))
            }
            _ => Err(Fault::damaged(
                format!("what is kept of topic {topic}, which was left"),
                "layout",
            )),
        }
    }

    fn save(&self, overlay: &mut Overlay, topic: TopicId) {
        let last = self.last.as_ref().map_or(&[][..], AsRef::as_ref);
        overlay.put(schema::HOME, Self::key(topic), [&[u8::from(self.gone)], last].concat());
    }
}

/// The last event this home made in a topic before it left, where there is one.
pub(super) fn last_before_leaving(
    reader: &dyn Snapshot,
    topic: TopicId,
) -> Result<Option<EventId>, Fault> {
    Ok(Left::load(reader, topic)?.and_then(|left| left.last))
}

/// Whether something is missing of what this home made in a topic before it left.
pub(super) fn is_behind(reader: &dyn Snapshot, topic: TopicId) -> Result<bool, Fault> {
    match last_before_leaving(reader, topic)? {
        Some(last) => Ok(Graph::new(reader, topic).node(last)?.is_none()),
        None => Ok(false),
    }
}

/// Under `own` ‖ topic ‖ number (u64, big-endian) ‖ id: the event.
fn own_key(topic: TopicId) -> Vec<u8> {
    [b"own", topic.as_ref()].concat()
}

/// What is kept of the events this home made in a topic it left, in order.
pub(super) fn own(reader: &dyn Snapshot, topic: TopicId) -> Result<Vec<Event>, Fault> {
    let damaged = |cause: String| {
        Fault::damaged(
            format!("an event that this home made in topic {topic}, which it left"),
            cause,
        )
    };
    let event = |(key, bytes): (Vec<u8>, Vec<u8>)| {
        let id = key.last_chunk::<{ EventId::LEN }>().copied().map(EventId);
        let id = id.ok_or_else(|| damaged("layout".into()))?;
        Event::decode_stored(id, &bytes).map_err(|cause| damaged(cause.to_string()))
    };
    let rows = reader.prefix(schema::HOME, &own_key(topic), usize::MAX)?;
    rows.into_iter().map(event).collect()
}

fn forget_own(overlay: &mut Overlay, topic: TopicId) -> Result<(), Fault> {
    let rows = overlay.prefix(schema::HOME, &own_key(topic), usize::MAX)?;
    rows.into_iter().for_each(|(key, _)| overlay.delete(schema::HOME, key));
    Ok(())
}

/// Keeps the end of a chain, in place of what was kept before.
fn keep_own(overlay: &mut Overlay, topic: TopicId, last: Option<Node>) -> Result<(), Fault> {
    let (graph, mut kept, mut bytes) = (Graph::new(overlay, topic), Vec::new(), 0);
    let mut next = last.map(|node| node.place);
    while let Some(place) = next
        && kept.len() < OWN_EVENTS
    {
        let event = graph.event(place)?;
        let row = event.to_bytes();
        bytes += row.len();
        if bytes > OWN_BYTES {
            break;
        }
        let prev = event.header().prev.map(|prev| graph.known(prev)).transpose()?;
        next = prev.map(|node| node.place);
        kept.push((event.header().seq.to_be_bytes(), event.id(), row));
    }
    forget_own(overlay, topic)?;
    for (seq, id, row) in kept {
        let key = [&own_key(topic)[..], &seq, id.as_ref()].concat();
        overlay.put(schema::HOME, key, row);
    }
    Ok(())
}

impl Runtime {
    /// Forgets a topic in this home. Others keep it. `own` is the home's certificate, whose scope comes
    /// back only with the events it made: the last of them are kept for that.
    ///
    /// # Errors
    /// [`RuntimeError::NoTopic`]
    pub fn leave(&mut self, topic: TopicId, own: &Certificate) -> Result<(), RuntimeError> {
        let mut overlay = Overlay::new(self.read()?);
        let TopicRecord { name, .. } = TopicRecord::load(&overlay, topic)?;
        let last = if is_behind(&overlay, topic)? {
            last_before_leaving(&overlay, topic)?
        } else {
            let last = Graph::new(&overlay, topic).last_of(own.scope(), own.person())?;
            keep_own(&mut overlay, topic, last)?;
            last.map(|node| node.place.id)
        };
        // From here on the topic is not there, whatever rows of it remain.
        overlay.delete(schema::TOPICS, topic.0);
        Left { gone: false, last }.save(&mut overlay, topic);
        ways::forget(&mut overlay, topic);
        let committed = self.store.commit(overlay.into_batch());
        match &committed {
            Ok(()) => self.index_left(topic, &name),
            Err(_) => self.forget_index(),
        }
        self.peers.forget_topic(topic);
        committed?;
        self.cuts.remove(&topic);
        self.judged.remove(&topic);
        self.changed(topic, Change::Left);
        self.sweep(topic)
    }

    /// Deletes the rows of a topic that was left, if a kill has left any.
    pub(super) fn sweep(&mut self, topic: TopicId) -> Result<(), RuntimeError> {
        let left = match Left::load(&*self.read()?, topic)? {
            Some(left) if !left.gone => left,
            _ => return Ok(()),
        };
        let of_topics = |keyspace: &&Keyspace| {
            let of_home = [schema::HOME, schema::BUNDLES, schema::OFFERS, schema::PUBLISHED];
            !of_home.contains(keyspace)
        };
        for keyspace in schema::ALL.iter().filter(of_topics).copied() {
            loop {
                let mut overlay = Overlay::new(self.read()?);
                let keys = keys(&overlay, keyspace, topic)?;
                if keys.is_empty() {
                    break;
                }
                keys.into_iter().for_each(|key| overlay.delete(keyspace, key));
                self.store.commit(overlay.into_batch())?;
            }
        }
        let mut overlay = Overlay::new(self.read()?);
        Left { gone: true, ..left }.save(&mut overlay, topic);
        Ok(self.store.commit(overlay.into_batch())?)
    }

    /// Whether this home keeps events of a topic it left, which come into the log with the topic.
    ///
    /// # Errors
    /// [`RuntimeError::Fault`]
    pub fn keeps_own(&self, topic: TopicId) -> Result<bool, RuntimeError> {
        Ok(!self.read()?.prefix(schema::HOME, &own_key(topic), 1)?.is_empty())
    }

    /// The topic with all that this home made in it before it left: it makes nothing without.
    pub(super) fn caught_up(
        &mut self,
        opened: Opened,
        now_ms: u64,
    ) -> Result<Opened, RuntimeError> {
        let topic = opened.topic.topic();
        if !is_behind(&opened.overlay, topic)? {
            return Ok(opened);
        }
        // They were taken when the topic came, but too much that waits may have pushed them out.
        let own = own(&opened.overlay, topic)?;
        self.ingest(topic, &own, now_ms)?;
        self.settle_own(topic)?;
        let opened = Opened::load(self, topic)?;
        match last_before_leaving(&opened.overlay, topic)? {
            Some(event) if is_behind(&opened.overlay, topic)? => {
                Err(RuntimeError::Behind { topic, event })
            }
            _ => Ok(opened),
        }
    }

    /// Keeps nothing aside of what is in the log again.
    pub(super) fn settle_own(&mut self, topic: TopicId) -> Result<(), RuntimeError> {
        if !self.keeps_own(topic)? {
            return Ok(());
        }
        let mut overlay = Overlay::new(self.read()?);
        if is_behind(&overlay, topic)? {
            return Ok(());
        }
        forget_own(&mut overlay, topic)?;
        Ok(self.store.commit(overlay.into_batch())?)
    }
}

fn keys(reader: &dyn Snapshot, keyspace: Keyspace, topic: TopicId) -> Result<Vec<Vec<u8>>, Fault> {
    let end = prefix_end(topic.as_ref());
    let to = end.as_deref().map_or(Bound::Unbounded, Bound::Excluded);
    let mut keys = Vec::new();
    reader.scan(keyspace, (Bound::Included(topic.as_ref()), to), false, &mut |key, _| {
        keys.push(key.to_vec());
        if keys.len() < KEYS { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    })?;
    Ok(keys)
}
