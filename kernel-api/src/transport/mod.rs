//! Connections to peers by public key, and blobs by hash.
//!
//! A transport knows nothing of what it carries: frames and blobs are bytes, and whether
//! they are believed is the kernel's to say. What it does vouch for is who is at the other end of a
//! connection, and that a blob has the hash it was asked for by.

mod address;
mod blobs;
mod future;

use std::net::SocketAddr;
use std::path::PathBuf;

use zeroize::Zeroizing;

use crate::{Hash, MaybeSend, MaybeSync, PublicKey};

pub use address::{ADDRESS_BYTES, ADDRESSES, Address, AddressError, PeerAddress};
pub use blobs::{Blobs, Fetched};
pub use future::BoxFuture;

/// Longest frame of a connection, in bytes.
pub const FRAME_BYTES: usize = 2 << 20;

/// What a transport is opened with. Nothing is contacted and nothing is listened on that is not
/// named here.
#[derive(Clone, Debug)]
pub struct TransportConfig {
    /// This node's key; peers know it by the public half.
    pub secret: TransportSecret,
    /// A folder of the transport's own, which exists, for the blobs it keeps. `None`: in memory.
    pub path: Option<PathBuf>,
    /// Where to listen; port 0 is any free one. With none, peers reach it through relays alone.
    pub listen: Vec<SocketAddr>,
    /// URLs of relays to be reached through.
    pub relays: Vec<String>,
    /// Whether to tell the local network where this node is, and to look for others there.
    pub discovery: bool,
}

/// A node's secret key: 32 bytes, wiped when dropped and never printed.
#[derive(Clone)]
pub struct TransportSecret(pub Zeroizing<[u8; 32]>);

impl std::fmt::Debug for TransportSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TransportSecret(..)")
    }
}

/// What went wrong in a transport. It says nothing of what was carried.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TransportError {
    /// The configuration does not fit this transport.
    #[error("transport `{transport}` cannot be opened: {why}")]
    Config {
        /// The transport's name.
        transport: &'static str,
        /// What is wrong, and what to write instead.
        why: String,
    },
    /// No way led to the peer.
    #[error(
        "peer {peer} was not reached by `{transport}`: {source}; is it up, and are its addresses right?"
    )]
    Unreachable {
        /// The transport's name.
        transport: &'static str,
        /// Whom.
        peer: PublicKey,
        /// The cause.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The connection or the transport has ended.
    #[error("`{transport}`: the other end is gone while it {doing}")]
    Closed {
        /// The transport's name.
        transport: &'static str,
        /// What it was doing.
        doing: &'static str,
    },
    /// What was sent, or announced by the peer, is longer than the limit. A connection that the
    /// peer does this on is of no more use.
    #[error("`{transport}`: {what} of {bytes} bytes, where {limit} are allowed")]
    TooLong {
        /// The transport's name.
        transport: &'static str,
        /// A frame, a blob.
        what: &'static str,
        /// Its length.
        bytes: u64,
        /// The limit.
        limit: u64,
    },
    /// None of the peers asked has the blob.
    #[error("blob {hash}: none of the {asked} peers asked by `{transport}` has it")]
    NoBlob {
        /// The transport's name.
        transport: &'static str,
        /// The blob.
        hash: Hash,
        /// How many were asked.
        asked: usize,
    },
    /// Any other failure.
    #[error("transport `{transport}` failed while it {doing}: {source}")]
    Failed {
        /// The transport's name.
        transport: &'static str,
        /// What it was doing.
        doing: &'static str,
        /// The cause.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

/// A node's way to others.
///
/// # What an implementor must hold
///
/// - A [`Connection`] joins exactly the two keys it names; no third can read or write it.
/// - Frames arrive whole, in order and once, or the connection reports its end. An empty frame is a
///   frame. What was sent before a graceful end arrives, also when nobody reads it until later.
/// - Each direction of a connection ends by itself; the connection is gone with the last half of it.
/// - A sender that is faster than its receiver waits: a bounded number of bytes is on the way.
/// - Dropping a future or a half of a connection loses at most that connection, and never blocks.
/// - After [`Transport::close`] nothing listens, every call ends, and no task is left.
pub trait Transport: MaybeSend + MaybeSync {
    /// The name it is registered and configured by.
    fn name(&self) -> &'static str;

    /// This node's key.
    fn key(&self) -> PublicKey;

    /// How others reach this node now: what a ticket carries.
    fn addresses(&self) -> Vec<Address>;

    /// Opens a connection. Where it is asked for itself it answers with an error. A peer that takes
    /// no more connections may also end one right after.
    ///
    /// # Errors
    /// [`TransportError::Unreachable`], [`TransportError::Closed`]
    fn connect(&self, to: PeerAddress) -> BoxFuture<'_, Result<Connection, TransportError>>;

    /// The next connection that a peer opens; `None` once this transport is closed. One task accepts;
    /// a bounded number waits for it.
    fn accept(&self) -> BoxFuture<'_, Option<Connection>>;

    /// Bytes by their hash.
    fn blobs(&self) -> &dyn Blobs;

    /// Ends everything, gracefully: what was sent is delivered first, within a few seconds.
    fn close(&self) -> BoxFuture<'_, ()>;
}

/// One ordered, reliable, mutually authenticated way to a peer and back.
pub struct Connection {
    /// Who is at the other end.
    pub peer: PublicKey,
    /// To it.
    pub sender: Box<dyn FrameSender>,
    /// From it.
    pub receiver: Box<dyn FrameReceiver>,
}

/// The way to a peer.
pub trait FrameSender: MaybeSend {
    /// Sends a frame of at most [`FRAME_BYTES`]; waits while the peer takes no more. If the future is
    /// dropped, the frame arrives whole or not at all, or the connection ends.
    ///
    /// # Errors
    /// [`TransportError::Closed`], [`TransportError::TooLong`]
    fn send(&mut self, frame: Vec<u8>) -> BoxFuture<'_, Result<(), TransportError>>;

    /// Ends this direction once what was sent has arrived, or a few seconds have passed. Dropping
    /// ends it at once, and the peer's receiver reports that.
    fn finish(self: Box<Self>) -> BoxFuture<'static, ()>;
}

/// The way from a peer.
pub trait FrameReceiver: MaybeSend {
    /// The next frame; `None` once the peer has ended this direction gracefully. The future may be
    /// dropped and asked for again without losing a frame. With the receiver dropped, the peer's
    /// sends report the end.
    ///
    /// # Errors
    /// [`TransportError::Closed`], [`TransportError::TooLong`] before anything of it is kept.
    fn receive(&mut self) -> BoxFuture<'_, Result<Option<Vec<u8>>, TransportError>>;
}
