use std::ops::{Bound, ControlFlow};

use myrhiza_kernel_api::{EventId, Snapshot, StoreExt, TopicId};

use crate::dag::Graph;
use crate::event::{Event, Founding};
use crate::fault::Fault;
use crate::order::TopicKeys;
use crate::schema;
use crate::state::Overlay;

/// Most events of one topic that wait for a parent; the one that came first goes first, and is
/// asked for again when it is needed.
pub const PENDING_EVENTS: u64 = 4096;
/// Most bytes of one topic's events that wait.
pub const PENDING_BYTES: u64 = 32 << 20;
/// The same in an author's topic. There nobody writes but who a signature of the author's lets in,
/// and that is in a join which has yet to come: until then it cannot be told who made what waits.
pub const AUTHOR_PENDING_EVENTS: u64 = 64;
/// Most bytes of these.
pub const AUTHOR_PENDING_BYTES: u64 = 2 << 20;

/// The events of one topic that wait for a parent.
pub(super) struct Pending<'a> {
    overlay: &'a mut Overlay,
    keys: TopicKeys,
    most: Most,
}

/// How much may wait.
#[derive(Clone, Copy)]
struct Most {
    events: u64,
    bytes: u64,
}

#[derive(Clone, Copy, Default)]
struct Tally {
    next: u64,
    events: u64,
    bytes: u64,
    /// Of the events, those that wait for nothing any more.
    ready: u64,
}

impl Tally {
    fn to_bytes(self) -> [u8; 32] {
        let mut bytes = [0; 32];
        let numbers = [self.next, self.events, self.bytes, self.ready];
        for (chunk, number) in bytes.chunks_exact_mut(8).zip(numbers) {
            chunk.copy_from_slice(&number.to_be_bytes());
        }
        bytes
    }

    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (chunks, []) = bytes.as_chunks::<8>() else { return None };
        let number = |chunk: &[u8; 8]| u64::from_be_bytes(*chunk);
        let ([next, events, bytes], rest) = chunks.split_first_chunk::<3>()?;
        let ready = match rest {
            // Before these were counted there were none.
            [] => 0,
            [ready] => number(ready),
            _ => return None,
        };
        Some(Self { next: number(next), events: number(events), bytes: number(bytes), ready })
    }
}

impl<'a> Pending<'a> {
    pub(super) fn new(overlay: &'a mut Overlay, topic: &Founding) -> Self {
        let most = match topic.author() {
            Some(_) => Most { events: AUTHOR_PENDING_EVENTS, bytes: AUTHOR_PENDING_BYTES },
            None => Most { events: PENDING_EVENTS, bytes: PENDING_BYTES },
        };
        Self { overlay, keys: TopicKeys { topic: topic.topic() }, most }
    }

    /// How many events there are, and how many of these wait for nothing any more.
    pub(super) fn count(&self) -> Result<(u64, u64), Fault> {
        let Tally { events, ready, .. } = self.tally()?;
        Ok((events, ready))
    }

    pub(super) fn holds(&self, id: EventId) -> Result<bool, Fault> {
        Ok(self.overlay.get(schema::PENDING, &self.keys.key(&[id.as_ref()]))?.is_some())
    }

    /// Holds an event until all of `missing` are there.
    pub(super) fn hold(&mut self, event: &Event, missing: &[EventId]) -> Result<(), Fault> {
        let id = event.id();
        let mut tally = self.tally()?;
        let bytes = event.to_bytes();
        let size = bytes.len() as u64;
        let arrival = tally.next.to_be_bytes();
        let record = [&arrival[..], &bytes].concat();
        self.overlay.put(schema::PENDING, self.keys.key(&[id.as_ref()]), record);
        self.overlay.put(schema::ARRIVALS, self.keys.key(&[&arrival]), id.0);
        for parent in missing {
            let key = self.keys.key(&[parent.as_ref(), id.as_ref()]);
            self.overlay.put(schema::WAITING, key, []);
        }
        self.keep_missing(id, missing.len() as u64);
        tally.next += 1;
        tally.events += 1;
        tally.bytes += size;
        self.keep(tally);
        while tally.events > self.most.events || tally.bytes > self.most.bytes {
            let oldest = self.overlay.prefix(schema::ARRIVALS, &self.keys.key(&[]), 1)?;
            let Some(id) = oldest.first().and_then(|(_, id)| EventId::from_slice(id)) else {
                break;
            };
            self.take(id)?;
            tally = self.tally()?;
        }
        Ok(())
    }

    /// `parent` has come: the events that waited for it and wait for nothing else, each to be taken or
    /// kept ready. Only these are read.
    pub(super) fn complete(&mut self, parent: EventId) -> Result<Vec<EventId>, Fault> {
        let prefix = self.keys.key(&[parent.as_ref()]);
        let waiting = Graph::new(self.overlay, self.keys.topic);
        let waiting = waiting.ids(schema::WAITING, &prefix, usize::MAX)?;
        let mut complete = Vec::new();
        for id in waiting {
            let row = self.keys.key(&[parent.as_ref(), id.as_ref()]);
            self.overlay.delete(schema::WAITING, row);
            match self.missing(id)? {
                Some(missing) if missing > 1 => self.keep_missing(id, missing - 1),
                Some(_) => complete.push(id),
                // It was held before these were counted, or is not there.
                None => {
                    let Some(event) = self.get(id)? else { continue };
                    if missing(Graph::new(self.overlay, self.keys.topic), &event)?.is_empty() {
                        complete.push(id);
                    }
                }
            }
        }
        Ok(complete)
    }

    /// Keeps an event that waits for nothing any more until it is taken. It counts as before, and does
    /// not make room for others: nobody might send it again.
    pub(super) fn keep_ready(&mut self, id: EventId) -> Result<(), Fault> {
        let key = self.keys.key(&[id.as_ref()]);
        let Some(record) = self.overlay.get(schema::PENDING, &key)? else { return Ok(()) };
        let (arrival, _) = arrival(id, &record)?;
        self.overlay.delete(schema::ARRIVALS, self.keys.key(&[&arrival.to_be_bytes()]));
        self.keep_missing(id, 0);
        let mut tally = self.tally()?;
        tally.ready += 1;
        self.keep(tally);
        Ok(())
    }

    /// Takes an event out that waits for nothing any more. False if it waits.
    pub(super) fn take_ready(&mut self, id: EventId) -> Result<bool, Fault> {
        Ok(self.missing(id)? == Some(0) && self.take(id)?.is_some())
    }

    fn get(&self, id: EventId) -> Result<Option<Event>, Fault> {
        let record = self.overlay.get(schema::PENDING, &self.keys.key(&[id.as_ref()]))?;
        record.map(|record| Ok(decode(id, &record)?.1)).transpose()
    }

    /// How many of what an event names are missing.
    fn missing(&self, id: EventId) -> Result<Option<u64>, Fault> {
        let key = self.keys.key(&[id.as_ref()]);
        let Some(count) = self.overlay.get(schema::MISSING, &key)? else { return Ok(None) };
        let what = || format!("the count of what pending event {id} waits for");
        let count = <[u8; 8]>::try_from(&*count).map_err(|_| Fault::damaged(what(), "layout"))?;
        Ok(Some(u64::from_be_bytes(count)))
    }

    fn keep_missing(&mut self, id: EventId, missing: u64) {
        let key = self.keys.key(&[id.as_ref()]);
        self.overlay.put(schema::MISSING, key, missing.to_be_bytes());
    }

    /// Takes an event out, if it is there.
    pub(super) fn take(&mut self, id: EventId) -> Result<Option<Event>, Fault> {
        let key = self.keys.key(&[id.as_ref()]);
        let Some(record) = self.overlay.get(schema::PENDING, &key)? else { return Ok(None) };
        let (arrival, event) = decode(id, &record)?;
        let record_bytes = record.len() as u64 - 8;
        let is_ready = self.missing(id)? == Some(0);
        self.overlay.delete(schema::MISSING, key.clone());
        self.overlay.delete(schema::PENDING, key);
        self.overlay.delete(schema::ARRIVALS, self.keys.key(&[&arrival.to_be_bytes()]));
        let header = event.header();
        for parent in header.prev.iter().chain(&header.parents) {
            let key = self.keys.key(&[parent.as_ref(), id.as_ref()]);
            self.overlay.delete(schema::WAITING, key);
        }
        let mut tally = self.tally()?;
        tally.events = tally.events.saturating_sub(1);
        tally.bytes = tally.bytes.saturating_sub(record_bytes);
        tally.ready = tally.ready.saturating_sub(u64::from(is_ready));
        self.keep(tally);
        Ok(Some(event))
    }

    fn tally(&self) -> Result<Tally, Fault> {
        tally(self.overlay, self.keys)
    }

    fn keep(&mut self, tally: Tally) {
        self.overlay.put(schema::PENDING, self.keys.key(&[]), tally.to_bytes());
    }
}

fn tally(reader: &dyn Snapshot, keys: TopicKeys) -> Result<Tally, Fault> {
    let found = reader.get(schema::PENDING, &keys.key(&[]))?;
    let tally = found.map(|bytes| {
        Tally::from_bytes(&bytes).ok_or_else(|| Fault::damaged("the pending tally", "layout"))
    });
    Ok(tally.transpose()?.unwrap_or_default())
}

/// When a pending event came, and its bytes.
fn arrival(id: EventId, record: &[u8]) -> Result<(u64, &[u8]), Fault> {
    let (arrival, bytes) = record
        .split_first_chunk::<8>()
        .ok_or_else(|| Fault::damaged(format!("pending event {id}"), "short"))?;
    Ok((u64::from_be_bytes(*arrival), bytes))
}

fn decode(id: EventId, record: &[u8]) -> Result<(u64, Event), Fault> {
    let (arrival, bytes) = arrival(id, record)?;
    let event = Event::decode_stored(id, bytes)
        .map_err(|cause| Fault::damaged(format!("pending event {id}"), cause))?;
    Ok((arrival, event))
}

/// How many events of a topic have waited and wait for nothing any more: they are yet to be inserted.
///
/// # Errors
/// [`Fault`]
pub fn ready_count(reader: &dyn Snapshot, topic: TopicId) -> Result<u64, Fault> {
    Ok(tally(reader, TopicKeys { topic })?.ready)
}

/// The first of these, ascending by id: so many at most and, one aside, of so many bytes.
///
/// # Errors
/// [`Fault`]
pub fn ready(
    reader: &dyn Snapshot,
    topic: TopicId,
    (most, most_bytes): (usize, usize),
) -> Result<Vec<Event>, Fault> {
    let (keys, mut found, mut bytes) = (TopicKeys { topic }, Vec::new(), 0);
    if tally(reader, keys)?.ready == 0 {
        return Ok(found);
    }
    let (from, to, mut waited) = (keys.key(&[]), keys.end(), Vec::new());
    let range = (Bound::Included(&from[..]), to.as_ref().map(Vec::as_slice));
    reader.scan(schema::MISSING, range, false, &mut |key, missing| {
        if missing == 0u64.to_be_bytes() {
            waited.push(key.to_vec());
        }
        if waited.len() < most { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    })?;
    for key in waited {
        let id = key.get(TopicId::LEN..).and_then(EventId::from_slice);
        let id = id.ok_or_else(|| Fault::damaged("the key of a pending event", "layout"))?;
        let Some(record) = reader.get(schema::PENDING, &key)? else { continue };
        bytes += record.len();
        found.push(decode(id, &record)?.1);
        if bytes >= most_bytes {
            break;
        }
    }
    Ok(found)
}

/// An event that waits, and what for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// The event.
    pub id: EventId,
    /// What it names and the log does not have, ascending.
    pub missing: Vec<EventId>,
}

/// The events of a topic that wait for a parent, ascending by id; without those that wait for their turn
/// alone.
///
/// # Errors
/// [`Fault`]
pub fn waiting(reader: &dyn Snapshot, topic: TopicId) -> Result<Vec<Waiting>, Fault> {
    let keys = TopicKeys { topic };
    let mut found: Vec<Waiting> = Vec::new();
    let graph = Graph::new(reader, topic);
    for (key, record) in reader.prefix(schema::PENDING, &keys.key(&[]), usize::MAX)? {
        let Some(id) = key.get(TopicId::LEN..).and_then(EventId::from_slice) else { continue };
        let (_, event) = decode(id, &record)?;
        let missing = missing(graph, &event)?;
        if !missing.is_empty() {
            found.push(Waiting { id, missing });
        }
    }
    Ok(found)
}

/// What an event names and the log does not have, ascending.
fn missing(graph: Graph<'_>, event: &Event) -> Result<Vec<EventId>, Fault> {
    let mut missing = Vec::new();
    for named in event.header().prev.iter().chain(&event.header().parents) {
        if graph.node(*named)?.is_none() {
            missing.push(*named);
        }
    }
    missing.sort_unstable();
    missing.dedup();
    Ok(missing)
}
