use std::collections::BTreeSet;
use std::sync::Arc;

use myrhiza_kernel_api::{EventId, Snapshot, TopicId};

use super::open::Opened;
use super::work::{SIGNATURE_FUEL, Spending};
use super::{Change, Most, Runtime, RuntimeError, TopicRecord, Work};
use crate::apply::{Cuts, affected, fuel_from};
use crate::clock;
use crate::dag::{
    Graph, IngestReport, Inserted, Inserter, Outcome, RefusedEvent, Room, ready, ready_count,
};
use crate::drift::log_key;
use crate::event::{Event, Founding, Kind};
use crate::fault::Fault;
use crate::order::Place;
use crate::state::Overlay;
use crate::state::trie::LogTrie;

/// What became of several batches that were taken together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ingested {
    /// Of each batch, in order.
    pub reports: Vec<IngestReport>,
    /// Events that were folded before and had to be folded again, with the fuel they used then, and
    /// cuts that were judged again.
    pub refolded: Work,
    /// All that was done.
    pub work: Work,
    /// Events of the topic that had waited for others and wait for their turn alone by now: see
    /// [`Runtime::released`].
    pub released: u64,
}

/// What was done of what was too much. Nothing of it is kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GivenUp {
    /// Events that it was done for.
    pub events: usize,
    /// All that was done.
    pub work: Work,
    /// As in [`Ingested`]: it was to be folded again, and was.
    pub refolded: Work,
}

impl Runtime {
    /// Takes verified events of a topic: inserts them and brings the fold up to date, in one
    /// transaction (a long fold in several, or in this one a part of it). `now_ms` is milliseconds
    /// since 1970, for this home's own clock alone.
    ///
    /// # Errors
    /// [`RuntimeError`]
    pub fn ingest(
        &mut self,
        topic: TopicId,
        events: &[Event],
        now_ms: u64,
    ) -> Result<IngestReport, RuntimeError> {
        let Opened { overlay, record, topic } = Opened::load(self, topic)?;
        self.ingest_into(overlay, &topic, record, events, now_ms)
    }

    /// The same with several batches, one after the other, in one transaction: the report of each,
    /// as if it had been taken alone. Late events rewind the fold once for all.
    ///
    /// Of the events that waited for these, no more are taken than `most` allows; the others are left for
    /// later calls, and [`Ingested::released`] counts them. If there is more to do than `most`, what has
    /// to be folded again aside, or more than goes into one transaction, then nothing is taken, and what
    /// was done until that was seen is the error within: fewer events are to be given at a time. A single
    /// event is taken whatever it costs. Where more is to be folded again than a runtime that works in
    /// parts does at a time, all are taken, and their fold is left to [`Runtime::go_on`].
    ///
    /// # Errors
    /// [`RuntimeError`]
    pub fn ingest_all(
        &mut self,
        topic: TopicId,
        batches: &[&[Event]],
        now_ms: u64,
        most: Option<Most>,
    ) -> Result<Result<Ingested, GivenUp>, RuntimeError> {
        let Opened { overlay, record, topic } = Opened::load(self, topic)?;
        self.ingest_all_into(overlay, &topic, record, batches, (now_ms, most))
    }

    /// Events of a topic that waited for others and wait for their turn alone by now, so many at most
    /// and, one aside, of so many bytes. To be given to [`Runtime::ingest_all`] as if they had just come.
    ///
    /// # Errors
    /// [`RuntimeError::Fault`]
    pub fn released(
        &self,
        topic: TopicId,
        most: (usize, usize),
    ) -> Result<Vec<Event>, RuntimeError> {
        Ok(ready(&*self.read()?, topic, most)?)
    }

    /// As [`Runtime::ingest`], above an overlay that may hold more writes to be committed with them.
    pub(super) fn ingest_into(
        &mut self,
        overlay: Overlay,
        topic: &Founding,
        record: TopicRecord,
        events: &[Event],
        now_ms: u64,
    ) -> Result<IngestReport, RuntimeError> {
        let taken = self.ingest_all_into(overlay, topic, record, &[events], (now_ms, None))?;
        let reports = taken.map(|taken| taken.reports).unwrap_or_default();
        Ok(reports.into_iter().next().unwrap_or_default())
    }

    fn ingest_all_into(
        &mut self,
        mut overlay: Overlay,
        topic: &Founding,
        record: TopicRecord,
        batches: &[&[Event]],
        (now_ms, most): (u64, Option<Most>),
    ) -> Result<Result<Ingested, GivenUp>, RuntimeError> {
        let id = topic.topic();
        let (rewind, is_at_work) = (record.rewind, self.is_at_work(id));
        let was = record.clone();
        let mut cuts = match self.cuts.remove(&id) {
            Some(cuts) => cuts,
            None => Arc::new(Cuts::of(&overlay, topic)?),
        };
        let before = Arc::clone(&cuts);
        let inserter = Inserter::new(&mut overlay, topic, room(most, batches))?;
        let mut taking = Taking {
            topic,
            record,
            now_ms,
            inserter,
            most: most.map(|most| most.work),
            looked: 0,
            added: Vec::new(),
            cut: false,
        };
        let mut taken = Ingested::default();
        for batch in batches {
            let Some(report) = taking.batch(&mut overlay, batch)? else {
                self.cuts.insert(id, before);
                let (events, work) = (taking.looked, taking.checked());
                return Ok(Err(GivenUp { events, work, refolded: Work::default() }));
            };
            taken.reports.push(report);
        }
        let checked = taking.checked();
        taken.work = checked;
        let Taking { mut record, inserter, added, cut, .. } = taking;
        let took_ready = inserter.took_ready();
        inserter.finish(&mut overlay)?;
        taken.released = ready_count(&overlay, id)?;
        if cut {
            let new = Arc::new(cuts.renewed(&overlay, topic)?);
            if let Some(place) = affected(&overlay, topic, &cuts, &new)? {
                record.rewind_to(place);
            }
            cuts = new;
            *self.judged.entry(id).or_default() += 1;
        }
        let idle = |report: &IngestReport| report.added == 0 && report.pending == 0;
        if taken.reports.iter().all(idle) && !took_ready && record.settled() {
            self.cuts.insert(id, cuts);
            return Ok(Ok(taken));
        }
        // What was to be folded again before was counted then.
        if let Some(place) = record.rewind
            && record.rewind != rewind
        {
            taken.refolded = refold_from(&overlay, id, &record, place, u64::MAX)?;
        }
        // What is folded again is done whether these are few or many, and they may be as much beside it.
        let again = taken.refolded.total();
        let is_long = is_at_work || self.part.is_some_and(|part| again > part);
        let spending = match most.filter(|_| added.len() > 1 && !is_long) {
            Some(most) => {
                let most = most.work.max(again.saturating_mul(2)).saturating_add(again);
                Spending::up_to(most, checked)
            }
            None => Spending::part(self.part, checked),
        };
        if cut {
            taken.refolded.events = taken.refolded.events.saturating_add(cuts.events() as u64);
        }
        let rewinds = record.rewind.is_some();
        // What is folded again is compared with cuts again, as far as it is joins.
        let refolded = |work: &Work| Work {
            checks: if rewinds { work.checks.saturating_sub(checked.checks) } else { 0 },
            ..taken.refolded
        };
        match self.settle(overlay, topic, record, cuts, spending) {
            Ok(Ok(work)) => {
                self.changed(id, Change::Events(added));
                Ok(Ok(Ingested { refolded: refolded(&work), work, ..taken }))
            }
            Ok(Err(work)) => {
                self.cuts.insert(id, before);
                Ok(Err(GivenUp { events: added.len(), refolded: refolded(&work), work }))
            }
            Err(error) => {
                // Of a long fold some may be committed all the same.
                let record =
                    self.read().ok().and_then(|reader| TopicRecord::load(&*reader, id).ok());
                if record != Some(was) {
                    self.changed(id, Change::Much);
                }
                Err(error)
            }
        }
    }

    /// What these would make be folded again, as far as can be told before: what is above the lowest
    /// of them, its fuel for `most` events. What a cut reaches is not known yet, so it counts as
    /// everything.
    ///
    /// # Errors
    /// [`RuntimeError`]
    pub fn would_refold(
        &self,
        topic: TopicId,
        batches: &[&[Event]],
        most: u64,
    ) -> Result<Work, RuntimeError> {
        let Opened { overlay, record, .. } = Opened::load(self, topic)?;
        let graph = Graph::new(&overlay, topic);
        let mut lowest = None::<Place>;
        for event in batches.iter().copied().flatten() {
            let header = event.header();
            if matches!(header.kind, Kind::Revoke | Kind::Remove) {
                return Ok(Work { events: record.events, ..Work::default() });
            }
            // Of those that name one another the first is the lowest.
            let mut height = Some(0);
            for named in header.prev.iter().chain(&header.parents) {
                let node = graph.node(*named)?;
                height = height.zip(node).map(|(height, node)| node.place.height.max(height));
            }
            if let Some(height) = height.and_then(|height| height.checked_add(1)) {
                let place = Place { epoch: 0, height, id: event.id() };
                lowest = Some(lowest.map_or(place, |lowest| lowest.min(place)));
            }
        }
        Ok(match lowest {
            Some(place) => refold_from(&overlay, topic, &record, place, most)?,
            None => Work::default(),
        })
    }
}

/// Batches of events on their way into one topic's log.
struct Taking<'a> {
    topic: &'a Founding,
    record: TopicRecord,
    now_ms: u64,
    inserter: Inserter<'a>,
    /// Work at which it is given up.
    most: Option<u64>,
    /// Events that were given so far.
    looked: usize,
    /// New in the log.
    added: Vec<EventId>,
    /// Some of it cuts.
    cut: bool,
}

impl Taking<'_> {
    /// What was done for it so far, beside the reading and writing.
    fn checked(&self) -> Work {
        let checks = self.inserter.signatures().saturating_mul(SIGNATURE_FUEL);
        Work { checks, ..Work::default() }
    }

    /// None if it is too much.
    fn batch(
        &mut self,
        overlay: &mut Overlay,
        events: &[Event],
    ) -> Result<Option<IngestReport>, RuntimeError> {
        let mut report = IngestReport::default();
        // Of the batch, what waits: a later event of it may be what an earlier one waited for.
        let mut held = BTreeSet::new();
        for event in events {
            self.looked += 1;
            let inserted = self.inserter.insert(overlay, event)?;
            let is_too_much = |most: u64| self.looked > 1 && self.checked().total() > most;
            if self.most.is_some_and(is_too_much) {
                return Ok(None);
            }
            for (n, Inserted { id, scope, hlc, outcome }) in inserted.into_iter().enumerate() {
                let was_held = !matches!(outcome, Outcome::Known) && held.remove(&id);
                let waited = n > 0 && !was_held;
                match outcome {
                    Outcome::Added(place, kind) => {
                        let record = &mut self.record;
                        record.hlc = clock::merge(record.hlc, hlc, self.now_ms);
                        record.events += 1;
                        record.tip = record.tip.max(Some(place));
                        record.rewind_to(place);
                        report.added += 1;
                        self.added.push(id);
                        self.cut |= matches!(kind, Kind::Revoke | Kind::Remove);
                    }
                    Outcome::Known => report.known += 1,
                    Outcome::Held { missing } => {
                        held.insert(id);
                        report.missing.extend(missing);
                    }
                    Outcome::Refused(refusal) => {
                        let reason = refusal.to_string();
                        report.refused.push(RefusedEvent { id, scope, reason, waited });
                    }
                }
            }
        }
        report.pending = held.len() as u64;
        report.missing.sort_unstable();
        report.missing.dedup();
        let mut still = Vec::with_capacity(report.missing.len());
        for id in std::mem::take(&mut report.missing) {
            if Graph::new(overlay, self.topic.topic()).node(id)?.is_none() {
                still.push(id);
            }
        }
        report.missing = still;
        Ok(Some(report))
    }
}

/// How many of the events that waited are taken with these. Half of the work that may be done is for
/// what is checked with them, so that it is not given up for what nobody has sent now.
fn room(most: Option<Most>, batches: &[&[Event]]) -> Room {
    let given: usize = batches.iter().map(|batch| batch.len()).sum();
    most.map_or(Room::ALL, |most| Room {
        events: most.events.saturating_sub(given),
        signatures: most.work / 2 / SIGNATURE_FUEL,
    })
}

/// What is folded from a place on; its events as the log's trie has them, and the fuel of the first
/// `most` of them.
fn refold_from(
    reader: &dyn Snapshot,
    topic: TopicId,
    record: &TopicRecord,
    place: Place,
    most: u64,
) -> Result<Work, Fault> {
    let Some(folded) = record.folded.filter(|folded| *folded > place) else {
        return Ok(Work::default());
    };
    let log = LogTrie::new(reader, topic);
    let up_to = |place: Place| log.count_up_to(log_key(place));
    let events = up_to(folded)?.saturating_sub(up_to(place)?);
    let fuel = fuel_from(reader, topic, place, most)?;
    Ok(Work { events, fuel, ..Work::default() })
}
