//! A relay of one's own: iroh's, of the version that the nodes of this transport speak to.
//!
//! It passes on what nodes send each other, which it cannot read; who a node is, it has that node
//! prove.

use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use iroh::EndpointId;
use iroh_relay::server::{
    self, Access, AccessControl, CertConfig, ClientRateLimit, ClientRequest, ConnectionId,
    DEFAULT_CERT_RELOAD_INTERVAL, QuicConfig, Server, ServerConfig, TlsConfig, reloading_resolver,
};
use myrhiza_kernel_api::{PublicKey, TransportError};
use rustls::crypto::ring;

use crate::address;
use crate::error::{failed, whole};

/// Whether a node, by its key, may use a relay. Asked at each connection; must not block.
pub type Admits = Box<dyn Fn(PublicKey) -> bool + Send + Sync>;

/// What a relay is to be.
pub struct RelayConfig {
    /// Where it listens: for HTTPS with certificates, else for HTTP.
    pub listen: SocketAddr,
    /// Certificates, where it is not for HTTP.
    pub tls: Option<Tls>,
    /// Where its counters are served by HTTP, in OpenMetrics' text format.
    pub metrics: Option<SocketAddr>,
    /// Connections of nodes at one time.
    pub clients: usize,
    /// Bytes a second that it takes from a connection, and as many at once; none for any number.
    pub rate: Option<NonZeroU32>,
    /// Whom it serves.
    pub admits: Admits,
}

/// How it serves HTTPS.
#[derive(Clone, Debug)]
pub struct Tls {
    /// The certificate chain, in PEM. Both files are read again once a day.
    pub cert: PathBuf,
    /// Its key, in PEM.
    pub key: PathBuf,
    /// Where nodes ask, by QUIC, from which address they are seen, if anywhere: two that know it can
    /// often do without the relay.
    pub quic: Option<SocketAddr>,
}

/// A relay that runs, until it is stopped or dropped.
#[derive(Debug)]
pub struct Relay(Server);

impl Relay {
    /// Starts it, on the tokio runtime of the caller.
    ///
    /// # Errors
    /// [`TransportError::Failed`], of an address that is taken or a certificate that is none
    pub async fn start(config: RelayConfig) -> Result<Self, TransportError> {
        let RelayConfig { listen, tls, metrics, clients, rate, admits } = config;
        let mut relay = server::RelayConfig::new(listen);
        relay.access = Arc::new(Door { admits, most: clients, clients: AtomicUsize::new(0) });
        relay.limits.client_rx = rate.map(|rate| {
            let mut limit = ClientRateLimit::new(rate);
            limit.max_burst_bytes = Some(rate);
            limit
        });
        let mut config = ServerConfig::default();
        if let Some(tls) = tls {
            config.quic = tls.quic.map(QuicConfig::new);
            relay.tls = Some(https(listen, tls).await?);
            // What is left there is a probe for networks that want a log-in first, which asks at port
            // 80 of the relay. It has to be somewhere, and need not be reached.
            relay.http_bind_addr = (Ipv4Addr::LOCALHOST, 0).into();
        }
        config.relay = Some(relay);
        config.metrics_addr = metrics;
        let started = Server::spawn(config).await;
        Ok(Self(started.map_err(|error| failed("started a relay")(whole(&error)))?))
    }

    /// Where it listens.
    pub fn address(&self) -> Option<SocketAddr> {
        self.0.https_addr().or(self.0.http_addr())
    }

    /// Where nodes ask by QUIC from which address they are seen, if anywhere.
    pub fn quic(&self) -> Option<SocketAddr> {
        self.0.quic_addr()
    }

    /// Is done when it has ended by itself, with the reason.
    pub async fn ended(&mut self) -> String {
        match self.0.join().await {
            Ok(Ok(())) => "its tasks came to an end".into(),
            Ok(Err(error)) => whole(&error),
            Err(error) => whole(&error),
        }
    }

    /// Ends it: its nodes are told.
    ///
    /// # Errors
    /// [`TransportError::Failed`], if it had failed before
    pub async fn stop(self) -> Result<(), TransportError> {
        let stopped = self.0.shutdown().await;
        stopped.map_err(|error| failed("stopped a relay")(whole(&error)))
    }
}

async fn https(listen: SocketAddr, tls: Tls) -> Result<TlsConfig, TransportError> {
    let Tls { cert, key, quic: _ } = tls;
    let provider = ring::default_provider();
    let named = format!("{} and {}", cert.display(), key.display());
    let loaded = reloading_resolver(&provider, cert, key, DEFAULT_CERT_RELOAD_INTERVAL).await;
    let resolver = loaded.map_err(|error| {
        failed("read a relay's certificate and key")(format!("{named}: {}", whole(&error)))
    })?;
    let config = rustls::ServerConfig::builder_with_provider(Arc::new(provider))
        .with_safe_default_protocol_versions()
        .map_err(failed("set up a relay's TLS"))?
        .with_no_client_auth()
        .with_cert_resolver(resolver);
    Ok(TlsConfig::new(listen, CertConfig::Manual { server_config: config }))
}

/// Who comes in.
struct Door {
    admits: Admits,
    most: usize,
    /// Those who are in.
    clients: AtomicUsize,
}

impl fmt::Debug for Door {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Door").field("most", &self.most).finish_non_exhaustive()
    }
}

impl AccessControl for Door {
    async fn on_connect(&self, request: &ClientRequest) -> Access {
        let deny = |reason: &str| Access::Deny { reason: Some(reason.into()) };
        let key = address::key(request.endpoint_id());
        if !(self.admits)(key) {
            tracing::info!(%key, "a node that is not on the list was turned away");
            return deny("this relay serves those on its list; ask who runs it");
        }
        if self.clients.fetch_add(1, Ordering::Relaxed) >= self.most {
            self.clients.fetch_sub(1, Ordering::Relaxed);
            tracing::warn!(%key, most = self.most, "a node was turned away: the relay is full");
            return deny("this relay is full; try again later");
        }
        Access::Allow
    }

    fn on_disconnect(&self, _key: EndpointId, _connection: ConnectionId) {
        self.clients.fetch_sub(1, Ordering::Relaxed);
    }
}
