//! A topic as one verifiable file: genesis, bundles if wanted, and every event in canonical order.
//!
//! The file is a chain of chunks, each sealed by a hash over itself and all before it, so that
//! damage and truncation are found at the chunk where they are. Nobody signs the file: its events
//! and bundles carry the signatures of those who made them. Layout: `docs/spec/export.md`.
//!
//! Neither side does I/O: [`Writer`] hands out bytes to be written, [`Reader`] is given the bytes
//! of a file in pieces of any size.

mod reader;
mod writer;

pub use crate::magic::TOPIC as MAGIC;
pub use reader::{Ending, ExportError, Item, Opening, Reader};
pub use writer::Writer;

use myrhiza_kernel_api::{Hash, limits};

use crate::hash::{Context, derive};

/// The version of the format, in the first chunk.
const VERSION: u64 = 1;
/// Most bundles in one file.
const BUNDLES: usize = 1 << 16;
/// Bytes of events a writer puts into one chunk before it starts another.
const CHUNK_BYTES: usize = 64 << 10;
/// Most events in one chunk.
const CHUNK_EVENTS: usize = 1024;
/// Bytes before a chunk's body: its kind and its length.
const HEAD_BYTES: usize = 5;

/// What a chunk holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Opening = 1,
    Bundle = 2,
    Events = 3,
    Ending = 4,
}

impl Kind {
    fn from_number(number: u8) -> Option<Self> {
        [Self::Opening, Self::Bundle, Self::Events, Self::Ending]
            .into_iter()
            .find(|kind| *kind as u8 == number)
    }

    /// Longest body.
    fn max_bytes(self) -> usize {
        match self {
            Kind::Opening => limits::EVENT_BYTES + 64,
            Kind::Bundle => limits::BUNDLE_BYTES,
            // What is there before the last event, that event, and their heads.
            Kind::Events => CHUNK_BYTES + limits::EVENT_BYTES + 9 * (CHUNK_EVENTS + 1),
            Kind::Ending => 64,
        }
    }
}

/// The seal of a chunk: over the seal before it, or zeros, and the chunk's head and body.
fn seal(before: &Hash, head: &[u8], body: &[u8]) -> Hash {
    derive(Context::ExportSeal, &[before.as_bytes(), head, body])
}

#[cfg(test)]
mod tests;
