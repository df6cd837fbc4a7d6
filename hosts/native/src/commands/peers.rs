use std::io::{self, Write};

use clap::Args;
use indicatif::HumanBytes;
use myrhiza_kernel_api::TopicId;
use serde::Serialize;
use unicode_width::UnicodeWidthStr as _;

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
    name: String,
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
        let topics = runtime.topics().map_err(told("the topics were not read"))?;
        let name = |id: TopicId| {
            let found = topics.iter().find(|topic| topic.id == id);
            found.map(|topic| topic.record.name.clone()).unwrap_or_default()
        };
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
                    name: name(*topic),
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
        cx.output.print(&shown, |out| shown.tell(out))?;
        Ok(Exit::Ok)
    }
}

impl Shown {
    fn tell(&self, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "this node  {}", text::node(&self.id, &self.addresses))?;
        if self.peers.is_empty() {
            writeln!(
                out,
                "connected to nobody; a ticket's peers and `up --connect` are tried again"
            )?;
        }
        self.peers.iter().try_for_each(|peer| peer.tell(out))
    }
}

impl Peer {
    fn tell(&self, out: &mut dyn Write) -> io::Result<()> {
        let opened = if self.role == "dialer" { "from here" } else { "from there" };
        writeln!(
            out,
            "{}…  for {}, opened {opened}; sent {}, received {} with {}",
            &self.id[..16],
            text::time(self.seconds),
            HumanBytes(self.sent),
            HumanBytes(self.received),
            text::count(self.events, "new event"),
        )?;
        if self.points > 0 {
            writeln!(out, "  misbehaves: {} of 1000 points until it is left", self.points)?;
        }
        let name = |topic: &Topic| text::line(&topic.name).into_owned();
        let width = self.topics.iter().map(|topic| name(topic).width()).max().unwrap_or(0);
        self.topics.iter().try_for_each(|topic| {
            let name = name(topic);
            let pad = " ".repeat(width - name.width());
            let events = text::count(topic.total, "event");
            let state = match topic.state {
                "complete" => format!("complete, {events}"),
                "denied" => "not shared: one of the two is not let in".into(),
                _ => format!("exchanging, {} of {events}", topic.known),
            };
            writeln!(out, "  {}  {name}{pad}  {state}", &topic.topic[..16])
        })
    }
}
