use clap::Args;
use myrhiza_kernel_api::TopicId;
use serde::Serialize;

use crate::context::{Context, now_ms};
use crate::exit::Exit;
use crate::failure::{Failure, Outcome};
use crate::runtime::told;
use crate::text;

/// Show the nodes that this home's node is connected to
#[derive(Args)]
pub(crate) struct Peers {}

#[derive(Serialize)]
struct Shown {
    /// This node.
    id: String,
    addresses: Vec<String>,
    peers: Vec<Peer>,
}

#[derive(Serialize)]
struct Peer {
    id: String,
    role: &'static str,
    seconds: u64,
    sent: u64,
    received: u64,
    events: u64,
    points: u32,
    topics: Vec<Topic>,
}

#[derive(Serialize)]
struct Topic {
    topic: String,
    /// `complete`, `exchanging` or `denied`.
    state: &'static str,
    known: u64,
    total: u64,
}

impl Peers {
    pub(crate) fn run(self, cx: &Context<'_>) -> Outcome<Exit> {
        let Some(lent) = &cx.lent else {
            return Err(Failure::not_found(
                "no-node",
                "there are no peers to show",
                "this home's node is not up",
                "start it with `myrhiza up`",
            ));
        };
        let status = &lent.status;
        let (_home, runtime) = cx.open_runtime()?;
        let authors = runtime.authors().map_err(told("the topics were not read"))?;
        let of_people = |topic: &TopicId| authors.iter().all(|(_, known)| known != topic);
        let peer = |peer: &myrhiza_kernel::node::PeerStatus| Peer {
            id: peer.peer.to_string(),
            role: match peer.role {
                myrhiza_kernel::sync::Role::Dialer => "dialer",
                myrhiza_kernel::sync::Role::Listener => "listener",
            },
            seconds: now_ms().saturating_sub(peer.since_ms) / 1_000,
            sent: peer.traffic.sent,
            received: peer.traffic.received,
            events: peer.traffic.events,
            points: peer.points,
            topics: peer
                .topics
                .iter()
                .filter(|(topic, _)| of_people(topic))
                .map(|(topic, exchange)| Topic {
                    topic: topic.to_string(),
                    state: match exchange {
                        exchange if exchange.denied => "denied",
                        exchange if exchange.complete => "complete",
                        _ => "exchanging",
                    },
                    known: exchange.known,
                    total: exchange.total,
                })
                .collect(),
        };
        let shown = Shown {
            id: status.key.to_string(),
            addresses: status.addresses.iter().map(ToString::to_string).collect(),
            peers: status.peers.iter().map(peer).collect(),
        };
        cx.output.print(&shown, |out| {
            writeln!(out, "this node  {}@{}", shown.id, shown.addresses.join(","))?;
            if shown.peers.is_empty() {
                writeln!(out, "connected to nobody")?;
            }
            for peer in &shown.peers {
                writeln!(
                    out,
                    "{}  {}, for {} s, {} B sent, {} B received, {}",
                    &peer.id[..16],
                    peer.role,
                    peer.seconds,
                    peer.sent,
                    peer.received,
                    text::count(peer.events, "new event"),
                )?;
                for topic in &peer.topics {
                    let Topic { state, known, total, .. } = topic;
                    writeln!(out, "  {}  {state}, {known} of {total} events", &topic.topic[..16])?;
                }
            }
            Ok(())
        })?;
        Ok(Exit::Ok)
    }
}
