//! All connections, accepted and opened, as one future.

use std::collections::BTreeMap;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use async_channel::{Receiver, Sender, bounded, unbounded};
use futures_util::future::{Either, Shared, select};
use futures_util::stream::FuturesUnordered;
use futures_util::{FutureExt, StreamExt};
use myrhiza_kernel_api::transport::Fetched;
use myrhiza_kernel_api::{
    Address, BoxFuture, BundleId, Connection, Hash, PeerAddress, PublicKey, Transport,
};

use super::Surroundings;
use super::gate::Gate;
use super::link::{LinkTask, Never};
use crate::node::{Input, LinkId, Output};
use crate::sync::{Blob, Role};

/// Milliseconds between two ticks.
const TICK_MS: u64 = 1_000;
/// Milliseconds for a connection to be opened.
const DIAL_MS: u64 = 15_000;
/// Milliseconds for connections to end when the node stops.
const STOP_MS: u64 = 3_000;
/// Milliseconds in which something of a bundle has to come; what has come is not fetched again.
const STALL_MS: u64 = 10_000;
/// Bytes that come at least between two words on how far that is.
const STEP_BYTES: u64 = 16 << 10;

pub(super) struct Network {
    transport: Arc<dyn Transport>,
    surroundings: Arc<dyn Surroundings>,
    inputs: Sender<Input>,
    links: BTreeMap<LinkId, Outgoing>,
    next: u64,
    /// How this node was last said to be reached.
    addresses: Vec<Address>,
    /// Connections whose tasks have not ended.
    running: usize,
    /// Bundles on their way, and from whom. Dropped, it is fetched no longer.
    fetches: BTreeMap<(BundleId, LinkId), Sender<Never>>,
    /// Done when all blobs are removed that were to be: what is added after that stays.
    removed: Shared<BoxFuture<'static, ()>>,
    tasks: FuturesUnordered<BoxFuture<'static, Done>>,
}

/// The way to a connection's task.
struct Outgoing {
    messages: Sender<Vec<u8>>,
    /// Dropped, it ends the connection.
    _open: Sender<Never>,
    gate: Arc<Gate>,
}

/// What a task came to.
enum Done {
    Accepted(Option<Connection>),
    Dialed(PublicKey, Result<Connection, String>),
    Ended(LinkId),
    Tick,
    Told,
}

impl Network {
    pub(super) fn new(
        transport: Arc<dyn Transport>,
        surroundings: Arc<dyn Surroundings>,
        inputs: Sender<Input>,
    ) -> Self {
        let (links, tasks) = (BTreeMap::new(), FuturesUnordered::new());
        let nothing: BoxFuture<'static, ()> = Box::pin(async {});
        Self {
            transport,
            surroundings,
            inputs,
            links,
            next: 0,
            addresses: Vec::new(),
            running: 0,
            fetches: BTreeMap::new(),
            removed: nothing.shared(),
            tasks,
        }
    }

    pub(super) async fn run(mut self, outputs: Receiver<Output>) {
        let mut outputs = Box::pin(outputs);
        self.tell_addresses();
        self.tell_blobs();
        self.accept();
        self.tick();
        loop {
            // There is always the tick, so `tasks` does not end.
            let next = match select(outputs.next(), self.tasks.next()).await {
                Either::Left((Some(output), _)) => Either::Left(output),
                Either::Left((None, _)) => break,
                Either::Right((Some(done), _)) => Either::Right(done),
                Either::Right((None, _)) => break,
            };
            match next {
                Either::Left(output) => self.output(output),
                Either::Right(done) => self.done(done),
            }
        }
        // The kernel is gone: what it said last is sent, and nothing new is taken.
        self.links.clear();
        self.fetches.clear();
        let ended = async {
            while self.running > 0
                && let Some(done) = self.tasks.next().await
            {
                self.running -= usize::from(matches!(done, Done::Ended(_)));
            }
        };
        select(std::pin::pin!(ended), self.surroundings.sleep(STOP_MS)).await;
        self.transport.close().await;
    }

    fn output(&mut self, output: Output) {
        match output {
            Output::Send { link, bytes } => {
                if let Some(Outgoing { messages, gate, .. }) = self.links.get(&link) {
                    gate.queue(bytes.len());
                    let _ = messages.try_send(bytes);
                }
            }
            Output::Pause { link, ms } => {
                if let Some(outgoing) = self.links.get(&link) {
                    outgoing.gate.pause(ms);
                }
            }
            // Its task ends when it has sent what is to be sent, or soon.
            Output::Close { link } => drop(self.links.remove(&link)),
            Output::Dial(peer) => self.dial(peer),
            Output::Keep { bundle, bytes } => self.keep(bundle, bytes),
            Output::Fetch { bundle, blob, link, from } => self.fetch(bundle, blob, link, from),
            Output::EndFetch { bundle, link } => drop(self.fetches.remove(&(bundle, link))),
            Output::Forget { hash } => self.forget(hash),
            Output::Verify(_) | Output::Told(_) => {}
        }
    }

    fn done(&mut self, done: Done) {
        match done {
            Done::Accepted(Some(connection)) => {
                self.open(connection, Role::Listener);
                self.accept();
            }
            Done::Accepted(None) => tracing::warn!("the transport takes no more connections"),
            Done::Dialed(_, Ok(connection)) => self.open(connection, Role::Dialer),
            Done::Dialed(peer, Err(cause)) => self.say(Input::NotReached { peer, cause }),
            Done::Ended(link) => {
                self.running -= 1;
                self.links.remove(&link);
            }
            Done::Tick => {
                // With no room for it the kernel has enough to do.
                let _ = self.inputs.try_send(Input::Tick);
                self.tell_addresses();
                self.tick();
            }
            Done::Told => {}
        }
    }

    /// Tells the kernel how this node is reached, where that has changed.
    fn tell_addresses(&mut self) {
        let addresses = self.transport.addresses();
        if addresses != self.addresses
            && self.inputs.try_send(Input::Addresses(addresses.clone())).is_ok()
        {
            self.addresses = addresses;
        }
    }

    /// Tells the kernel what blobs there are already.
    fn tell_blobs(&self) {
        let (transport, inputs) = (self.transport.clone(), self.inputs.clone());
        let told = async move {
            match transport.blobs().list().await {
                Ok(blobs) if blobs.is_empty() => {}
                Ok(blobs) => {
                    let _ = inputs.send(Input::Held(blobs)).await;
                }
                Err(error) => tracing::warn!(%error, "old blobs are not removed"),
            }
            Done::Told
        };
        self.tasks.push(Box::pin(told));
    }

    fn accept(&self) {
        let transport = self.transport.clone();
        let accepted = async move { Done::Accepted(transport.accept().await) };
        self.tasks.push(Box::pin(accepted));
    }

    fn tick(&self) {
        self.tasks.push(Box::pin(self.surroundings.sleep(TICK_MS).map(|()| Done::Tick)));
    }

    fn dial(&self, peer: PeerAddress) {
        let (transport, key) = (self.transport.clone(), peer.key);
        let late = self.surroundings.sleep(DIAL_MS);
        let dialed = async move {
            let connected = match select(transport.connect(peer), late).await {
                Either::Left((Ok(connection), _)) => Ok(connection),
                Either::Left((Err(error), _)) => Err(error.to_string()),
                Either::Right(_) => Err(format!("no answer within {} s", DIAL_MS / 1_000)),
            };
            Done::Dialed(key, connected)
        };
        self.tasks.push(Box::pin(dialed));
    }

    fn keep(&self, bundle: BundleId, bytes: Vec<u8>) {
        let (transport, inputs) = (self.transport.clone(), self.inputs.clone());
        let (length, removed) = (bytes.len() as u64, self.removed.clone());
        let kept = async move {
            removed.await;
            let blob = match transport.blobs().add(bytes).await {
                Ok(hash) => Some(Blob { hash, bytes: length }),
                Err(error) => {
                    tracing::warn!(%bundle, %error, "a bundle is not served");
                    None
                }
            };
            let _ = inputs.send(Input::Kept { bundle, blob }).await;
            Done::Told
        };
        self.tasks.push(Box::pin(kept));
    }

    fn forget(&mut self, hash: Hash) {
        let (transport, earlier) = (self.transport.clone(), self.removed.clone());
        let removed: BoxFuture<'static, ()> = Box::pin(async move {
            earlier.await;
            if let Err(error) = transport.blobs().remove(hash).await {
                tracing::warn!(%hash, %error, "a blob is not removed");
            }
        });
        self.removed = removed.shared();
        self.tasks.push(Box::pin(self.removed.clone().map(|()| Done::Told)));
    }

    fn fetch(&mut self, bundle: BundleId, blob: Blob, link: LinkId, from: PeerAddress) {
        let (transport, inputs) = (self.transport.clone(), self.inputs.clone());
        let (alive, wanted) = bounded(1);
        self.fetches.retain(|_, fetch| !fetch.is_closed());
        self.fetches.insert((bundle, link), alive);
        // A word on it now and then; a clock cannot go where the transport's threads are.
        let step = (blob.bytes / 128).max(STEP_BYTES);
        let (telling, mut next) = (self.inputs.clone(), step);
        let here = Arc::new(AtomicU64::new(0));
        let stalled = stalled(self.surroundings.clone(), here.clone());
        let progress = move |bytes: u64| {
            here.store(bytes, Ordering::Relaxed);
            // With no room for it the kernel has enough to do, and is told a little later.
            let total = blob.bytes;
            let fetching = || Input::Fetching { bundle, link, bytes, total };
            if bytes >= next && telling.try_send(fetching()).is_ok() {
                next = bytes.saturating_add(step);
            }
        };
        let removed = self.removed.clone();
        let fetched = async move {
            removed.await;
            let fetched = pin!(fetch(&*transport, blob, from, progress));
            let stalled = pin!(stalled);
            let ended = pin!(wanted.recv());
            let bytes = match select(fetched, select(stalled, ended)).await {
                Either::Left((bytes, _)) => bytes,
                Either::Right((Either::Left(_), _)) => {
                    Err(format!("nothing more of it came for {} s", STALL_MS / 1_000))
                }
                Either::Right((Either::Right(_), _)) => return Done::Told,
            };
            let _ = inputs.send(Input::Fetched { bundle, link, bytes }).await;
            Done::Told
        };
        self.tasks.push(Box::pin(fetched));
    }

    fn say(&self, input: Input) {
        let inputs = self.inputs.clone();
        let told = async move {
            let _ = inputs.send(input).await;
            Done::Told
        };
        self.tasks.push(Box::pin(told));
    }

    fn open(&mut self, connection: Connection, role: Role) {
        let link = LinkId(self.next);
        self.next += 1;
        let mut nonce = [0; 32];
        self.surroundings.random(&mut nonce);
        // Bounded by the gate, and by what a session sends unasked.
        let (messages, outgoing) = unbounded();
        let (gate, (alive, open)) = (Arc::new(Gate::default()), bounded(1));
        self.links.insert(link, Outgoing { messages, _open: alive, gate: gate.clone() });
        let task = LinkTask {
            id: link,
            opened: Input::Opened { link, peer: connection.peer, role, nonce },
            connection,
            inputs: self.inputs.clone(),
            messages: outgoing,
            open,
            gate,
            surroundings: self.surroundings.clone(),
        };
        self.running += 1;
        self.tasks.push(Box::pin(task.run().map(Done::Ended)));
    }
}

/// Is done when nothing more has come for a while.
async fn stalled(surroundings: Arc<dyn Surroundings>, here: Arc<AtomicU64>) {
    let mut before = 0;
    loop {
        surroundings.sleep(STALL_MS).await;
        let now = here.load(Ordering::Relaxed);
        if now <= before {
            return;
        }
        before = now;
    }
}

/// A blob's bytes, which this node keeps and serves from then on.
async fn fetch(
    transport: &dyn Transport,
    blob: Blob,
    from: PeerAddress,
    mut progress: impl FnMut(u64) + Send,
) -> Result<Vec<u8>, String> {
    let Blob { hash, bytes } = blob;
    let (blobs, from) = (transport.blobs(), [from]);
    let progress = Box::new(move |fetched: Fetched| progress(fetched.bytes));
    blobs.fetch(hash, bytes, &from, progress).await.map_err(|error| error.to_string())?;
    let got = blobs.get(hash).await.map_err(|error| error.to_string())?;
    got.ok_or_else(|| "it was fetched and is gone".into())
}
