//! `state-apply`, and the state it shares with `migrate`.

use super::common::Kernel;
use super::{fixed, kernel};
use crate::context::{ApplyContext, ReadState, WriteState};
use crate::event::{Event, Reject};
use crate::id::{EventId, Person, Scope};

/// The state, and in `state-apply` the event at hand.
pub struct Apply(pub(super) ());

impl Kernel for Apply {}

impl ReadState for Apply {
    fn get(&self, key: &[u8]) -> Option<Vec<u8>> {
        kernel::state::get(key)
    }
    fn scan(&self, from: &[u8], to: &[u8], limit: u32) -> Vec<u8> {
        kernel::state::scan(from, to, limit)
    }
}

impl WriteState for Apply {
    fn set(&mut self, key: &[u8], value: &[u8]) {
        kernel::state::set(key, value);
    }
    fn delete(&mut self, key: &[u8]) {
        kernel::state::delete(key);
    }
}

impl ApplyContext for Apply {
    fn event_id(&self) -> EventId {
        EventId(fixed(kernel::event::id()))
    }
    fn person(&self) -> Person {
        Person(fixed(kernel::event::person()))
    }
    fn scope(&self) -> Scope {
        Scope(fixed(kernel::event::scope()))
    }
    fn is_behavior(&self) -> bool {
        kernel::event::scope_kind() == 1
    }
    fn seq(&self) -> u64 {
        kernel::event::seq()
    }
    fn height(&self) -> u64 {
        kernel::event::height()
    }
    fn hlc(&self) -> u64 {
        kernel::event::hlc()
    }
    fn made_for(&self) -> u32 {
        kernel::event::generation()
    }
    fn variant(&self) -> u32 {
        kernel::event::variant()
    }
    fn payload(&self) -> Vec<u8> {
        kernel::event::payload()
    }
}

/// Reads the event, asks the rules, and gives the verdict's code and reason.
pub fn apply<E: Event>(rules: impl FnOnce(&mut Apply, E) -> Result<(), Reject>) -> (u32, Vec<u8>) {
    let mut cx = Apply(());
    let event = E::from_event(cx.variant(), &cx.payload());
    match event.and_then(|event| rules(&mut cx, event)) {
        Ok(()) => (0, Vec::new()),
        Err(reject) => (reject.code(), reject.into_reason().into_bytes()),
    }
}
