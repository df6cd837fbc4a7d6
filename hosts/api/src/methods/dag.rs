//! The graph of a topic's events: where it is forked, and what is missing.

use myrhiza_kernel::codec::Canonical as _;
use myrhiza_kernel::dag;
use myrhiza_kernel_api::TopicId;
use serde::Serialize;

use crate::error::told;
use crate::words::hex;
use crate::{Answer, Desk, Error};

/// Two events of one author with one number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Fork {
    /// Who signed them.
    pub scope: String,
    /// The number.
    pub seq: u64,
    /// They.
    pub events: [String; 2],
    /// What anyone can check, in hex.
    pub proof: String,
}

impl From<dag::KnownFork> for Fork {
    fn from(fork: dag::KnownFork) -> Self {
        Self {
            scope: fork.scope.to_string(),
            seq: fork.seq,
            events: fork.events.map(|id| id.to_string()),
            proof: hex(&fork.proof.to_bytes()),
        }
    }
}

/// An event that waits for others.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Waiting {
    /// It.
    pub id: String,
    /// For these.
    pub missing: Vec<String>,
}

impl From<dag::Waiting> for Waiting {
    fn from(waiting: dag::Waiting) -> Self {
        let missing = waiting.missing.iter().map(ToString::to_string).collect();
        Self { id: waiting.id.to_string(), missing }
    }
}

pub(crate) fn forks(desk: &Desk<'_, '_>, topic: TopicId) -> Result<Answer, Error> {
    let forks = desk.runtime().forks(topic).map_err(told("the forks were not read"))?;
    Ok(Answer::Forks(forks.into_iter().map(Fork::from).collect()))
}

pub(crate) fn pending(desk: &Desk<'_, '_>, topic: TopicId) -> Result<Answer, Error> {
    let pending = desk.runtime().pending(topic).map_err(told("what waits was not read"))?;
    Ok(Answer::Pending(pending.into_iter().map(Waiting::from).collect()))
}
