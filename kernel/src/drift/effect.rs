//! What a session asks of its driver, and what it needs of it.

use std::sync::Arc;

use myrhiza_kernel_api::{Snapshot, TopicId};

use super::{Report, Vote};
use crate::apply::Cuts;
use crate::event::Founding;
use crate::fault::Fault;
use crate::sync::Offence;

/// What to do next, in order.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Effect {
    /// Send these bytes to the peer as one message.
    Send(Vec<u8>),
    /// A vote has come; it is unchecked: give it to [`crate::runtime::Runtime::take_vote`].
    Vote {
        /// It.
        vote: Box<Vote>,
        /// Whether the peer says that it is its own; else it passes it on.
        own: bool,
    },
    /// Both sides have looked: give it to [`crate::runtime::Runtime::keep_report`].
    Report(Box<Report>),
    /// An inquiry has ended.
    Ended {
        /// Of which topic.
        topic: TopicId,
        /// Why.
        why: Why,
    },
    /// The peer speaks of something that a later version of this program knows. No misbehaviour.
    UpdateNeeded {
        /// What cannot be read, and why.
        what: String,
    },
    /// The peer misbehaved: charge it ([`crate::sync::Session::charged`]).
    Offence(Offence),
}

/// Why an inquiry has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Why {
    /// Both have their report.
    #[error("both sides know what differs")]
    Explained,
    /// One side does not have the topic, or no state at that point.
    #[error("there is no state at that point")]
    NotThere,
    /// The logs or the cuts in force are not the same, or not any more.
    #[error("the logs are not the same there")]
    Unequal,
    /// Both have the same.
    #[error("both have the same state")]
    Agreed,
    /// Where the states part is further back than is looked.
    #[error("it is too far back to be looked at")]
    TooFar,
    /// There is no room for another inquiry now.
    #[error("no room for another inquiry now")]
    Busy,
    /// A vote does not count.
    #[error("the vote does not count")]
    NotCounted,
    /// The peer said nothing for too long, or it took too long in all.
    #[error("it took too long")]
    Silent,
    /// The peer contradicted itself or sent what does not belong there.
    #[error("the peer misbehaved: {0}")]
    Offended(Offence),
    /// A reason this version does not know.
    #[error("the peer ended it (reason {0})")]
    ByPeer(u64),
}

impl Why {
    /// Its number in the message that tells the peer.
    pub const fn number(self) -> u64 {
        match self {
            Self::Explained => 0,
            Self::NotThere => 1,
            Self::Unequal => 2,
            Self::Agreed => 3,
            Self::TooFar => 4,
            Self::Busy => 5,
            Self::NotCounted => 6,
            Self::Silent => 7,
            Self::Offended(_) => 8,
            Self::ByPeer(number) => number,
        }
    }

    pub(super) const fn by_peer(number: u64) -> Self {
        match number {
            1 => Self::NotThere,
            2 => Self::Unequal,
            3 => Self::Agreed,
            4 => Self::TooFar,
            5 => Self::Busy,
            6 => Self::NotCounted,
            7 => Self::Silent,
            other => Self::ByPeer(other),
        }
    }
}

/// What a session sees of its home.
pub trait Host {
    /// What is committed of a topic now; none if the home does not hold it. An inquiry keeps it for
    /// a few rounds.
    ///
    /// # Errors
    /// [`Fault`]
    fn snapshot(&self, topic: TopicId) -> Result<Option<Box<dyn Snapshot>>, Fault>;

    /// This home's vote on the state after so many events, made by whoever keeps its keys
    /// ([`crate::runtime::Runtime::vote`]); none if it has no state there.
    ///
    /// # Errors
    /// [`Fault`]
    fn vote(&self, topic: TopicId, count: u64) -> Result<Option<Vote>, Fault>;

    /// The cuts in force in a topic that this home holds now.
    ///
    /// # Errors
    /// [`Fault`]
    fn cuts(&self, topic: &Founding) -> Result<Arc<Cuts>, Fault>;

    /// Whether there is room for one more inquiry, over all connections: each may hold some
    /// [`super::limits::VIEW_BYTES`].
    fn has_room(&self) -> bool;
}
