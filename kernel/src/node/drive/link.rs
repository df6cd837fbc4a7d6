//! One connection: what comes in to the kernel, what goes out to the peer.

use std::pin::pin;
use std::sync::Arc;

use async_channel::{Receiver, Sender};
use futures_util::future::{Either, select};
use myrhiza_kernel_api::Connection;
use myrhiza_kernel_api::transport::{FrameReceiver, FrameSender};

use super::Surroundings;
use super::gate::Gate;
use crate::node::{Input, LinkId};

/// Milliseconds for what was said last to be sent when a connection is ended here.
const END_MS: u64 = 3_000;

/// Why a connection ends on which too much waits.
const UNREAD: &str = "the peer does not read what it asks for";

/// What is never sent.
pub(super) enum Never {}

/// Why nothing more goes over a connection.
enum End {
    /// This side has nothing more to say.
    Said,
    /// It was lost, or the peer ended it.
    Lost(String),
    /// The node has stopped.
    Stopped,
}

pub(super) struct LinkTask {
    pub(super) id: LinkId,
    pub(super) connection: Connection,
    /// Tells the kernel of the connection, before anything that comes of it.
    pub(super) opened: Input,
    pub(super) inputs: Sender<Input>,
    /// What is to be sent.
    pub(super) messages: Receiver<Vec<u8>>,
    /// Closed when the connection is to end.
    pub(super) open: Receiver<Never>,
    pub(super) gate: Arc<Gate>,
    pub(super) surroundings: Arc<dyn Surroundings>,
}

impl LinkTask {
    pub(super) async fn run(self) -> LinkId {
        let Self { id, connection, opened, inputs, messages, open, gate, surroundings } = self;
        let Connection { sender, receiver, .. } = connection;
        if inputs.send(opened).await.is_err() {
            return id;
        }
        let end = {
            let reads = pin!(read(id, receiver, &inputs, &gate, &*surroundings));
            let mut writes = pin!(write(sender, messages, &gate));
            let unread = pin!(gate.unread(&*surroundings));
            let ends = pin!(async { open.recv().await.is_err() });
            let done = match select(select(reads, &mut writes), select(unread, ends)).await {
                Either::Left((Either::Left((end, _)) | Either::Right((end, _)), _)) => Some(end),
                Either::Right((Either::Left(_), _)) => Some(End::Lost(UNREAD.into())),
                Either::Right((Either::Right(_), _)) => None,
            };
            match done {
                Some(end) => end,
                // What was said last may still go, if the peer takes it; nothing is read any more.
                None => {
                    select(writes, surroundings.sleep(END_MS)).await;
                    End::Said
                }
            }
        };
        if let End::Lost(cause) = end {
            let _ = inputs.send(Input::Closed { link: id, cause }).await;
        }
        id
    }
}

async fn read(
    link: LinkId,
    mut receiver: Box<dyn FrameReceiver>,
    inputs: &Sender<Input>,
    gate: &Gate,
    surroundings: &dyn Surroundings,
) -> End {
    loop {
        gate.open(surroundings).await;
        match receiver.receive().await {
            Ok(Some(bytes)) => {
                if inputs.send(Input::Frame { link, bytes }).await.is_err() {
                    return End::Stopped;
                }
            }
            Ok(None) => return End::Lost("the peer closed the connection".into()),
            Err(error) => return End::Lost(error.to_string()),
        }
    }
}

async fn write(mut sender: Box<dyn FrameSender>, messages: Receiver<Vec<u8>>, gate: &Gate) -> End {
    while let Ok(message) = messages.recv().await {
        let bytes = message.len();
        if let Err(error) = sender.send(message).await {
            return End::Lost(error.to_string());
        }
        gate.sent(bytes);
    }
    sender.finish().await;
    End::Said
}

#[cfg(test)]
mod tests {
    use std::future::{Future, pending};
    use std::sync::Mutex;
    use std::task::{Context, Poll, Waker};

    use async_channel::{bounded, unbounded};
    use myrhiza_kernel_api::{BoxFuture, PublicKey, TransportError};

    use super::*;
    use crate::node::drive::gate::{QUEUED_BYTES, UNREAD_MS};
    use crate::sync::Role;

    /// A peer that reads nothing and says nothing.
    struct Deaf;

    impl FrameSender for Deaf {
        fn send(&mut self, _: Vec<u8>) -> BoxFuture<'_, Result<(), TransportError>> {
            Box::pin(pending())
        }

        fn finish(self: Box<Self>) -> BoxFuture<'static, ()> {
            Box::pin(pending())
        }
    }

    impl FrameReceiver for Deaf {
        fn receive(&mut self) -> BoxFuture<'_, Result<Option<Vec<u8>>, TransportError>> {
            Box::pin(pending())
        }
    }

    /// Time that passes when it is told to.
    struct Clock(Mutex<Vec<(u64, Sender<Never>)>>);

    impl Surroundings for Clock {
        fn now_ms(&self) -> u64 {
            0
        }

        fn sleep(&self, ms: u64) -> BoxFuture<'static, ()> {
            let (passes, passed) = bounded::<Never>(1);
            self.0.lock().unwrap().push((ms, passes));
            Box::pin(async move { drop(passed.recv().await) })
        }

        fn random(&self, _: &mut [u8]) {}
    }

    /// A connection with nobody who reads, and what it is run with.
    struct Unread {
        clock: Arc<Clock>,
        gate: Arc<Gate>,
        inputs: Receiver<Input>,
        messages: Sender<Vec<u8>>,
        alive: Sender<Never>,
    }

    const ID: LinkId = LinkId(7);

    fn unread() -> (LinkTask, Unread) {
        let (clock, gate) = (Arc::new(Clock(Mutex::default())), Arc::new(Gate::default()));
        let (inputs, taken) = unbounded();
        let (messages, outgoing) = unbounded();
        let (alive, open) = bounded(1);
        let (id, peer) = (ID, PublicKey([1; 32]));
        let task = LinkTask {
            id,
            connection: Connection { peer, sender: Box::new(Deaf), receiver: Box::new(Deaf) },
            opened: Input::Opened { link: id, peer, role: Role::Listener, nonce: [0; 32] },
            inputs,
            messages: outgoing,
            open,
            gate: gate.clone(),
            surroundings: clock.clone(),
        };
        (task, Unread { clock, gate, inputs: taken, messages, alive })
    }

    impl Clock {
        /// Lets all that waits have waited, and tells how long that was.
        fn pass(&self) -> Vec<u64> {
            self.0.lock().unwrap().drain(..).map(|(ms, _)| ms).collect()
        }
    }

    #[test]
    fn a_connection_that_its_peer_does_not_read_ends_soon_after_it_is_to() {
        let (task, Unread { clock, messages, alive, inputs: _taken, .. }) = unread();
        messages.try_send(vec![0; 9]).unwrap();
        let (mut run, mut cx) = (Box::pin(task.run()), Context::from_waker(Waker::noop()));
        assert!(run.as_mut().poll(&mut cx).is_pending());
        assert_eq!(clock.pass(), [0; 0], "it may take as long as it is open");
        drop(alive);
        assert!(run.as_mut().poll(&mut cx).is_pending(), "what was said last may still go");
        assert_eq!(clock.pass(), [END_MS]);
        assert_eq!(run.as_mut().poll(&mut cx), Poll::Ready(ID));
    }

    #[test]
    fn a_connection_on_which_too_much_waits_for_a_peer_that_does_not_read_is_lost() {
        let (task, Unread { clock, gate, inputs, messages, alive: _alive }) = unread();
        messages.try_send(vec![0; 9]).unwrap();
        let (mut run, mut cx) = (Box::pin(task.run()), Context::from_waker(Waker::noop()));
        gate.queue(QUEUED_BYTES);
        assert!(run.as_mut().poll(&mut cx).is_pending());
        assert_eq!(clock.pass(), [0; 0], "so much may wait");
        // What is read waits for the peer by now, and not at the gate.
        gate.queue(9);
        assert!(run.as_mut().poll(&mut cx).is_pending());
        gate.sent(1);
        assert_eq!(clock.pass(), [UNREAD_MS]);
        assert!(run.as_mut().poll(&mut cx).is_pending(), "it has taken something");
        assert_eq!(clock.pass(), [UNREAD_MS]);
        assert_eq!(run.as_mut().poll(&mut cx), Poll::Ready(ID));
        assert!(matches!(inputs.try_recv(), Ok(Input::Opened { .. })));
        let closed = |input| matches!(input, Input::Closed { link: ID, cause } if cause == UNREAD);
        assert!(inputs.try_recv().is_ok_and(closed));
    }
}
