use std::sync::Arc;

use myrhiza_kernel_api::{Hash, Snapshot, TopicId};

use super::loaded::Anchoring;
use super::open::Opened;
use super::work::{Spending, Work};
use super::{Runtime, RuntimeError, TopicRecord};
use crate::apply::{Cuts, Folded, InForce, Stop, Stretch, advance, rewind_before};
use crate::drift::{Anchor, log_key};
use crate::event::Founding;
use crate::fault::Fault;
use crate::order::TopicKeys;
use crate::schema;
use crate::state::Overlay;
use crate::state::trie::{Change, LogTrie, Trie};

impl Runtime {
    /// Commits what `overlay` holds for a topic, with the fold brought up to date: rewound where an
    /// event came in late, then forward to the tip, in as many transactions as it takes. Each is
    /// consistent in itself, so a kill between two loses nothing. A runtime that works in parts does one
    /// of them, and the topic is at work from then on ([`Runtime::go_on`]) if that was not all.
    ///
    /// Where a bundle is needed that is not installed, the rest is committed unfolded.
    ///
    /// Returns what was done, with what had been before. Where `spending` gives up, and it is more than
    /// that allows or than goes into one transaction, nothing is committed and it is the error within;
    /// but what a long rewind has committed stays.
    pub(super) fn settle(
        &mut self,
        mut overlay: Overlay,
        topic: &Founding,
        mut record: TopicRecord,
        cuts: Arc<Cuts>,
        mut spending: Spending,
    ) -> Result<Result<Work, Work>, RuntimeError> {
        let id = topic.topic();
        let keys = TopicKeys { topic: id };
        record.log_root = index(&mut overlay, keys)?;
        let rewinds = record.rewind.is_some();
        let done = loop {
            if let Some(place) = record.rewind {
                // Those that are not reached yet too: the log before them has changed.
                Anchor::drop_from(&mut overlay, id, place)?;
                let budget = (self.batch_bytes, spending.events());
                record.folded = rewind_before(&mut overlay, keys, place, budget)?;
                if record.folded.is_none_or(|folded| folded < place) {
                    record.rewind = None;
                }
            }
            let mut done = record.rewind.is_none();
            let mut dirty = Dirty::pending(&overlay);
            if done {
                let at = (&mut record, &mut dirty, &mut spending);
                (overlay, done) = self.fold_on(overlay, topic, &cuts, at)?;
                // Of what is folded again it is not known how much is written.
                if !rewinds {
                    spending.work.bytes += overlay.written() as u64;
                }
                if !done && spending.gives_up() && (!rewinds || spending.is_over()) {
                    return Ok(Err(spending.work));
                }
            }
            self.commit(overlay, id, &mut record, dirty)?;
            // The last event may have been the one that was too much.
            done |= record.settled();
            if done || self.part.is_some() {
                break done;
            }
            spending = spending.to_its_end();
            overlay = Overlay::new(self.read()?);
        };
        self.cuts.insert(id, cuts);
        self.note_at_work(id, !done);
        Ok(Ok(spending.work))
    }

    /// Folds on from anchor to anchor, until the tip or what it waits for, or until enough is
    /// pending to be committed or too much is spent. False if it is to go on then.
    fn fold_on(
        &mut self,
        mut overlay: Overlay,
        topic: &Founding,
        cuts: &Cuts,
        (record, dirty, spending): (&mut TopicRecord, &mut Dirty, &mut Spending),
    ) -> Result<(Overlay, bool), RuntimeError> {
        let id = topic.topic();
        let log = LogTrie::new(&overlay, id);
        let count = record.folded.map(|place| log.count_up_to(log_key(place)));
        let mut count = count.transpose().map_err(Fault::from)?.unwrap_or(0);
        // What its author says is folded by the kernel alone, and has no anchors.
        if topic.author().is_some() {
            let (events, bytes) = (spending.events(), self.batch_bytes);
            let stretch = Stretch { events, bytes, fuel: u64::MAX };
            let (overlay, folded) =
                advance(overlay, topic, cuts, &mut self.loaded, record.folded, stretch)?;
            record.folded = folded.tip;
            spending.work.events += folded.events;
            dirty.keys.extend(folded.written);
            return Ok((overlay, folded.stop != Stop::Enough));
        }
        let mut anchoring = self.anchoring(&overlay, topic)?;
        while let Some(Anchoring { interval, .. }) = anchoring {
            let events = (interval - count % interval).min(spending.stretch());
            let stretch = Stretch { events, bytes: self.batch_bytes, fuel: spending.left() };
            let (after, apps) = (record.folded, &mut self.loaded);
            let folded;
            (overlay, folded) = advance(overlay, topic, cuts, apps, after, stretch)?;
            let Folded { tip, events, fuel, checks, stop, written } = folded;
            record.folded = tip;
            count += events;
            spending.work.events += events;
            spending.work.fuel = spending.work.fuel.saturating_add(fuel);
            spending.work.checks = spending.work.checks.saturating_add(checks);
            dirty.keys.extend(written);
            // An upgrade may have come into force with the last event.
            anchoring = self.anchoring(&overlay, topic)?;
            if events > 0
                && let Some(last) = tip
                && let Some(Anchoring { interval, engine }) = &anchoring
                && count.is_multiple_of(*interval)
            {
                let state_root = dirty.apply(&mut overlay, id)?;
                let anchor = Anchor { count, last, state_root, engine: engine.clone() };
                anchor.save(&mut overlay, id)?;
            }
            if stop != Stop::Enough {
                break;
            }
            if overlay.written() > self.batch_bytes || spending.is_over() {
                return Ok((overlay, false));
            }
        }
        Ok((overlay, true))
    }

    /// How a topic is anchored where `reader` sees it folded to; `None` without the app in force.
    pub(super) fn anchoring(
        &mut self,
        reader: &dyn Snapshot,
        topic: &Founding,
    ) -> Result<Option<Anchoring>, RuntimeError> {
        let InForce { bundle, .. } = InForce::of(reader, topic)?;
        self.loaded.load(reader, bundle)?;
        Ok(self.loaded.anchoring(bundle))
    }

    /// Brings the state's trie up to what the overlay holds and writes it, as one transaction.
    fn commit(
        &self,
        mut overlay: Overlay,
        topic: TopicId,
        record: &mut TopicRecord,
        mut dirty: Dirty,
    ) -> Result<(), RuntimeError> {
        record.state_root = dirty.apply(&mut overlay, topic)?;
        record.save(&mut overlay, topic);
        self.store.commit(overlay.into_batch())?;
        Ok(())
    }

    /// Folds a topic on as far as it is not, as after its app was installed: all of it, or a part.
    pub(super) fn fold(&mut self, opened: Opened) -> Result<Work, RuntimeError> {
        let Opened { overlay, record, topic } = opened;
        let cuts = self.cuts_of(&overlay, &topic)?;
        let spending = Spending::part(self.part, Work::default());
        let work = self.settle(overlay, &topic, record, cuts, spending)?;
        Ok(work.unwrap_or_else(|work| work))
    }
}

/// Brings the log's trie up to what an overlay holds.
fn index(overlay: &mut Overlay, keys: TopicKeys) -> Result<Hash, Fault> {
    let added = |(key, _)| keys.read_place(key).map(|at| Change::log(at.height, at.id));
    let changes = overlay.writes(schema::LOG).filter_map(added).collect();
    Ok(Trie::log(keys.topic).apply(overlay, changes)?.hash)
}

/// The state's keys, as in the store, that its trie does not yet have as they are.
struct Dirty {
    keys: Vec<Vec<u8>>,
}

impl Dirty {
    /// What an overlay holds whose trie was not touched.
    fn pending(overlay: &Overlay) -> Self {
        Self { keys: overlay.writes(schema::STATE).map(|(key, _)| key.to_vec()).collect() }
    }

    /// Brings the trie up to date.
    fn apply(&mut self, overlay: &mut Overlay, topic: TopicId) -> Result<Hash, Fault> {
        self.keys.sort_unstable();
        self.keys.dedup();
        let keys = self.keys.iter().filter_map(|key| key.get(TopicId::LEN..));
        let root = Trie::update_state(topic, overlay, keys)?;
        self.keys.clear();
        Ok(root.hash)
    }
}
