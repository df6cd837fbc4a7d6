use std::ops::{Bound, ControlFlow};

use myrhiza_kernel_api::store::Entries;
use myrhiza_kernel_api::{EventId, Hash, Snapshot, TopicId};

use super::parts::whole;
use super::{Runtime, RuntimeError, TopicRecord};
use crate::apply::{Ruling, read_verdict};
use crate::dag::{self, Graph, KnownFork, Waiting};
use crate::event::Event;
use crate::fault::Fault;
use crate::order::{Place, TopicKeys};
use crate::schema;
use crate::state::StateMap;
use crate::state::trie::Trie;

/// Where a topic stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TopicRoot {
    /// The topic.
    pub topic: TopicId,
    /// Events in the log.
    pub events: u64,
    /// The last of them.
    pub tip: Option<Place>,
    /// Root of the state after it; `None` while it is not folded.
    pub state: Option<Hash>,
    /// Root of the log.
    pub log: Hash,
}

/// An event of the log, with what the fold said of it.
#[derive(Clone, Debug)]
pub struct LogEntry {
    /// Where it stands.
    pub place: Place,
    /// It.
    pub event: Event,
    /// `None` where it was not folded.
    pub ruling: Option<Ruling>,
}

/// Which part of a log.
#[derive(Clone, Copy, Debug, Default)]
pub struct LogRange {
    /// Only what comes after this event.
    pub after: Option<EventId>,
    /// At most so many.
    pub limit: Option<usize>,
}

impl Runtime {
    /// Where a topic stands.
    ///
    /// # Errors
    /// [`RuntimeError::NoTopic`]
    pub fn root(&self, topic: TopicId) -> Result<TopicRoot, RuntimeError> {
        let record = TopicRecord::load(&*self.read()?, topic)?;
        Ok(TopicRoot {
            topic,
            events: record.events,
            tip: record.tip,
            state: record.settled().then_some(record.state_root),
            log: record.log_root,
        })
    }

    /// Events in canonical order.
    ///
    /// # Errors
    /// [`RuntimeError::NoTopic`], [`RuntimeError::NoEvent`]
    pub fn log(&self, topic: TopicId, range: LogRange) -> Result<Vec<LogEntry>, RuntimeError> {
        let reader = self.read()?;
        TopicRecord::load(&*reader, topic)?;
        let (graph, keys) = (Graph::new(&*reader, topic), TopicKeys { topic });
        let after = match range.after {
            Some(event) => Some(graph.node(event)?.ok_or(RuntimeError::NoEvent { event })?.place),
            None => None,
        };
        let most = (false, range.limit.unwrap_or(usize::MAX));
        entries(&*reader, topic, keys.places_after(after), most)
    }

    /// The app's part of a topic's state, ascending by key.
    ///
    /// # Errors
    /// [`RuntimeError::NoTopic`], [`RuntimeError::Busy`]
    pub fn state(&self, topic: TopicId) -> Result<Entries, RuntimeError> {
        let reader = self.read()?;
        whole(&*reader, topic)?;
        let (map, mut entries) = (StateMap::guest(topic), Vec::new());
        let all = (Bound::Unbounded, Bound::Unbounded);
        map.scan(&*reader, all, false, &mut |key, value| {
            entries.push((key.to_vec(), value.to_vec()));
            ControlFlow::Continue(())
        })?;
        Ok(entries)
    }

    /// The value of one key of the app's part of a topic's state.
    ///
    /// # Errors
    /// [`RuntimeError::NoTopic`], [`RuntimeError::Busy`]
    pub fn state_key(&self, topic: TopicId, key: &[u8]) -> Result<Option<Vec<u8>>, RuntimeError> {
        let reader = self.read()?;
        whole(&*reader, topic)?;
        let found = StateMap::guest(topic).get(&*reader, key)?;
        Ok(found.map(|value| value.into_owned()))
    }

    /// A proof that a key of the app's part of the state has its value, or that it is not there,
    /// against the root that [`Runtime::root`] gives.
    ///
    /// # Errors
    /// [`RuntimeError::NoTopic`], [`RuntimeError::Busy`]
    pub fn proof(&self, topic: TopicId, key: &[u8]) -> Result<Vec<u8>, RuntimeError> {
        let reader = self.read()?;
        whole(&*reader, topic)?;
        let stored = StateMap::guest(topic).trie_key(key);
        Ok(Trie::state(topic).prove(&*reader, &stored).map_err(Fault::from)?)
    }

    /// The forks known in a topic, with what proves them.
    ///
    /// # Errors
    /// [`RuntimeError::NoTopic`]
    pub fn forks(&self, topic: TopicId) -> Result<Vec<KnownFork>, RuntimeError> {
        let reader = self.read()?;
        TopicRecord::load(&*reader, topic)?;
        Ok(dag::forks(&*reader, topic)?)
    }

    /// The events of a topic that wait for others.
    ///
    /// # Errors
    /// [`RuntimeError::NoTopic`]
    pub fn pending(&self, topic: TopicId) -> Result<Vec<Waiting>, RuntimeError> {
        let reader = self.read()?;
        TopicRecord::load(&*reader, topic)?;
        Ok(dag::waiting(&*reader, topic)?)
    }
}

/// The events in a range of a topic's log, so many at most; the last first if `reverse`.
pub(super) fn entries(
    reader: &dyn Snapshot,
    topic: TopicId,
    range: (Bound<Vec<u8>>, Bound<Vec<u8>>),
    most: (bool, usize),
) -> Result<Vec<LogEntry>, RuntimeError> {
    let (keys, record) = (TopicKeys { topic }, TopicRecord::load(reader, topic)?);
    let places = keys.scan_places(reader, schema::LOG, range, most)?;
    places.into_iter().map(|place| entry(reader, (topic, &record), place)).collect()
}

/// The event at a place of a topic's log.
pub(super) fn entry(
    reader: &dyn Snapshot,
    (topic, record): (TopicId, &TopicRecord),
    place: Place,
) -> Result<LogEntry, RuntimeError> {
    // What is yet to be taken back was said of another order.
    let stands = record.rewind.is_none_or(|rewind| place < rewind);
    let ruling = if stands { read_verdict(reader, topic, place)? } else { None };
    Ok(LogEntry { place, event: Graph::new(reader, topic).event(place)?, ruling })
}
