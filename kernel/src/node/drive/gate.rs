//! When a connection is read from: not while too much waits to be sent on it, nor in a pause.

use std::future::poll_fn;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::task::Poll;

use futures_util::task::AtomicWaker;

use super::Surroundings;

/// Milliseconds for which nothing is sent, while too much waits, after which a peer does not read. More
/// than it takes the longest message over a slow line.
pub(super) const UNREAD_MS: u64 = 60_000;
/// Bytes that wait to be sent to a peer before nothing more is read from it. More than two sides
/// that only stream history to each other ever have waiting, so that they never wait for each other.
pub(super) const QUEUED_BYTES: usize = 16 << 20;

#[derive(Default)]
pub(super) struct Gate {
    queued: AtomicUsize,
    /// Messages that were sent.
    sent: AtomicU64,
    pause_ms: AtomicU64,
    /// Of who waits for it to open.
    waker: AtomicWaker,
    /// Of who waits for it to close.
    closed: AtomicWaker,
}

impl Gate {
    /// So many bytes wait to be sent.
    pub(super) fn queue(&self, bytes: usize) {
        self.queued.fetch_add(bytes, Ordering::Relaxed);
        if self.is_closed() {
            self.closed.wake();
        }
    }

    /// A message of so many bytes was sent.
    pub(super) fn sent(&self, bytes: usize) {
        self.queued.fetch_sub(bytes, Ordering::Relaxed);
        self.sent.fetch_add(1, Ordering::Relaxed);
        self.waker.wake();
    }

    /// Nothing is read for so long.
    pub(super) fn pause(&self, ms: u64) {
        self.pause_ms.fetch_max(ms, Ordering::Relaxed);
    }

    fn is_closed(&self) -> bool {
        self.queued.load(Ordering::Relaxed) > QUEUED_BYTES
    }

    /// Is done when nothing of too much could be sent for a while. Who reads may wait at the gate by then,
    /// or for a peer that says nothing more: it would not see that.
    pub(super) async fn unread(&self, surroundings: &dyn Surroundings) {
        loop {
            poll_fn(|cx| {
                self.closed.register(cx.waker());
                match self.is_closed() {
                    true => Poll::Ready(()),
                    false => Poll::Pending,
                }
            })
            .await;
            let before = self.sent.load(Ordering::Relaxed);
            surroundings.sleep(UNREAD_MS).await;
            if self.is_closed() && self.sent.load(Ordering::Relaxed) == before {
                return;
            }
        }
    }

    /// Is done when the next message may be read.
    pub(super) async fn open(&self, surroundings: &dyn Surroundings) {
        poll_fn(|cx| {
            self.waker.register(cx.waker());
            match self.is_closed() {
                true => Poll::Pending,
                false => Poll::Ready(()),
            }
        })
        .await;
        let ms = self.pause_ms.swap(0, Ordering::Relaxed);
        if ms > 0 {
            surroundings.sleep(ms).await;
        }
    }
}
