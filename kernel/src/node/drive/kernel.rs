//! The one place where the switch is: what goes in and in which order, and where what comes out goes.

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use async_channel::{Receiver, Sender, bounded, unbounded};
use futures_util::Stream;

use super::handle::Watchers;
use super::{Surroundings, span};
use crate::node::{Batch, Input, Output, Seat, Switch, Verified};

/// Inputs of the network that wait.
const INPUTS: usize = 16;
/// Calls that wait.
const CALLS: usize = 16;
/// Batches that are being verified, or are and wait; then nothing is taken from the network.
const BATCHES: usize = 32;
/// Inputs of the network between two turns of events that wait to be folded.
const A_TURN: usize = 16;
/// Milliseconds after a tick when the next has to come, whatever else there is to do.
const LATE_MS: u64 = 2_000;

/// Something to be done with the switch at a time.
pub(super) type Call = Box<dyn FnOnce(&mut Switch, u64) -> Vec<Output> + Send>;

/// What the switch is asked.
pub(super) enum Asked {
    Call(Call),
    Stop,
}

pub(super) struct Kernel {
    switch: Switch,
    surroundings: Arc<dyn Surroundings>,
    calls: Pin<Box<Receiver<Asked>>>,
    inputs: Pin<Box<Receiver<Input>>>,
    verified: Pin<Box<Receiver<Verified>>>,
    /// To the verifier.
    batches: Sender<Batch>,
    /// How many it has.
    verifying: usize,
    /// Came from it, and is for the next input.
    next: Option<Verified>,
    /// When the last tick was done.
    ticked_ms: u64,
    /// A call was done last.
    called: bool,
    /// Inputs of the network that were taken since events that wait had their turn.
    taken: usize,
    /// To the network.
    outputs: Sender<Output>,
    watchers: Arc<Watchers>,
}

/// The other ends of the kernel's channels.
pub(super) struct Ends {
    pub(super) calls: Sender<Asked>,
    pub(super) inputs: Sender<Input>,
    pub(super) outputs: Receiver<Output>,
    pub(super) batches: Receiver<Batch>,
    pub(super) verified: Sender<Verified>,
    pub(super) watchers: Arc<Watchers>,
}

enum Next {
    Asked(Asked),
    Input(Input),
}

impl Kernel {
    pub(super) fn new(switch: Switch, surroundings: Arc<dyn Surroundings>) -> (Self, Ends) {
        let (calls, calls_end) = bounded(CALLS);
        let (inputs, inputs_end) = bounded(INPUTS);
        // What these hold is bounded by what goes in.
        let (outputs, outputs_end) = unbounded();
        let (batches, batches_end) = unbounded();
        let (verified, verified_end) = unbounded();
        let watchers = Arc::new(Watchers::default());
        let ends = Ends {
            calls,
            inputs,
            outputs: outputs_end,
            batches: batches_end,
            verified,
            watchers: watchers.clone(),
        };
        let kernel = Self {
            switch,
            surroundings,
            calls: Box::pin(calls_end),
            inputs: Box::pin(inputs_end),
            verified: Box::pin(verified_end),
            batches,
            verifying: 0,
            next: None,
            ticked_ms: 0,
            called: false,
            taken: 0,
            outputs,
            watchers,
        };
        (kernel, ends)
    }

    pub(super) async fn run(mut self) -> Seat {
        let started = self.switch.start(self.surroundings.now_ms());
        started.into_iter().for_each(|output| self.route(output));
        while let Some(next) = poll_fn(|cx| self.next(cx)).await {
            if let Some(turn) = self.surroundings.turn() {
                turn.await;
            }
            let now_ms = self.surroundings.now_ms();
            let ticks = matches!(next, Next::Input(Input::Tick));
            let span = match &next {
                Next::Input(input) => span::of(input, &self.switch),
                Next::Asked(_) => tracing::debug_span!("call"),
            };
            // What comes of it is told, and so logged, within its span.
            let _entered = span.enter();
            let outputs = match next {
                Next::Input(input) => self.switch.take(input, now_ms),
                Next::Asked(Asked::Call(call)) => call(&mut self.switch, now_ms),
                Next::Asked(Asked::Stop) => break,
            };
            outputs.into_iter().for_each(|output| self.route(output));
            if ticks {
                self.ticked_ms = self.surroundings.now_ms();
            }
        }
        // Whoever asked meanwhile waits for an answer as long as the question lies there.
        self.calls.close();
        while self.calls.try_recv().is_ok() {}
        let (seat, outputs) = self.switch.stop();
        for output in outputs {
            // Who is gone has no more use for it.
            let _ = self.outputs.try_send(output);
        }
        seat
    }

    /// Gives an output to whom it is for.
    fn route(&mut self, output: Output) {
        match output {
            Output::Verify(batch) => {
                self.verifying += usize::from(self.batches.try_send(batch).is_ok());
            }
            Output::Told(told) => self.watchers.tell(told),
            other => {
                let _ = self.outputs.try_send(other);
            }
        }
    }

    /// First time, which bounds what anybody may take of it; then what the user does and what is
    /// verified, which makes room, in turn, so that neither waits for all of the other; then peers,
    /// and what is left over of what they sent. None when nobody can ask for anything any more, or
    /// the verifier has ended.
    fn next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Next>> {
        // Where there is much to do there is no room for the tick among what waits.
        if self.surroundings.now_ms().abs_diff(self.ticked_ms) > LATE_MS {
            return Poll::Ready(Some(Next::Input(Input::Tick)));
        }
        let after_call = std::mem::take(&mut self.called);
        if !after_call && let Poll::Ready(asked) = self.call(cx) {
            return Poll::Ready(asked);
        }
        let has_more = self.switch.has_more();
        if has_more && self.taken >= A_TURN {
            return self.go_on();
        }
        match self.verified(cx) {
            Poll::Ready(Some(verified)) => {
                self.taken += 1;
                return Poll::Ready(Some(Next::Input(Input::Verified(verified))));
            }
            // Without the verifier nothing more would be taken, and nobody would know why.
            Poll::Ready(None) => return Poll::Ready(None),
            Poll::Pending => {}
        }
        if has_more && after_call {
            return self.go_on();
        }
        if after_call && let Poll::Ready(asked) = self.call(cx) {
            return Poll::Ready(asked);
        }
        if self.verifying < BATCHES
            && let Poll::Ready(input) = self.inputs.as_mut().poll_next(cx)
        {
            self.taken += 1;
            return Poll::Ready(input.map(Next::Input));
        }
        if has_more { self.go_on() } else { Poll::Pending }
    }

    fn call(&mut self, cx: &mut Context<'_>) -> Poll<Option<Next>> {
        let asked = self.calls.as_mut().poll_next(cx);
        self.called = asked.is_ready();
        asked.map(|asked| asked.map(Next::Asked))
    }

    fn go_on(&mut self) -> Poll<Option<Next>> {
        self.taken = 0;
        Poll::Ready(Some(Next::Input(Input::GoOn)))
    }

    /// What is verified, as much as is there and goes into one transaction.
    fn verified(&mut self, cx: &mut Context<'_>) -> Poll<Option<Verified>> {
        let mut poll = || {
            let polled = self.verified.as_mut().poll_next(cx);
            self.verifying -= usize::from(matches!(polled, Poll::Ready(Some(_))));
            polled
        };
        let mut first = match self.next.take() {
            Some(first) => first,
            None => match poll() {
                Poll::Ready(Some(first)) => first,
                other => return other,
            },
        };
        // The end of it is met again at the next call.
        while let Poll::Ready(Some(next)) = poll() {
            if let Err(next) = first.and(next) {
                self.next = Some(next);
                break;
            }
        }
        Poll::Ready(Some(first))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};
    use std::task::Waker;

    use myrhiza_kernel_api::{BoxFuture, PublicKey};

    use super::*;
    use crate::dag::IngestReport;
    use crate::event::payload::{Admission, Join};
    use crate::event::{Event, Kind};
    use crate::identity::ScopeKind;
    use crate::node::{Choice, LinkId};
    use crate::testing::{HEAVY, Home, Op, Scope, World};

    /// A clock that is set by hand.
    struct Clock(AtomicU64);

    impl Surroundings for Clock {
        fn now_ms(&self) -> u64 {
            self.0.load(Ordering::Relaxed)
        }

        fn sleep(&self, _: u64) -> BoxFuture<'static, ()> {
            Box::pin(std::future::pending())
        }

        fn random(&self, bytes: &mut [u8]) {
            bytes.fill(1);
        }
    }

    struct Bench {
        kernel: Kernel,
        ends: Ends,
        clock: Arc<Clock>,
        world: World,
    }

    fn bench() -> Bench {
        let world = World::new(Admission::Open);
        let Home { runtime, .. } = Home::with(&world, std::slice::from_ref(&world.genesis));
        let Scope { device, certificate, .. } = world.founder.clone();
        let seat = Seat { runtime, scope: device, certificate };
        let mut switch = Switch::new(seat, PublicKey([9; 32]), Choice::new([1; 32]));
        let clock = Arc::new(Clock(AtomicU64::new(1_000_000)));
        drop(switch.start(clock.now_ms()));
        let (mut kernel, ends) = Kernel::new(switch, clock.clone());
        kernel.ticked_ms = clock.now_ms();
        Bench { kernel, ends, clock, world }
    }

    impl Bench {
        /// A batch that was verified, as of a connection of its own.
        fn verified(&mut self, link: u64, events: Vec<Event>) {
            let (link, topic) = (LinkId(link), self.world.id());
            let batches = vec![(IngestReport::default(), events)];
            self.kernel.verifying += 1;
            self.ends.verified.try_send(Verified { link, topic, batches }).unwrap();
        }

        fn call(&self) {
            let call = Box::new(|_: &mut Switch, _| Vec::new());
            self.ends.calls.try_send(Asked::Call(call)).unwrap();
        }

        /// What is done next, and does it.
        fn step(&mut self) -> &'static str {
            let mut cx = Context::from_waker(Waker::noop());
            let Poll::Ready(next) = self.kernel.next(&mut cx) else { return "nothing" };
            let now_ms = self.clock.now_ms();
            let (what, input) = match next.expect("it goes on") {
                Next::Asked(_) => return "call",
                Next::Input(input) => match input {
                    Input::Verified(_) => ("verified", input),
                    Input::GoOn => ("more", input),
                    Input::Tick => {
                        self.kernel.ticked_ms = now_ms;
                        ("tick", input)
                    }
                    _ => ("peer", input),
                },
            };
            drop(self.kernel.switch.take(input, now_ms));
            what
        }

        fn steps(&mut self, count: usize) -> Vec<&'static str> {
            (0..count).map(|_| self.step()).collect()
        }
    }

    #[test]
    fn a_flood_of_batches_and_calls_is_done_in_turn() {
        let mut bench = bench();
        (0..40).for_each(|n| bench.verified(n, Vec::new()));
        (0..3).for_each(|_| bench.call());
        let steps = bench.steps(8);
        let want =
            ["call", "verified", "call", "verified", "call", "verified", "verified", "verified"];
        assert_eq!(steps, want);
    }

    #[test]
    fn time_passes_whatever_else_there_is_to_do() {
        let mut bench = bench();
        (0..40).for_each(|n| bench.verified(n, Vec::new()));
        (0..CALLS).for_each(|_| bench.call());
        while bench.ends.inputs.try_send(Input::Addresses(Vec::new())).is_ok() {}
        let mut ticks = 0;
        for _ in 0..20 {
            // As if each took so long.
            bench.clock.0.fetch_add(700, Ordering::Relaxed);
            ticks += usize::from(bench.step() == "tick");
        }
        assert_eq!(ticks, 20 / 3);
    }

    #[test]
    fn what_is_left_of_a_long_batch_goes_on_between_calls_and_peers() {
        let mut bench = bench();
        let mut scope = Scope::new(11, 111, ScopeKind::Device);
        let join = Join::Open(scope.certificate.clone());
        let join = crate::codec::Canonical::to_bytes(&join);
        let genesis = bench.world.genesis.id();
        let mut batch = vec![bench.world.next(&mut scope, &[genesis], (Kind::Join, 0, &join))];
        batch.extend((0..200).map(|_| bench.world.app(&mut scope, &[], Op::Write as u32, HEAVY)));
        bench.verified(1, batch);
        assert_eq!(bench.step(), "verified");
        let events =
            |bench: &Bench| bench.kernel.switch.runtime().root(bench.world.id()).unwrap().events;
        assert!(events(&bench) < 100);
        (0..4).for_each(|_| bench.call());
        (0..INPUTS).for_each(|_| bench.ends.inputs.try_send(Input::Addresses(Vec::new())).unwrap());
        assert_eq!(
            bench.steps(8),
            ["call", "more", "call", "more", "call", "more", "call", "more"]
        );
        // A peer's messages are not held up by it, nor it by them.
        assert_eq!(bench.steps(INPUTS + 1), [vec!["peer"; INPUTS], vec!["more"]].concat());
        while bench.step() != "nothing" {}
        assert_eq!(events(&bench), 202);
    }

    /// Surroundings with one thread for all, where others have a turn before everything that is done.
    struct OneThread;

    impl Surroundings for OneThread {
        fn now_ms(&self) -> u64 {
            1_000_000
        }

        fn sleep(&self, _: u64) -> BoxFuture<'static, ()> {
            Box::pin(std::future::pending())
        }

        fn random(&self, bytes: &mut [u8]) {
            bytes.fill(1);
        }

        fn turn(&self) -> Option<BoxFuture<'static, ()>> {
            let mut had = false;
            Some(Box::pin(poll_fn(move |_| match std::mem::replace(&mut had, true) {
                true => Poll::Ready(()),
                false => Poll::Pending,
            })))
        }
    }

    #[test]
    fn where_there_is_one_thread_others_have_a_turn_between_what_is_done() {
        let switch = bench().kernel.switch;
        let (kernel, ends) = Kernel::new(switch, Arc::new(OneThread));
        let done = Arc::new(AtomicU64::new(0));
        for _ in 0..3 {
            let done = Arc::clone(&done);
            let call = Box::new(move |_: &mut Switch, _| {
                done.fetch_add(1, Ordering::Relaxed);
                Vec::new()
            });
            ends.calls.try_send(Asked::Call(call)).unwrap();
        }
        let mut run = std::pin::pin!(kernel.run());
        let mut cx = Context::from_waker(Waker::noop());
        // The first thing done is a tick.
        for had in [0, 0, 1, 2, 3] {
            assert!(run.as_mut().poll(&mut cx).is_pending());
            assert_eq!(done.load(Ordering::Relaxed), had);
        }
    }
}
