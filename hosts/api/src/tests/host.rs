//! Answering over a node that runs, each of its parts on a thread.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

use myrhiza_kernel::event::verify_all;
use myrhiza_kernel::node::Seat;
use myrhiza_kernel::node::drive::{Config, Node, Parts, Stopped, Surroundings, assemble};
use myrhiza_kernel_api::BoxFuture;
use myrhiza_kernel_api::transport::TransportSecret;
use myrhiza_transport_memory::Network;

use super::home::{Home, NOW_MS};
use crate::{Answer, Answered, Error, Host, Lent, Request, Status, respond};

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

/// The clock stands still, and what waits does wait.
struct Still;

impl Surroundings for Still {
    fn now_ms(&self) -> u64 {
        NOW_MS
    }

    fn sleep(&self, ms: u64) -> BoxFuture<'static, ()> {
        let end = Instant::now() + Duration::from_millis(ms);
        Box::pin(poll_fn(move |cx| {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Poll::Ready(());
            }
            let waker = cx.waker().clone();
            thread::spawn(move || {
                thread::sleep(left);
                waker.wake();
            });
            Poll::Pending
        }))
    }

    fn random(&self, bytes: &mut [u8]) {
        bytes.fill(7);
    }
}

/// A node that is connected to nobody.
fn node() -> Node {
    let transport = Network::new().open(&TransportSecret([1; 32].into()));
    let (seat, surroundings) = (Home::new(1).seat, Arc::new(Still));
    let Parts { node, kernel, verifier, network } =
        assemble(Config { transport, surroundings, seat, verify: verify_all });
    thread::spawn(move || drop(block_on(kernel)));
    thread::spawn(move || block_on(verifier));
    thread::spawn(move || block_on(network));
    node
}

/// A host whose home is busy so many times.
struct Stub {
    busy: Arc<AtomicUsize>,
    slept: AtomicUsize,
}

impl Stub {
    fn new(busy: usize) -> Self {
        Self { busy: Arc::new(AtomicUsize::new(busy)), slept: AtomicUsize::new(0) }
    }
}

impl Host for Stub {
    type Lent = Busy;

    fn lend(&self) -> Busy {
        Busy(self.busy.clone())
    }

    fn sleep(&self, _: Duration) -> BoxFuture<'static, ()> {
        self.slept.fetch_add(1, Ordering::Relaxed);
        Box::pin(std::future::ready(()))
    }

    fn stopped(&self, error: Stopped) -> Error {
        Error::new("node", "nothing was done", error.to_string(), "start it again")
    }
}

struct Busy(Arc<AtomicUsize>);

impl Lent for Busy {
    fn answer(self, _: &mut Seat, status: &Status, request: Request) -> Result<Answered, Error> {
        assert_eq!((request, status.peers.len()), (Request::Who {}, 0));
        let busy = self.0.load(Ordering::Relaxed);
        if busy > 0 {
            self.0.store(busy - 1, Ordering::Relaxed);
            return Err(Error::new(Error::BUSY, "not done", "it is folded", "wait"));
        }
        Ok(Answer::Done {}.into())
    }
}

#[test]
fn a_topic_that_is_folded_is_waited_for_and_not_for_ever() {
    let node = node();
    let ask = |host: &Stub| block_on(respond(&node, host, Request::Who {}));
    let patient = Stub::new(3);
    assert_eq!(ask(&patient), Ok("{}".into()));
    assert_eq!(patient.slept.load(Ordering::Relaxed), 3);
    let in_vain = Stub::new(100);
    assert_eq!(ask(&in_vain).unwrap_err().code, Error::BUSY);
    assert_eq!(in_vain.slept.load(Ordering::Relaxed), 20);

    block_on(node.stop());
    assert_eq!(ask(&Stub::new(0)).unwrap_err().code, "node");
}
