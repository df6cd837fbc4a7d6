//! One node of a network.

use myrhiza_kernel_api::transport::Blobs;
use myrhiza_kernel_api::{
    Address, BoxFuture, Connection, PeerAddress, PublicKey, Transport, TransportError,
};

use crate::blobs::MemoryBlobs;
use crate::network::{Joined, Network};
use crate::{NAME, closed};

/// A transport on a [`Network`]. Dropping it closes it.
pub struct MemoryTransport {
    network: Network,
    key: PublicKey,
    number: u64,
    incoming: async_channel::Receiver<Connection>,
    blobs: MemoryBlobs,
}

impl MemoryTransport {
    pub(crate) fn new(network: Network, key: PublicKey, joined: Joined) -> Self {
        let Joined { number, incoming, blobs } = joined;
        Self {
            blobs: MemoryBlobs::new(network.clone(), number, blobs),
            network,
            key,
            number,
            incoming,
        }
    }

    fn leave(&self) {
        self.network.leave(self.number);
        // What waits to be accepted is dropped, and so ended.
        while self.incoming.try_recv().is_ok() {}
    }
}

impl Transport for MemoryTransport {
    fn name(&self) -> &'static str {
        NAME
    }

    fn key(&self) -> PublicKey {
        self.key
    }

    fn addresses(&self) -> Vec<Address> {
        format!("{NAME}:{}", self.number).parse().into_iter().collect()
    }

    fn connect(&self, to: PeerAddress) -> BoxFuture<'_, Result<Connection, TransportError>> {
        Box::pin(async move {
            if !self.network.is_open(self.number) {
                return Err(closed("connected"));
            }
            self.network.connect(self.number, &to).map_err(|error| TransportError::Unreachable {
                transport: NAME,
                peer: to.key,
                source: error.into(),
            })
        })
    }

    fn accept(&self) -> BoxFuture<'_, Option<Connection>> {
        Box::pin(async move { self.incoming.recv().await.ok() })
    }

    fn blobs(&self) -> &dyn Blobs {
        &self.blobs
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        Box::pin(async move { self.leave() })
    }
}

impl Drop for MemoryTransport {
    fn drop(&mut self) {
        self.leave();
    }
}
