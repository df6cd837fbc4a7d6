use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use myrhiza_kernel_api::store::Entries;
use myrhiza_kernel_api::{EventId, Snapshot, Store, StoreExt};
use myrhiza_store_memory::MemoryStore;

use super::{Op, Script, World};
use crate::apply::{
    App, Cuts, Facts, Ruling, Verdict, advance, affected, read_verdict, rewind_before,
};
use crate::bundle::{KERNEL, Manifest, Version};
use crate::dag::{Graph, Outcome, insert};
use crate::event::{Event, Founding};
use crate::fault::Fault;
use crate::order::{Place, TopicKeys};
use crate::schema;
use crate::state::Overlay;

/// One home's copy of one topic, driven as the runtime drives it, but with an app that needs no
/// component, and with batches as small as a test wants them.
pub(crate) struct Home {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) topic: Founding,
    pub(crate) app: Script,
    pub(crate) manifest: Manifest,
    /// Bytes pending before a commit.
    pub(crate) budget: usize,
    folded: Option<Place>,
    rewind: Option<Place>,
}

impl Home {
    pub(crate) fn new(world: &World) -> Self {
        Self::over(world, Arc::new(MemoryStore::new(schema::ALL)))
    }

    pub(crate) fn over(world: &World, store: Arc<dyn Store>) -> Self {
        let (app, topic) = (Script::default(), world.topic.clone());
        Self {
            store,
            topic,
            app,
            manifest: manifest(),
            budget: 1 << 20,
            folded: None,
            rewind: None,
        }
    }

    /// A home that was given these events at once.
    pub(crate) fn with(world: &World, events: &[Event]) -> Self {
        let mut home = Self::new(world);
        home.take(events).unwrap();
        home
    }

    pub(crate) fn read(&self) -> Overlay {
        Overlay::new(self.store.snapshot().unwrap())
    }

    /// Inserts events and brings the fold up to date.
    pub(crate) fn take(&mut self, events: &[Event]) -> Result<Vec<(EventId, Outcome)>, Fault> {
        let topic = self.topic.clone();
        let keys = TopicKeys { topic: topic.topic() };
        let mut overlay = Overlay::new(self.store.snapshot()?);
        let (mut folded, mut rewind) = (self.folded, self.rewind);
        let mut rewind_to = |place: Place| {
            if folded.is_some_and(|folded| place <= folded) {
                rewind = Some(rewind.map_or(place, |earlier| earlier.min(place)));
            }
        };
        let old = Cuts::of(&overlay, &topic)?;
        let mut outcomes = Vec::new();
        for event in events {
            for (id, outcome) in insert(&mut overlay, &topic, event)? {
                if let Outcome::Added(place, _) = outcome {
                    rewind_to(place);
                }
                outcomes.push((id, outcome));
            }
        }
        let cuts = Cuts::of(&overlay, &topic)?;
        if let Some(place) = affected(&overlay, &topic, &old, &cuts)? {
            rewind_to(place);
        }
        loop {
            if let Some(place) = rewind {
                folded = rewind_before(&mut overlay, keys, place, self.budget)?;
                rewind = rewind.filter(|place| folded.is_some_and(|folded| folded >= *place));
            }
            let mut done = false;
            if rewind.is_none() {
                let app = App { state_apply: &mut self.app, manifest: &self.manifest };
                let (back, now) = advance(overlay, &topic, &cuts, app, folded, self.budget)?;
                (overlay, folded, done) = (back, now.tip, now.done);
            }
            self.store.commit(overlay.into_batch())?;
            (self.folded, self.rewind) = (folded, rewind);
            if done {
                return Ok(outcomes);
            }
            overlay = Overlay::new(self.store.snapshot()?);
        }
    }

    /// What became of one event.
    pub(crate) fn insert(&mut self, event: &Event) -> Outcome {
        self.take(std::slice::from_ref(event)).unwrap().remove(0).1
    }

    pub(crate) fn place(&self, event: EventId) -> Place {
        Graph::new(&self.read(), self.topic.topic()).known(event).unwrap().place
    }

    pub(crate) fn ruling(&self, event: EventId) -> Ruling {
        read_verdict(&self.read(), self.topic.topic(), self.place(event)).unwrap().unwrap()
    }

    pub(crate) fn accepts(&self, event: &Event) -> bool {
        self.ruling(event.id()).verdict == Verdict::Accept
    }

    pub(crate) fn is_void(&self, event: &Event) -> bool {
        self.ruling(event.id()).reason.starts_with("void")
    }

    pub(crate) fn is_member(&self, person: myrhiza_kernel_api::PublicKey) -> bool {
        Facts::new(&self.read(), self.topic.topic()).member(person).unwrap().is_some()
    }

    /// Everything that has to be equal where equal sets of events are: all of the log and of its
    /// fold, byte by byte. Of forks, who forked: which pair shows it is what came first.
    pub(crate) fn all(&self) -> BTreeMap<&'static str, Entries> {
        let snapshot = self.store.snapshot().unwrap();
        let all = |space| snapshot.prefix(space, &[], usize::MAX).unwrap();
        let spaces = [
            schema::LOG,
            schema::IDS,
            schema::CHAINS,
            schema::HEADS,
            schema::CUTS,
            schema::VERDICTS,
            schema::UNDO,
            schema::STATE,
            schema::WAITING,
            schema::ARRIVALS,
        ];
        let mut found: BTreeMap<_, _> = spaces.map(|space| (space.name, all(space))).into();
        let forks = all(schema::FORKS).into_iter().map(|(scope, _)| (scope, Vec::new()));
        found.insert("forks", forks.collect());
        found
    }

    /// Ids of the log in order.
    pub(crate) fn order(&self) -> Vec<EventId> {
        let keys = TopicKeys { topic: self.topic.topic() };
        let entries = self.read().prefix(schema::LOG, &keys.key(&[]), usize::MAX).unwrap();
        entries.iter().map(|(key, _)| keys.read_place(key).unwrap().id).collect()
    }

    pub(crate) fn reader(&self) -> Box<dyn Snapshot> {
        self.store.snapshot().unwrap()
    }
}

/// An app whose proposals may be of every kind but one: what a device may not author is told by
/// the kernel, not by the app.
fn manifest() -> Manifest {
    let may = (0..=Op::ShortArgument as u32).collect::<BTreeSet<_>>();
    Manifest {
        id: "script".into(),
        name: "Script".into(),
        version: Version { major: 1, minor: 0, patch: 0 },
        description: String::new(),
        kernel: KERNEL,
        profiles: ["state-apply".into(), "state-propose".into()].into(),
        authors: [("state-propose".into(), may)].into(),
        drift_interval: 1024,
    }
}
