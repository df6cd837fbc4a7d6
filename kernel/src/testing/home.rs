use std::collections::BTreeMap;
use std::sync::Arc;

use myrhiza_kernel_api::store::Entries;
use myrhiza_kernel_api::{EventId, Snapshot, Store, StoreExt};
use myrhiza_store_memory::MemoryStore;

use super::World;
use super::app::{self, ScriptBackend};
use crate::apply::{Facts, InForce, Ruling, Verdict, read_verdict};
use crate::bundle::Bundle;
use crate::dag::IngestReport;
use crate::dag::{Graph, Outcome, insert};
use crate::event::{Event, Founding, UnverifiedEvent, verify_all};
use crate::export::Opening;
use crate::fault::Fault;
use crate::order::{Place, TopicKeys};
use crate::runtime::{Runtime, RuntimeError};
use crate::schema;
use crate::state::Overlay;

/// One home's copy of one topic: the runtime, over an app that is no component.
pub(crate) struct Home {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) topic: Founding,
    pub(crate) backend: Arc<ScriptBackend>,
    pub(crate) runtime: Runtime,
}

impl Home {
    pub(crate) fn new(world: &World) -> Self {
        Self::over(world, Arc::new(MemoryStore::new(schema::ALL)))
    }

    pub(crate) fn over(world: &World, store: Arc<dyn Store>) -> Self {
        let backend = Arc::new(ScriptBackend::default());
        let runtime = Runtime::new(
            Arc::clone(&store),
            Arc::clone(&backend) as _,
            vec![&app::PROFILE, &app::MIGRATE],
        );
        store.commit(app::installed(&world.bundle)).unwrap();
        Self { store, topic: world.topic.clone(), backend, runtime }
    }

    /// A home that was given these events at once.
    pub(crate) fn with(world: &World, events: &[Event]) -> Self {
        let mut home = Self::new(world);
        home.take(events).unwrap();
        home
    }

    /// A home that has these bundles besides, and was given these events at once.
    pub(crate) fn having(world: &World, bundles: &[Bundle], events: &[Event]) -> Self {
        let mut home = Self::new(world);
        bundles.iter().for_each(|bundle| home.runtime.install(bundle).unwrap());
        home.take(events).unwrap();
        home
    }

    /// Bytes pending before a commit.
    pub(crate) fn budget(&mut self, bytes: usize) {
        self.runtime.batch_bytes = bytes;
    }

    pub(crate) fn read(&self) -> Overlay {
        Overlay::new(self.store.snapshot().unwrap())
    }

    /// Inserts events and brings the fold up to date. The first event of all is the genesis.
    pub(crate) fn take(&mut self, events: &[Event]) -> Result<IngestReport, Fault> {
        let topic = self.topic.topic();
        let fault = |error: RuntimeError| match error {
            RuntimeError::Fault(fault) => fault,
            other => panic!("{other}"),
        };
        if let Some(author) = self.topic.author() {
            self.runtime.follow(author, 0).map_err(fault)?;
        }
        if let Err(RuntimeError::NoTopic { .. }) = self.runtime.root(topic) {
            let genesis = UnverifiedEvent::decode(&events[0].to_bytes()).unwrap();
            let opening = Opening { genesis, bundles: 0 };
            let import = self.runtime.begin_import(&opening, None, 0).map_err(fault)?;
            self.runtime.finish_import(import, &verify_all).map_err(fault)?;
        }
        self.runtime.ingest(topic, events, 0).map_err(fault)
    }

    /// What became of one event. What the DAG makes of it is seen above a view that is dropped.
    pub(crate) fn insert(&mut self, event: &Event) -> Outcome {
        let outcome = insert(&mut self.read(), &self.topic, event).unwrap().remove(0).outcome;
        self.take(std::slice::from_ref(event)).unwrap();
        outcome
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

    /// Whose an event is.
    pub(crate) fn author_of(&self, event: &Event) -> myrhiza_kernel_api::PublicKey {
        let (reader, topic) = (self.read(), self.topic.topic());
        let entry = Graph::new(&reader, topic).known(event.id()).unwrap().entry;
        Facts::new(&reader, topic).author(entry).unwrap().unwrap().person
    }

    pub(crate) fn in_force(&self) -> InForce {
        InForce::of(&self.read(), &self.topic).unwrap()
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
            schema::CUT_INVITATIONS,
            schema::VERDICTS,
            schema::UNDO,
            schema::STATE,
            schema::STATE_TRIE,
            schema::LOG_TRIE,
            schema::ENTRIES,
            schema::UPGRADES,
            schema::WAITING,
            schema::ARRIVALS,
            schema::ANCHORS,
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
