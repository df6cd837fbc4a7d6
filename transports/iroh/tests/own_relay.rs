//! A relay of one's own, with certificates and with an end to whom it serves.
#![allow(clippy::unwrap_used)]

use std::net::Ipv4Addr;
use std::time::Duration;

use iroh::endpoint::presets;
use iroh::tls::CaTlsConfig;
use iroh::{Endpoint, RelayMode};
use myrhiza_transport_iroh::relay::{Relay, RelayConfig, Tls};
use tokio::time::timeout;

const PATIENCE: Duration = Duration::from_secs(20);

fn config(clients: usize) -> RelayConfig {
    let listen = (Ipv4Addr::LOCALHOST, 0).into();
    let admits = Box::new(|_| true);
    RelayConfig { listen, tls: None, metrics: None, clients, rate: None, admits }
}

/// An endpoint that only the relay at that URL leads to.
async fn endpoint(url: &str, roots: CaTlsConfig) -> Endpoint {
    Endpoint::builder(presets::Minimal)
        .relay_mode(RelayMode::custom([url.parse().unwrap()]))
        .ca_tls_config(roots)
        .clear_ip_transports()
        .bind()
        .await
        .unwrap()
}

#[tokio::test]
async fn a_relay_with_a_certificate_is_reached_by_https_and_tells_addresses_by_quic() {
    let folder = tempfile::tempdir().unwrap();
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let (cert, key) = (folder.path().join("cert.pem"), folder.path().join("key.pem"));
    std::fs::write(&cert, made.cert.pem()).unwrap();
    std::fs::write(&key, made.signing_key.serialize_pem()).unwrap();
    let tls = Tls { cert, key, quic: Some((Ipv4Addr::LOCALHOST, 0).into()) };
    let relay = Relay::start(RelayConfig { tls: Some(tls), ..config(8) }).await.unwrap();
    assert!(relay.quic().is_some());
    let url = format!("https://localhost:{}", relay.address().unwrap().port());
    let node = endpoint(&url, CaTlsConfig::custom_roots([made.cert.der().clone()])).await;
    timeout(PATIENCE, node.online()).await.unwrap();
    // Who does not know the authority does not trust it.
    let stranger = endpoint(&url, CaTlsConfig::default()).await;
    assert!(timeout(Duration::from_secs(2), stranger.online()).await.is_err());
    node.close().await;
    stranger.close().await;
    relay.stop().await.unwrap();
}

#[tokio::test]
async fn a_full_relay_takes_another_node_when_one_is_gone() {
    let relay = Relay::start(config(1)).await.unwrap();
    let url = format!("http://{}", relay.address().unwrap());
    let first = endpoint(&url, CaTlsConfig::default()).await;
    timeout(PATIENCE, first.online()).await.unwrap();
    let second = endpoint(&url, CaTlsConfig::default()).await;
    assert!(timeout(Duration::from_secs(2), second.online()).await.is_err());
    first.close().await;
    timeout(PATIENCE, second.online()).await.unwrap();
    second.close().await;
    relay.stop().await.unwrap();
}

#[tokio::test]
async fn a_relay_says_which_certificate_it_could_not_read() {
    let tls = Tls { cert: "no/cert.pem".into(), key: "no/key.pem".into(), quic: None };
    let error = Relay::start(RelayConfig { tls: Some(tls), ..config(8) }).await.unwrap_err();
    assert!(error.to_string().contains("no/cert.pem"), "{error}");
}
