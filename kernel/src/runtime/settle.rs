use myrhiza_kernel_api::{Snapshot, TopicId};

use super::open::Opened;
use super::{Runtime, RuntimeError, TopicRecord};
use crate::apply::{Cuts, Stop, advance, rewind_before};
use crate::event::Founding;
use crate::fault::Fault;
use crate::order::TopicKeys;
use crate::schema;
use crate::state::Overlay;
use crate::state::trie::{Change, Trie};

impl Runtime {
    /// Commits what `overlay` holds for a topic, with the fold brought up to date: rewound where an
    /// event came in late, then forward to the tip, in as many transactions as it takes. Each is
    /// consistent in itself, so a kill between two loses nothing.
    ///
    /// Where a bundle is needed that is not installed, the rest is committed unfolded.
    pub(super) fn settle(
        &mut self,
        mut overlay: Overlay,
        topic: &Founding,
        mut record: TopicRecord,
        cuts: Cuts,
    ) -> Result<(), RuntimeError> {
        let keys = TopicKeys { topic: topic.topic() };
        let budget = self.batch_bytes;
        loop {
            if let Some(place) = record.rewind {
                record.folded = rewind_before(&mut overlay, keys, place, self.batch_bytes)?;
                if record.folded.is_none_or(|folded| folded < place) {
                    record.rewind = None;
                }
            }
            let mut done = record.rewind.is_none();
            if done {
                let (back, folded) =
                    advance(overlay, topic, &cuts, &mut self.loaded, record.folded, budget)?;
                overlay = back;
                record.folded = folded.tip;
                done = folded.stop != Stop::Budget;
            }
            self.commit(overlay, topic.topic(), &mut record)?;
            if done {
                break;
            }
            overlay = Overlay::new(self.read()?);
        }
        self.cuts.insert(topic.topic(), cuts);
        Ok(())
    }

    /// Brings both tries up to what the overlay holds and writes it, as one transaction.
    fn commit(
        &self,
        mut overlay: Overlay,
        topic: TopicId,
        record: &mut TopicRecord,
    ) -> Result<(), RuntimeError> {
        let changed = |(key, value): (&[u8], Option<&[u8]>)| {
            Some(Change::state(key.strip_prefix(topic.as_ref())?, value))
        };
        let changes = overlay.writes(schema::STATE).filter_map(changed).collect();
        record.state_root =
            Trie::state(topic).apply(&mut overlay, changes).map_err(Fault::from)?.hash;
        let keys = TopicKeys { topic };
        let added = |(key, _)| keys.read_place(key).map(|at| Change::log(at.height, at.id));
        let changes = overlay.writes(schema::LOG).filter_map(added).collect();
        record.log_root = Trie::log(topic).apply(&mut overlay, changes).map_err(Fault::from)?.hash;
        record.save(&mut overlay, topic);
        self.store.commit(overlay.into_batch())?;
        Ok(())
    }

    /// Folds a topic again as far as it is not, as after its app was installed.
    pub(super) fn refold(&mut self, id: TopicId) -> Result<(), RuntimeError> {
        let Opened { overlay, record, topic } = Opened::load(self, id)?;
        let cuts = self.cuts_of(&overlay, &topic)?;
        self.settle(overlay, &topic, record, cuts)
    }

    /// The cuts in force in a topic.
    pub(super) fn cuts_of(
        &mut self,
        reader: &dyn Snapshot,
        topic: &Founding,
    ) -> Result<Cuts, RuntimeError> {
        if let Some(cuts) = self.cuts.get(&topic.topic()) {
            return Ok(cuts.clone());
        }
        let cuts = Cuts::of(reader, topic)?;
        self.cuts.insert(topic.topic(), cuts.clone());
        Ok(cuts)
    }
}
