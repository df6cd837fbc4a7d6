//! The cuts in force, kept in memory by topic. To work them out, every event that cuts is read and judged:
//! that is done once, also where somebody only looks.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use myrhiza_kernel_api::{Snapshot, TopicId};

use super::Runtime;
use crate::apply::Cuts;
use crate::event::Founding;
use crate::fault::Fault;

/// Topics and events that cut of which cuts are kept, together. With more, those that were asked for
/// longest ago are worked out again when they are asked for next.
const KEPT: usize = 16_384;

/// The cuts in force, by topic.
#[derive(Default)]
pub(super) struct KnownCuts(Mutex<Kept>);

#[derive(Default)]
struct Kept {
    /// With when they were asked for last.
    topics: BTreeMap<TopicId, (u64, Arc<Cuts>)>,
    /// How often any were asked for.
    asked: u64,
    /// Topics and events that cut.
    size: usize,
}

impl Kept {
    fn remove(&mut self, topic: &TopicId) -> Option<Arc<Cuts>> {
        let (_, cuts) = self.topics.remove(topic)?;
        self.size = self.size.saturating_sub(size(&cuts));
        Some(cuts)
    }
}

fn size(cuts: &Cuts) -> usize {
    cuts.events().saturating_add(1)
}

impl KnownCuts {
    fn kept(&self) -> MutexGuard<'_, Kept> {
        // Whoever panicked meanwhile has left whole entries only.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn get(&self, topic: &TopicId) -> Option<Arc<Cuts>> {
        let kept = &mut *self.kept();
        kept.asked += 1;
        let (asked, cuts) = kept.topics.get_mut(topic)?;
        *asked = kept.asked;
        Some(Arc::clone(cuts))
    }

    pub(super) fn insert(&self, topic: TopicId, cuts: Arc<Cuts>) {
        let kept = &mut *self.kept();
        kept.remove(&topic);
        kept.asked += 1;
        kept.size = kept.size.saturating_add(size(&cuts));
        kept.topics.insert(topic, (kept.asked, cuts));
        // Those of one topic are kept however many there are: they were asked for just now.
        while kept.size > KEPT && kept.topics.len() > 1 {
            let oldest = kept.topics.iter().min_by_key(|(_, (asked, _))| *asked);
            let Some(oldest) = oldest.map(|(topic, _)| *topic) else { return };
            kept.remove(&oldest);
        }
    }

    pub(super) fn remove(&self, topic: &TopicId) -> Option<Arc<Cuts>> {
        self.kept().remove(topic)
    }

    pub(super) fn clear(&self) {
        *self.kept() = Kept::default();
    }
}

impl Runtime {
    /// The cuts in force in a topic. `reader` sees what is committed now, and no other events of it.
    pub(crate) fn cuts_of(
        &self,
        reader: &dyn Snapshot,
        topic: &Founding,
    ) -> Result<Arc<Cuts>, Fault> {
        let id = topic.topic();
        if let Some(cuts) = self.cuts.get(&id) {
            return Ok(cuts);
        }
        let cuts = Arc::new(Cuts::of(reader, topic)?);
        self.cuts.insert(id, Arc::clone(&cuts));
        Ok(cuts)
    }

    /// How often the cuts in force in a topic were judged anew since the start: with another number they
    /// may be others.
    pub(crate) fn times_judged(&self, topic: TopicId) -> u64 {
        self.judged.get(&topic).copied().unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn topic(n: usize) -> TopicId {
        let mut id = [0; 32];
        id[..8].copy_from_slice(&(n as u64).to_be_bytes());
        TopicId(id)
    }

    fn kept(known: &KnownCuts) -> (usize, usize) {
        let kept = known.kept();
        (kept.topics.len(), kept.size)
    }

    #[test]
    fn of_more_topics_than_are_kept_those_asked_for_longest_ago_go() {
        let known = KnownCuts::default();
        for n in 0..KEPT {
            known.insert(topic(n), Arc::default());
        }
        assert!(known.get(&topic(0)).is_some());
        for n in KEPT..KEPT + 10 {
            known.insert(topic(n), Arc::default());
        }
        assert_eq!(kept(&known), (KEPT, KEPT));
        assert!((1..=10).all(|n| known.get(&topic(n)).is_none()));
        assert!([0, 11, KEPT + 9].iter().all(|n| known.get(&topic(*n)).is_some()));
        // The same topic again takes no more room.
        known.insert(topic(0), Arc::default());
        assert!(known.remove(&topic(0)).is_some() && known.get(&topic(0)).is_none());
        assert_eq!(kept(&known), (KEPT - 1, KEPT - 1));
        known.clear();
        assert_eq!(kept(&known), (0, 0));
    }
}
