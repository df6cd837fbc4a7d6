//! What is kept of the fold of each event, for people to see why.

use std::ops::{Bound, ControlFlow};

use myrhiza_kernel_api::{Snapshot, TopicId, limits};

use crate::fault::Fault;
use crate::order::{Place, TopicKeys};
use crate::schema;

/// How an event's fold ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "protocol.md names them")]
pub enum Verdict {
    Accept,
    /// By the app, or by the kernel's own rules.
    Reject,
    Trap,
}

/// The fold of one event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ruling {
    /// How it ended.
    pub verdict: Verdict,
    /// The app's number for the reason; 0 for accept, traps and the kernel's own rejects.
    pub code: u32,
    /// Why, for people; empty for accept.
    pub reason: String,
    /// Fuel the component used; 0 if none ran.
    pub fuel: u64,
}

impl Ruling {
    /// Accepted.
    pub fn accept(fuel: u64) -> Self {
        Self { verdict: Verdict::Accept, code: 0, reason: String::new(), fuel }
    }

    /// Rejected by the kernel's own rules.
    pub fn kernel_reject(reason: impl Into<String>) -> Self {
        Self { verdict: Verdict::Reject, code: 0, reason: reason.into(), fuel: 0 }
    }

    /// `verdict ‖ code ‖ fuel ‖ reason`, the value under [`crate::schema::VERDICTS`].
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let verdict = match self.verdict {
            Verdict::Accept => 0,
            Verdict::Reject => 1,
            Verdict::Trap => 2,
        };
        let mut bytes = Vec::with_capacity(13 + self.reason.len());
        bytes.push(verdict);
        bytes.extend_from_slice(&self.code.to_be_bytes());
        bytes.extend_from_slice(&self.fuel.to_be_bytes());
        let reason = &self.reason[..self.reason.floor_char_boundary(limits::REASON_BYTES)];
        bytes.extend_from_slice(reason.as_bytes());
        bytes
    }

    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (verdict, rest) = bytes.split_first()?;
        let (code, rest) = rest.split_first_chunk()?;
        let (fuel, reason) = rest.split_first_chunk()?;
        let verdict = match verdict {
            0 => Verdict::Accept,
            1 => Verdict::Reject,
            2 => Verdict::Trap,
            _ => return None,
        };
        Some(Self {
            verdict,
            code: u32::from_be_bytes(*code),
            fuel: u64::from_be_bytes(*fuel),
            reason: String::from_utf8(reason.to_vec()).ok()?,
        })
    }
}

/// The ruling on the event at a place, if it was folded.
///
/// # Errors
/// [`Fault`]
pub fn read_verdict(
    reader: &dyn Snapshot,
    topic: TopicId,
    place: Place,
) -> Result<Option<Ruling>, Fault> {
    let found = reader.get(schema::VERDICTS, &TopicKeys { topic }.place(place))?;
    let read = |bytes: &[u8]| {
        Ruling::from_bytes(bytes)
            .ok_or_else(|| Fault::damaged(format!("verdict at {place}"), "layout"))
    };
    found.map(|bytes| read(&bytes)).transpose()
}

/// The fuel of the first `most` events that are folded from a place on.
///
/// # Errors
/// [`Fault`]
pub fn fuel_from(
    reader: &dyn Snapshot,
    topic: TopicId,
    place: Place,
    most: u64,
) -> Result<u64, Fault> {
    let keys = TopicKeys { topic };
    let (from, to) = (keys.place(place), keys.end());
    let (mut fuel, mut left, mut whole) = (0u64, most, true);
    let range = (Bound::Included(from.as_slice()), to.as_ref().map(Vec::as_slice));
    reader.scan(schema::VERDICTS, range, false, &mut |_, bytes| {
        let ruling = Ruling::from_bytes(bytes);
        whole &= ruling.is_some();
        fuel = fuel.saturating_add(ruling.map_or(0, |ruling| ruling.fuel));
        left = left.saturating_sub(1);
        if left > 0 { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    })?;
    if whole {
        Ok(fuel)
    } else {
        Err(Fault::damaged(format!("verdicts from {place} on"), "layout"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ruling_is_kept_whole_and_a_long_reason_cut_at_a_character() {
        let mut ruling =
            Ruling { verdict: Verdict::Reject, code: 7, reason: "nö".into(), fuel: 9 };
        assert_eq!(Ruling::from_bytes(&ruling.to_bytes()), Some(ruling.clone()));
        ruling.reason = "é".repeat(limits::REASON_BYTES);
        let kept = Ruling::from_bytes(&ruling.to_bytes()).unwrap();
        assert_eq!(kept.reason, "é".repeat(limits::REASON_BYTES / 2));
    }
}
