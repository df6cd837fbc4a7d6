//! Nodes without a socket meet through a relay, here one on loopback.
#![allow(clippy::unwrap_used)]

mod common;

use std::net::Ipv4Addr;
use std::time::Duration;

use common::{config, open, peer};
use iroh_relay::server::{RelayConfig, Server, ServerConfig};
use myrhiza_kernel_api::{Transport, TransportConfig};
use myrhiza_transport_iroh::IrohTransport;
use tokio::time::{sleep, timeout};

async fn relay() -> Server {
    let mut config = ServerConfig::default();
    config.relay = Some(RelayConfig::new((Ipv4Addr::LOCALHOST, 0)));
    Server::spawn(config).await.unwrap()
}

/// A node that only the relay leads to, once it is known there.
async fn relayed(n: u8, relay: &Server) -> IrohTransport {
    let url = format!("http://{}", relay.http_addr().unwrap());
    let node = open(TransportConfig { listen: vec![], relays: vec![url], ..config(n) }).await;
    let known = async {
        while node.addresses().is_empty() {
            sleep(Duration::from_millis(20)).await;
        }
    };
    timeout(Duration::from_secs(20), known).await.unwrap();
    node
}

#[tokio::test]
async fn two_nodes_meet_through_a_relay_alone() {
    let relay = relay().await;
    let (a, b) = (relayed(1, &relay).await, relayed(2, &relay).await);
    let addresses = b.addresses();
    assert!(addresses.iter().all(|address| address.kind() == "relay"), "{addresses:?}");

    let (one, other) = tokio::join!(a.connect(peer(&b)), b.accept());
    let (mut one, mut other) = (one.unwrap(), other.unwrap());
    assert_eq!((one.peer, other.peer), (b.key(), a.key()));
    let frame: Vec<u8> = (0..1_000_000).map(|at| at as u8).collect();
    let (sent, came) = tokio::join!(one.sender.send(frame.clone()), other.receiver.receive());
    sent.unwrap();
    assert!(came.unwrap() == Some(frame));

    let hash = a.blobs().add(vec![7; 100_000]).await.unwrap();
    b.blobs().fetch(hash, 100_000, &[peer(&a)], Box::new(|_| ())).await.unwrap();
    a.close().await;
    b.close().await;
    relay.shutdown().await.unwrap();
}

#[tokio::test]
async fn a_configuration_that_leads_nowhere_is_refused() {
    let refused = |config| async move {
        let error = IrohTransport::open(config).await.err().unwrap();
        error.to_string()
    };
    let nowhere = TransportConfig { listen: vec![], ..config(1) };
    assert!(refused(nowhere).await.contains("name an address in `listen` or a relay"));
    let no_url = TransportConfig { relays: vec!["not a url".into()], ..config(1) };
    assert!(refused(no_url).await.contains("relay `not a url` is no URL"));
}
