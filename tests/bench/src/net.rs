//! Nodes over iroh in this process: each with two threads of its own, as a host gives it, all on
//! one async runtime and on loopback.

use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use myrhiza_kernel::node::drive::{Config, Node, Parts, Surroundings, Watch, assemble};
use myrhiza_kernel::node::{Seat, Told};
use myrhiza_kernel::runtime::{Ambient, Runtime};
use myrhiza_kernel_api::transport::TransportSecret;
use myrhiza_kernel_api::{BoxFuture, PeerAddress, TopicId, TransportConfig};
use myrhiza_transport_iroh::IrohTransport;
use tokio::runtime::{Builder, Handle, Runtime as Tokio};
use tokio::task::JoinHandle as Task;
use tokio::time::timeout;

use crate::home::verify;

/// Longest wait for anything that has to happen.
const PATIENCE: Duration = Duration::from_secs(300);

/// What nodes run on.
pub struct Net(Tokio);

/// A node that is up.
pub struct Peer {
    /// It.
    pub node: Node,
    network: Task<()>,
    threads: Vec<JoinHandle<()>>,
}

impl Net {
    /// Without nodes.
    #[expect(clippy::new_without_default, reason = "it starts threads")]
    pub fn new() -> Self {
        Self(Builder::new_multi_thread().enable_all().build().unwrap())
    }

    /// Waits for something.
    pub fn run<T>(&self, what: impl Future<Output = T>) -> T {
        self.0.block_on(async { timeout(PATIENCE, what).await.unwrap() })
    }

    /// Something that goes on beside.
    pub fn spawn(&self, what: impl Future<Output = ()> + Send + 'static) {
        self.0.spawn(what);
    }

    /// Starts the node with that number.
    pub fn up(&self, number: u8, seat: Seat) -> Peer {
        let config = TransportConfig {
            secret: TransportSecret([number + 1; 32].into()),
            path: None,
            listen: vec![([127, 0, 0, 1], 0).into()],
            relays: Vec::new(),
            discovery: false,
        };
        let transport = Arc::new(self.run(IrohTransport::open(config)).unwrap());
        let surroundings = Arc::new(Host(self.0.handle().clone()));
        let Parts { node, kernel, verifier, network } =
            assemble(Config { transport, surroundings, seat, verify });
        let threads = vec![self.thread(async move { drop(kernel.await) }), self.thread(verifier)];
        Peer { node, network: self.0.spawn(network), threads }
    }

    fn thread(&self, work: impl Future<Output = ()> + Send + 'static) -> JoinHandle<()> {
        let handle = self.0.handle().clone();
        thread::spawn(move || handle.block_on(work))
    }

    /// Ends nodes.
    pub fn down(&self, peers: impl IntoIterator<Item = Peer>) {
        for Peer { node, network, threads } in peers {
            self.run(async {
                node.stop().await;
                network.await.unwrap();
            });
            threads.into_iter().for_each(|thread| thread.join().unwrap());
        }
    }
}

impl Peer {
    /// How others reach it.
    pub fn address(&self) -> PeerAddress {
        PeerAddress { key: self.node.key(), addresses: self.node.addresses() }
    }

    /// Does something with the home.
    pub async fn home<T: Send + 'static>(
        &self,
        what: impl FnOnce(&mut Runtime) -> T + Send + 'static,
    ) -> T {
        self.node.call(|seat, _| what(&mut seat.runtime)).await.unwrap()
    }

    /// How many exchanges are complete, over all its connections.
    pub async fn complete(&self) -> usize {
        let peers = self.node.peers().await.unwrap();
        let exchanges = peers.iter().flat_map(|peer| peer.topics.values());
        exchanges.filter(|exchange| exchange.complete).count()
    }

    /// Bytes of messages it has sent so far.
    pub async fn sent(&self) -> u64 {
        self.node.peers().await.unwrap().iter().map(|peer| peer.traffic.sent).sum()
    }

    /// Does something with its scope: an event of a topic, whose id is given back.
    pub async fn submit(&self, topic: TopicId, payload: Vec<u8>) -> myrhiza_kernel_api::EventId {
        let authored = self.node.call(move |seat, now_ms| {
            let mut random = fill;
            let mut ambient = Ambient { now_ms, random: &mut random };
            let (runtime, signer) = seat.parts();
            runtime.submit(topic, signer, &mut ambient, 0, payload)
        });
        authored.await.unwrap().unwrap().event.id()
    }
}

/// Waits until a node says that a topic has so many events.
pub async fn complete(watch: &Watch, topic: TopicId, events: u64) {
    loop {
        match &*watch.recv().await.unwrap() {
            Told::Complete { topic: of, events: known, .. } if (*of, *known) == (topic, events) => {
                return;
            }
            Told::Fault { what, error } => panic!("{what}: {error}"),
            _ => {}
        }
    }
}

struct Host(Handle);

impl Surroundings for Host {
    fn now_ms(&self) -> u64 {
        SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis() as u64
    }

    fn sleep(&self, ms: u64) -> BoxFuture<'static, ()> {
        let _within = self.0.enter();
        Box::pin(tokio::time::sleep(Duration::from_millis(ms)))
    }

    fn random(&self, bytes: &mut [u8]) {
        fill(bytes);
    }
}

fn fill(bytes: &mut [u8]) {
    getrandom::fill(bytes).unwrap();
}
