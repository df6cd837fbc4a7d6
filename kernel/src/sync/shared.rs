//! What a session keeps of one topic that both sides know.

use std::collections::{BTreeSet, VecDeque};

use myrhiza_kernel_api::{BundleId, EventId};

use super::message::{Number, Summary};
use super::session::Stop;
use super::walk::Walk;
use super::{Offence, Proof};
use crate::order::Place;
use crate::state::trie::Root;

/// Whether the peer is served the topic.
#[derive(Debug)]
pub(super) enum Access {
    /// Everybody is.
    Open,
    /// It has proved nothing yet.
    Unproven,
    /// It is, unless a cut says otherwise that came after so many.
    Admitted { proof: Box<Proof>, cuts: u64 },
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

/// A batch that the driver has.
#[derive(Clone, Copy, Debug)]
pub(super) struct Given {
    pub(super) events: usize,
    /// Where nothing in it is new, what that is.
    pub(super) if_useless: Option<Offence>,
}

#[derive(Debug)]
pub(super) struct Shared {
    /// This side's number of it.
    pub(super) mine: Number,
    pub(super) access: Access,
    /// The peer does not serve it.
    pub(super) denied: bool,
    pub(super) phase: Phase,
    /// The leader begins when its driver says so.
    pub(super) released: bool,
    /// The leader is to compare roots as soon as nothing is under way.
    pub(super) due: bool,
    /// A walk against a log with this root is to begin when another has ended.
    pub(super) parked: Option<Root>,
    /// Roots were equal, and all since was sent.
    pub(super) synced: bool,
    /// The leader's log, to be answered when what it sent before is ingested.
    pub(super) deferred: Option<Summary>,
    /// Since when.
    pub(super) deferred_ms: u64,
    /// Sent first.
    pub(super) range: Option<Range>,
    /// To be sent, in order.
    pub(super) queue: BTreeSet<Place>,
    /// How often the peer has said where the topic may be had.
    pub(super) introductions: u32,
    /// Bundles the peer was asked for and has not told of.
    pub(super) bundles: BTreeSet<BundleId>,
    /// How often the peer has asked for one.
    pub(super) bundles_asked: u32,
    /// Asked for by id.
    pub(super) wanted: BTreeSet<EventId>,
    /// Batches that the driver has, by their number of events.
    pub(super) ingesting: VecDeque<Given>,
    /// Since when the peer owes an answer, or its next part.
    pub(super) waiting_since: Option<u64>,
    /// Events there are, as far as is known.
    pub(super) total: u64,
    /// Both counts when roots were compared last.
    pub(super) counts: Option<(u64, u64)>,
    /// Events in the peer's log when it was streamed to last.
    pub(super) streamed: Option<u64>,
    /// Events went either way since.
    pub(super) moved: bool,
    /// Comparisons in a row between which nothing moved.
    pub(super) fruitless: u32,
    /// Events in this log at the last comparison.
    pub(super) grown_from: Option<u64>,
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
            released: false,
            due: false,
            parked: None,
            synced: false,
            deferred: None,
            deferred_ms: 0,
            range: None,
            queue: BTreeSet::new(),
            introductions: 0,
            bundles: BTreeSet::new(),
            bundles_asked: 0,
            wanted: BTreeSet::new(),
            ingesting: VecDeque::new(),
            waiting_since: None,
            total: 0,
            counts: None,
            streamed: None,
            moved: false,
            fruitless: 0,
            grown_from: None,
            rests_until: None,
            pulls: 0,
            answered: 0,
            told_changed: false,
            changed_ms: None,
            outdated: false,
        }
    }

    /// True if the leader is to compare roots now.
    pub(super) fn may_compare(&self) -> bool {
        self.due && self.released && self.parked.is_none() && self.is_quiet()
    }

    /// True if nothing is on its way in either direction.
    pub(super) fn is_quiet(&self) -> bool {
        self.wanted.is_empty()
            && self.queue.is_empty()
            && self.range.is_none()
            && self.ingesting.is_empty()
    }

    /// True if the peer's events are taken: only from who is served, so that both gain.
    pub(super) fn may_take(&self) -> bool {
        !self.denied && matches!(self.access, Access::Open | Access::Admitted { .. })
    }

    /// True if there are events to send, or some were asked for.
    pub(super) fn is_busy(&self) -> bool {
        self.has_to_send() || !self.wanted.is_empty()
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

    /// Begins to send everything after a place. To a log that has not grown since the last time
    /// nothing is sent again: that would be the whole topic for a few bytes.
    pub(super) fn stream_to_peer(&mut self, after: Option<Place>) -> Result<(), Stop> {
        let count = self.counts.map_or(0, |(_, theirs)| theirs);
        let again = self.streamed.is_some_and(|before| count <= before);
        if again || self.range.is_some() {
            return Err(Stop::Offence(Offence::Flood));
        }
        self.streamed = Some(count);
        self.range = Some(Range { after });
        Ok(())
    }

    /// Drops everything that is under way.
    pub(super) fn stop(&mut self) {
        self.phase = Phase::Idle;
        (self.due, self.parked, self.synced) = (false, None, false);
        (self.deferred, self.range, self.waiting_since) = (None, None, None);
        self.queue.clear();
        self.wanted.clear();
        self.rests_until = None;
    }
}
