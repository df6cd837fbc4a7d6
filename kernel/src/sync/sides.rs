//! What a session keeps of a topic on one side of an exchange: who leads, and who follows.

use super::message::Summary;
use super::walk::Walk;
use crate::state::trie::Root;

/// Milliseconds within which nobody says twice that a log has changed, unless it has.
const SOON_MS: u64 = 1_000;

/// What the leader is about.
#[derive(Debug, Default)]
pub(super) enum Phase {
    #[default]
    Idle,
    /// Waits for the follower's root, having told this one.
    Comparing(Root),
    Walking(Box<Walk>),
    /// Waits for the end of a stream.
    Receiving,
}

/// The leader's side.
#[derive(Debug, Default)]
pub(super) struct Leading {
    pub(super) phase: Phase,
    /// It begins when its driver says so.
    pub(super) released: bool,
    /// Roots are to be compared as soon as nothing is under way.
    pub(super) due: bool,
    /// A walk against a log with this root is to begin when another has ended.
    pub(super) parked: Option<Root>,
    /// Comparisons in a row between which nothing moved.
    pub(super) fruitless: u32,
    /// Events in this log at the last comparison.
    pub(super) grown_from: Option<u64>,
    /// After so many of them nothing is compared before.
    pub(super) rests_until: Option<u64>,
    pub(super) streamed: Streamed,
    /// Events in the peer's log when it was asked for all of them last.
    pub(super) asked_for_all: Option<u64>,
    /// What the follower has said of changes.
    pub(super) changes: Changes,
}

/// The follower's side.
#[derive(Debug, Default)]
pub(super) struct Following {
    /// The leader's log and when it was told of, to be answered when what it sent before is ingested.
    pub(super) deferred: Option<(Summary, u64)>,
    pub(super) streamed: Streamed,
    /// Questions of a walk answered since roots were compared.
    pub(super) answered: u32,
    /// The leader was told of a change, and roots were not compared since.
    pub(super) told_changed: bool,
    /// The leader's log had grown at the last comparison, and nothing moved before it.
    pub(super) claims: bool,
}

/// How many events were in this log when what the peer lacked of it was streamed to it last.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Streamed(Option<u64>);

impl Streamed {
    pub(super) fn note(&mut self, events: u64) {
        self.0 = Some(events);
    }

    /// Whether a peer that says to have so many events has had more. A stream can be the whole topic for
    /// a few bytes, so there is none then. An honest peer has it: it came in order and none was left out,
    /// and where its home fails it ends the connection. Else what it lacks waits for something there, or
    /// is of a later version than it knows.
    pub(super) fn is_more_than(self, theirs: u64) -> bool {
        self.0.is_some_and(|before| theirs < before)
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
