//! What a session keeps of one topic that both sides know.

use std::collections::{BTreeSet, VecDeque};

use myrhiza_kernel_api::{BundleId, EventId, Snapshot, TopicId};

use super::bundles::Asked;
use super::message::Number;
use super::session::Stop;
use super::sides::{Following, Leading, Phase};
use super::{Host, Offence, Proof};
use crate::dag::Graph;
use crate::fault::Fault;
use crate::order::Place;

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

#[derive(Debug)]
pub(super) struct Shared {
    /// This side's number of it.
    pub(super) mine: Number,
    pub(super) access: Access,
    /// The peer does not serve it.
    pub(super) denied: bool,
    /// The peer has events that only a later version can read.
    pub(super) outdated: bool,
    pub(super) logs: Logs,
    /// Where this side leads.
    pub(super) leads: Leading,
    /// Where the peer does.
    pub(super) follows: Following,
    pub(super) sends: Sending,
    pub(super) takes: Taking,
    /// How often the peer has said where the topic may be had.
    pub(super) introductions: u32,
    /// Bundles the peer was asked for and has not told of.
    pub(super) bundles: BTreeSet<BundleId>,
    /// Those that the peer has asked for.
    pub(super) bundles_asked: Asked,
}

/// What is known of both logs.
#[derive(Debug, Default)]
pub(super) struct Logs {
    /// Roots were equal, and all since was sent.
    pub(super) synced: bool,
    /// Events there are, as far as is known.
    pub(super) total: u64,
    /// Both counts, this side's first, when roots were compared last.
    pub(super) counts: Option<(u64, u64)>,
    /// Events of the peer's have come into the log since.
    pub(super) came: bool,
    /// Events went to the peer since.
    pub(super) sent: bool,
    /// What came since both were equal and was there already.
    pub(super) echoes: Echoes,
}

/// What is to be sent to the peer.
#[derive(Debug, Default)]
pub(super) struct Sending {
    /// Sent first.
    pub(super) range: Option<Range>,
    /// In order.
    pub(super) queue: BTreeSet<Place>,
}

/// What the peer owes, and what it sent is on its way into the log.
#[derive(Debug, Default)]
pub(super) struct Taking {
    /// Asked for by id.
    pub(super) wanted: BTreeSet<EventId>,
    /// Batches that the driver has, by their number of events.
    pub(super) ingesting: VecDeque<Given>,
    /// Since when the peer owes an answer, or its next part.
    pub(super) waiting_since: Option<u64>,
    /// Requests in a row for what live events name.
    pub(super) pulls: u32,
}

impl Shared {
    pub(super) fn new(mine: Number, access: Access) -> Self {
        Self {
            mine,
            access,
            denied: false,
            outdated: false,
            logs: Logs::default(),
            leads: Leading::default(),
            follows: Following::default(),
            sends: Sending::default(),
            takes: Taking::default(),
            introductions: 0,
            bundles: BTreeSet::new(),
            bundles_asked: Asked::default(),
        }
    }

    /// True if the leader is to compare roots now.
    pub(super) fn may_compare(&self) -> bool {
        self.leads.due && self.leads.released && self.leads.parked.is_none() && self.is_quiet()
    }

    /// True if nothing is on its way in either direction.
    pub(super) fn is_quiet(&self) -> bool {
        self.takes.wanted.is_empty()
            && self.sends.queue.is_empty()
            && self.sends.range.is_none()
            && self.takes.ingesting.is_empty()
    }

    /// True if the peer's events are taken: only from who is served, so that both gain.
    pub(super) fn may_take(&self) -> bool {
        !self.denied && matches!(self.access, Access::Open | Access::Admitted { .. })
    }

    /// True if there are events to send, or some were asked for.
    pub(super) fn is_busy(&self) -> bool {
        self.has_to_send() || !self.takes.wanted.is_empty()
    }

    /// True if there are events to send.
    pub(super) fn has_to_send(&self) -> bool {
        self.sends.range.is_some() || !self.sends.queue.is_empty()
    }

    /// The peer has answered, or was asked something: what it still owes it owes from now on.
    pub(super) fn note(&mut self, now_ms: u64) {
        let owes = match &self.leads.phase {
            Phase::Comparing(_) | Phase::Receiving => true,
            Phase::Walking(walk) => walk.asked,
            Phase::Idle => false,
        };
        self.takes.waiting_since = (owes || !self.takes.wanted.is_empty()).then_some(now_ms);
    }

    /// Begins to send a peer that leads everything after a place, once roots were compared. One that asks
    /// for everything does not ask again before it has that ([`Leading::asked_for_all`]).
    pub(super) fn stream_to_peer(&mut self, after: Option<Place>) -> Result<(), Stop> {
        let Some((ours, theirs)) = self.logs.counts else {
            return Err(Stop::Offence(Offence::Order));
        };
        if self.follows.streamed.is_more_than(theirs) || self.sends.range.is_some() {
            return Err(Stop::Offence(Offence::Flood));
        }
        self.follows.streamed.note(ours);
        self.sends.range = Some(Range { after });
        Ok(())
    }

    /// Begins to send a peer that follows everything after a place of this log, which has so many
    /// events; then roots are compared again.
    pub(super) fn stream_to_follower(&mut self, after: Option<Place>, ours: u64) {
        self.leads.streamed.note(ours);
        self.leads.due = true;
        self.sends.range = Some(Range { after });
    }

    /// Notes whether both logs are equal.
    pub(super) fn note_synced(&mut self, synced: bool, events: u64) {
        if synced && !self.logs.synced {
            self.logs.echoes = Echoes { since: events, events: 0 };
        }
        self.logs.synced = synced;
    }

    /// Drops everything that is under way.
    pub(super) fn stop(&mut self) {
        self.leads.phase = Phase::Idle;
        (self.leads.due, self.leads.parked, self.logs.synced) = (false, None, false);
        (self.follows.deferred, self.sends.range, self.takes.waiting_since) = (None, None, None);
        self.sends.queue.clear();
        self.takes.wanted.clear();
        self.leads.rests_until = None;
    }
}
