//! How a node stands: for commands, and in Prometheus' text format (version 0.0.4).
//!
//! `docs/guide/metrics.md` says what each of these is for.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use myrhiza_kernel::drift::Report;
use myrhiza_kernel::node::{NodeStatus, PeerStatus};
use myrhiza_kernel::runtime::{Runtime, RuntimeError};
use myrhiza_kernel_api::{Address, PublicKey, TopicId};

use super::counts::Counts;
use super::health::Found;

/// A node at one instant.
pub(crate) struct Status {
    /// Its key.
    pub(crate) key: PublicKey,
    /// How others reach it.
    pub(crate) addresses: Vec<Address>,
    /// The peers it is connected to.
    pub(crate) peers: Vec<PeerStatus>,
    /// The topics that no peer serves this home, though some that have them were reached.
    pub(crate) denied: BTreeSet<TopicId>,
}

/// A topic, as metrics tell it.
pub(super) struct TopicCount {
    id: String,
    events: u64,
    folded: bool,
    /// Events that wait for others.
    pending: u64,
    /// Homes that had another state, by whether they still have.
    drifts: u64,
    drifts_over: u64,
}

impl TopicCount {
    /// All of a home.
    pub(super) fn all(runtime: &Runtime) -> Result<Vec<Self>, RuntimeError> {
        let topics = runtime.topics()?.into_iter();
        let count = |topic: myrhiza_kernel::runtime::TopicSummary| {
            let reports = runtime.drift_reports(topic.id)?;
            let is_over = |report: &&Report| report.until.is_some();
            let over = reports.iter().filter(is_over).count() as u64;
            Ok(Self {
                id: topic.id.to_string(),
                events: topic.record.events,
                folded: topic.record.settled(),
                pending: runtime.pending(topic.id)?.len() as u64,
                drifts: reports.len() as u64 - over,
                drifts_over: over,
            })
        };
        topics.map(count).collect()
    }
}

/// What metrics tell of.
pub(super) struct Told<'a> {
    pub(super) peers: &'a [PeerStatus],
    pub(super) topics: &'a [TopicCount],
    pub(super) status: NodeStatus,
    pub(super) health: Found,
    pub(super) counts: &'a Counts,
}

/// Everything, in Prometheus' text format.
pub(super) fn text(told: &Told<'_>) -> String {
    let Told { peers, topics, status, health, counts } = told;
    let mut text = String::new();
    let mut metric = |name: &str, kind: &str, help: &str, values: Vec<(String, u64)>| {
        let _ = writeln!(text, "# HELP myrhiza_{name} {help}\n# TYPE myrhiza_{name} {kind}");
        for (labels, value) in values {
            let _ = writeln!(text, "myrhiza_{name}{labels} {value}");
        }
    };
    let one = |value: u64| vec![(String::new(), value)];
    let peer = |value: fn(&PeerStatus) -> u64| -> Vec<_> {
        let label = |peer: &PeerStatus| format!("{{peer=\"{}\"}}", peer.peer);
        peers.iter().map(|peer| (label(peer), value(peer))).collect()
    };
    let topic = |value: fn(&TopicCount) -> u64| -> Vec<_> {
        let label = |topic: &TopicCount| format!("{{topic=\"{}\"}}", topic.id);
        topics.iter().map(|topic| (label(topic), value(topic))).collect()
    };
    let parts =
        [("kernel", health.kernel), ("store", health.store), ("transport", health.transport)];
    let parts = parts.map(|(part, works)| (format!("{{part=\"{part}\"}}"), u64::from(works)));
    metric("healthy", "gauge", "Whether a part of the node works.", parts.into());
    let ticked = one(status.ticked_ms_ago);
    metric("tick_age_milliseconds", "gauge", "Since the kernel's last tick.", ticked);
    let refolded = one(status.refolded);
    metric("refolded_events_total", "counter", "Events folded again for late ones.", refolded);
    metric("peers", "gauge", "Peers connected.", one(peers.len() as u64));
    metric("topics", "gauge", "Topics of this home.", one(topics.len() as u64));
    metric("topic_events", "gauge", "Events in a topic's log.", topic(|topic| topic.events));
    let folded = topic(|topic| u64::from(topic.folded));
    metric("topic_folded", "gauge", "Whether a topic is folded to its tip.", folded);
    let pending = topic(|topic| topic.pending);
    metric("topic_pending_events", "gauge", "Events that wait for others.", pending);
    let state = |state: &str, value: fn(&TopicCount) -> u64| -> Vec<_> {
        let labels = |id: &str| format!("{{topic=\"{id}\",state=\"{state}\"}}");
        topics.iter().map(|topic| (labels(&topic.id), value(topic))).collect()
    };
    let drifts = [state("open", |topic| topic.drifts), state("over", |topic| topic.drifts_over)];
    let help = "Homes reported to have another state for the same events.";
    metric("topic_drift_reports", "gauge", help, drifts.concat());
    let sent = peer(|peer| peer.traffic.sent);
    metric("peer_sent_bytes_total", "counter", "Bytes of messages to a peer.", sent);
    let received = peer(|peer| peer.traffic.received);
    metric("peer_received_bytes_total", "counter", "Bytes of messages from a peer.", received);
    let events = peer(|peer| peer.traffic.events);
    metric("peer_events_total", "counter", "New events that a peer sent.", events);
    let points = peer(|peer| u64::from(peer.points));
    metric("peer_offence_points", "gauge", "A peer's offences, in points.", points);
    for (counter, series) in counts.all() {
        let (name, help) = counter.described();
        metric(name, "counter", help, series);
    }
    text
}
