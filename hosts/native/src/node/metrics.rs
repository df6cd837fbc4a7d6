//! How a node stands: for commands, and in Prometheus' text format (version 0.0.4).

use std::fmt::Write as _;

use myrhiza_kernel::node::PeerStatus;
use myrhiza_kernel_api::{Address, PublicKey};

/// A node at one instant.
pub(crate) struct Status {
    /// Its key.
    pub(crate) key: PublicKey,
    /// How others reach it.
    pub(crate) addresses: Vec<Address>,
    /// The peers it is connected to.
    pub(crate) peers: Vec<PeerStatus>,
}

/// A topic, as metrics tell it.
pub(super) struct TopicCount {
    pub(super) id: String,
    pub(super) events: u64,
    pub(super) folded: bool,
}

/// Everything, in Prometheus' text format.
pub(super) fn text(status: &Status, topics: &[TopicCount]) -> String {
    let mut text = String::new();
    let mut metric = |name: &str, kind: &str, help: &str, values: Vec<(String, u64)>| {
        let _ = writeln!(text, "# HELP myrhiza_{name} {help}\n# TYPE myrhiza_{name} {kind}");
        for (labels, value) in values {
            let _ = writeln!(text, "myrhiza_{name}{labels} {value}");
        }
    };
    let peers = |value: fn(&PeerStatus) -> u64| -> Vec<_> {
        let label = |peer: &PeerStatus| format!("{{peer=\"{}\"}}", peer.peer);
        status.peers.iter().map(|peer| (label(peer), value(peer))).collect()
    };
    let topic = |value: fn(&TopicCount) -> u64| -> Vec<_> {
        let label = |topic: &TopicCount| format!("{{topic=\"{}\"}}", topic.id);
        topics.iter().map(|topic| (label(topic), value(topic))).collect()
    };
    let connected = vec![(String::new(), status.peers.len() as u64)];
    metric("peers", "gauge", "Peers connected.", connected);
    metric("topics", "gauge", "Topics of this home.", vec![(String::new(), topics.len() as u64)]);
    metric("topic_events", "gauge", "Events in a topic's log.", topic(|topic| topic.events));
    let folded = topic(|topic| u64::from(topic.folded));
    metric("topic_folded", "gauge", "Whether a topic is folded to its tip.", folded);
    let sent = peers(|peer| peer.traffic.sent);
    metric("peer_sent_bytes_total", "counter", "Bytes of messages to a peer.", sent);
    let received = peers(|peer| peer.traffic.received);
    metric("peer_received_bytes_total", "counter", "Bytes of messages from a peer.", received);
    let events = peers(|peer| peer.traffic.events);
    metric("peer_events_total", "counter", "New events that a peer sent.", events);
    let points = peers(|peer| u64::from(peer.points));
    metric("peer_offence_points", "gauge", "A peer's offences, in points.", points);
    text
}
