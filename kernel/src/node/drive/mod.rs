//! A transport, tasks and time around a [`Switch`].
//!
//! The kernel knows no threads and no async runtime, so what runs is handed out as futures
//! ([`Parts`]): a host gives the kernel and the verifier a thread each, where it has threads, and
//! the network to the runtime its transport lives on. Between them are channels with an end: who
//! sends more than this home folds waits.

mod gate;
mod handle;
mod kernel;
mod link;
mod network;
mod span;

use std::sync::Arc;

use myrhiza_kernel_api::{BoxFuture, MaybeSend, MaybeSync, Transport};

use super::{Choice, Seat, Switch};
use crate::event::{Event, UnverifiedEvent};
use crate::identity::SignatureError;

pub use handle::{Node, Stopped, Watch};

/// Time and chance, as the host has them.
pub trait Surroundings: MaybeSend + MaybeSync {
    /// Milliseconds since 1970.
    fn now_ms(&self) -> u64;

    /// Is done after so many milliseconds.
    fn sleep(&self, ms: u64) -> BoxFuture<'static, ()>;

    /// Fills bytes from a cryptographically secure source.
    fn random(&self, bytes: &mut [u8]);

    /// Where the kernel has no thread of its own, and has had its turn: is done once others have had
    /// theirs. `None`: it can go on at once.
    fn turn(&self) -> Option<BoxFuture<'static, ()>> {
        None
    }
}

/// Checks signatures, on as many cores as the host has: [`crate::event::verify_all_on`].
pub type VerifyBatch = fn(Vec<UnverifiedEvent>) -> Vec<Result<Event, SignatureError>>;

/// What a node is made of.
pub struct Config {
    /// The way to peers.
    pub transport: Arc<dyn Transport>,
    /// Time and chance.
    pub surroundings: Arc<dyn Surroundings>,
    /// The home.
    pub seat: Seat,
    /// Checks signatures.
    pub verify: VerifyBatch,
}

/// A node that is to be run: each future until it is done, side by side.
pub struct Parts {
    /// What the rest of the program talks to.
    pub node: Node,
    /// The runtime and its sessions; blocks while it folds. Gives the home back in the end.
    pub kernel: BoxFuture<'static, Seat>,
    /// Checks signatures; blocks while it does.
    pub verifier: BoxFuture<'static, ()>,
    /// Connections; never blocks.
    pub network: BoxFuture<'static, ()>,
}

/// Puts a node together. It is up as long as its parts are run, until [`Node::stop`].
pub fn assemble(config: Config) -> Parts {
    let Config { transport, surroundings, seat, verify } = config;
    let mut seed = [0; 32];
    surroundings.random(&mut seed);
    let switch = Switch::new(seat, transport.key(), Choice::new(seed));
    let (kernel, ends) = kernel::Kernel::new(switch, surroundings.clone());
    let kernel::Ends { calls, inputs, outputs, batches, verified, watchers } = ends;
    let node = Node::new(transport.clone(), calls, inputs.clone(), watchers);
    let network = network::Network::new(transport, surroundings, inputs);
    Parts {
        node,
        kernel: Box::pin(kernel.run()),
        verifier: Box::pin(async move {
            while let Ok(batch) = batches.recv().await {
                if verified.send(batch.verified(verify)).await.is_err() {
                    return;
                }
            }
        }),
        network: Box::pin(network.run(outputs)),
    }
}
