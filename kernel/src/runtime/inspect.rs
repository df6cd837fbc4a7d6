//! What people look at of a topic: parts of its log and state, one event, and what that changed.

use std::collections::BTreeSet;
use std::ops::{Bound, ControlFlow};

use myrhiza_kernel_api::store::Entries;
use myrhiza_kernel_api::{EventId, TopicId};

use super::parts::whole;
use super::query::{entries, entry};
use super::{LogEntry, Runtime, RuntimeError, TopicRecord};
use crate::apply::{Facts, ScopeRecord};
use crate::dag::Graph;
use crate::drift::Shown;
use crate::fault::Fault;
use crate::order::TopicKeys;
use crate::schema;
use crate::state::{StateMap, undo};

/// Keys that are told of one event.
const KEYS: usize = 64;
/// Rows, and bytes of them, that are read to find what an event left that later events wrote over.
const LATER: (usize, usize) = (4096, 16 << 20);

/// What one event changed in the state.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Effects {
    /// By key, ascending, the kernel's part first; the first of them where they are many.
    pub changed: Vec<Effect>,
    /// How many are left out.
    pub more: usize,
}

/// A key that an event wrote or deleted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Effect {
    /// In the app's part of the state, not the kernel's.
    pub of_app: bool,
    /// The key in that part.
    pub key: Vec<u8>,
    /// What was there before.
    pub before: Option<Shown>,
    /// What the event left there. The outer `None`: so many events came after it that this home does
    /// not look for it.
    pub after: Option<Option<Shown>>,
}

impl Runtime {
    /// The last events before one, or of all, in canonical order; `limit` of them at most.
    ///
    /// # Errors
    /// [`RuntimeError::NoTopic`], [`RuntimeError::NoEvent`]
    pub fn log_before(
        &self,
        topic: TopicId,
        before: Option<EventId>,
        limit: usize,
    ) -> Result<Vec<LogEntry>, RuntimeError> {
        let reader = self.read()?;
        TopicRecord::load(&*reader, topic)?;
        let (graph, keys) = (Graph::new(&*reader, topic), TopicKeys { topic });
        let (from, mut to) = keys.places_after(None);
        if let Some(event) = before {
            let node = graph.node(event)?.ok_or(RuntimeError::NoEvent { event })?;
            to = Bound::Excluded(keys.place(node.place));
        }
        let mut entries = entries(&*reader, topic, (from, to), (true, limit))?;
        entries.reverse();
        Ok(entries)
    }

    /// One event of the log.
    ///
    /// # Errors
    /// [`RuntimeError::NoTopic`], [`RuntimeError::NoEvent`]
    pub fn entry(&self, topic: TopicId, event: EventId) -> Result<LogEntry, RuntimeError> {
        let reader = self.read()?;
        let record = TopicRecord::load(&*reader, topic)?;
        let graph = Graph::new(&*reader, topic);
        let place = graph.node(event)?.ok_or(RuntimeError::NoEvent { event })?.place;
        entry(&*reader, (topic, &record), place)
    }

    /// What an event changed in the state as it is folded now; nothing of one that is not folded. It is
    /// read off what is kept to take the fold back.
    ///
    /// # Errors
    /// [`RuntimeError::NoTopic`], [`RuntimeError::Busy`], [`RuntimeError::NoEvent`]
    pub fn effects(&self, topic: TopicId, event: EventId) -> Result<Effects, RuntimeError> {
        let reader = self.read()?;
        whole(&*reader, topic)?;
        let node = Graph::new(&*reader, topic).node(event)?;
        let place = node.ok_or(RuntimeError::NoEvent { event })?.place;
        let position = TopicKeys { topic }.place(place);
        let mut replaced = undo::read(&*reader, topic, &position).map_err(Fault::from)?;
        let more = replaced.len().saturating_sub(KEYS);
        replaced.truncate(KEYS);
        let keys: BTreeSet<_> = replaced.iter().map(|key| undo::trie_key(key).to_vec()).collect();
        let left = undo::left(&*reader, topic, &position, &keys, LATER).map_err(Fault::from)?;
        let mut changed = Vec::with_capacity(replaced.len());
        for replaced in replaced {
            let sided = undo::trie_key(&replaced);
            let after = match left.as_ref().map(|left| left.get(sided)) {
                None => None,
                Some(Some(left)) => Some(left.as_deref().map(Shown::of)),
                Some(None) => {
                    let now = reader.get(schema::STATE, &replaced.key).map_err(Fault::from)?;
                    Some(now.map(|value| Shown::of(&value)))
                }
            };
            let (side, key) = sided.split_first().unwrap_or((&0, &[]));
            let before = replaced.previous.as_deref().map(Shown::of);
            changed.push(Effect { of_app: *side != 0, key: key.to_vec(), before, after });
        }
        Ok(Effects { changed, more })
    }

    /// The app's part of a topic's state above a key, ascending; `limit` keys at most.
    ///
    /// # Errors
    /// [`RuntimeError::NoTopic`], [`RuntimeError::Busy`]
    pub fn state_after(
        &self,
        topic: TopicId,
        after: Option<&[u8]>,
        limit: usize,
    ) -> Result<Entries, RuntimeError> {
        let reader = self.read()?;
        whole(&*reader, topic)?;
        let mut entries = Vec::new();
        if limit == 0 {
            return Ok(entries);
        }
        let range = (after.map_or(Bound::Unbounded, Bound::Excluded), Bound::Unbounded);
        StateMap::guest(topic)
            .scan(&*reader, range, false, &mut |key, value| {
                entries.push((key.to_vec(), value.to_vec()));
                let more = entries.len() < limit;
                if more { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
            })
            .map_err(Fault::from)?;
        Ok(entries)
    }

    /// Whose an event is, if its author was let in.
    ///
    /// # Errors
    /// [`RuntimeError::NoTopic`], [`RuntimeError::NoEvent`]
    pub fn author_of(
        &self,
        topic: TopicId,
        event: EventId,
    ) -> Result<Option<ScopeRecord>, RuntimeError> {
        let reader = self.read()?;
        TopicRecord::load(&*reader, topic)?;
        let node = Graph::new(&*reader, topic).node(event)?;
        let entry = node.ok_or(RuntimeError::NoEvent { event })?.entry;
        Ok(Facts::new(&*reader, topic).author(entry)?)
    }
}
