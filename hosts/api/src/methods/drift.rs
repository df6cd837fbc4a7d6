//! Whether other homes have this one's state, and where not, why.

use myrhiza_kernel::drift::{
    self, Anchor, Differing, Engine, Explanation, Outcome as Judged, Report,
};
use myrhiza_kernel::node::PeerStatus;
use myrhiza_kernel::runtime::{KnownVote, Runtime, RuntimeError};
use myrhiza_kernel_api::TopicId;
use serde::Serialize;

use crate::error::told;
use crate::words::{Excerpt, hex};
use crate::{Answer, Desk, Error, verdict};

/// What is known of a topic's state elsewhere.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "docs/guide/cli-json.md says them")]
pub struct Drift {
    pub topic: String,
    pub anchors: Vec<State>,
    pub votes: Vec<Vote>,
    pub reports: Vec<Differs>,
}

/// What a home has after a number of events.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "docs/guide/cli-json.md says them")]
pub struct State {
    pub count: u64,
    pub event: String,
    pub root: String,
    pub code: String,
    pub engine: String,
    pub engine_version: String,
}

/// Another scope's word.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "docs/guide/cli-json.md says them")]
pub struct Vote {
    pub scope: String,
    /// `null` where it cannot be compared.
    pub agrees: Option<bool>,
    #[serde(flatten)]
    pub state: State,
}

/// Two states where there has to be one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "docs/guide/cli-json.md says them")]
pub struct Differs {
    pub scope: String,
    pub here: State,
    pub there: State,
    /// The count of the first point after it where both had one state again.
    pub until: Option<u64>,
    pub explanation: Option<Why>,
}

/// Where they part.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "docs/guide/cli-json.md says them")]
pub struct Why {
    pub peer: String,
    pub agreed: Option<u64>,
    pub event: Option<String>,
    pub here: Option<Ruling>,
    pub there: Option<Ruling>,
    pub keys: Vec<Key>,
    pub more: bool,
    pub again: Option<bool>,
}

/// How an event was judged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "docs/guide/cli-json.md says them")]
pub struct Ruling {
    pub verdict: &'static str,
    pub code: u32,
    pub fuel: u64,
}

/// A key with two values.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "docs/guide/cli-json.md says them")]
pub struct Key {
    pub side: &'static str,
    pub key: String,
    pub here: Option<Excerpt>,
    pub there: Option<Excerpt>,
}

/// With how many nodes the state is being compared.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Compared {
    nodes: usize,
}

impl Drift {
    /// Of a topic.
    ///
    /// # Errors
    /// [`RuntimeError::NoTopic`]
    pub fn of(runtime: &mut Runtime, topic: TopicId) -> Result<Self, RuntimeError> {
        Ok(Self {
            topic: topic.to_string(),
            anchors: runtime.anchors(topic)?.iter().map(State::at).collect(),
            votes: runtime.votes(topic)?.iter().map(Vote::of).collect(),
            reports: runtime.drift_reports(topic)?.iter().map(Differs::of).collect(),
        })
    }
}

impl State {
    fn at(anchor: &Anchor) -> Self {
        let Anchor { count, last, state_root, engine } = anchor;
        Self::of(*count, last.id.to_string(), state_root.to_string(), engine)
    }

    fn voted(vote: &drift::Vote) -> Self {
        let at = vote.at();
        Self::of(at.count, at.last.id.to_string(), vote.state_root().to_string(), vote.engine())
    }

    fn of(count: u64, event: String, root: String, engine: &Engine) -> Self {
        Self {
            count,
            event,
            root,
            code: engine.code.to_string(),
            engine: engine.name.clone(),
            engine_version: engine.version.clone(),
        }
    }
}

impl Vote {
    fn of(known: &KnownVote) -> Self {
        let KnownVote { vote, agrees } = known;
        Self { scope: vote.scope().to_string(), agrees: *agrees, state: State::voted(vote) }
    }
}

impl Differs {
    fn of(report: &Report) -> Self {
        Self {
            scope: report.theirs.scope().to_string(),
            here: State::voted(&report.ours),
            there: State::voted(&report.theirs),
            until: report.until,
            explanation: report.explanation.as_ref().map(Why::of),
        }
    }
}

impl Why {
    fn of(explanation: &Explanation) -> Self {
        let Explanation { peer, agreed, event, here, there, keys, more, again } = explanation;
        Self {
            peer: peer.to_string(),
            agreed: *agreed,
            event: event.map(|place| place.id.to_string()),
            here: here.map(Ruling::of),
            there: there.map(Ruling::of),
            keys: keys.iter().map(Key::of).collect(),
            more: *more,
            again: *again,
        }
    }
}

impl Ruling {
    fn of(Judged { verdict: ended, code, fuel }: Judged) -> Self {
        Self { verdict: verdict(ended), code, fuel }
    }
}

impl Key {
    fn of(Differing { key, here, there }: &Differing) -> Self {
        let (side, key) = key.split_first().unwrap_or((&0, &[][..]));
        Self {
            side: if *side == 0 { "kernel" } else { "app" },
            key: hex(key),
            here: here.as_ref().map(Excerpt::from),
            there: there.as_ref().map(Excerpt::from),
        }
    }
}

pub(crate) fn answer(desk: &mut Desk<'_, '_>, topic: TopicId) -> Result<Answer, Error> {
    let drift = Drift::of(&mut desk.seat.runtime, topic);
    Ok(Answer::Drift(Box::new(drift.map_err(told("what others have was not read"))?)))
}

/// How many connected nodes have the same events, and so can be compared with.
pub(crate) fn compare(desk: &Desk<'_, '_>, topic: TopicId) -> Answer {
    let complete = |peer: &&PeerStatus| peer.topics.get(&topic).is_some_and(|at| at.complete);
    Answer::Compared(Compared { nodes: desk.status.peers.iter().filter(complete).count() })
}
