//! Frames to a peer: each after its length.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::{Arc, Mutex, Weak};

use bytes::{Buf, Bytes};
use iroh::endpoint::{SendStream, VarInt};
use myrhiza_kernel_api::transport::{FRAME_BYTES, FrameSender};
use myrhiza_kernel_api::{BoxFuture, TransportError};
use n0_future::time::timeout;

use crate::error::{closed, within};
use crate::limits::FINISH;
use crate::link::{Link, lock};

/// Above what else is sent on a connection, which has priority 0.
const FRAMES_FIRST: i32 = 1;

/// A stream that the transport can end while its sender waits: it is locked for the time of a poll.
type Shared = Mutex<SendStream>;

pub(crate) struct Sender {
    stream: Arc<Shared>,
    /// What is yet to be written. A send that was dropped leaves the rest of its frame here.
    pending: VecDeque<Bytes>,
    _link: Arc<Link>,
}

impl Sender {
    pub(crate) fn new(stream: SendStream, link: Arc<Link>, open: &OpenStreams) -> Self {
        // Blobs go over the same connection, and frames do not wait for them. An error says that the
        // stream has ended.
        let _ended = stream.set_priority(FRAMES_FIRST);
        let stream = Arc::new(Mutex::new(stream));
        open.add(&stream);
        Self { stream, pending: VecDeque::new(), _link: link }
    }

    async fn flush(&mut self) -> Result<(), TransportError> {
        while let Some(next) = self.pending.front_mut() {
            if next.is_empty() {
                self.pending.pop_front();
                continue;
            }
            let written =
                poll_fn(|cx| Pin::new(&mut *lock(&self.stream)).poll_write(cx, next)).await;
            next.advance(written.map_err(|_| closed("sent a frame"))?);
        }
        Ok(())
    }
}

impl FrameSender for Sender {
    fn send(&mut self, frame: Vec<u8>) -> BoxFuture<'_, Result<(), TransportError>> {
        Box::pin(async move {
            within("a frame", frame.len() as u64, FRAME_BYTES as u64)?;
            self.flush().await?;
            let length = (frame.len() as u32).to_be_bytes();
            self.pending.push_back(Bytes::copy_from_slice(&length));
            self.pending.push_back(frame.into());
            self.flush().await
        })
    }

    fn finish(mut self: Box<Self>) -> BoxFuture<'static, ()> {
        Box::pin(async move {
            let _in_time = timeout(FINISH, async {
                if self.flush().await.is_ok() {
                    finish(&self.stream).await;
                }
            })
            .await;
        })
    }
}

impl Drop for Sender {
    fn drop(&mut self) {
        // Of a stream that is finished and acknowledged nothing is left to reset.
        let _finished = lock(&self.stream).reset(VarInt::from_u32(0));
    }
}

/// Ends a stream, and waits until the peer has all of it.
async fn finish(stream: &Shared) {
    let acknowledged = {
        let mut stream = lock(stream);
        let _ended_before = stream.finish();
        stream.stopped()
    };
    let _peer_gone = acknowledged.await;
}

/// The streams that are open for sending, for the transport's end.
#[derive(Clone, Default)]
pub(crate) struct OpenStreams(Arc<Mutex<Vec<Weak<Shared>>>>);

impl OpenStreams {
    fn add(&self, stream: &Arc<Shared>) {
        let mut open = lock(&self.0);
        open.retain(|stream| stream.strong_count() > 0);
        open.push(Arc::downgrade(stream));
    }

    /// Ends all of them gracefully, as long as peers take what was sent.
    pub(crate) async fn finish(&self) {
        let open: Vec<_> = lock(&self.0).drain(..).filter_map(|stream| stream.upgrade()).collect();
        let all = open.iter().map(|stream| timeout(FINISH, finish(stream)));
        n0_future::join_all(all).await;
    }
}
