use super::{BoxFuture, PeerAddress, TransportError};
use crate::{Hash, MaybeSend, MaybeSync, PublicKey};

/// Longest message of gossip, in bytes.
pub const GOSSIP_BYTES: usize = 16 << 10;

/// Messages to all who listen on a topic, through each other. Best effort: a message may be lost,
/// come twice or in another order, and one with the bytes of a recent one may be taken for the same.
/// Who forwards it is known, who wrote it is not.
pub trait Gossip: MaybeSend + MaybeSync {
    /// Takes part in a topic, known by a hash that says nothing to others. `via` are peers that may
    /// take part; it goes on without them, and with those that come.
    ///
    /// # Errors
    /// [`TransportError::Closed`], [`TransportError::Failed`]
    fn subscribe(
        &self,
        topic: Hash,
        via: Vec<PeerAddress>,
    ) -> BoxFuture<'_, Result<Subscription, TransportError>>;
}

/// Part in a topic; ends when both halves are dropped.
pub struct Subscription {
    /// To the others.
    pub sender: Box<dyn GossipSender>,
    /// From the others.
    pub receiver: Box<dyn GossipReceiver>,
}

/// The way to all others.
pub trait GossipSender: MaybeSend {
    /// Sends a message of at most [`GOSSIP_BYTES`].
    ///
    /// # Errors
    /// [`TransportError::Closed`], [`TransportError::TooLong`]
    fn broadcast(&mut self, message: Vec<u8>) -> BoxFuture<'_, Result<(), TransportError>>;

    /// Tells of more peers that may take part.
    ///
    /// # Errors
    /// [`TransportError::Closed`]
    fn add_peers(&mut self, peers: Vec<PeerAddress>) -> BoxFuture<'_, Result<(), TransportError>>;
}

/// The way from all others.
pub trait GossipReceiver: MaybeSend {
    /// What happens next; `None` once the transport is closed.
    fn next(&mut self) -> BoxFuture<'_, Option<GossipEvent>>;
}

/// What happens in a topic.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum GossipEvent {
    /// A message.
    Message {
        /// Who passed it on.
        from: PublicKey,
        /// As it was sent.
        bytes: Vec<u8>,
    },
    /// A direct neighbour is there.
    Up(PublicKey),
    /// A direct neighbour is gone.
    Down(PublicKey),
    /// Messages were lost, since this side was slow.
    Lagged,
}
