//! Long work with a topic ([`crate::runtime::Busy`]), a part at a time and in turn with what peers send.
//!
//! - While a topic is folded, what comes for it waits: its fold would have no end. What waits longer than
//!   a peer has patience for is put into the log all the same, to be folded in its turn, but nothing that
//!   takes the fold back.
//! - Whoever of this home has asked for it comes again until it is folded, and then comes first.

use std::collections::BTreeMap;

use myrhiza_kernel_api::TopicId;

use super::intake::May;
use super::pace::{EVENTS, LONGEST_MS};
use super::switch::Switch;
use super::told::Told;

/// Milliseconds within which who has asked for a topic in vain asks again.
const ASKED_MS: u64 = 3_000;
/// Milliseconds until what failed is tried again, and after which it is so at the latest.
const AGAIN_MS: (u64, u64) = (1_000, 60_000);

#[derive(Debug, Default)]
pub(super) struct Parts {
    /// The topic of which a part was done last.
    last: Option<TopicId>,
    /// That was the last thing that was gone on with.
    had_turn: bool,
    /// Where a part failed: when it is tried again, and the milliseconds until then.
    failed: BTreeMap<TopicId, (u64, u64)>,
    /// Since when something waits for a topic to be folded.
    since: BTreeMap<TopicId, u64>,
    /// When a topic was asked for in vain last.
    asked: BTreeMap<TopicId, u64>,
}

impl Switch {
    /// Goes on with what is left over: of long work, and of what peers sent, in turn.
    pub(super) fn go_on(&mut self) {
        let had_turn = std::mem::take(&mut self.parts.had_turn);
        let did = !had_turn && self.do_part();
        if !did {
            self.take_some(None);
        }
        self.parts.had_turn = did;
    }

    /// Whether there is long work to go on with.
    pub(super) fn has_work(&self) -> bool {
        self.seat.runtime.at_work().any(|topic| self.is_due(topic))
    }

    fn is_due(&self, topic: TopicId) -> bool {
        self.parts.failed.get(&topic).is_none_or(|(due_ms, _)| *due_ms <= self.now_ms)
    }

    /// Does a part of long work, topic by topic in turn; false if there is none.
    pub(super) fn do_part(&mut self) -> bool {
        let due: Vec<_> = self.seat.runtime.at_work().filter(|topic| self.is_due(*topic)).collect();
        let next = due.iter().find(|topic| self.parts.last.is_none_or(|last| **topic > last));
        let Some(topic) = next.or(due.first()).copied() else { return false };
        self.parts.last = Some(topic);
        match self.seat.runtime.go_on(topic) {
            Ok(_) => drop(self.parts.failed.remove(&topic)),
            Err(error) => {
                self.seat.runtime.forget();
                let (first, longest) = AGAIN_MS;
                let before = self.parts.failed.get(&topic);
                let pause = before.map_or(first, |(_, ms)| ms.saturating_mul(2).min(longest));
                let due_ms = self.now_ms.saturating_add(pause);
                self.parts.failed.insert(topic, (due_ms, pause));
                self.tell(Told::Fault { what: "a topic was not gone on with", error });
            }
        }
        self.pass_on(None);
        true
    }

    /// Which of what has come for a topic may be taken now.
    pub(super) fn may(&self, topic: &TopicId) -> May {
        let ago = |ms: &u64| self.now_ms.saturating_sub(*ms);
        let is_at_work = self.seat.runtime.is_at_work(*topic);
        let is_asked = self.parts.asked.get(topic).is_some_and(|ms| ago(ms) < ASKED_MS);
        let is_long = self.parts.since.get(topic).is_some_and(|ms| ago(ms) >= LONGEST_MS);
        if is_asked || (is_at_work && !is_long) {
            May::Nothing
        } else if is_at_work || !self.pace.is_paid(self.now_ms) {
            May::Near
        } else {
            May::All
        }
    }

    /// Events of a topic to be taken at once. Where they are not folded now, what they cost does not matter.
    pub(super) fn at_once(&self, topic: TopicId) -> usize {
        if self.seat.runtime.is_at_work(topic) { EVENTS } else { self.pace.at_once(topic) }
    }

    /// Who acts for this home comes again for what it did not get.
    pub(super) fn note_asked(&mut self) {
        for topic in self.seat.runtime.take_asked() {
            self.parts.asked.insert(topic, self.now_ms);
        }
    }

    /// What is left of what was done before this node was there.
    pub(super) fn look_for_work(&mut self) {
        if let Err(error) = self.seat.runtime.look_for_work() {
            self.tell(Told::Fault { what: "what is yet to be folded was not looked for", error });
        }
    }

    pub(super) fn tick_parts(&mut self) {
        let (runtime, intake, now_ms) = (&self.seat.runtime, &self.pace.intake, self.now_ms);
        let waits = |topic: TopicId| runtime.is_at_work(topic) && intake.has(topic);
        self.parts.since.retain(|topic, _| waits(*topic));
        for topic in runtime.at_work().filter(|topic| waits(*topic)) {
            self.parts.since.entry(topic).or_insert(now_ms);
        }
        self.parts.asked.retain(|_, ms| now_ms.saturating_sub(*ms) < ASKED_MS);
        self.parts.failed.retain(|topic, _| runtime.is_at_work(*topic));
        self.do_part();
    }
}
