//! Nodes on loopback.

use std::net::Ipv4Addr;

use myrhiza_kernel_api::transport::TransportSecret;
use myrhiza_kernel_api::{PeerAddress, Transport, TransportConfig};
use myrhiza_transport_iroh::IrohTransport;

pub(crate) fn config(n: u8) -> TransportConfig {
    TransportConfig {
        secret: TransportSecret([n; 32].into()),
        path: None,
        listen: vec![(Ipv4Addr::LOCALHOST, 0).into()],
        relays: Vec::new(),
        discovery: false,
    }
}

pub(crate) async fn open(config: TransportConfig) -> IrohTransport {
    IrohTransport::open(config).await.unwrap()
}

pub(crate) fn peer(node: &IrohTransport) -> PeerAddress {
    PeerAddress { key: node.key(), addresses: node.addresses() }
}
