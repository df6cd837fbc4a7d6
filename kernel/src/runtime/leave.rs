//! Leaving a topic, and what a home must not forget of one it left: where its own chain ended. An
//! event made without those it made before would be a second with the same number, a fork.

use std::ops::{Bound, ControlFlow};

use myrhiza_kernel_api::store::prefix_end;
use myrhiza_kernel_api::{EventId, Keyspace, PublicKey, Snapshot, TopicId};

use super::{Change, Runtime, RuntimeError, TopicRecord, ways};
use crate::dag::Graph;
use crate::fault::Fault;
use crate::schema;
use crate::state::Overlay;

/// Keys deleted in one transaction.
const KEYS: usize = 10_000;

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

impl Runtime {
    /// Forgets a topic in this home. Others keep it. `scope` is the home's own, which comes back
    /// only with the events it made: through an import, not through another `join`.
    ///
    /// # Errors
    /// [`RuntimeError::NoTopic`]
    pub fn leave(&mut self, topic: TopicId, scope: PublicKey) -> Result<(), RuntimeError> {
        let mut overlay = Overlay::new(self.read()?);
        let TopicRecord { name, .. } = TopicRecord::load(&overlay, topic)?;
        let graph = Graph::new(&overlay, topic);
        let last = match last_before_leaving(&overlay, topic)? {
            Some(last) if graph.node(last)?.is_none() => Some(last),
            _ => graph.last_of(scope)?.map(|node| node.place.id),
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
