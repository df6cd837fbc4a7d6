//! What each event of an interval did to the state, and the state as it was after one of them.
//!
//! Both are read off the undo rows, not folded anew: they are what this home's fold has really
//! written, also where it would not write it again. All is put back in an overlay that is dropped.

use std::ops::ControlFlow;

use myrhiza_kernel_api::{Hash, Snapshot, TopicId};

use super::limits::{EVENTS, VIEW_BYTES};
use super::split::Span;
use crate::apply::rewind_before;
use crate::fault::Fault;
use crate::hash::{Context, derive};
use crate::order::{Place, TopicKeys};
use crate::schema;
use crate::state::trie::{Change, Root, Trie, state_leaf};
use crate::state::{Overlay, undo};

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
        let Some(mut overlay) = rewound(snapshot, topic, end)? else { return Ok(None) };
        let keys = TopicKeys { topic };
        let places = last_places(&overlay, keys, end, events as usize)?;
        let mut written = Vec::with_capacity(places.len());
        for place in places.iter().rev() {
            written.push(take_back(&mut overlay, keys, *place)?);
            if overlay.written() > VIEW_BYTES {
                return Ok(None);
            }
        }
        let mut digest = Hash([0; 32]);
        let mut digests = Vec::with_capacity(places.len());
        for (place, written) in places.iter().zip(written.iter().rev()) {
            digest = chained(digest, *place, written);
            digests.push(digest);
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

/// Over the digest before ‖ the event's place ‖ its writes.
pub(super) fn chained(before: Hash, place: Place, written: &[u8]) -> Hash {
    derive(Context::DriftWrites, &[before.as_bytes(), &place.to_bytes(), written])
}

/// Takes one event back and says what it had changed, ascending by key: length of the key (u16) ‖
/// key (side ‖ key) ‖ 0 if it deleted it, else 1 ‖ the trie's leaf of what it set it to. A write
/// that changed nothing is none.
pub(super) fn take_back(
    overlay: &mut Overlay,
    keys: TopicKeys,
    place: Place,
) -> Result<Vec<u8>, Fault> {
    let mut written = Vec::new();
    for replaced in undo::read(overlay, keys.topic, &keys.place(place))? {
        let key = undo::trie_key(&replaced);
        let now = overlay.get(schema::STATE, &replaced.key)?;
        if now.as_deref() != replaced.previous.as_deref() {
            written.extend((key.len() as u16).to_be_bytes());
            written.extend(key);
            written.push(u8::from(now.is_some()));
            written.extend(now.iter().flat_map(|value| state_leaf(key, value).0));
        }
    }
    undo::apply(overlay, keys.topic, &keys.place(place))?;
    Ok(written)
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
        let Some(mut overlay) = rewound(snapshot, topic, place)? else { return Ok(None) };
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

/// A topic with its fold taken back to `place`, where that is folded; its trie is not.
pub(super) fn rewound(
    snapshot: Box<dyn Snapshot>,
    topic: TopicId,
    place: Place,
) -> Result<Option<Overlay>, Fault> {
    let mut overlay = Overlay::new(snapshot);
    let keys = TopicKeys { topic };
    let (from, to) = keys.places_after(Some(place));
    let range = (from.as_ref().map(Vec::as_slice), to.as_ref().map(Vec::as_slice));
    let mut next = None;
    overlay.scan(schema::VERDICTS, range, false, &mut |key, _| {
        next = keys.read_place(key);
        ControlFlow::Break(())
    })?;
    let Some(next) = next else { return Ok(Some(overlay)) };
    let reached = rewind_before(&mut overlay, keys, next, VIEW_BYTES)?;
    Ok((reached == Some(place)).then_some(overlay))
}

/// The last `limit` folded events up to `end`, ascending.
fn last_places(
    overlay: &Overlay,
    keys: TopicKeys,
    end: Place,
    limit: usize,
) -> Result<Vec<Place>, Fault> {
    use std::ops::Bound;
    let (from, to) = (keys.key(&[]), keys.place(end));
    let range = (Bound::Included(&from[..]), Bound::Included(&to[..]));
    let mut places = Vec::new();
    if limit > 0 {
        overlay.scan(schema::VERDICTS, range, true, &mut |key, _| {
            places.extend(keys.read_place(key));
            if places.len() < limit { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        })?;
    }
    if places.len() != limit {
        return Err(Fault::damaged(format!("the fold up to {end}"), "verdicts are missing"));
    }
    places.reverse();
    Ok(places)
}
