//! What there is to show of a node.

use std::collections::BTreeMap;

use myrhiza_kernel_api::{PublicKey, TopicId};

use super::link::{Exchange, LinkId, Traffic};
use super::switch::Switch;
use crate::sync::Role;

/// A peer this node is connected to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeerStatus {
    /// Its transport key.
    pub peer: PublicKey,
    /// Which side of the connection this node is.
    pub role: Role,
    /// Since when, in milliseconds since 1970.
    pub since_ms: u64,
    /// The topics both know.
    pub topics: BTreeMap<TopicId, Exchange>,
    /// What went over the connection.
    pub traffic: Traffic,
    /// Its offences that are not forgiven yet, in points, those on connections before included: see [`crate::sync::limits::CLOSE_POINTS`].
    pub points: u32,
}

/// Whether a node goes on, and what that has cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NodeStatus {
    /// Milliseconds since its last tick. There is one every second or so, unless something takes long.
    pub ticked_ms_ago: u64,
    /// Events folded again since it was started, because others came late.
    pub refolded: u64,
}

impl Switch {
    /// How it stands at `now_ms`, milliseconds since 1970.
    pub fn status(&mut self, now_ms: u64) -> NodeStatus {
        self.look_at_clock(now_ms);
        NodeStatus {
            ticked_ms_ago: self.now_ms.saturating_sub(self.ticked_ms),
            refolded: self.pace.refolded,
        }
    }

    /// Who is at the other end of a connection.
    pub fn peer(&self, link: LinkId) -> Option<PublicKey> {
        self.links.get(&link).map(|link| link.peer)
    }

    /// The peers it is connected to, ascending by key.
    pub fn peers(&self) -> Vec<PeerStatus> {
        let status = |link: &super::link::Link| PeerStatus {
            peer: link.peer,
            role: link.role,
            since_ms: self.clock.in_wall_ms(link.opened_ms),
            topics: link.topics.clone(),
            traffic: link.traffic,
            points: self.merits.points(&link.peer, self.now_ms),
        };
        let mut peers: Vec<_> = self.links.values().map(status).collect();
        peers.sort_unstable_by_key(|peer| peer.peer);
        peers
    }
}
