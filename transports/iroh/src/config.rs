//! The endpoint that a configuration asks for, and nothing beyond it.

#[cfg(target_family = "wasm")]
use std::sync::Arc;

use iroh::endpoint::{Builder, QuicTransportConfig, VarInt, presets};
use iroh::{Endpoint, RelayMode, RelayUrl, SecretKey};
use myrhiza_kernel_api::{TransportConfig, TransportError};
#[cfg(target_family = "wasm")]
use rustls::{CipherSuite, crypto::CryptoProvider};

use crate::ALPN;
use crate::error::config as refused;
use crate::limits::{CONNECTION_WINDOW, SEND_WINDOW, STREAM_WINDOW, STREAMS};

/// An endpoint to bind.
pub(crate) fn endpoint(config: &TransportConfig) -> Result<Builder, TransportError> {
    if config.listen.is_empty() && config.relays.is_empty() {
        return Err(refused("nothing could reach it; name an address in `listen` or a relay"));
    }
    let builder = Endpoint::builder(presets::Minimal)
        .secret_key(SecretKey::from_bytes(&config.secret.0))
        .alpns(vec![ALPN.to_vec(), iroh_blobs::ALPN.to_vec()])
        .relay_mode(relay_mode(&config.relays)?)
        .transport_config(quic());
    with_sockets(builder, config)
}

fn relay_mode(urls: &[String]) -> Result<RelayMode, TransportError> {
    if urls.is_empty() {
        return Ok(RelayMode::Disabled);
    }
    let parse = |url: &String| {
        let parsed = url.parse::<RelayUrl>();
        parsed.map_err(|error| refused(format!("relay `{url}` is no URL ({error})")))
    };
    Ok(RelayMode::custom(urls.iter().map(parse).collect::<Result<Vec<_>, _>>()?))
}

fn quic() -> QuicTransportConfig {
    QuicTransportConfig::builder()
        .max_concurrent_bidi_streams(STREAMS.into())
        .max_concurrent_uni_streams(VarInt::from_u32(0))
        .stream_receive_window(VarInt::from_u32(STREAM_WINDOW))
        .receive_window(VarInt::from_u32(CONNECTION_WINDOW))
        .send_window(SEND_WINDOW)
        .datagram_receive_buffer_size(None)
        .build()
}

#[cfg(not(target_family = "wasm"))]
fn with_sockets(mut builder: Builder, config: &TransportConfig) -> Result<Builder, TransportError> {
    use std::net::SocketAddr;

    use iroh::endpoint::BindOpts;
    use iroh_mdns_address_lookup::MdnsAddressLookup;

    // The default would listen on every interface.
    builder = builder.clear_ip_transports();
    for (at, address) in config.listen.iter().enumerate() {
        // What no other socket is nearer to leaves by the first of its family.
        let first = config.listen[..at].iter().all(|other| other.is_ipv4() != address.is_ipv4());
        let route = match (first, address) {
            (true, _) => BindOpts::default(),
            (false, SocketAddr::V4(_)) => BindOpts::default().set_prefix_len(32),
            (false, SocketAddr::V6(_)) => BindOpts::default().set_prefix_len(128),
        };
        builder = builder
            .bind_addr_with_opts(*address, route)
            .map_err(|error| refused(format!("it cannot listen on {address} ({error})")))?;
    }
    if config.discovery {
        builder = builder.address_lookup(MdnsAddressLookup::builder().service_name("myrhiza"));
    }
    Ok(builder)
}

#[cfg(target_family = "wasm")]
fn with_sockets(builder: Builder, config: &TransportConfig) -> Result<Builder, TransportError> {
    match (config.listen.is_empty(), config.discovery) {
        (true, false) => Ok(builder.crypto_provider(Arc::new(ciphers()))),
        (false, _) => Err(refused("a browser has no sockets; name none in `listen`")),
        (_, true) => Err(refused("a browser sees no local network; switch `discovery` off")),
    }
}

/// Those of everywhere, the one first that needs no instructions which WebAssembly lacks: AES without them
/// was a twelfth of a join. A connection has what the side that opens it likes best.
#[cfg(target_family = "wasm")]
fn ciphers() -> CryptoProvider {
    let mut provider = rustls::crypto::ring::default_provider();
    let chacha = CipherSuite::TLS13_CHACHA20_POLY1305_SHA256;
    provider.cipher_suites.sort_by_key(|suite| suite.suite() != chacha);
    provider
}
