//! The transport under test.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use myrhiza_kernel_api::registry::OpenedTransport;
use myrhiza_kernel_api::transport::TransportSecret;
use myrhiza_kernel_api::{
    BoxFuture, Connection, Kind, PeerAddress, Registration, Registry, Transport, TransportConfig,
};

/// What not every transport can do.
#[derive(Clone, Copy, Debug, Default)]
pub struct Abilities {
    /// It listens on sockets, here one on loopback.
    pub listens: bool,
    /// It keeps blobs in a folder past its own life.
    pub keeps: bool,
    /// A fetch can end half-way, and is resumed.
    pub resumes: bool,
}

/// The transport under test, by its constructor.
#[derive(Clone, Copy)]
pub struct Subject {
    open: fn(TransportConfig) -> BoxFuture<'static, OpenedTransport>,
    abilities: Abilities,
}

/// An open transport, on loopback if it listens at all.
#[derive(Clone)]
pub struct Node(pub Arc<dyn Transport>);

impl Subject {
    /// The transport registered under that name.
    ///
    /// # Panics
    /// If there is none: its crate is not linked.
    pub fn registered(name: &str, abilities: Abilities) -> Self {
        let registry = Registry::collect(&[(Kind::Transport, name)]).unwrap();
        match registry.get(Kind::Transport, name).unwrap() {
            Registration::Transport { open, .. } => Self { open, abilities },
            _ => unreachable!("the registry answers with the kind it was asked for"),
        }
    }

    /// Opens a node with this secret.
    pub(crate) async fn open(&self, secret: [u8; 32], path: Option<PathBuf>) -> Node {
        let loopback = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let config = TransportConfig {
            secret: TransportSecret(secret.into()),
            path,
            listen: if self.abilities.listens { vec![loopback] } else { Vec::new() },
            relays: Vec::new(),
            discovery: false,
        };
        Node((self.open)(config).await.unwrap())
    }

    /// Opens a node with a secret that no other has.
    pub(crate) async fn node(&self) -> Node {
        static LAST: AtomicU64 = AtomicU64::new(0);
        let mut secret = [7; 32];
        secret[..8].copy_from_slice(&LAST.fetch_add(1, Ordering::Relaxed).to_be_bytes());
        self.open(secret, None).await
    }

    pub(crate) async fn nodes<const N: usize>(&self) -> [Node; N] {
        let mut nodes = Vec::new();
        for _ in 0..N {
            nodes.push(self.node().await);
        }
        nodes.try_into().unwrap_or_else(|_| unreachable!("as many as were opened"))
    }

    /// Two nodes, and both ends of a connection that the first has opened.
    pub(crate) async fn joined(&self) -> ([Node; 2], [Connection; 2]) {
        let nodes = self.nodes::<2>().await;
        let ends = nodes[0].join(&nodes[1]).await;
        (nodes, ends)
    }
}

impl Node {
    /// Who it is and where it is.
    pub fn peer(&self) -> PeerAddress {
        PeerAddress { key: self.0.key(), addresses: self.0.addresses() }
    }

    /// Opens a connection to another node, which accepts it.
    pub async fn join(&self, other: &Node) -> [Connection; 2] {
        let (opened, accepted) = tokio::join!(self.0.connect(other.peer()), other.0.accept());
        [opened.unwrap(), accepted.unwrap()]
    }
}

/// Waits long enough for what should not happen to have happened.
pub(crate) async fn a_while() {
    tokio::time::sleep(Duration::from_millis(300)).await;
}
