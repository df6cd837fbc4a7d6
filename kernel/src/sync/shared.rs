//! What a session keeps of one topic that both sides know.

use std::collections::{BTreeSet, VecDeque};

use myrhiza_kernel_api::{BundleId, EventId, Snapshot, TopicId};

use super::bundles::Asked;
use super::message::{Number, Summary};
use super::session::Stop;
use super::walk::Walk;
use super::{Host, Offence, Proof};
use crate::dag::Graph;
use crate::fault::Fault;
use crate::order::Place;
use crate::state::trie::Root;

/// Milliseconds within which nobody says twice that a log has changed, unless it has.
const SOON_MS: u64 = 1_000;

/// Whether the peer is served the topic.
#[derive(Debug)]
pub(super) enum Access {
    /// Everybody is.
    Open,
    /// It has proved nothing yet.
    Unproven,
    /// It is, unless the cuts in force say otherwise now.
    Admitted { proof: Box<Proof>, seen: Seen },
    /// It is not.
    Refused,
}

/// Which cuts in force a proof was looked at by: how many events of the log cut, and how often it was
/// judged which of them count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Seen {
    cuts: u64,
    judged: u64,
}

impl Seen {
    /// Those of now.
    pub(super) fn now(home: &dyn Snapshot, topic: TopicId, host: &dyn Host) -> Result<Self, Fault> {
        let cuts = Graph::new(home, topic).cuts()?;
        Ok(Self { cuts, judged: host.times_judged(topic) })
    }
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

/// Events that a peer has sent live and that were there already.
///
/// What was in both logs when they were equal no honest peer sends any more, and what has come since
/// then it sends once, whoever was first. So of these there are never more than the log has grown
/// by. Who sends more is charged, a batch at a time.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Echoes {
    /// Events in the log when both were equal first, since they last were not.
    pub(super) since: u64,
    /// Those that came again.
    pub(super) events: u64,
}

impl Echoes {
    /// Whether there are more than the log, which has so many events now, has grown by.
    pub(super) fn are_too_many(self, events: u64) -> bool {
        self.events > events.saturating_sub(self.since)
    }
}

/// What the follower has said of changes of its log.
///
/// An honest one says it once between two comparisons, since it has something new; it may have told of
/// that in its answer just then. So who says it twice within a second is to have had something new since
/// the first time.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Changes {
    /// When it said so last, and how many events it had as far as was known.
    last: Option<(u64, u64)>,
    /// It said so, and roots were not compared since.
    is_open: bool,
    /// It said so within a second; it is to have more events than these.
    than: Option<u64>,
}

impl Changes {
    /// It says so, where it has so many events as far as is known. True if it could not honestly.
    pub(super) fn hear(&mut self, known: u64, now_ms: u64) -> bool {
        if std::mem::replace(&mut self.is_open, true) {
            return true;
        }
        let soon = |(ms, _): &(u64, u64)| now_ms.saturating_sub(*ms) < SOON_MS;
        self.than = self.last.filter(soon).map(|(_, known)| known);
        self.last = Some((now_ms, known));
        false
    }

    /// Roots were compared: it has so many events. True if it said for nothing that there are others.
    pub(super) fn compared(&mut self, known: u64) -> bool {
        self.is_open = false;
        self.than.take().is_some_and(|than| known <= than)
    }
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
    /// What came since then that was there already.
    pub(super) echoes: Echoes,
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
    /// Those that the peer has asked for.
    pub(super) bundles_asked: Asked,
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
    /// Events in this log when it was streamed to the peer last.
    pub(super) streamed: Option<u64>,
    /// Events in the peer's log when it was asked for all of them last.
    pub(super) asked_for_all: Option<u64>,
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
    /// What the leader has heard of that.
    pub(super) changes: Changes,
    /// The leader's log had grown at the last comparison, and nothing moved before it.
    pub(super) claims: bool,
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
            echoes: Echoes::default(),
            deferred: None,
            deferred_ms: 0,
            range: None,
            queue: BTreeSet::new(),
            introductions: 0,
            bundles: BTreeSet::new(),
            bundles_asked: Asked::default(),
            wanted: BTreeSet::new(),
            ingesting: VecDeque::new(),
            waiting_since: None,
            total: 0,
            counts: None,
            streamed: None,
            asked_for_all: None,
            moved: false,
            fruitless: 0,
            grown_from: None,
            rests_until: None,
            pulls: 0,
            answered: 0,
            told_changed: false,
            changes: Changes::default(),
            claims: false,
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

    /// Begins to send everything after a place, once roots were compared. That can be the whole topic
    /// for a few bytes, so it is done again only for a log with as many events as this one had the
    /// last time. An honest peer has them by then: they came in order and none was left out, and
    /// where its home fails it ends the connection. One that asks for everything does not ask again
    /// before ([`Self::asked_for_all`]).
    pub(super) fn stream_to_peer(&mut self, after: Option<Place>) -> Result<(), Stop> {
        let Some((ours, theirs)) = self.counts else { return Err(Stop::Offence(Offence::Order)) };
        let again = self.streamed.is_some_and(|before| theirs < before);
        if again || self.range.is_some() {
            return Err(Stop::Offence(Offence::Flood));
        }
        self.streamed = Some(ours);
        self.range = Some(Range { after });
        Ok(())
    }

    /// Notes whether both logs are equal.
    pub(super) fn note_synced(&mut self, synced: bool, events: u64) {
        if synced && !self.synced {
            self.echoes = Echoes { since: events, events: 0 };
        }
        self.synced = synced;
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
