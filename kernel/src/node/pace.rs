//! Late events: what makes much of a topic be folded again waits for its share of the processor, so
//! that back-dated events delay their own effect and not others' work.
//!
//! What has been folded again is paid for by time. While more than a little is owed, batches that would go far back
//! wait, and those that wait are taken together then, with one rewind a topic. A connection whose
//! batch waits gets no credit for it, so few wait; what comes at the tip does not wait for them.
//! When an event is folded decides nothing.

use std::collections::{BTreeMap, VecDeque};

use myrhiza_kernel_api::TopicId;

use super::link::LinkId;
use super::switch::Switch;
use super::told::{Told, Why};
use super::traffic::Verified;
use crate::event::Event;
use crate::runtime::{IngestReport, Ingested, RuntimeError};

/// Events folded again that cost little beside the commit they are in: see `docs/performance.md`.
const NEAR: u64 = 100;
/// Events folded again that a second pays for: about a fifth of one core.
const A_SECOND: u64 = 20_000;
/// Milliseconds that may be owed before anything waits.
const OWED_MS: u64 = 500;
/// Milliseconds that are paid for at most, however long a log is: less than a peer waits for credit.
const LONGEST_MS: u64 = 20_000;
/// Bytes of events that wait at most; with more, all go on.
const WAITING_BYTES: usize = 32 << 20;

#[derive(Default)]
pub(super) struct Pace {
    /// When all is paid for that was folded again.
    paid_ms: u64,
    waiting: VecDeque<Verified>,
    /// Of the events that wait.
    bytes: usize,
    /// Events folded again so far.
    pub(super) refolded: u64,
}

impl Pace {
    /// So many events were folded again.
    fn charge(&mut self, refolded: u64, now_ms: u64) {
        self.refolded = self.refolded.saturating_add(refolded);
        if refolded > NEAR {
            let cost_ms = refolded.saturating_mul(1_000) / A_SECOND;
            let paid_ms = self.paid_ms.max(now_ms).saturating_add(cost_ms);
            self.paid_ms = paid_ms.min(now_ms.saturating_add(LONGEST_MS));
        }
    }

    fn is_paid(&self, now_ms: u64) -> bool {
        self.paid_ms <= now_ms.saturating_add(OWED_MS)
    }

    fn waits(&self, link: LinkId, topic: TopicId) -> bool {
        self.waiting.iter().any(|waits| (waits.link, waits.topic) == (link, topic))
    }

    fn push(&mut self, verified: Verified) {
        self.bytes = self.bytes.saturating_add(verified.events().flatten().map(size).sum());
        self.waiting.push_back(verified);
    }

    /// Bytes of the events that wait.
    #[cfg(test)]
    pub(super) fn waiting_bytes(&self) -> usize {
        self.bytes
    }
}

fn size(event: &Event) -> usize {
    event.payload().len().saturating_add(1024)
}

impl Switch {
    /// Takes a batch whose signatures were checked, now or later.
    pub(super) fn verified(&mut self, verified: Verified) {
        if self.is_late(&verified) {
            self.pace.push(verified);
        } else {
            self.ingest(verified.topic, vec![verified]);
        }
    }

    /// Whether a batch has to wait: for those before it, or since it would go far back.
    fn is_late(&mut self, verified: &Verified) -> bool {
        if self.pace.waits(verified.link, verified.topic) {
            return true;
        }
        if self.pace.is_paid(self.now_ms) {
            return false;
        }
        // What cannot be told here is told where it is taken.
        let batches: Vec<_> = verified.events().collect();
        let far = self.seat.runtime.would_refold(verified.topic, &batches);
        far.is_ok_and(|refolded| refolded > NEAR)
    }

    /// Takes what waits, if it is time.
    pub(super) fn take_late(&mut self) {
        let due = self.pace.is_paid(self.now_ms) || self.pace.bytes > WAITING_BYTES;
        if !due || self.pace.waiting.is_empty() {
            return;
        }
        self.pace.bytes = 0;
        let mut topics: BTreeMap<TopicId, Vec<Verified>> = BTreeMap::new();
        for verified in std::mem::take(&mut self.pace.waiting) {
            topics.entry(verified.topic).or_default().push(verified);
        }
        for (topic, batches) in topics {
            self.ingest(topic, batches);
        }
    }

    /// Takes batches of one topic, and tells their connections and all others.
    fn ingest(&mut self, topic: TopicId, verified: Vec<Verified>) {
        let batches: Vec<_> = verified.iter().flat_map(Verified::events).collect();
        let taken = match self.ingest_all(topic, &batches) {
            Ok(taken) => taken,
            Err(error) => {
                self.seat.runtime.forget();
                self.tell(Told::Fault { what: "events were not taken", error });
                // They are not told of what was not done; they will be asked again.
                verified.iter().for_each(|verified| self.end_link(verified.link, Why::Fault));
                // Some of it may be committed, which is news to the others.
                return self.pass_on(None);
            }
        };
        self.pace.charge(taken.refolded, self.now_ms);
        let mut sources = verified.iter().map(|verified| verified.link);
        let source = sources.next().filter(|first| sources.all(|link| link == *first));
        let (mut reports, mut added) = (taken.reports.into_iter(), 0u64);
        for Verified { link, batches, .. } in verified {
            for (mut report, _) in batches {
                report.absorb(reports.next().unwrap_or_default());
                added = added.saturating_add(report.added);
                self.ingested(link, topic, &report);
            }
        }
        self.pass_on(source);
        if added > 0 {
            self.ask_for_new_bundle(topic);
        }
    }

    /// In one transaction; of a topic that was left meanwhile, none. What another peer sent before is
    /// not looked at again.
    fn ingest_all(
        &mut self,
        topic: TopicId,
        batches: &[&[Event]],
    ) -> Result<Ingested, RuntimeError> {
        if batches.iter().all(|events| events.is_empty()) {
            return Ok(Ingested::default());
        }
        match self.seat.runtime.ingest_all(topic, batches, self.clock.wall_ms()) {
            Err(RuntimeError::NoTopic { .. }) => Ok(Ingested::default()),
            taken => taken,
        }
    }

    fn ingested(&mut self, id: LinkId, topic: TopicId, report: &IngestReport) {
        if let Some(link) = self.links.get_mut(&id)
            && report.added > 0
        {
            link.traffic.events += report.added;
            link.useful_ms = self.now_ms;
        }
        self.session(id, |session, view, now_ms| session.ingested(topic, report, view, now_ms));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_folded_again_is_paid_for_by_time_and_no_more_than_so_long() {
        let mut pace = Pace::default();
        pace.charge(NEAR, 5_000);
        assert!(pace.is_paid(5_000));
        pace.charge(10_000, 5_000);
        assert!(pace.is_paid(5_000));
        pace.charge(10_000, 5_000);
        assert!(!pace.is_paid(5_499) && pace.is_paid(5_500));
        pace.charge(u64::MAX, 6_000);
        let longest = 6_000 + LONGEST_MS - OWED_MS;
        assert!(!pace.is_paid(longest - 1) && pace.is_paid(longest));
    }
}
