//! What both sides of a connection know after they greeted, and what is made of it.

use myrhiza_kernel_api::{Hash, PublicKey, TopicId};

use crate::hash::{Context, derive};

/// A side's random bytes, new for each connection.
pub type Nonce = [u8; 32];

/// Which side of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Who opened it; leads each topic's comparison.
    Dialer,
    /// Who accepted it.
    Listener,
}

impl Role {
    /// Its number in transcripts.
    pub const fn number(self) -> u8 {
        match self {
            Self::Dialer => 0,
            Self::Listener => 1,
        }
    }

    /// The other side.
    pub const fn other(self) -> Self {
        match self {
            Self::Dialer => Self::Listener,
            Self::Listener => Self::Dialer,
        }
    }

    fn order<T>(self, own: T, theirs: T) -> [T; 2] {
        match self {
            Self::Dialer => [own, theirs],
            Self::Listener => [theirs, own],
        }
    }
}

/// How a connection begins. The transport has authenticated both keys.
#[derive(Clone, Copy, Debug)]
pub struct Opening {
    /// Which side this is.
    pub role: Role,
    /// This side's nonce, from a cryptographically secure source.
    pub nonce: Nonce,
    /// This side's transport key.
    pub local: PublicKey,
    /// The peer's transport key.
    pub remote: PublicKey,
}

/// What one side says of a topic on one connection: what a tag is the hash of, and a proof signs.
///
/// Layout: topic ‖ dialer's nonce ‖ listener's nonce ‖ dialer's transport key ‖ listener's
/// transport key ‖ role (u8) of the side that says it, 161 bytes. Since both ends are in it, what
/// one peer says to another is of no use towards a third.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Transcript {
    /// The topic.
    pub topic: TopicId,
    /// Nonces, the dialer's first.
    pub nonces: [Nonce; 2],
    /// Transport keys, the dialer's first.
    pub keys: [PublicKey; 2],
    /// Whose word it is.
    pub role: Role,
}

impl Transcript {
    /// The bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        let ([a, b], [c, d]) = (&self.nonces, &self.keys);
        [&self.topic.0, a, b, &c.0, &d.0, &[self.role.number()][..]].concat()
    }

    /// What stands for the topic: who does not know the topic learns nothing from it.
    pub fn tag(&self) -> Hash {
        derive(Context::SyncTag, &[&self.to_bytes()])
    }
}

impl Opening {
    /// What a side says of a topic.
    pub(crate) fn transcript(&self, their_nonce: Nonce, topic: TopicId, by: Role) -> Transcript {
        Transcript {
            topic,
            nonces: self.role.order(self.nonce, their_nonce),
            keys: self.role.order(self.local, self.remote),
            role: by,
        }
    }
}
