//! What a peer can make this node keep, and how long it is waited for.

use std::time::Duration;

/// Incoming connections that are not yet identified, in number.
pub(crate) const UNIDENTIFIED: usize = 64;
/// From this many on, an address must be shown to be the sender's before anything is kept.
pub(crate) const UNIDENTIFIED_UNPROVEN: usize = UNIDENTIFIED / 2;
/// For an incoming connection to be identified: handshake and greeting.
pub(crate) const IDENTIFY: Duration = Duration::from_secs(10);

/// Incoming connections of one protocol, from one peer and from all.
pub(crate) const OF_ONE_PEER: usize = 16;
pub(crate) const OF_ALL_PEERS: usize = 1024;
/// Accepted connections that nobody has taken yet.
pub(crate) const WAITING: usize = 64;

/// For a peer to be reached on any of its addresses.
pub(crate) const CONNECT: Duration = Duration::from_secs(10);
/// For what was sent to be acknowledged at the end.
pub(crate) const FINISH: Duration = Duration::from_secs(3);
/// For a peer to say how long a blob is, over a connection that is there.
pub(crate) const ANSWER: Duration = Duration::from_secs(5);
/// For a peer to send the next piece of a blob.
pub(crate) const PIECE: Duration = Duration::from_secs(15);

/// For a request for a blob to come whole, and its bytes at most. One for a whole blob has some 40, and a few more
/// for each part of it that is there already.
pub(crate) const REQUEST: Duration = Duration::from_secs(10);
pub(crate) const REQUEST_BYTES: usize = 4 << 10;

/// Bytes on the way to this node, of one stream and of one connection.
pub(crate) const STREAM_WINDOW: u32 = 2 << 20;
pub(crate) const CONNECTION_WINDOW: u32 = 8 << 20;
/// Bytes on the way from this node, of one connection.
pub(crate) const SEND_WINDOW: u64 = 4 << 20;
/// Streams that a peer may have open on one connection, all of them with two ways.
pub(crate) const STREAMS: u32 = 64;

/// How often what is not to be kept any longer is deleted, from a folder and from memory. The sweep in
/// memory outlives its store by as much, and nobody else can end it.
#[cfg(not(target_family = "wasm"))]
pub(crate) const SWEEP: Duration = Duration::from_secs(300);
pub(crate) const SWEEP_MEMORY: Duration = Duration::from_secs(2);
