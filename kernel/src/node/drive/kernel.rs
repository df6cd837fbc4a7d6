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
    /// Came from it, and is for the next transaction.
    next: Option<Verified>,
    /// When the last tick was done.
    ticked_ms: u64,
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
            outputs,
            watchers,
        };
        (kernel, ends)
    }

    pub(super) async fn run(mut self) -> Seat {
        let started = self.switch.start(self.surroundings.now_ms());
        started.into_iter().for_each(|output| self.route(output));
        while let Some(next) = poll_fn(|cx| self.next(cx)).await {
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

    /// First time, which bounds what anybody may take of it; then what is verified, since it makes
    /// room; then what the user does; then peers. None when
    /// nobody can ask for anything any more, or the verifier has ended.
    fn next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Next>> {
        // Where there is much to do there is no room for the tick among what waits.
        if self.surroundings.now_ms().abs_diff(self.ticked_ms) > LATE_MS {
            return Poll::Ready(Some(Next::Input(Input::Tick)));
        }
        match self.verified(cx) {
            Poll::Ready(Some(verified)) => {
                return Poll::Ready(Some(Next::Input(Input::Verified(verified))));
            }
            // Without the verifier nothing more would be taken, and nobody would know why.
            Poll::Ready(None) => return Poll::Ready(None),
            Poll::Pending => {}
        }
        match self.calls.as_mut().poll_next(cx) {
            Poll::Ready(Some(asked)) => return Poll::Ready(Some(Next::Asked(asked))),
            Poll::Ready(None) => return Poll::Ready(None),
            Poll::Pending => {}
        }
        if self.verifying >= BATCHES {
            return Poll::Pending;
        }
        self.inputs.as_mut().poll_next(cx).map(|input| input.map(Next::Input))
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
