//! Gossip by iroh-gossip.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use iroh::EndpointId;
use iroh::address_lookup::memory::MemoryLookup;
use iroh_gossip::api::{self, Event};
use iroh_gossip::net;
use myrhiza_kernel_api::transport::{
    GOSSIP_BYTES, Gossip, GossipEvent, GossipReceiver, GossipSender, Subscription,
};
use myrhiza_kernel_api::{BoxFuture, Hash, PeerAddress, TransportError};
use n0_future::StreamExt;
use n0_future::time::timeout;

use crate::address;
use crate::error::{closed, within};
use crate::limits::{FINISH, REMEMBERED};
use crate::link::lock;

pub(crate) struct IrohGossip {
    net: net::Gossip,
    peers: Arc<Peers>,
}

impl IrohGossip {
    pub(crate) fn new(net: net::Gossip, lookup: MemoryLookup) -> Self {
        Self { net, peers: Arc::new(Peers { lookup, known: Mutex::default() }) }
    }

    /// Leaves all topics. A neighbour that does not read could make it wait for ever.
    pub(crate) async fn end(&self) {
        let _in_time = timeout(FINISH, self.net.shutdown()).await;
    }
}

impl Gossip for IrohGossip {
    fn subscribe(
        &self,
        topic: Hash,
        via: Vec<PeerAddress>,
    ) -> BoxFuture<'_, Result<Subscription, TransportError>> {
        Box::pin(async move {
            let topic = self.net.subscribe(topic.0.into(), self.peers.remember(&via)).await;
            let (sender, receiver) = topic.map_err(|_| closed("subscribed to a topic"))?.split();
            let peers = Arc::clone(&self.peers);
            Ok(Subscription {
                sender: Box::new(Sender { topic: sender, peers }),
                receiver: Box::new(Receiver(receiver)),
            })
        })
    }
}

/// Where peers are: gossip itself knows them by key. The last to be told of are remembered.
struct Peers {
    lookup: MemoryLookup,
    known: Mutex<VecDeque<EndpointId>>,
}

impl Peers {
    fn remember(&self, peers: &[PeerAddress]) -> Vec<EndpointId> {
        let mut known = lock(&self.known);
        let mut ids = Vec::new();
        for address in peers.iter().filter_map(|peer| address::endpoint_addr(peer).ok()) {
            let id = address.id;
            known.retain(|other| *other != id);
            known.push_back(id);
            self.lookup.set_endpoint_info(address);
            ids.push(id);
        }
        while known.len() > REMEMBERED {
            known.pop_front().map(|id| self.lookup.remove_endpoint_info(id));
        }
        ids
    }
}

struct Sender {
    topic: api::GossipSender,
    peers: Arc<Peers>,
}

impl GossipSender for Sender {
    fn broadcast(&mut self, message: Vec<u8>) -> BoxFuture<'_, Result<(), TransportError>> {
        Box::pin(async move {
            within("a message", message.len() as u64, GOSSIP_BYTES as u64)?;
            let sent = self.topic.broadcast(message.into()).await;
            sent.map_err(|_| closed("broadcast a message"))
        })
    }

    fn add_peers(&mut self, peers: Vec<PeerAddress>) -> BoxFuture<'_, Result<(), TransportError>> {
        Box::pin(async move {
            let joined = self.topic.join_peers(self.peers.remember(&peers)).await;
            joined.map_err(|_| closed("told a topic of peers"))
        })
    }
}

struct Receiver(api::GossipReceiver);

impl GossipReceiver for Receiver {
    fn next(&mut self) -> BoxFuture<'_, Option<GossipEvent>> {
        Box::pin(async move {
            loop {
                return Some(match self.0.next().await?.ok()? {
                    Event::NeighborUp(id) => GossipEvent::Up(address::key(id)),
                    Event::NeighborDown(id) => GossipEvent::Down(address::key(id)),
                    Event::Lagged => GossipEvent::Lagged,
                    // Only a peer that does not keep to the protocol sends one.
                    Event::Received(message) if message.content.len() > GOSSIP_BYTES => continue,
                    Event::Received(message) => GossipEvent::Message {
                        from: address::key(message.delivered_from),
                        bytes: message.content.into(),
                    },
                });
            }
        })
    }
}
