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
            let ends = pin!(async { open.recv().await.is_err() });
            let done = match select(select(reads, &mut writes), ends).await {
                Either::Left((Either::Left((end, _)) | Either::Right((end, _)), _)) => Some(end),
                Either::Right(_) => None,
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
