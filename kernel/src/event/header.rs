//! What an event says besides its payload.

use myrhiza_kernel_api::{EventId, PublicKey, TopicId};

/// Everything in an event's body but the version and the payload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// The topic; [`Header::NO_TOPIC`] in a genesis event, whose id *is* the topic's.
    pub topic: TopicId,
    /// The author: a scope key, which signs the event.
    pub scope: PublicKey,
    /// Number of the event in its scope, from 0.
    pub seq: u64,
    /// The scope's event before this one; none for the first.
    pub prev: Option<EventId>,
    /// Events this one was made on, strictly ascending, at most
    /// [`myrhiza_kernel_api::limits::PARENTS`]. May include `prev`.
    pub parents: Vec<EventId>,
    /// The author's hybrid logical clock, a claim that orders nothing.
    pub hlc: u64,
    /// Upgrades between the topic's first bundle and the one this event was made for.
    pub generation: u32,
    /// Who the payload is for.
    pub kind: Kind,
    /// The payload's kind, the app's; 0 where the payload is the kernel's.
    pub variant: u32,
}

impl Header {
    /// The topic field of a genesis event.
    pub const NO_TOPIC: TopicId = TopicId([0; 32]);
}

/// Who an event's payload is for, and what it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// The first event of a topic.
    Genesis,
    /// An event of the app.
    App,
    /// A person enters, with their scope.
    Join,
    /// A member adds another scope of theirs.
    Delegate,
    /// A member ends scopes or invitations of their own.
    Revoke,
    /// A member is ended by somebody above them.
    Remove,
    /// The topic goes on with another bundle of its app.
    Upgrade,
    /// An author says something of their bundles, in their own topic. 7 is kept for checkpoints.
    Notice = 8,
}

impl Kind {
    /// Every kind, in order of its number.
    pub const ALL: &[Self] = &[
        Self::Genesis,
        Self::App,
        Self::Join,
        Self::Delegate,
        Self::Revoke,
        Self::Remove,
        Self::Upgrade,
        Self::Notice,
    ];

    /// Its number in encodings.
    pub const fn number(self) -> u64 {
        self as u64
    }

    /// The kind of a number, if this version knows it.
    pub fn from_number(number: u64) -> Option<Self> {
        Self::ALL.iter().find(|kind| kind.number() == number).copied()
    }

    /// Whether such an event introduces its author's scope to the topic.
    pub const fn introduces(self) -> bool {
        matches!(self, Self::Genesis | Self::Join | Self::Delegate)
    }

    /// Its name, as commands and the log show it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Genesis => "genesis",
            Self::App => "app",
            Self::Join => "join",
            Self::Delegate => "delegate",
            Self::Revoke => "revoke",
            Self::Remove => "remove",
            Self::Upgrade => "upgrade",
            Self::Notice => "notice",
        }
    }
}
