//! What a session asks of its driver, and what it needs of it.

use std::sync::Arc;

use myrhiza_kernel_api::{BundleId, PeerAddress, Snapshot, TopicId};

use super::{Blob, Offence, Proof, Transcript};
use crate::apply::Cuts;
use crate::event::{Founding, UnverifiedEvent};
use crate::fault::Fault;

/// What to do next, in order.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Effect {
    /// Send these bytes to the peer as one message. Nothing more is to be read from the peer while
    /// the transport takes no more.
    Send(Vec<u8>),
    /// Verify and ingest these events, then call [`super::Session::ingested`]: once for each, in
    /// order for one topic. There are at most [`super::limits::WINDOW`] at one time.
    Ingest {
        /// The topic.
        topic: TopicId,
        /// Well-formed and of this topic; their signatures are unchecked.
        events: Vec<UnverifiedEvent>,
    },
    /// The peer knows this topic, and each side may be served. [`super::Session::begin`] starts the
    /// exchange.
    Shared {
        /// The topic.
        topic: TopicId,
    },
    /// The peer says where the topic may be had. Nothing vouches for it.
    Peers {
        /// The topic.
        topic: TopicId,
        /// At most [`super::limits::TOLD_PEERS`].
        peers: Vec<PeerAddress>,
    },
    /// The peer wants a bundle: answered by [`super::Session::bundle`], whenever that may be.
    BundleWanted {
        /// The topic; none if it is wanted as one that its author has published.
        topic: Option<TopicId>,
        /// Perhaps none of the topic's, or of nobody's.
        bundle: BundleId,
    },
    /// The peer says as which blob it has a bundle that it was asked for, if it has it.
    Bundle {
        /// The topic it was asked for, if one.
        topic: Option<TopicId>,
        /// The one asked for.
        bundle: BundleId,
        /// At most [`myrhiza_kernel_api::limits::BUNDLE_BYTES`].
        blob: Option<Blob>,
    },
    /// This side or the other does not serve the topic.
    Denied {
        /// The topic.
        topic: TopicId,
        /// True if it is the peer that does not.
        by_peer: bool,
    },
    /// How far the exchange of history is.
    Progress {
        /// The topic.
        topic: TopicId,
        /// Events in this home's log.
        known: u64,
        /// Events there are, as far as both know now.
        total: u64,
    },
    /// Both logs are equal: the history is complete.
    Complete {
        /// The topic.
        topic: TopicId,
        /// Events in it.
        events: u64,
    },
    /// The peer speaks of something that a later version of this program knows. Told once for each
    /// kind of thing; no misbehaviour.
    UpdateNeeded {
        /// What cannot be read, and why.
        what: String,
    },
    /// The peer misbehaved. Count its points; with many do not read from it for
    /// [`super::limits::PAUSE_MS`], with too many call [`super::Session::close_for`].
    Offence(Offence),
    /// Close the connection, once what was to be sent is sent. Nothing follows.
    Close(Reason),
}

/// Why a connection is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Reason {
    /// It misbehaved too much; this was the last of it.
    #[error("the peer misbehaved: {0}")]
    Offended(Offence),
    /// It speaks another version.
    #[error("the peer speaks version {0} of the protocol, this program another: update needed")]
    Version(u64),
    /// It did not say hello in time.
    #[error("the peer did not greet in time")]
    Silent,
    /// It closed the connection, for the reason with this number.
    #[error("the peer closed the connection (reason {0})")]
    ByPeer(u64),
}

impl Reason {
    /// Its number in the message that tells the peer.
    pub const fn number(self) -> u64 {
        match self {
            Self::Offended(_) => 0,
            Self::Version(_) => 1,
            Self::Silent => 2,
            Self::ByPeer(_) => 3,
        }
    }
}

/// What a session sees of its home. Snapshots must have every batch whose ingestion was told.
pub trait Host {
    /// What is committed of a topic now; none if the home does not hold it (any more).
    ///
    /// # Errors
    /// [`Fault`]
    fn snapshot(&self, topic: TopicId) -> Result<Option<&dyn Snapshot>, Fault>;

    /// The cuts in force in a topic as of that snapshot. They are asked for with each proof, so they are
    /// best kept at hand: to work them out takes longer the more events cut.
    ///
    /// # Errors
    /// [`Fault`]
    fn cuts(&self, topic: &Founding) -> Result<Arc<Cuts>, Fault>;

    /// How often these were judged anew: they may be others although no event has come that cuts, as where
    /// one comes to count.
    fn times_judged(&self, _topic: TopicId) -> u64 {
        0
    }

    /// This home's proof for a topic of invited people, made by whoever keeps its keys
    /// ([`Proof::member`], [`Proof::invited`]); none if it has none.
    ///
    /// # Errors
    /// [`Fault`]
    fn prove(&self, transcript: &Transcript) -> Result<Option<Proof>, Fault>;

    /// Whether another peer is sending the topic's history: one that leads and has more than this home
    /// too is answered later, so that not both send it.
    fn receives_beside(&self, _topic: TopicId) -> bool {
        false
    }

    /// Where the topic may be had, this home first; the first [`super::limits::TOLD_PEERS`] are told
    /// to peers that are served it.
    fn peers(&self, topic: TopicId) -> Vec<PeerAddress>;
}
