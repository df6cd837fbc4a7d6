//! Leaving a topic, and what a home must not forget of one it left: its own chain, or at least where
//! that ended. An event made without those it made before would be a second with the same number, a
//! fork. So the last of its events stay here, and come back into the log with the topic.

use std::ops::{Bound, ControlFlow};

use myrhiza_kernel_api::store::prefix_end;
use myrhiza_kernel_api::{EventId, Keyspace, Snapshot, StoreExt, TopicId};

use super::open::Opened;
use super::{Busy, Change, Runtime, RuntimeError, TopicRecord, ways};
use crate::dag::{Graph, Node};
use crate::event::Event;
use crate::fault::Fault;
use crate::identity::Certificate;
use crate::schema;
use crate::state::Overlay;

/// Keys deleted in one transaction, at most.
const KEYS: u64 = 10_000;
/// What one of them counts, in units of fuel.
const KEY_FUEL: u64 = 30_000;
/// Starts the keys of topics that were left in `home`; the topic follows.
const LEFT: &[u8] = b"left";
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
        [LEFT, topic.as_ref()].concat()
    }

    fn load(reader: &dyn Snapshot, topic: TopicId) -> Result<Option<Self>, Fault> {
        let row = reader.get(schema::HOME, &Self::key(topic))?;
        row.map(|row| Self::read(topic, &row)).transpose()
    }

    fn read(topic: TopicId, row: &[u8]) -> Result<Self, Fault> {
        match row {
            [gone @ (0 | 1)] => Ok(Self { gone: *gone == 1, last: None }),
            [gone @ (0 | 1), last @ ..] if last.len() == EventId::LEN => {
                Ok(Self { gone: *gone == 1, last: EventId::from_slice(last) })
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

/// Whether rows are still there of a topic that was left.
pub(super) fn is_being_removed(reader: &dyn Snapshot, topic: TopicId) -> Result<bool, Fault> {
    Ok(Left::load(reader, topic)?.is_some_and(|left| !left.gone))
}

/// The topics that were left of which rows are still there.
pub(super) fn being_removed(reader: &dyn Snapshot) -> Result<Vec<TopicId>, Fault> {
    let mut topics = Vec::new();
    for (key, row) in reader.prefix(schema::HOME, LEFT, usize::MAX)? {
        if let Some(topic) = key.get(LEFT.len()..).and_then(TopicId::from_slice)
            && !Left::read(topic, &row)?.gone
        {
            topics.push(topic);
        }
    }
    Ok(topics)
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
    /// back only with the events it made: the last of them are kept for that. It is not there any more at
    /// once; its rows go with it, or in parts.
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

    /// Deletes the rows of a topic that was left, as far as they are there: all, or a part.
    pub(super) fn sweep(&mut self, topic: TopicId) -> Result<(), RuntimeError> {
        let mut gone = self.sweep_some(topic)?;
        while !gone && self.part.is_none() {
            gone = self.sweep_some(topic)?;
        }
        self.note_at_work(topic, !gone);
        Ok(())
    }

    /// The same in one transaction; true if they are all gone.
    fn sweep_some(&self, topic: TopicId) -> Result<bool, RuntimeError> {
        let mut overlay = Overlay::new(self.read()?);
        let left = match Left::load(&overlay, topic)? {
            Some(left) if !left.gone => left,
            _ => return Ok(true),
        };
        let of_topics = |keyspace: &&Keyspace| {
            let of_home = [schema::HOME, schema::BUNDLES, schema::OFFERS, schema::PUBLISHED];
            !of_home.contains(keyspace)
        };
        let mut room = self.part.map_or(KEYS, |part| (part / KEY_FUEL).clamp(1, KEYS));
        for keyspace in schema::ALL.iter().filter(of_topics).copied() {
            let keys = keys(&overlay, keyspace, topic, room)?;
            room -= keys.len() as u64;
            keys.into_iter().for_each(|key| overlay.delete(keyspace, key));
        }
        let gone = room > 0;
        if gone {
            Left { gone, ..left }.save(&mut overlay, topic);
        }
        self.store.commit(overlay.into_batch())?;
        Ok(gone)
    }

    /// Refuses a topic of which rows are left from before it was left: they are removed first.
    pub(super) fn swept(&mut self, topic: TopicId) -> Result<(), RuntimeError> {
        self.sweep(topic)?;
        match self.is_at_work(topic) {
            true => Err(self.busy_with(topic, Busy::Removing)),
            false => Ok(()),
        }
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

fn keys(
    reader: &dyn Snapshot,
    keyspace: Keyspace,
    topic: TopicId,
    most: u64,
) -> Result<Vec<Vec<u8>>, Fault> {
    let end = prefix_end(topic.as_ref());
    let to = end.as_deref().map_or(Bound::Unbounded, Bound::Excluded);
    let mut keys = Vec::new();
    if most == 0 {
        return Ok(keys);
    }
    reader.scan(keyspace, (Bound::Included(topic.as_ref()), to), false, &mut |key, _| {
        keys.push(key.to_vec());
        if (keys.len() as u64) < most { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    })?;
    Ok(keys)
}
