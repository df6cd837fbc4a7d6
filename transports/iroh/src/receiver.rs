//! Frames from a peer.

use std::sync::Arc;

use iroh::endpoint::{ReadError, RecvStream, VarInt};
use myrhiza_kernel_api::transport::{FRAME_BYTES, FrameReceiver};
use myrhiza_kernel_api::{BoxFuture, TransportError};

use crate::error::{closed, within};
use crate::link::Link;

const DOING: &str = "received a frame";

pub(crate) struct Receiver {
    stream: RecvStream,
    state: State,
    _link: Arc<Link>,
}

/// What a dropped future leaves for the next.
enum State {
    Length { bytes: [u8; 4], have: usize },
    Frame { bytes: Vec<u8>, length: usize },
    Finished,
    Broken,
}

impl State {
    const START: Self = Self::Length { bytes: [0; 4], have: 0 };
}

impl Receiver {
    pub(crate) fn new(stream: RecvStream, link: Arc<Link>) -> Self {
        Self { stream, state: State::START, _link: link }
    }

    /// One step towards the next frame; every await in it may be dropped without loss.
    async fn step(&mut self) -> Result<Option<Vec<u8>>, TransportError> {
        match &mut self.state {
            State::Length { bytes, have } if *have < bytes.len() => {
                match self.stream.read(&mut bytes[*have..]).await {
                    Ok(Some(read)) => *have += read,
                    Ok(None) if *have == 0 => self.state = State::Finished,
                    Ok(None) | Err(_) => self.state = State::Broken,
                }
                Ok(None)
            }
            State::Length { bytes, .. } => {
                let length = u32::from_be_bytes(*bytes);
                if let Err(error) = within("a frame", u64::from(length), FRAME_BYTES as u64) {
                    self.break_off();
                    return Err(error);
                }
                self.state = State::Frame { bytes: Vec::new(), length: length as usize };
                Ok(None)
            }
            State::Frame { bytes, length } if bytes.len() < *length => {
                let read: Result<_, ReadError> =
                    self.stream.read_chunk(*length - bytes.len()).await;
                match read {
                    // It grows with what has come, not with what was announced.
                    Ok(Some(chunk)) => bytes.extend_from_slice(&chunk),
                    Ok(None) | Err(_) => self.state = State::Broken,
                }
                Ok(None)
            }
            State::Frame { bytes, .. } => {
                let frame = std::mem::take(bytes);
                self.state = State::START;
                Ok(Some(frame))
            }
            State::Finished | State::Broken => Ok(None),
        }
    }

    fn break_off(&mut self) {
        self.state = State::Broken;
        let _ended_before = self.stream.stop(VarInt::from_u32(0));
    }
}

impl FrameReceiver for Receiver {
    fn receive(&mut self) -> BoxFuture<'_, Result<Option<Vec<u8>>, TransportError>> {
        Box::pin(async move {
            loop {
                match self.state {
                    State::Finished => return Ok(None),
                    State::Broken => return Err(closed(DOING)),
                    _ => {
                        if let Some(frame) = self.step().await? {
                            return Ok(Some(frame));
                        }
                    }
                }
            }
        })
    }
}
