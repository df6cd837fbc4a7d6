//! A transport within one process.
//!
//! Transports that are opened on one [`Network`] reach each other, by addresses `memory:7`. A test
//! makes a network of its own, and cuts and heals the links on it; the registered transport is on
//! [`Network::of_process`]. Nothing here waits for a clock, starts a task or needs a runtime.
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod blobs;
mod connection;
mod network;
mod pipe;
mod transport;
mod wait;

use myrhiza_kernel_api::{
    OpenedTransport, Registration, TransportConfig, TransportError, register,
};

pub use network::Network;
pub use transport::MemoryTransport;

/// The name it is registered by.
pub const NAME: &str = "memory";

register!(Registration::Transport { name: NAME, open: |config| Box::pin(open(config)) });

async fn open(config: TransportConfig) -> OpenedTransport {
    fits(&config)?;
    Ok(Network::of_process().open(&config.secret))
}

/// Refuses what this transport cannot do; a folder it does not need.
fn fits(config: &TransportConfig) -> Result<(), TransportError> {
    let cannot = [
        (!config.listen.is_empty(), "it listens on no socket; name none in `listen`"),
        (!config.relays.is_empty(), "it knows no relays; name none in `relays`"),
        (config.discovery, "it discovers nothing; switch `discovery` off"),
    ];
    match cannot.into_iter().find_map(|(asked, why)| asked.then_some(why)) {
        Some(why) => Err(TransportError::Config { transport: NAME, why: why.into() }),
        None => Ok(()),
    }
}

fn closed(doing: &'static str) -> TransportError {
    TransportError::Closed { transport: NAME, doing }
}

/// Refuses what is longer than `limit`, before it is kept.
fn within(what: &'static str, bytes: usize, limit: usize) -> Result<(), TransportError> {
    match bytes <= limit {
        true => Ok(()),
        false => Err(TransportError::TooLong {
            transport: NAME,
            what,
            bytes: bytes as u64,
            limit: limit as u64,
        }),
    }
}
