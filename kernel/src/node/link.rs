//! One connection to a peer, as the node sees it.

use std::collections::BTreeMap;

use myrhiza_kernel_api::{PublicKey, TopicId};

use super::drift::Drift;
use super::votes::Telling;
use crate::drift;
use crate::sync::{Role, Session};

/// Milliseconds in which a peer has said which topics it has, and which of them it does not serve.
pub(super) const SETTLE_MS: u64 = 10_000;

/// A connection of this node, by a number of its own that is never given twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LinkId(pub u64);

/// What a node keeps of a connection.
#[derive(Debug)]
pub(super) struct Link {
    pub(super) peer: PublicKey,
    pub(super) role: Role,
    pub(super) session: Session,
    pub(super) drift: Drift,
    pub(super) telling: Telling,
    pub(super) opened_ms: u64,
    pub(super) topics: BTreeMap<TopicId, Exchange>,
    pub(super) traffic: Traffic,
}

/// How the exchange of a topic with one peer stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Exchange {
    /// It was this connection's turn to bring the topic up to date.
    pub begun: bool,
    /// Neither serves the other.
    pub denied: bool,
    /// Both logs were equal, and all since was sent.
    pub complete: bool,
    /// Events here, as of the last word on it.
    pub known: u64,
    /// Events there are, as far as both knew then.
    pub total: u64,
}

impl Exchange {
    /// Whether each side serves the other.
    pub const fn is_served(&self) -> bool {
        !self.denied
    }

    /// Whether both have the same events, and serve each other.
    pub const fn is_complete(&self) -> bool {
        !self.denied && self.complete
    }
}

/// What went over a connection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Traffic {
    /// Bytes of messages to the peer.
    pub sent: u64,
    /// Bytes of messages from it.
    pub received: u64,
    /// Events it sent that were new.
    pub events: u64,
}

impl Link {
    pub(super) fn new(peer: PublicKey, role: Role, session: Session, now_ms: u64) -> Self {
        Self {
            peer,
            role,
            session,
            drift: Drift::new(drift::Session::new(role, peer, now_ms)),
            telling: Telling::default(),
            opened_ms: now_ms,
            topics: BTreeMap::new(),
            traffic: Traffic::default(),
        }
    }

    /// True if it serves something, or may come to.
    pub(super) fn is_of_use(&self) -> bool {
        self.topics.values().any(Exchange::is_served)
    }

    /// Whether a topic is served on it.
    pub(super) fn serves(&self, topic: &TopicId) -> bool {
        self.topics.get(topic).is_some_and(Exchange::is_served)
    }

    /// The topics that are served on it.
    pub(super) fn served(&self) -> impl Iterator<Item = TopicId> {
        self.topics.iter().filter(|(_, exchange)| exchange.is_served()).map(|(topic, _)| *topic)
    }

    /// Of these, those that both sides have the same events of.
    pub(super) fn complete(&self) -> impl Iterator<Item = TopicId> {
        self.topics.iter().filter(|(_, exchange)| exchange.is_complete()).map(|(topic, _)| *topic)
    }

    /// True if neither side serves the other this topic, or the peer does not have it.
    pub(super) fn refuses(&self, topic: &TopicId, now_ms: u64) -> bool {
        match self.topics.get(topic) {
            Some(exchange) => !exchange.is_served(),
            None => self.is_settled(now_ms),
        }
    }

    /// True once it is known what it is of use for.
    pub(super) fn is_settled(&self, now_ms: u64) -> bool {
        now_ms.saturating_sub(self.opened_ms) > SETTLE_MS
    }
}

/// Of two connections between the same nodes, whether the new one replaces the other. Both sides
/// decide alike: the one that the smaller key opened stays; of two by one side, the newer, since
/// its end is known to be there.
pub(super) fn replaces(local: &PublicKey, peer: &PublicKey, old: Role, new: Role) -> bool {
    old == new || (new == Role::Dialer) == (local < peer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_sides_keep_the_same_of_two_connections() {
        let (a, b) = (PublicKey([1; 32]), PublicKey([2; 32]));
        let (dialer, listener) = (Role::Dialer, Role::Listener);
        // A connection that is the dialer's here is the listener's there.
        assert!(replaces(&a, &b, listener, dialer) && replaces(&b, &a, dialer, listener));
        assert!(!replaces(&a, &b, dialer, listener) && !replaces(&b, &a, listener, dialer));
        assert!(replaces(&a, &b, dialer, dialer) && replaces(&b, &a, listener, listener));
    }
}
