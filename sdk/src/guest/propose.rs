//! `state-propose`, and the reads it shares with `interaction`.

use super::common::Kernel;
use super::kernel;
use crate::context::{Free, ReadState};
use crate::event::Event;
use crate::intent::{Intent, Refusal};

/// The state at the tip, to read.
pub struct Tip(pub(super) ());

impl Kernel for Tip {}

impl ReadState for Tip {
    fn get(&self, key: &[u8]) -> Option<Vec<u8>> {
        kernel::state_view::get(key)
    }
    fn scan(&self, from: &[u8], to: &[u8], limit: u32) -> Vec<u8> {
        kernel::state_view::scan(from, to, limit)
    }
}

impl Free for Tip {
    fn now(&self) -> u64 {
        kernel::clock::now()
    }
    fn random(&self, len: u32) -> Vec<u8> {
        kernel::random::bytes(len)
    }
}

/// Reads the intent, asks the rules, and gives the candidate's variant and payload.
///
/// # Errors
/// What the user is told.
pub fn propose<I: Intent, E: Event>(
    words: &[String],
    rules: impl FnOnce(&Tip, I) -> Result<E, Refusal>,
) -> Result<(u32, Vec<u8>), String> {
    match I::parse(words).and_then(|intent| rules(&Tip(()), intent)) {
        Ok(event) => Ok(event.to_event()),
        Err(Refusal(text)) => Err(text),
    }
}
