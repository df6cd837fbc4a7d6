//! When a connection is read from: not while too much waits to be sent on it, nor in a pause.

use std::future::poll_fn;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::task::Poll;

use futures_util::task::AtomicWaker;

use super::Surroundings;

/// Bytes that wait to be sent to a peer before nothing more is read from it. More than two sides
/// that only stream history to each other ever have waiting, so that they never wait for each other.
const QUEUED_BYTES: usize = 16 << 20;

#[derive(Default)]
pub(super) struct Gate {
    queued: AtomicUsize,
    pause_ms: AtomicU64,
    waker: AtomicWaker,
}

impl Gate {
    /// So many bytes wait to be sent.
    pub(super) fn queue(&self, bytes: usize) {
        self.queued.fetch_add(bytes, Ordering::Relaxed);
    }

    /// So many were sent.
    pub(super) fn sent(&self, bytes: usize) {
        self.queued.fetch_sub(bytes, Ordering::Relaxed);
        self.waker.wake();
    }

    /// Nothing is read for so long.
    pub(super) fn pause(&self, ms: u64) {
        self.pause_ms.fetch_max(ms, Ordering::Relaxed);
    }

    /// Is done when the next message may be read.
    pub(super) async fn open(&self, surroundings: &dyn Surroundings) {
        poll_fn(|cx| {
            self.waker.register(cx.waker());
            match self.queued.load(Ordering::Relaxed) {
                ..=QUEUED_BYTES => Poll::Ready(()),
                _ => Poll::Pending,
            }
        })
        .await;
        let ms = self.pause_ms.swap(0, Ordering::Relaxed);
        if ms > 0 {
            surroundings.sleep(ms).await;
        }
    }
}
