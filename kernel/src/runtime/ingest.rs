use std::collections::BTreeSet;
use std::sync::Arc;

use myrhiza_kernel_api::{EventId, PublicKey, Snapshot, TopicId};

use super::open::Opened;
use super::{Change, Runtime, RuntimeError, TopicRecord, Work};
use crate::apply::{Cuts, affected, fuel_from};
use crate::clock;
use crate::dag::{Graph, Inserted, Inserter, Outcome};
use crate::drift::log_key;
use crate::event::{Event, Founding, Kind};
use crate::fault::Fault;
use crate::order::Place;
use crate::state::Overlay;
use crate::state::trie::LogTrie;

/// What became of a batch of events.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IngestReport {
    /// Events new in the log, those that had waited included.
    pub added: u64,
    /// Events that were there before.
    pub known: u64,
    /// Events of the batch that wait for what they name.
    pub pending: u64,
    /// Events that will never be in the log.
    pub refused: Vec<RefusedEvent>,
    /// What the events that wait are waiting for, ascending.
    pub missing: Vec<EventId>,
}

impl IngestReport {
    /// Adds what became of another batch.
    pub fn absorb(&mut self, other: Self) {
        self.added += other.added;
        self.known += other.known;
        self.pending += other.pending;
        self.refused.extend(other.refused);
        self.missing.extend(other.missing);
    }
}

/// An event that was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefusedEvent {
    /// Its id.
    pub id: EventId,
    /// Its author's scope.
    pub scope: PublicKey,
    /// Why.
    pub reason: String,
}

/// What became of several batches that were taken together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ingested {
    /// Of each batch, in order.
    pub reports: Vec<IngestReport>,
    /// Events that were folded before and had to be folded again, with the fuel they used then, and
    /// cuts that were judged again.
    pub refolded: Work,
    /// All that was folded.
    pub work: Work,
}

impl Runtime {
    /// Takes verified events of a topic: inserts them and brings the fold up to date, in one
    /// transaction (a long fold in several). `now_ms` is milliseconds since 1970, for this home's
    /// own clock alone.
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
    /// If there is more to fold than `most`, in units of fuel, what has to be folded again aside, or
    /// more than goes into one transaction, then nothing is taken, and what was folded until that was
    /// seen is the error within: fewer events are to be given at a time.
    ///
    /// # Errors
    /// [`RuntimeError`]
    pub fn ingest_all(
        &mut self,
        topic: TopicId,
        batches: &[&[Event]],
        now_ms: u64,
        most: Option<u64>,
    ) -> Result<Result<Ingested, Work>, RuntimeError> {
        let Opened { overlay, record, topic } = Opened::load(self, topic)?;
        self.ingest_all_into(overlay, &topic, record, batches, (now_ms, most))
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
        (now_ms, most): (u64, Option<u64>),
    ) -> Result<Result<Ingested, Work>, RuntimeError> {
        let mut cuts = match self.cuts.remove(&topic.topic()) {
            Some(cuts) => cuts,
            None => Arc::new(Cuts::of(&overlay, topic)?),
        };
        let before = Arc::clone(&cuts);
        let inserter = Inserter::new(&mut overlay, topic)?;
        let mut taking = Taking { topic, record, now_ms, inserter, added: Vec::new(), cut: false };
        let mut taken = Ingested::default();
        for batch in batches {
            taken.reports.push(taking.batch(&mut overlay, batch)?);
        }
        let Taking { mut record, inserter, added, cut, .. } = taking;
        inserter.finish(&mut overlay)?;
        if cut {
            let new = Arc::new(cuts.renewed(&overlay, topic)?);
            if let Some(place) = affected(&overlay, topic, &cuts, &new)? {
                record.rewind_to(place);
            }
            cuts = new;
        }
        let idle = |report: &IngestReport| report.added == 0 && report.pending == 0;
        if taken.reports.iter().all(idle) && record.settled() {
            self.cuts.insert(topic.topic(), cuts);
            return Ok(Ok(taken));
        }
        if let Some(place) = record.rewind {
            taken.refolded = refold_from(&overlay, topic.topic(), &record, place, u64::MAX)?;
        }
        // What is folded again is done whether these are few or many.
        let most = most.map(|most| most.saturating_add(taken.refolded.total()));
        if cut {
            taken.refolded.events = taken.refolded.events.saturating_add(cuts.events() as u64);
        }
        let settled = self.settle(overlay, topic, record, cuts, most);
        if let Ok(Err(work)) = settled {
            self.cuts.insert(topic.topic(), before);
            return Ok(Err(work));
        }
        // Of a long fold some may be committed although it failed.
        self.changed(
            topic.topic(),
            if settled.is_ok() { Change::Events(added) } else { Change::Much },
        );
        Ok(settled?.map(|work| Ingested { work, ..taken }))
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
    /// New in the log.
    added: Vec<EventId>,
    /// Some of it cuts.
    cut: bool,
}

impl Taking<'_> {
    fn batch(
        &mut self,
        overlay: &mut Overlay,
        events: &[Event],
    ) -> Result<IngestReport, RuntimeError> {
        let mut report = IngestReport::default();
        // Of the batch, what waits: a later event of it may be what an earlier one waited for.
        let mut held = BTreeSet::new();
        for event in events {
            for Inserted { id, scope, hlc, outcome } in self.inserter.insert(overlay, event)? {
                if !matches!(outcome, Outcome::Known) {
                    held.remove(&id);
                }
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
                        report.refused.push(RefusedEvent { id, scope, reason: refusal.to_string() })
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
        Ok(report)
    }
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
    Ok(Work { events, fuel: fuel_from(reader, topic, place, most)?, bytes: 0 })
}
