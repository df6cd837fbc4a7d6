//! A transport over iroh: QUIC between keys, directly or through relays.
//!
//! Sockets are bound and relays contacted only as configured; no public server is known here. Of
//! addresses it understands `ip:192.0.2.1:4433` and `relay:https://…`. Frames are a protocol of our
//! own ([`ALPN`]); blobs are iroh-blobs.
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod accept;
mod address;
mod blobs;
mod config;
mod error;
mod gate;
mod limits;
mod link;
mod receiver;
#[cfg(all(feature = "relay", not(target_family = "wasm")))]
pub mod relay;
mod sender;
mod server;
mod transport;

use std::sync::Arc;

use myrhiza_kernel_api::{OpenedTransport, Registration, TransportConfig, register};

pub use transport::IrohTransport;

/// The name it is registered by.
pub const NAME: &str = "iroh";

/// What a connection for frames is negotiated by. It carries one bidirectional stream: the dialer
/// writes [`GREETING`] first, then each side frames, each after its length as a big-endian `u32`.
pub const ALPN: &[u8] = b"myrhiza/1";

/// The dialer's first byte: a stream that nothing was written on is not seen at the other end.
pub const GREETING: u8 = 0;

register!(Registration::Transport { name: NAME, open: |config| Box::pin(open(config)) });

async fn open(config: TransportConfig) -> OpenedTransport {
    Ok(Arc::new(IrohTransport::open(config).await?))
}
