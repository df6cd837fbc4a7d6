//! What a peer's misbehaviour costs it.

use super::limits::{CLOSE_POINTS, FORGIVEN_POINTS, THROTTLE_POINTS};

/// Something an honest peer does not do, or not often.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
#[non_exhaustive]
pub enum Offence {
    /// Bytes that are no message, or too many.
    #[error("it sent what is no message")]
    Malformed,
    /// A message that cannot come where it came.
    #[error("it sent a message that does not belong there")]
    Order,
    /// A proof that does not hold.
    #[error("it sent a forged proof of membership")]
    Proof,
    /// A record that is not what it said before, or events that it showed and does not have.
    #[error("it contradicted what it said before")]
    Lie,
    /// An event whose signature is wrong or that can never be in the log.
    #[error("it sent an event that is not valid")]
    Event,
    /// More than it was allowed to send or to ask for.
    #[error("it sent or asked for more than it may")]
    Flood,
    /// A batch in which nothing was new.
    #[error("it sent what was there already")]
    Useless,
    /// A comparison without anything having changed.
    #[error("it compares again and again")]
    Repeat,
    /// Events exchanged, or a walk, after which nothing has changed.
    #[error("it made no progress")]
    NoProgress,
    /// An answer that did not come in time.
    #[error("it did not answer in time")]
    Stalled,
}

impl Offence {
    /// Every offence.
    pub const ALL: &[Self] = &[
        Self::Malformed,
        Self::Order,
        Self::Proof,
        Self::Lie,
        Self::Event,
        Self::Flood,
        Self::Useless,
        Self::Repeat,
        Self::NoProgress,
        Self::Stalled,
    ];

    /// Whether an honest peer can come to do it, as one that passes on what others bring meanwhile, or
    /// whose disk is slow.
    pub const fn is_by_chance(self) -> bool {
        matches!(self, Self::Useless | Self::Repeat | Self::NoProgress | Self::Stalled)
    }

    /// What it costs. At [`CLOSE_POINTS`] the connection is closed.
    pub const fn points(self) -> u32 {
        match self {
            Self::Useless | Self::Repeat => 10,
            Self::Event => 100,
            Self::Order | Self::NoProgress => 200,
            Self::Malformed | Self::Flood => 400,
            Self::Proof | Self::Lie => 600,
            Self::Stalled => CLOSE_POINTS,
        }
    }
}

/// The points of one peer.
#[derive(Clone, Copy, Debug)]
pub(super) struct Score {
    points: u32,
    as_of_ms: u64,
}

/// What follows from the points.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    Good,
    Throttled,
    Out,
}

impl Score {
    pub(super) const fn new(now_ms: u64) -> Self {
        Self { points: 0, as_of_ms: now_ms }
    }

    /// Forgets what time has passed for, then adds an offence.
    pub(super) fn add(&mut self, offence: Offence, now_ms: u64) -> Standing {
        let seconds = now_ms.saturating_sub(self.as_of_ms) / 1000;
        let forgiven = seconds.saturating_mul(FORGIVEN_POINTS.into());
        self.points = self.points.saturating_sub(u32::try_from(forgiven).unwrap_or(u32::MAX));
        // A clock that was set back forgives nothing, and is followed from there.
        self.as_of_ms = if seconds == 0 { self.as_of_ms.min(now_ms) } else { now_ms };
        self.points = self.points.saturating_add(offence.points());
        match self.points {
            CLOSE_POINTS.. => Standing::Out,
            THROTTLE_POINTS.. => Standing::Throttled,
            _ => Standing::Good,
        }
    }

    pub(super) const fn points(&self) -> u32 {
        self.points
    }
}
