//! Whole nodes, each future on a thread, over the memory transport.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, JoinHandle, Thread};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use async_channel::bounded;
use myrhiza_kernel_api::transport::{Blobs, Fetched, TransportSecret};
use myrhiza_kernel_api::{
    Address, BoxFuture, Connection, Hash, PeerAddress, PublicKey, Transport, TransportError,
};
use myrhiza_transport_memory::Network;

use super::net::{lacking, seat};
use crate::event::payload::Admission;
use crate::event::verify_all;
use crate::node::drive::{Config, Node, Parts, Stopped, Surroundings, assemble};
use crate::node::{Seat, Told};
use crate::runtime::Ambient;
use crate::testing::app::BUNDLE;
use crate::testing::{Op, World};

const PATIENCE: Duration = Duration::from_secs(60);

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// Runs a future on this thread.
fn block_on<T>(future: impl Future<Output = T>) -> T {
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let (mut cx, mut future) = (Context::from_waker(&waker), pin!(future));
    loop {
        if let Poll::Ready(value) = future.as_mut().poll(&mut cx) {
            return value;
        }
        thread::park();
    }
}

/// The system's clock, with a thread for each thing that waits.
struct Clock;

impl Surroundings for Clock {
    fn now_ms(&self) -> u64 {
        SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis() as u64
    }

    fn sleep(&self, ms: u64) -> BoxFuture<'static, ()> {
        let (done, wait) = bounded::<()>(1);
        thread::spawn(move || {
            thread::sleep(Duration::from_millis(ms));
            drop(done);
        });
        Box::pin(async move {
            let _ = wait.recv().await;
        })
    }

    fn random(&self, bytes: &mut [u8]) {
        bytes.fill(7);
    }
}

/// A node that runs.
struct Running {
    node: Node,
    transport: Arc<dyn Transport>,
    kernel: JoinHandle<Seat>,
    others: Vec<JoinHandle<()>>,
}

impl Running {
    fn of(network: &Network, n: u8, seat: Seat) -> Self {
        Self::over(network.open(&TransportSecret([n; 32].into())), Arc::new(Clock), seat)
    }

    fn over(
        transport: Arc<dyn Transport>,
        surroundings: Arc<dyn Surroundings>,
        seat: Seat,
    ) -> Self {
        let config =
            Config { transport: transport.clone(), surroundings, seat, verify: verify_all };
        let Parts { node, kernel, verifier, network } = assemble(config);
        let kernel = thread::spawn(move || block_on(kernel));
        let others =
            [verifier, network].map(|part| thread::spawn(move || block_on(part))).into_iter();
        Self { node, transport, kernel, others: others.collect() }
    }

    fn address(&self) -> PeerAddress {
        PeerAddress { key: self.node.key(), addresses: self.node.addresses() }
    }

    fn act(&self, world: &World, text: &'static str) {
        let topic = world.id();
        let act = move |seat: &mut Seat, now_ms| {
            let (runtime, signer) = seat.parts();
            let mut ambient = Ambient { now_ms, random: &mut |bytes| bytes.fill(1) };
            let (variant, payload) = (Op::Write as u32, text.as_bytes().to_vec());
            runtime.submit(topic, signer, &mut ambient, variant, payload).unwrap();
        };
        block_on(self.node.call(act)).unwrap();
    }

    fn events(&self, world: &World) -> u64 {
        let topic = world.id();
        block_on(self.node.call(move |seat, _| seat.runtime.root(topic).unwrap().events)).unwrap()
    }

    /// Stops it; all its parts end.
    fn stop(self) -> Seat {
        block_on(self.node.stop());
        self.others.into_iter().for_each(|other| other.join().unwrap());
        assert_eq!(block_on(self.node.peers()), Err(Stopped));
        self.kernel.join().unwrap()
    }
}

#[track_caller]
fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let start = Instant::now();
    while !holds() {
        assert!(start.elapsed() < PATIENCE, "{what} did not come to be");
        thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn nodes_exchange_and_stop_and_give_their_homes_back() {
    let (world, network) = (World::new(Admission::Open), Network::new());
    let one = Running::of(&network, 1, seat(&world, &world.founder, &[]));
    let other = Running::of(&network, 2, lacking(&world, &world.founder, &[]));
    let watch = other.node.watch();
    one.act(&world, "before");
    block_on(other.node.connect(one.address())).unwrap();
    until("the exchange", || other.events(&world) == 2);
    one.act(&world, "live");
    until("a live event", || other.events(&world) == 3);
    // The app came with it, to be agreed to.
    let offered = |told: Arc<Told>| matches!(*told, Told::Offered { .. });
    until("the offer", || watch.try_recv().is_ok_and(offered));

    let (mine, theirs) = (one.transport.key(), other.transport.key());
    network.cut(mine, theirs);
    until("the loss", || block_on(one.node.peers()).unwrap().is_empty());
    one.act(&world, "apart");
    network.heal(mine, theirs);
    until("the reconnection", || other.events(&world) == 4);

    let seat = other.stop();
    assert_eq!(seat.runtime.offers().unwrap()[0].id(), BUNDLE.id());
    until("the end", || block_on(one.node.peers()).unwrap().is_empty());
    one.stop();
}

/// The system's clock, by which what waits waits a tenth as long.
struct Fast;

impl Surroundings for Fast {
    fn now_ms(&self) -> u64 {
        Clock.now_ms()
    }

    fn sleep(&self, ms: u64) -> BoxFuture<'static, ()> {
        Clock.sleep(ms / 10)
    }

    fn random(&self, bytes: &mut [u8]) {
        Clock.random(bytes);
    }
}

/// A transport whose blobs never come.
struct Stalls(Arc<dyn Transport>);

impl Transport for Stalls {
    fn name(&self) -> &'static str {
        self.0.name()
    }

    fn key(&self) -> PublicKey {
        self.0.key()
    }

    fn addresses(&self) -> Vec<Address> {
        self.0.addresses()
    }

    fn connect(&self, to: PeerAddress) -> BoxFuture<'_, Result<Connection, TransportError>> {
        self.0.connect(to)
    }

    fn accept(&self) -> BoxFuture<'_, Option<Connection>> {
        self.0.accept()
    }

    fn blobs(&self) -> &dyn Blobs {
        self
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        self.0.close()
    }
}

impl Blobs for Stalls {
    fn add(&self, bytes: Vec<u8>) -> BoxFuture<'_, Result<Hash, TransportError>> {
        self.0.blobs().add(bytes)
    }

    fn get(&self, hash: Hash) -> BoxFuture<'_, Result<Option<Vec<u8>>, TransportError>> {
        self.0.blobs().get(hash)
    }

    fn fetch<'a>(
        &'a self,
        _: Hash,
        _: u64,
        _: &'a [PeerAddress],
        mut progress: Box<dyn FnMut(Fetched) + Send + 'a>,
    ) -> BoxFuture<'a, Result<(), TransportError>> {
        progress(Fetched { bytes: 10, total: None });
        Box::pin(std::future::pending())
    }

    fn list(&self) -> BoxFuture<'_, Result<Vec<Hash>, TransportError>> {
        self.0.blobs().list()
    }

    fn remove(&self, hash: Hash) -> BoxFuture<'_, Result<(), TransportError>> {
        self.0.blobs().remove(hash)
    }
}

#[test]
fn a_fetch_of_which_nothing_comes_is_ended() {
    let (world, network) = (World::new(Admission::Open), Network::new());
    let one = Running::of(&network, 1, seat(&world, &world.founder, &[]));
    let stalls = Stalls(network.open(&TransportSecret([2; 32].into())));
    let seat = lacking(&world, &world.founder, &[]);
    let other = Running::over(Arc::new(stalls), Arc::new(Fast), seat);
    let watch = other.node.watch();
    block_on(other.node.connect(one.address())).unwrap();
    let ended = |told: Arc<Told>| matches!(&*told, Told::NotFetched { cause, .. } if cause.contains("nothing more"));
    until("the end of the fetch", || watch.try_recv().is_ok_and(ended));
    other.stop();
    one.stop();
}
