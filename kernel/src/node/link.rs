//! One connection to a peer, as the node sees it.

use std::collections::BTreeMap;

use myrhiza_kernel_api::{PublicKey, TopicId};

use super::drift::Drift;
use crate::drift;
use crate::sync::{Role, Session};

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
    pub(super) opened_ms: u64,
    pub(super) topics: BTreeMap<TopicId, Exchange>,
    pub(super) traffic: Traffic,
    pub(super) points: u32,
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
            opened_ms: now_ms,
            topics: BTreeMap::new(),
            traffic: Traffic::default(),
            points: 0,
        }
    }

    /// True if it serves something, or may come to.
    pub(super) fn is_of_use(&self) -> bool {
        self.topics.values().any(|exchange| !exchange.denied)
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
