//! Gossip: subscriptions to the network's topics.

use std::sync::Arc;

use myrhiza_kernel_api::transport::{
    GOSSIP_BYTES, Gossip, GossipEvent, GossipReceiver, GossipSender, Subscription,
};
use myrhiza_kernel_api::{BoxFuture, Hash, PeerAddress, TransportError};

use crate::mailbox::Mailbox;
use crate::network::Network;
use crate::{closed, within};

pub(crate) struct MemoryGossip {
    network: Network,
    node: u64,
}

impl MemoryGossip {
    pub(crate) fn new(network: Network, node: u64) -> Self {
        Self { network, node }
    }
}

impl Gossip for MemoryGossip {
    fn subscribe(
        &self,
        topic: Hash,
        via: Vec<PeerAddress>,
    ) -> BoxFuture<'_, Result<Subscription, TransportError>> {
        Box::pin(async move {
            let mailbox = Arc::<Mailbox>::default();
            if !self.network.subscribe(self.node, topic, &via, Arc::clone(&mailbox)) {
                return Err(closed("subscribed to a topic"));
            }
            let network = self.network.clone();
            let part = Arc::new(Part { network, node: self.node, topic, mailbox });
            Ok(Subscription {
                sender: Box::new(Sender(Arc::clone(&part))),
                receiver: Box::new(Receiver(part)),
            })
        })
    }
}

/// What both halves of a subscription hold; it ends with the last of them.
struct Part {
    network: Network,
    node: u64,
    topic: Hash,
    mailbox: Arc<Mailbox>,
}

impl Drop for Part {
    fn drop(&mut self) {
        self.network.unsubscribe(self.node, self.topic, &self.mailbox);
    }
}

struct Sender(Arc<Part>);

impl GossipSender for Sender {
    fn broadcast(&mut self, message: Vec<u8>) -> BoxFuture<'_, Result<(), TransportError>> {
        Box::pin(async move {
            within("a message", message.len(), GOSSIP_BYTES)?;
            let Part { network, node, topic, .. } = &*self.0;
            let sent = network.broadcast(*node, *topic, &message);
            sent.then_some(()).ok_or(closed("broadcast a message"))
        })
    }

    fn add_peers(&mut self, peers: Vec<PeerAddress>) -> BoxFuture<'_, Result<(), TransportError>> {
        Box::pin(async move {
            let Part { network, node, topic, .. } = &*self.0;
            let told = network.introduce(*node, *topic, &peers);
            told.then_some(()).ok_or(closed("told a topic of peers"))
        })
    }
}

struct Receiver(Arc<Part>);

impl GossipReceiver for Receiver {
    fn next(&mut self) -> BoxFuture<'_, Option<GossipEvent>> {
        Box::pin(self.0.mailbox.next())
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.0.mailbox.close();
    }
}
