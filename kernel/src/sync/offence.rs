//! What a peer's misbehaviour costs it.

use super::limits::CLOSE_POINTS;

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

    /// What it costs. The driver counts, over all connections of a peer: at [`CLOSE_POINTS`] it has the
    /// session closed. Who does not answer is left without.
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
