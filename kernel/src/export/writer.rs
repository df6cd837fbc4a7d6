//! Makes an export.

use myrhiza_kernel_api::Hash;

use super::{CHUNK_BYTES, CHUNK_EVENTS, Kind, MAGIC, VERSION, seal};
use crate::bundle::Bundle;
use crate::codec;
use crate::event::Event;

/// Writes one topic. Equal event sets and bundles make equal files.
#[derive(Debug)]
pub struct Writer {
    out: Vec<u8>,
    seal: Hash,
    /// Events of the chunk that is being filled, each a byte string, and how many.
    pending: codec::Writer,
    pending_bytes: usize,
    pending_events: usize,
    events: u64,
}

impl Writer {
    /// Starts the file of the topic with that genesis event, with these bundles in it.
    pub fn new(genesis: &Event, bundles: &[&Bundle]) -> Self {
        let mut writer = Self::empty();
        let mut opening = codec::Writer::new();
        opening.array(3).u64(VERSION).bytes(genesis.to_bytes()).u64(bundles.len() as u64);
        writer.chunk(Kind::Opening, &opening.into_bytes());
        for bundle in bundles {
            writer.chunk(Kind::Bundle, &bundle.to_bytes());
        }
        writer
    }

    pub(super) fn empty() -> Self {
        Self {
            out: MAGIC.to_vec(),
            seal: Hash([0; 32]),
            pending: codec::Writer::new(),
            pending_bytes: 0,
            pending_events: 0,
            events: 1,
        }
    }

    /// Adds the topic's next event in canonical order, in the encoding it is stored and sent in.
    /// The genesis event is in the file already.
    pub fn event(&mut self, signed: &[u8]) {
        self.pending.bytes(signed);
        self.pending_bytes += signed.len();
        self.pending_events += 1;
        self.events += 1;
        if self.pending_bytes >= CHUNK_BYTES || self.pending_events == CHUNK_EVENTS {
            self.flush();
        }
    }

    /// The bytes to write to the file next.
    pub fn take(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.out)
    }

    /// Ends the file with the root of the topic's log, and gives the last bytes to write.
    pub fn finish(mut self, log_root: &Hash) -> Vec<u8> {
        self.flush();
        let mut ending = codec::Writer::new();
        ending.array(2).u64(self.events).bytes(log_root);
        self.chunk(Kind::Ending, &ending.into_bytes());
        self.out
    }

    fn flush(&mut self) {
        if self.pending_events == 0 {
            return;
        }
        let mut list = codec::Writer::with_capacity(self.pending_bytes + 9 * self.pending_events);
        list.array(self.pending_events).raw(&std::mem::take(&mut self.pending).into_bytes());
        (self.pending_bytes, self.pending_events) = (0, 0);
        self.chunk(Kind::Events, &list.into_bytes());
    }

    pub(super) fn chunk(&mut self, kind: Kind, body: &[u8]) {
        // Every body is far below 4 GiB: bundles and events have limits.
        let length = (body.len() as u32).to_be_bytes();
        let head = [&[kind as u8], length.as_slice()].concat();
        self.seal = seal(&self.seal, &head, body);
        for part in [&head, body, self.seal.as_ref()] {
            self.out.extend_from_slice(part);
        }
    }
}
