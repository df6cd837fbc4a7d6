//! Two pipes, one each way, and their halves.

use std::sync::Arc;

use myrhiza_kernel_api::transport::{FrameReceiver, FrameSender};
use myrhiza_kernel_api::{BoxFuture, Connection, PublicKey, TransportError};

use crate::pipe::Pipe;

/// What joins two nodes, as the network keeps it to be able to end it.
pub(crate) struct Link {
    /// The nodes that opened and that accepted it.
    pub(crate) ends: [u64; 2],
    /// From the first to the second, and back.
    pub(crate) pipes: [Arc<Pipe>; 2],
}

impl Link {
    pub(crate) fn new(ends: [u64; 2]) -> Self {
        Self { ends, pipes: Default::default() }
    }

    /// One end's view of it.
    pub(crate) fn end(&self, peer: PublicKey, out: usize, back: usize) -> Connection {
        Connection {
            peer,
            sender: Box::new(Sender(Arc::clone(&self.pipes[out]))),
            receiver: Box::new(Receiver(Arc::clone(&self.pipes[back]))),
        }
    }

    /// Whether a half is left.
    pub(crate) fn in_use(&self) -> bool {
        self.pipes.iter().any(|pipe| Arc::strong_count(pipe) > 1)
    }

    pub(crate) fn break_off(&self) {
        self.pipes.iter().for_each(|pipe| pipe.break_off());
    }

    /// Ends what `node` sends after what is on the way, and what it receives at once.
    pub(crate) fn leave(&self, node: u64) {
        for (end, pipe) in self.ends.iter().zip(&self.pipes) {
            if *end == node { pipe.finish() } else { pipe.break_off() }
        }
    }
}

struct Sender(Arc<Pipe>);

impl FrameSender for Sender {
    fn send(&mut self, frame: Vec<u8>) -> BoxFuture<'_, Result<(), TransportError>> {
        Box::pin(self.0.send(frame))
    }

    fn finish(self: Box<Self>) -> BoxFuture<'static, ()> {
        Box::pin(async move { self.0.finish() })
    }
}

impl Drop for Sender {
    fn drop(&mut self) {
        self.0.drop_sender();
    }
}

struct Receiver(Arc<Pipe>);

impl FrameReceiver for Receiver {
    fn receive(&mut self) -> BoxFuture<'_, Result<Option<Vec<u8>>, TransportError>> {
        Box::pin(self.0.receive())
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.0.break_off();
    }
}
