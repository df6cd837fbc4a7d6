//! What a node tells those who watch it: the user, the log, the metrics.

use myrhiza_kernel_api::{BundleId, EventId, PublicKey, TopicId};

use crate::runtime::{Change, RuntimeError};
use crate::sync::{Offence, Reason, Role};

/// Something that happened.
#[derive(Debug)]
#[expect(missing_docs, reason = "the names say it")]
#[non_exhaustive]
pub enum Told {
    /// A connection is there.
    Connected { peer: PublicKey, role: Role },
    /// A connection was not taken.
    Refused { peer: PublicKey, cause: String },
    /// A peer was not reached; it is tried again.
    NotReached { peer: PublicKey, cause: String },
    /// A connection is there no longer.
    Disconnected { peer: PublicKey, why: Why },
    /// A topic is exchanged with a peer.
    Shared { peer: PublicKey, topic: TopicId },
    /// A topic is not exchanged with a peer that knows it.
    Denied { peer: PublicKey, topic: TopicId, by_peer: bool },
    /// How far an exchange is: events here, and events there are.
    Progress { peer: PublicKey, topic: TopicId, known: u64, total: u64 },
    /// Both have the same events.
    Complete { peer: PublicKey, topic: TopicId, events: u64 },
    /// A peer speaks of something that a later version of this program knows.
    UpdateNeeded { peer: PublicKey, what: String },
    /// A peer misbehaved.
    Offence { peer: PublicKey, offence: Offence, points: u32 },
    /// How much of a bundle is here, in bytes.
    Fetching { bundle: BundleId, bytes: u64, total: u64 },
    /// A bundle is here for the user to agree to.
    Offered { bundle: BundleId },
    /// A bundle was not to be had from a peer; others are asked.
    NotFetched { peer: PublicKey, bundle: BundleId, cause: String },
    /// An installed bundle was withdrawn by its author; the user removes or pins it.
    Withdrawn { bundle: BundleId, name: String, reason: String },
    /// A scope has another state than this home after the same `count` events, as `peer` told. The
    /// first event whose writes differ is named once that is known.
    Drift { peer: PublicKey, topic: TopicId, scope: PublicKey, count: u64, event: Option<EventId> },
    /// A log has changed.
    Changed { topic: TopicId, change: Change },
    /// This home could not do something; it is tried again.
    Fault { what: &'static str, error: RuntimeError },
}

/// Why a connection is there no longer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Why {
    /// The transport lost it.
    #[error("{0}")]
    Lost(String),
    /// One side ended it.
    #[error(transparent)]
    Ended(Reason),
    /// Another connection with the same peer has taken its place.
    #[error("another connection with it is there")]
    Replaced,
    /// The peers have no topic in common.
    #[error("no topic is shared with it")]
    Useless,
    /// This node has chosen others for its topics.
    #[error("others were chosen for the topics it has")]
    Surplus,
    /// A topic was entered again that had been left on it.
    #[error("a topic was entered again; it is shared on a new connection")]
    Entered,
    /// Somebody else came, and of all that came it was of use longest ago.
    #[error("it made room for another")]
    Displaced,
    /// It sent more than this home folds in time, and the most of all that do.
    #[error(
        "too many events wait to be folded, and most of them are its own; it is met again later"
    )]
    Behind,
    /// This machine slept, and the peer may have given it up meanwhile.
    #[error("this machine slept; it is connected with again")]
    Slept,
    /// This home could not go on.
    #[error("this home failed; see its log")]
    Fault,
}

impl Told {
    /// Writes it to the log, with topic and peer as fields.
    pub fn log(&self) {
        match self {
            Self::Connected { peer, role } => tracing::info!(%peer, ?role, "connected"),
            Self::Refused { peer, cause } => tracing::warn!(%peer, cause, "connection refused"),
            Self::NotReached { peer, cause } => tracing::debug!(%peer, cause, "not reached"),
            Self::Disconnected { peer, why } => tracing::info!(%peer, %why, "disconnected"),
            Self::Shared { peer, topic } => tracing::info!(%peer, %topic, "topic shared"),
            Self::Denied { peer, topic, by_peer } => {
                tracing::info!(%peer, %topic, by_peer, "topic not served");
            }
            Self::Progress { peer, topic, known, total } => {
                tracing::debug!(%peer, %topic, known, total, "exchanging history");
            }
            Self::Complete { peer, topic, events } => {
                tracing::debug!(%peer, %topic, events, "history complete");
            }
            Self::UpdateNeeded { peer, what } => {
                tracing::warn!(%peer, what, "the peer's program is newer: update needed");
            }
            // An honest peer does so now and then; where it is much the connection ends, which is told.
            Self::Offence { peer, offence, points } if offence.is_by_chance() => {
                tracing::debug!(%peer, %offence, points, "the peer does needless work");
            }
            Self::Offence { peer, offence, points } => {
                tracing::warn!(%peer, %offence, points, "the peer misbehaves");
            }
            Self::Fetching { bundle, bytes, total } => {
                tracing::debug!(%bundle, bytes, total, "fetching a bundle");
            }
            Self::Offered { bundle } => tracing::info!(%bundle, "a bundle was fetched"),
            Self::NotFetched { peer, bundle, cause } => {
                tracing::info!(%peer, %bundle, cause, "a bundle was not fetched");
            }
            Self::Withdrawn { bundle, name, reason } => {
                tracing::warn!(%bundle, name, reason, "its author has revoked an installed app");
            }
            Self::Drift { peer, topic, scope, count, event } => {
                tracing::error!(%peer, %topic, %scope, count, ?event, "another state for one log");
            }
            Self::Changed { topic, change } => tracing::trace!(%topic, ?change, "changed"),
            Self::Fault { what, error } => tracing::error!(%error, "{what}"),
        }
    }
}
