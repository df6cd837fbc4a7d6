//! One direction of a connection: frames on the way, bounded in bytes.

use std::collections::VecDeque;
use std::sync::Mutex;

use event_listener::Event;
use myrhiza_kernel_api::TransportError;
use myrhiza_kernel_api::transport::FRAME_BYTES;

use crate::wait::{lock, until};
use crate::{closed, within};

/// Most bytes on the way in one direction.
const WINDOW_BYTES: usize = 2 * FRAME_BYTES;
/// What a frame counts beside its bytes, so that empty ones are bounded too.
const FRAME_OVERHEAD: usize = 64;

#[derive(Default)]
pub(crate) struct Pipe {
    state: Mutex<State>,
    changed: Event,
}

#[derive(Default)]
struct State {
    frames: VecDeque<Vec<u8>>,
    bytes: usize,
    end: Option<End>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    /// No more frames follow those on the way.
    Finished,
    /// Either half is gone, and with it what was on the way.
    Broken,
}

impl Pipe {
    pub(crate) async fn send(&self, mut frame: Vec<u8>) -> Result<(), TransportError> {
        within("a frame", frame.len(), FRAME_BYTES)?;
        let cost = frame.len() + FRAME_OVERHEAD;
        until(&self.changed, || {
            let mut state = lock(&self.state);
            if state.end.is_some() {
                return Some(Err(closed("sent a frame")));
            }
            let room = state.bytes + cost <= WINDOW_BYTES;
            room.then(|| {
                state.bytes += cost;
                state.frames.push_back(std::mem::take(&mut frame));
                self.changed.notify(usize::MAX);
                Ok(())
            })
        })
        .await
    }

    pub(crate) async fn receive(&self) -> Result<Option<Vec<u8>>, TransportError> {
        until(&self.changed, || {
            let mut state = lock(&self.state);
            if let Some(frame) = state.frames.pop_front() {
                state.bytes -= frame.len() + FRAME_OVERHEAD;
                self.changed.notify(usize::MAX);
                return Some(Ok(Some(frame)));
            }
            state.end.map(|end| match end {
                End::Finished => Ok(None),
                End::Broken => Err(closed("received a frame")),
            })
        })
        .await
    }

    /// Ends it after what is on the way.
    pub(crate) fn finish(&self) {
        lock(&self.state).end.get_or_insert(End::Finished);
        self.changed.notify(usize::MAX);
    }

    /// Ends it at once, unless it was finished before.
    pub(crate) fn drop_sender(&self) {
        if lock(&self.state).end.is_none() {
            self.break_off();
        }
    }

    /// Ends it at once.
    pub(crate) fn break_off(&self) {
        *lock(&self.state) = State { end: Some(End::Broken), ..State::default() };
        self.changed.notify(usize::MAX);
    }
}
