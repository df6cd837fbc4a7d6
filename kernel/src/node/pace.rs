//! How much of what peers send is taken at one time, so that time, the user and other peers have
//! their turn; and late events, which wait for their share of the processor.
//!
//! - What is taken at once is what a third of a second will do, by what an event of the topic cost
//!   lately. Where that turns out to be wrong it is given up and tried with less, so that no batch
//!   is a long one because those before it were not; for whom it was done comes after the others until
//!   these have had as much. The rest goes on when others had their turn.
//! - What waited for an event that comes is taken alike: what goes beyond that is left in the store, and
//!   from there it comes in a line of its own.
//! - What is folded again is paid for by time. While more than a little is owed, batches that would go
//!   far back wait, with what their connection sends after them for the topic, and then all that
//!   waits is taken together, with one rewind a topic. What comes at the tip does not wait for them.
//!   Beside what is folded again as much may be folded as that is, and a batch that is begun goes on:
//!   else late events that are dear would be folded again with every few of them.
//!
//! A connection gets credit for a batch when all of it is taken, so few wait. When an event is
//! folded decides nothing.

use std::collections::{BTreeMap, BTreeSet};

use myrhiza_kernel_api::limits::FUEL_STATE_APPLY;
use myrhiza_kernel_api::{PublicKey, TopicId};

use super::intake::{Finished, Intake, May, Piece};
use super::link::LinkId;
use super::switch::Switch;
use super::told::{Told, Why};
use super::traffic::Verified;
use crate::dag::IngestReport;
use crate::fault::Fault;
use crate::order::TopicKeys;
use crate::runtime::{GivenUp, Ingested, Most, PART, RuntimeError, Work};
use crate::schema;
use crate::sync::Offence;
use crate::sync::limits::CLOSE_POINTS;

/// Work that is taken at once, as far as can be told, in units of fuel, which are about a nanosecond:
/// see `docs/performance.md`, Work.
pub(super) const SLICE: u64 = PART;
/// Work at which it is given up and tried with less.
const MOST: u64 = 2 * SLICE;
/// Events of one transaction: many, since each is synced to disk and writes pages all over the
/// store. Those that a message brings and that were verified with it are always fewer.
pub(super) const EVENTS: usize = 8192;
/// Events folded again that cost little beside the commit they are in.
const NEAR: u64 = 100;
/// Fuel of events folded again that is little beside that commit.
const NEAR_FUEL: u64 = 1_000_000;
/// Work folded again that a millisecond pays for, in units of fuel: about a fifth of one core.
const A_MILLISECOND: u64 = 200_000;
/// Milliseconds that may be owed before anything waits.
const OWED_MS: u64 = 500;
/// Milliseconds that are paid for at most, however long a log is: less than a peer waits for credit.
pub(super) const LONGEST_MS: u64 = 20_000;
/// What an event is taken to be that may use all the fuel there is.
const DEAREST: u64 = FUEL_STATE_APPLY + FUEL_STATE_APPLY / 10;
/// Bytes of events that waited for others which are read at one time, one event aside.
const RELEASED_BYTES: usize = 256 << 10;
/// Bytes of events that wait at most; with more, who has most of them is left.
pub(super) const WAITING_BYTES: usize = 32 << 20;

/// Connections that have ended and of which something may still be on its way.
const DEPARTED: usize = 64;
/// Events of a batch that are charged for, of those that are not valid.
const CHARGED: usize = 8;

#[derive(Default)]
pub(super) struct Pace {
    pub(super) intake: Intake,
    /// When all is paid for that was folded again.
    paid_ms: u64,
    /// Whose connections have ended a short while ago.
    departed: BTreeMap<LinkId, PublicKey>,
    /// Work of an event lately, by topic, in units of fuel.
    costs: BTreeMap<TopicId, u64>,
    /// What was folded again with the events of a topic last, if that went far back, in units of fuel.
    again: BTreeMap<TopicId, u64>,
    /// Topics of which the store has events that waited for others and may be taken now.
    released: BTreeSet<TopicId>,
    /// Events folded again so far.
    pub(super) refolded: u64,
}

impl Pace {
    /// So much was folded again.
    fn charge(&mut self, again: Work, now_ms: u64) {
        self.refolded = self.refolded.saturating_add(again.events);
        if is_far(&again) {
            let paid_ms = self.paid_ms.max(now_ms).saturating_add(again.total() / A_MILLISECOND);
            self.paid_ms = paid_ms.min(now_ms.saturating_add(LONGEST_MS));
        }
    }

    pub(super) fn is_paid(&self, now_ms: u64) -> bool {
        self.paid_ms <= now_ms.saturating_add(OWED_MS)
    }

    /// Work of a topic to be done at once: where as much is folded again anyway, that much.
    fn slice(&self, topic: TopicId) -> u64 {
        self.again.get(&topic).copied().unwrap_or(0).max(SLICE)
    }

    /// Events of a topic to be taken at once.
    pub(super) fn at_once(&self, topic: TopicId) -> usize {
        let cost = self.costs.get(&topic).copied().unwrap_or(0).max(1);
        usize::try_from(self.slice(topic) / cost).unwrap_or(EVENTS).clamp(1, EVENTS)
    }

    /// So much was folded again with events of a topic.
    fn went_back(&mut self, topic: TopicId, again: &Work) {
        match is_far(again) {
            true => self.again.insert(topic, again.total()),
            false => self.again.remove(&topic),
        };
    }

    /// So many new events were that much work. What cost more is forgotten slowly.
    fn learn(&mut self, topic: TopicId, events: usize, work: u64) {
        let cost = self.costs.entry(topic).or_default();
        let mean = work / (events as u64).max(1);
        *cost = mean.max(*cost - cost.div_ceil(8));
    }

    /// So many were too much: at most half as many are tried next. What is folded again in vain is not
    /// so twice.
    fn give_up(&mut self, topic: TopicId, GivenUp { events, work, refolded }: &GivenUp) {
        self.went_back(topic, refolded);
        let events = (*events as u64).max(1);
        let folded = work.total().saturating_sub(work.checks) / work.events.max(1);
        let mean = folded.saturating_add(work.checks / events);
        let half = self.slice(topic).saturating_mul(2).div_ceil(events);
        let dearest = if is_far(refolded) { DEAREST } else { 0 };
        let cost = self.costs.entry(topic).or_default();
        *cost = (*cost).max(mean).max(half).max(dearest);
    }

    /// A connection is there no longer; what it sent may be on its way.
    pub(super) fn departed(&mut self, link: LinkId, peer: PublicKey) {
        self.intake.gone(link);
        self.departed.insert(link, peer);
        if self.departed.len() > DEPARTED {
            self.departed.pop_first();
        }
    }

    /// A topic is there no longer.
    pub(super) fn forget(&mut self, topic: TopicId) {
        self.costs.remove(&topic);
        self.again.remove(&topic);
        self.released.remove(&topic);
    }
}

fn is_far(again: &Work) -> bool {
    again.events > NEAR || again.fuel.saturating_add(again.checks) > NEAR_FUEL
}

impl Switch {
    /// Takes a batch whose signatures were checked, now or later.
    pub(super) fn verified(&mut self, verified: Verified) {
        let topic = verified.topic;
        if !self.links.contains_key(&verified.link) {
            self.charge_departed(&verified);
        }
        self.pace.intake.push(verified, |link| self.links.contains_key(&link));
        self.take_some(Some(topic));
        self.leave_largest();
    }

    /// Who sends what is not valid is charged for it also if it did not wait for that.
    fn charge_departed(&mut self, verified: &Verified) {
        let Some(peer) = self.pace.departed.get(&verified.link).copied() else { return };
        let refused = verified.batches.iter().flat_map(|(report, _)| &report.refused);
        let points =
            refused.take(CHARGED).map(|_| self.merits.offended(&peer, Offence::Event, self.now_ms));
        if points.max().is_some_and(|points| points >= CLOSE_POINTS) {
            self.merits.bar(&peer, self.now_ms);
        }
    }

    /// Whether there is anything to go on with, by [`super::Input::GoOn`].
    pub fn has_more(&self) -> bool {
        self.has_work() || self.pace.intake.next(|topic| self.may(topic)).is_some()
    }

    /// Goes on for a while, topic by topic in turn, or with one alone.
    pub(super) fn take_some(&mut self, only: Option<TopicId>) {
        let mut spent = 0u64;
        while spent <= SLICE / 2 {
            let next = only.or_else(|| self.pace.intake.next(|topic| self.may(topic)));
            let Some(topic) = next else { return };
            self.pace.intake.turn(topic);
            let may = self.may(&topic);
            if may == May::Nothing {
                return;
            }
            if may == May::Near {
                let runtime = &self.seat.runtime;
                // What cannot be told here is told where it is taken.
                self.pace.intake.look(topic, |events| {
                    let again = runtime.would_refold(topic, &[events], NEAR);
                    again.is_ok_and(|again| is_far(&again))
                });
            }
            let pieces = self.pace.intake.pieces(topic, self.at_once(topic), may == May::All);
            if pieces.is_empty() && only.is_some() {
                return;
            }
            if !pieces.is_empty() {
                spent = spent.saturating_add(self.take_pieces(topic, pieces));
            }
        }
    }

    /// Takes events of one topic in one transaction, and tells their connections and all others; how
    /// much work it was.
    fn take_pieces(&mut self, topic: TopicId, pieces: Vec<Piece>) -> u64 {
        let events: usize = pieces.iter().map(Piece::len).sum();
        let was_at_work = self.seat.runtime.is_at_work(topic);
        let taken = match self.ingest(topic, &pieces, events) {
            Ok(Ok(taken)) => taken,
            Ok(Err(given_up)) => {
                self.gave_up(topic, &pieces, &given_up);
                return given_up.work.total();
            }
            Err(error) => {
                self.seat.runtime.forget();
                self.tell(Told::Fault { what: "events were not taken", error });
                // They are not told of what was not done; they will be asked again.
                for link in links(&pieces) {
                    self.pace.intake.drop_link(link);
                    if self.links.contains_key(&link) {
                        self.end_link(link, Why::Fault);
                    }
                }
                // Some of it may be committed, which is news to the others.
                self.pass_on(None);
                return SLICE;
            }
        };
        let Ingested { reports, refolded, work, released } = taken;
        self.pace.charge(refolded, self.now_ms);
        if events > 0 {
            self.pace.went_back(topic, &refolded);
        }
        let added: u64 = reports.iter().map(|report| report.added).sum();
        // Of what is only begun nobody knows what these cost.
        let is_known = !was_at_work && !self.seat.runtime.is_at_work(topic);
        if is_known && events > 0 && work.events.max(work.checks) > 0 {
            // With those that waited for them.
            let events = events.max(usize::try_from(added).unwrap_or(events));
            self.pace.learn(topic, events, work.total().saturating_sub(refolded.total()));
        }
        let links = links(&pieces);
        self.pace.intake.pay(&links, work.total());
        let source = links.first().copied().filter(|_| links.len() == 1);
        let reports = reports.into_iter().chain(std::iter::repeat_with(IngestReport::default));
        for finished in self.pace.intake.took(topic, pieces.into_iter().zip(reports).collect()) {
            self.finished(topic, finished);
        }
        self.pass_on(source);
        match released {
            0 => drop(self.pace.released.remove(&topic)),
            _ if added > 0 => self.release(topic),
            // Nothing came of it now; it is looked at again at a tick.
            _ => drop(self.pace.released.insert(topic)),
        }
        work.total()
    }

    /// What was done for these was too much, and in vain. They pay for it, but where more was tried than
    /// usual since it would have been folded again.
    fn gave_up(&mut self, topic: TopicId, pieces: &[Piece], given_up: &GivenUp) {
        let by_mistake = !is_far(&given_up.refolded) && self.pace.again.contains_key(&topic);
        self.pace.charge(given_up.refolded, self.now_ms);
        self.pace.give_up(topic, given_up);
        self.pace.intake.gave_up(topic, pieces);
        if !by_mistake {
            self.pace.intake.owe(pieces, given_up.work.total());
        }
    }

    /// Of a topic there are events that waited for others and may be taken now: they come as if they had
    /// just been sent, some at a time.
    fn release(&mut self, topic: TopicId) {
        self.pace.released.insert(topic);
        // The others are still in the store.
        if self.pace.intake.has_released(topic) || self.pace.intake.bytes() > WAITING_BYTES / 2 {
            return;
        }
        match self.seat.runtime.released(topic, (self.at_once(topic), RELEASED_BYTES)) {
            Ok(events) if events.is_empty() => drop(self.pace.released.remove(&topic)),
            Ok(events) => self.pace.intake.release(topic, events),
            Err(error) => self.tell(Told::Fault { what: "what waited was not taken", error }),
        }
    }

    /// The same of all topics that are known to have some.
    pub(super) fn release_all(&mut self) {
        let topics: Vec<_> = self.pace.released.iter().copied().collect();
        topics.into_iter().for_each(|topic| self.release(topic));
    }

    /// The same of all topics there are, of which some may have been left so by a node before.
    pub(super) fn release_left(&mut self) {
        match self.seat.runtime.topic_ids() {
            Ok(topics) => topics.into_iter().for_each(|topic| self.release(topic)),
            Err(error) => self.tell(Told::Fault { what: "the topics were not read", error }),
        }
    }

    /// In one transaction; of a topic that was left meanwhile, none. What another peer sent before is
    /// not looked at again.
    fn ingest(
        &mut self,
        topic: TopicId,
        pieces: &[Piece],
        events: usize,
    ) -> Result<Result<Ingested, GivenUp>, RuntimeError> {
        if events == 0 {
            return Ok(Ok(Ingested::default()));
        }
        let most = Some(Most { work: MOST, events: self.at_once(topic) });
        let batches = pieces.iter().map(|piece| self.pace.intake.events(topic, piece));
        let batches: Vec<_> = batches.collect();
        match self.seat.runtime.ingest_all(topic, &batches, self.clock.wall_ms(), most) {
            Err(RuntimeError::NoTopic { .. }) => Ok(Ok(Ingested::default())),
            taken => taken,
        }
    }

    fn finished(&mut self, topic: TopicId, Finished { link: id, mut report, parted }: Finished) {
        if parted && let Err(fault) = self.leave_out_known(topic, &mut report) {
            let error = fault.into();
            self.tell(Told::Fault { what: "events were not looked at", error });
        }
        if let Some(link) = self.links.get_mut(&id)
            && report.added > 0
        {
            link.traffic.events += report.added;
            self.merits.useful(&link.peer, self.now_ms);
        }
        self.session(id, |session, view, now_ms| session.ingested(topic, &report, view, now_ms));
    }

    /// What the first events of a batch were waiting for may have come with the last.
    fn leave_out_known(&self, topic: TopicId, report: &mut IngestReport) -> Result<(), Fault> {
        let (snapshot, keys) = (self.seat.runtime.read()?, TopicKeys { topic });
        let mut missing = Vec::new();
        for id in std::mem::take(&mut report.missing) {
            if snapshot.get(schema::IDS, &keys.key(&[id.as_ref()]))?.is_none() {
                missing.push(id);
            }
        }
        // Of several pieces, and asked for in order and once.
        missing.sort_unstable();
        missing.dedup();
        report.missing = missing;
        Ok(())
    }

    /// Ends the connections whose events take most, while too many wait.
    fn leave_largest(&mut self) {
        while self.pace.intake.bytes() > WAITING_BYTES
            && let Some(link) = self.pace.intake.largest(|id| self.links.contains_key(&id))
        {
            self.pace.intake.drop_link(link);
            if self.links.contains_key(&link) {
                self.end_link(link, Why::Behind);
            }
        }
    }
}

/// Whose events these are.
fn links(pieces: &[Piece]) -> BTreeSet<LinkId> {
    pieces.iter().map(|piece| piece.link).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOPIC: TopicId = TopicId([1; 32]);

    fn again(events: u64) -> Work {
        Work { events, ..Work::default() }
    }

    #[test]
    fn what_was_folded_again_is_paid_for_by_time_and_no_more_than_so_long() {
        let mut pace = Pace::default();
        pace.charge(again(NEAR), 5_000);
        assert!(pace.is_paid(5_000));
        pace.charge(again(10_000), 5_000);
        assert!(pace.is_paid(5_000));
        pace.charge(again(10_000), 5_000);
        assert!(!pace.is_paid(5_499) && pace.is_paid(5_500));
        pace.charge(again(u64::MAX), 6_000);
        let longest = 6_000 + LONGEST_MS - OWED_MS;
        assert!(!pace.is_paid(longest - 1) && pace.is_paid(longest));
        // Few events that use much are not near.
        let mut pace = Pace::default();
        let fuel = 2 * OWED_MS * A_MILLISECOND;
        pace.charge(Work { events: 2, fuel, ..Work::default() }, 0);
        assert!(!pace.is_paid(0));
    }

    /// So many events that were given up after a thousand.
    fn in_vain(events: usize, refolded: Work) -> GivenUp {
        GivenUp { events, work: again(1_000), refolded }
    }

    #[test]
    fn what_events_cost_is_learnt_at_once_and_forgotten_slowly() {
        let mut pace = Pace::default();
        assert_eq!(pace.at_once(TOPIC), EVENTS);
        pace.learn(TOPIC, 1_000, 20_000_000);
        assert_eq!(pace.at_once(TOPIC), EVENTS);
        pace.learn(TOPIC, 10, SLICE);
        assert_eq!(pace.at_once(TOPIC), 10);
        let mut slices = 0;
        while pace.at_once(TOPIC) < 100 {
            pace.learn(TOPIC, 10, 0);
            slices += 1;
        }
        assert!((16..20).contains(&slices), "{slices}");
        // However little it was until it was given up, fewer are tried.
        let mut tried = vec![EVENTS];
        while let Some(last) = tried.last().copied().filter(|last| *last > 1) {
            pace.give_up(TOPIC, &in_vain(last, Work::default()));
            tried.push(pace.at_once(TOPIC));
        }
        assert!(tried.windows(2).all(|pair| pair[1] <= pair[0] / 2), "{tried:?}");
    }

    #[test]
    fn beside_what_is_folded_again_as_much_is_taken() {
        let mut pace = Pace::default();
        pace.learn(TOPIC, 10, SLICE);
        assert_eq!(pace.at_once(TOPIC), 10);
        pace.went_back(TOPIC, &Work { events: 300, fuel: 5 * SLICE, ..Work::default() });
        assert!(pace.at_once(TOPIC) >= 50);
        pace.went_back(TOPIC, &again(1));
        assert_eq!(pace.at_once(TOPIC), 10);
    }

    #[test]
    fn what_would_be_folded_again_is_so_once_in_vain() {
        let mut pace = Pace::default();
        assert_eq!(pace.at_once(TOPIC), EVENTS);
        // However little the others were: no event may use more than these are taken to.
        pace.give_up(TOPIC, &in_vain(200, again(100_000)));
        let most = pace.at_once(TOPIC) as u64 * FUEL_STATE_APPLY;
        assert!(most <= again(100_000).total().max(SLICE), "{most}");
        // Of a single one nothing is given up.
        let mut pace = Pace::default();
        pace.give_up(TOPIC, &in_vain(2, again(100_000)));
        assert_eq!(pace.at_once(TOPIC), 1);
    }
}
