//! Where states are compared: after every so many events of a topic's canonical order.
//!
//! Which events come before an anchor is a function of the log alone, and so is the anchor's state,
//! given the cuts in force. The last [`ANCHORS`] are kept. A rewind drops those it crosses; the fold
//! makes them anew.

use std::ops::{Bound, ControlFlow};

use myrhiza_kernel_api::{Hash, Snapshot, StoreExt, TopicId};

use super::Engine;
use super::limits::ANCHORS;
use super::place::{read_place, write_place};
use crate::codec::{Canonical, CodecError, Reader, Writer};
use crate::fault::Fault;
use crate::order::{Place, TopicKeys};
use crate::schema;
use crate::state::Overlay;

/// The state of a topic after a number of its events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Anchor {
    /// How many events there are up to here.
    pub count: u64,
    /// The last of them.
    pub last: Place,
    /// Root of the state after it.
    pub state_root: Hash,
    /// What folded them, the last at least.
    pub engine: Engine,
}

impl Anchor {
    /// The anchors kept of a topic, ascending.
    ///
    /// # Errors
    /// [`Fault`]
    pub fn all(reader: &dyn Snapshot, topic: TopicId) -> Result<Vec<Self>, Fault> {
        let mut anchors = Vec::new();
        scan(reader, topic, false, &mut |anchor| {
            anchors.push(anchor);
            ControlFlow::Continue(())
        })?;
        Ok(anchors)
    }

    /// The last one.
    ///
    /// # Errors
    /// [`Fault`]
    pub fn newest(reader: &dyn Snapshot, topic: TopicId) -> Result<Option<Self>, Fault> {
        let mut newest = None;
        scan(reader, topic, true, &mut |anchor| {
            newest = Some(anchor);
            ControlFlow::Break(())
        })?;
        Ok(newest)
    }

    /// The one after so many events.
    ///
    /// # Errors
    /// [`Fault`]
    pub fn load(reader: &dyn Snapshot, topic: TopicId, count: u64) -> Result<Option<Self>, Fault> {
        let found = reader.get(schema::ANCHORS, &key(topic, count))?;
        found.map(|row| decode(count, &row)).transpose()
    }

    /// Keeps it as the last one of a topic, and drops the first if there are too many.
    pub(crate) fn save(&self, overlay: &mut Overlay, topic: TopicId) -> Result<(), Fault> {
        overlay.put(schema::ANCHORS, key(topic, self.count), self.to_bytes());
        let kept = overlay.prefix(schema::ANCHORS, &TopicKeys { topic }.key(&[]), usize::MAX)?;
        let surplus = kept.len().saturating_sub(ANCHORS as usize);
        for (key, _) in kept.into_iter().take(surplus) {
            overlay.delete(schema::ANCHORS, key);
        }
        Ok(())
    }

    /// Drops the anchors that come at or after a place: what is before them changes there.
    pub(crate) fn drop_from(
        overlay: &mut Overlay,
        topic: TopicId,
        place: Place,
    ) -> Result<(), Fault> {
        let mut crossed = Vec::new();
        scan(overlay, topic, true, &mut |anchor| {
            if anchor.last < place {
                return ControlFlow::Break(());
            }
            crossed.push(anchor.count);
            ControlFlow::Continue(())
        })?;
        crossed.into_iter().for_each(|count| overlay.delete(schema::ANCHORS, key(topic, count)));
        Ok(())
    }
}

fn key(topic: TopicId, count: u64) -> Vec<u8> {
    TopicKeys { topic }.key(&[&count.to_be_bytes()])
}

fn decode(count: u64, row: &[u8]) -> Result<Anchor, Fault> {
    let anchor = Anchor::from_bytes(row);
    let anchor = anchor.map_err(|cause| Fault::damaged(format!("anchor {count}"), cause))?;
    if anchor.count == count {
        Ok(anchor)
    } else {
        Err(Fault::damaged(format!("anchor {count}"), "it is another one"))
    }
}

fn scan(
    reader: &dyn Snapshot,
    topic: TopicId,
    reverse: bool,
    visit: &mut dyn FnMut(Anchor) -> ControlFlow<()>,
) -> Result<(), Fault> {
    let keys = TopicKeys { topic };
    let (from, to) = (keys.key(&[]), keys.end());
    let range = (Bound::Included(&from[..]), to.as_ref().map(Vec::as_slice));
    let mut bad = None;
    reader.scan(schema::ANCHORS, range, reverse, &mut |key, row| {
        let count = key.last_chunk().copied().map(u64::from_be_bytes).unwrap_or_default();
        match decode(count, row) {
            Ok(anchor) => visit(anchor),
            Err(fault) => {
                bad = Some(fault);
                ControlFlow::Break(())
            }
        }
    })?;
    bad.map_or(Ok(()), Err)
}

/// Layout: `[1, count, place, state root, code, engine, engine version]`.
impl Canonical for Anchor {
    const WHAT: &'static str = "an anchor";
    const MAX_BYTES: usize = 512;

    fn write(&self, w: &mut Writer) {
        w.array(7).u64(1).u64(self.count);
        write_place(w, self.last);
        w.bytes(self.state_root);
        self.engine.write(w);
    }

    fn read(r: &mut Reader<'_>) -> Result<Self, CodecError> {
        r.versioned("anchor", 1, 7)?;
        Ok(Self {
            count: r.u64()?,
            last: read_place(r)?,
            state_root: Hash(r.fixed("state root")?),
            engine: Engine::read(r)?,
        })
    }
}
