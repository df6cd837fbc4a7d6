//! What the rest of a program has of a node.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use async_channel::{Receiver, Sender, bounded};
use myrhiza_kernel_api::{Address, PeerAddress, PublicKey, TopicId, Transport};

use super::kernel::Asked;
use crate::node::{Input, NodeStatus, PeerStatus, Seat, Switch, Told};

/// What happened, for one who watches. It ends when the node stops, or when what happened was not
/// taken in time: then the state is to be read again.
pub type Watch = Receiver<Arc<Told>>;

/// Things told to a watcher that it has not taken.
const UNTAKEN: usize = 1024;

/// The node has stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the node has stopped")]
pub struct Stopped;

/// A running node.
#[derive(Clone)]
pub struct Node {
    transport: Arc<dyn Transport>,
    calls: Sender<Asked>,
    inputs: Sender<Input>,
    watchers: Arc<Watchers>,
}

impl Node {
    pub(super) fn new(
        transport: Arc<dyn Transport>,
        calls: Sender<Asked>,
        inputs: Sender<Input>,
        watchers: Arc<Watchers>,
    ) -> Self {
        Self { transport, calls, inputs, watchers }
    }

    /// This node's key.
    pub fn key(&self) -> PublicKey {
        self.transport.key()
    }

    /// How others reach it.
    pub fn addresses(&self) -> Vec<Address> {
        self.transport.addresses()
    }

    /// Does something with the home, between what comes from peers; what changes in its logs is
    /// passed on to them. The time is in milliseconds since 1970.
    ///
    /// # Errors
    /// [`Stopped`]
    pub async fn call<T: Send + 'static>(
        &self,
        what: impl FnOnce(&mut Seat, u64) -> T + Send + 'static,
    ) -> Result<T, Stopped> {
        self.ask(move |switch, now_ms| switch.call(|seat| what(seat, now_ms), now_ms)).await
    }

    /// The peers this node is connected to, ascending by key.
    ///
    /// # Errors
    /// [`Stopped`]
    pub async fn peers(&self) -> Result<Vec<PeerStatus>, Stopped> {
        self.ask(|switch, _| (switch.peers(), Vec::new())).await
    }

    /// The topics that no peer serves this home, though some that have them were reached
    /// ([`Switch::denied`]).
    ///
    /// # Errors
    /// [`Stopped`]
    pub async fn denied(&self) -> Result<BTreeSet<TopicId>, Stopped> {
        self.ask(|switch, _| (switch.denied(), Vec::new())).await
    }

    /// Whether it goes on.
    ///
    /// # Errors
    /// [`Stopped`]
    pub async fn status(&self) -> Result<NodeStatus, Stopped> {
        self.ask(|switch, now_ms| (switch.status(now_ms), Vec::new())).await
    }

    /// Has this home's state after all events there are compared with that of connected peers who have
    /// the same events; how many these are. What comes of it is told ([`Told::Drift`]) and kept.
    ///
    /// # Errors
    /// [`Stopped`]
    pub async fn compare(&self, topic: TopicId) -> Result<usize, Stopped> {
        self.ask(move |switch, now_ms| switch.vote_now(topic, now_ms)).await
    }

    /// Connects to a peer, and keeps it so.
    ///
    /// # Errors
    /// [`Stopped`]
    pub async fn connect(&self, peer: PeerAddress) -> Result<(), Stopped> {
        self.inputs.send(Input::Connect(peer)).await.map_err(|_| Stopped)
    }

    /// The machine slept or has another network: who was not reached is tried again at once. Where it `slept`
    /// for longer than its peers wait for one that says nothing, those it was connected with are too.
    ///
    /// # Errors
    /// [`Stopped`]
    pub async fn awake(&self, slept: bool) -> Result<(), Stopped> {
        self.inputs.send(Input::Awake { slept }).await.map_err(|_| Stopped)
    }

    /// What happens from now on.
    pub fn watch(&self) -> Watch {
        self.watchers.add()
    }

    /// Ends the node: what is under way is finished, and peers are told. The futures of its
    /// [`super::Parts`] are done soon after.
    pub async fn stop(&self) {
        let _ = self.calls.send(Asked::Stop).await;
    }

    async fn ask<T: Send + 'static>(
        &self,
        what: impl FnOnce(&mut Switch, u64) -> (T, Vec<crate::node::Output>) + Send + 'static,
    ) -> Result<T, Stopped> {
        let (reply, answer) = bounded(1);
        let call = Box::new(move |switch: &mut Switch, now_ms| {
            let (result, outputs) = what(switch, now_ms);
            // Who asked may be gone.
            let _ = reply.try_send(result);
            outputs
        });
        self.calls.send(Asked::Call(call)).await.map_err(|_| Stopped)?;
        answer.recv().await.map_err(|_| Stopped)
    }
}

/// Those who watch a node.
#[derive(Default)]
pub(super) struct Watchers(Mutex<Vec<Sender<Arc<Told>>>>);

impl Watchers {
    fn add(&self) -> Watch {
        let (sender, watch) = bounded(UNTAKEN);
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(sender);
        watch
    }

    /// Writes it to the log, and tells everybody; who is slow or gone is dropped.
    pub(super) fn tell(&self, told: Told) {
        told.log();
        let told = Arc::new(told);
        let mut watchers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        watchers.retain(|watcher| watcher.try_send(told.clone()).is_ok());
    }
}
