//! The nodes a home's node is connected to, and how far what they exchange is.

use myrhiza_kernel::node::{Exchange, PeerStatus};
use myrhiza_kernel::runtime::{Runtime, RuntimeError};
use myrhiza_kernel::sync::Role;
use myrhiza_kernel_api::{Address, PeerAddress, PublicKey, TopicId};
use serde::Serialize;

use crate::error::told;
use crate::{Answer, Desk, Error, Fetch, Status};

/// A node and its peers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Peers {
    /// This node.
    pub id: String,
    /// How others reach it.
    pub addresses: Vec<String>,
    /// Whom it is connected to.
    pub peers: Vec<Peer>,
}

/// A connection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Peer {
    /// The peer's key.
    pub id: String,
    /// `dialer` if this node opened it, else `listener`.
    pub role: &'static str,
    /// How long it has been there.
    pub seconds: u64,
    /// Bytes to the peer.
    pub sent: u64,
    /// Bytes from it.
    pub received: u64,
    /// Events from it that were new.
    pub events: u64,
    /// What it is charged with; at 1000 it is left.
    pub points: u32,
    /// The topics both know.
    pub topics: Vec<Topic>,
}

/// The exchange of a topic with a peer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Topic {
    /// Its id.
    pub topic: String,
    /// What it is called here.
    pub name: String,
    /// `complete`, `exchanging` or `denied`.
    pub state: &'static str,
    /// Events here; while it is being exchanged, as of the last word on that.
    pub known: u64,
    /// Events there are, as far as both know.
    pub total: u64,
}

/// The same, with what is being fetched.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Shown {
    #[serde(flatten)]
    peers: Peers,
    fetches: Vec<Fetch>,
}

impl Peers {
    /// Of a node. `now_ms`: milliseconds since 1970.
    ///
    /// # Errors
    /// [`RuntimeError::Fault`]
    pub fn of(status: &Status, runtime: &Runtime, now_ms: u64) -> Result<Self, RuntimeError> {
        let authors = runtime.authors()?;
        let of_people = |topic: &TopicId| authors.iter().all(|(_, known)| known != topic);
        let topics = runtime.topics()?;
        let exchange = |(topic, exchange): (&TopicId, &Exchange)| {
            let record = topics.iter().find(|known| known.id == *topic).map(|known| &known.record);
            // What is exchanged as it is made is counted nowhere else.
            let here = record.filter(|_| exchange.is_complete()).map(|record| record.events);
            Topic {
                topic: topic.to_string(),
                name: record.map(|record| record.name.clone()).unwrap_or_default(),
                state: match exchange {
                    exchange if exchange.denied => "denied",
                    exchange if exchange.complete => "complete",
                    _ => "exchanging",
                },
                known: here.unwrap_or(exchange.known),
                total: here.unwrap_or(exchange.total),
            }
        };
        let peer = |peer: &PeerStatus| Peer {
            id: peer.peer.to_string(),
            role: match peer.role {
                Role::Dialer => "dialer",
                Role::Listener => "listener",
            },
            seconds: now_ms.saturating_sub(peer.since_ms) / 1_000,
            sent: peer.traffic.sent,
            received: peer.traffic.received,
            events: peer.traffic.events,
            points: peer.points,
            topics: peer
                .topics
                .iter()
                .filter(|(topic, _)| of_people(topic))
                .map(exchange)
                .collect(),
        };
        Ok(Self {
            id: status.key.to_string(),
            addresses: status.addresses.iter().map(ToString::to_string).collect(),
            peers: status.peers.iter().map(peer).collect(),
        })
    }
}

pub(crate) fn answer(desk: &Desk<'_, '_>) -> Result<Answer, Error> {
    let peers = Peers::of(desk.status, desk.runtime(), desk.ambient.now_ms);
    let peers = peers.map_err(told("the peers were not read"))?;
    let fetch = |(bundle, bytes, total): (myrhiza_kernel_api::BundleId, u64, u64)| Fetch {
        bundle: bundle.to_string(),
        bytes,
        total,
    };
    Ok(Answer::Peers(Shown { peers, fetches: desk.journal.fetches().map(fetch).collect() }))
}

/// `KEY@ip:127.0.0.1:4433`, with more addresses after commas.
pub(crate) fn parse(text: &str) -> Result<PeerAddress, Error> {
    let bad = |cause: String| {
        let next = "write KEY@ADDRESS, as the other node shows it under Peers";
        Error::new("bad-peer", "no node was connected to", cause, next)
    };
    let (key, addresses) =
        text.trim().split_once('@').ok_or_else(|| bad("there is no `@` in it".into()))?;
    let key: PublicKey = key.parse().map_err(|error| bad(format!("{error}")))?;
    let address = |part: &str| part.parse::<Address>().map_err(|error| bad(error.to_string()));
    let addresses = addresses.split(',').map(address).collect::<Result<_, _>>()?;
    Ok(PeerAddress { key, addresses })
}
