//! What a session keeps of one topic that both sides know.

use std::collections::BTreeSet;

use myrhiza_kernel_api::EventId;

use super::Proof;
use super::message::{Number, Summary};
use super::walk::Walk;
use crate::order::Place;

/// Whether the peer is served the topic.
#[derive(Debug)]
pub(super) enum Access {
    /// Everybody is.
    Open,
    /// It has proved nothing yet.
    Unproven,
    /// It is, unless a cut says otherwise that came after so many.
    Admitted { proof: Box<Proof>, cuts: usize },
    /// It is not.
    Refused,
}

/// What the leader is about.
#[derive(Debug)]
pub(super) enum Phase {
    Idle,
    /// Waits for the follower's root.
    Comparing,
    Walking(Box<Walk>),
    /// Waits for the end of a stream.
    Receiving,
}

/// A stream of everything after a place.
#[derive(Clone, Copy, Debug)]
pub(super) struct Range {
    pub(super) after: Option<Place>,
}

#[derive(Debug)]
pub(super) struct Shared {
    /// This side's number of it.
    pub(super) mine: Number,
    pub(super) access: Access,
    /// The peer does not serve it.
    pub(super) denied: bool,
    pub(super) phase: Phase,
    /// The leader is to compare roots as soon as nothing is under way.
    pub(super) due: bool,
    /// A walk is to begin when another has ended.
    pub(super) parked: bool,
    /// Roots were equal, and all since was sent.
    pub(super) synced: bool,
    /// The leader's log, to be answered when what it sent before is ingested.
    pub(super) deferred: Option<Summary>,
    /// Sent first.
    pub(super) range: Option<Range>,
    /// To be sent, in order.
    pub(super) queue: BTreeSet<Place>,
    /// Asked for by id.
    pub(super) wanted: BTreeSet<EventId>,
    /// Batches that the driver has.
    pub(super) ingesting: u32,
    /// Since when the peer owes an answer, or its next part.
    pub(super) waiting_since: Option<u64>,
    /// Events there are, as far as is known.
    pub(super) total: u64,
    /// Both counts when roots were compared last.
    pub(super) counts: Option<(u64, u64)>,
    /// Comparisons in a row that found the same counts.
    pub(super) fruitless: u32,
    pub(super) rests_until: Option<u64>,
    /// Requests in a row for what live events name.
    pub(super) pulls: u32,
    /// Questions of a walk answered since roots were compared.
    pub(super) answered: u32,
    /// The follower said that it changed, and roots were not compared since.
    pub(super) told_changed: bool,
    /// When the follower said that last.
    pub(super) changed_ms: Option<u64>,
    /// The peer has events that only a later version can read.
    pub(super) outdated: bool,
}

impl Shared {
    pub(super) fn new(mine: Number, access: Access) -> Self {
        Self {
            mine,
            access,
            denied: false,
            phase: Phase::Idle,
            due: false,
            parked: false,
            synced: false,
            deferred: None,
            range: None,
            queue: BTreeSet::new(),
            wanted: BTreeSet::new(),
            ingesting: 0,
            waiting_since: None,
            total: 0,
            counts: None,
            fruitless: 0,
            rests_until: None,
            pulls: 0,
            answered: 0,
            told_changed: false,
            changed_ms: None,
            outdated: false,
        }
    }

    /// True if nothing is on its way in either direction.
    pub(super) fn is_quiet(&self) -> bool {
        self.wanted.is_empty()
            && self.queue.is_empty()
            && self.range.is_none()
            && self.ingesting == 0
    }

    /// True if the peer's events are taken: only from who is served, so that both gain.
    pub(super) fn may_take(&self) -> bool {
        !self.denied && matches!(self.access, Access::Open | Access::Admitted { .. })
    }

    /// True if there are events to send.
    pub(super) fn has_to_send(&self) -> bool {
        self.range.is_some() || !self.queue.is_empty()
    }

    /// The peer has answered, or was asked something: what it still owes it owes from now on.
    pub(super) fn note(&mut self, now_ms: u64) {
        let owes = match &self.phase {
            Phase::Comparing | Phase::Receiving => true,
            Phase::Walking(walk) => walk.asked,
            Phase::Idle => false,
        };
        self.waiting_since = (owes || !self.wanted.is_empty()).then_some(now_ms);
    }

    /// Drops everything that is under way.
    pub(super) fn stop(&mut self) {
        self.phase = Phase::Idle;
        (self.due, self.parked, self.synced) = (false, false, false);
        (self.deferred, self.range, self.waiting_since) = (None, None, None);
        self.queue.clear();
        self.wanted.clear();
        self.rests_until = None;
    }
}
