//! What each event of an interval wrote, and the state as it was after one of them.

use std::ops::Bound;

use myrhiza_kernel_api::{Hash, Snapshot, TopicId};

use super::back::Back;
use super::limits::EVENTS;
use super::split::Span;
use crate::fault::Fault;
use crate::hash::{Context, derive};
use crate::order::{Place, TopicKeys};
use crate::schema;
use crate::state::Overlay;
use crate::state::trie::{Change, Root, Trie};

/// The events after position `start`, with what tells their writes.
#[derive(Debug)]
pub(super) struct Interval {
    start: u64,
    /// The place of each event.
    places: Vec<Place>,
    /// For each event, the digest over what it and all before it in the interval wrote.
    digests: Vec<Hash>,
}

impl Interval {
    /// The events of a span, the last of which is at `end`. `None` if that is further back than this
    /// home looks.
    pub(super) fn read(
        snapshot: Box<dyn Snapshot>,
        topic: TopicId,
        span: Span,
        end: Place,
    ) -> Result<Option<Self>, Fault> {
        let events = span.high - span.low;
        if events > EVENTS {
            return Ok(None);
        }
        let places = last_places(&*snapshot, TopicKeys { topic }, end, events as usize)?;
        let Some(mut back) = Back::to(snapshot, topic, end)? else { return Ok(None) };
        let mut digests = Vec::with_capacity(places.len());
        for place in places.iter().rev() {
            let Some(digest) = back.event(*place)? else { return Ok(None) };
            digests.push(digest);
        }
        digests.reverse();
        let mut before = Hash([0; 32]);
        for digest in &mut digests {
            *digest = chained(before, *digest);
            before = *digest;
        }
        Ok(Some(Self { start: span.low, places, digests }))
    }

    /// The digests at the ends of the parts of a span.
    pub(super) fn digests(&self, span: Span) -> Vec<Hash> {
        let digest = |end: u64| self.digests.get(self.index(end)?).copied();
        span.ends().into_iter().filter_map(digest).collect()
    }

    /// The event with which a position ends.
    pub(super) fn place(&self, position: u64) -> Option<Place> {
        self.places.get(self.index(position)?).copied()
    }

    fn index(&self, position: u64) -> Option<usize> {
        usize::try_from(position.checked_sub(self.start)?.checked_sub(1)?).ok()
    }
}

/// Over the digest at the position before ‖ that of an event's writes.
pub(super) fn chained(before: Hash, writes: Hash) -> Hash {
    derive(Context::DriftPosition, &[before.as_bytes(), writes.as_bytes()])
}

/// A topic's state as it was after the event at `place`, with its trie.
pub(super) struct View {
    pub(super) overlay: Overlay,
    pub(super) root: Root,
}

impl std::fmt::Debug for View {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("View").field("root", &self.root).finish_non_exhaustive()
    }
}

impl View {
    /// `None` if that is further back than this home looks.
    pub(super) fn after(
        snapshot: Box<dyn Snapshot>,
        topic: TopicId,
        place: Place,
    ) -> Result<Option<Self>, Fault> {
        let Some(back) = Back::to(snapshot, topic, place)? else { return Ok(None) };
        let mut overlay = back.into_overlay();
        let changed = |(key, value): (&[u8], Option<&[u8]>)| {
            Some(Change::state(key.strip_prefix(topic.as_ref())?, value))
        };
        let changes = overlay.writes(schema::STATE).filter_map(changed).collect();
        let root = Trie::state(topic).apply(&mut overlay, changes)?;
        Ok(Some(Self { overlay, root }))
    }

    /// The value of a key (side ‖ key).
    pub(super) fn value(&self, topic: TopicId, key: &[u8]) -> Result<Option<Vec<u8>>, Fault> {
        let found = self.overlay.get(schema::STATE, &[topic.as_ref(), key].concat())?;
        Ok(found.map(|value| value.into_owned()))
    }
}

/// The last `limit` folded events up to `end`, ascending.
fn last_places(
    from: &dyn Snapshot,
    keys: TopicKeys,
    end: Place,
    limit: usize,
) -> Result<Vec<Place>, Fault> {
    let range = (Bound::Included(keys.key(&[])), Bound::Included(keys.place(end)));
    let mut places = keys.scan_places(from, schema::VERDICTS, range, (true, limit))?;
    if places.len() != limit {
        return Err(Fault::damaged(format!("the fold up to {end}"), "verdicts are missing"));
    }
    places.reverse();
    Ok(places)
}
