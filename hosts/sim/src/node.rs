//! One home: a store that fails on command, the kernel over it, and what it says to others.

use std::sync::{Arc, Mutex};

use anyhow::{Result, anyhow};
use myrhiza_kernel::bundle::Bundle;
use myrhiza_kernel::component::{Admitted, admit};
use myrhiza_kernel::event::{Event, UnverifiedEvent};
use myrhiza_kernel::export::Opening;
use myrhiza_kernel::identity::{Certificate, ScopeKind, SecretKey};
use myrhiza_kernel::node::{Choice, Input, Output, Seat, Switch};
use myrhiza_kernel::order::TopicKeys;
use myrhiza_kernel::runtime::{
    Ambient, KnownVote, LogEntry, LogRange, Runtime, RuntimeError, Signer,
};
use myrhiza_kernel::schema;
use myrhiza_kernel_api::{
    Backend, Component, EventId, Kind, Migrate, PeerAddress, ProfilePolicy, PublicKey,
    Registration, Registry, StateApply, Store, StoreConfig, StoreExt, TopicId, WriteBatch,
};
use myrhiza_store_kit::{FaultStore, Faults};
use tempfile::TempDir;

use crate::chance::Chance;
use crate::hostile::Hostile;

/// Peers that a home chooses to be connected to: fewer than there are others, so that what is new has
/// to go through some to the rest.
const DEGREE: usize = 3;
/// Work that a home does at a time, in units of fuel: a few events, so that what is long takes many parts.
const PART: u64 = 50_000;

/// What every node of a history shares.
#[derive(Clone)]
pub struct Ground {
    /// The engine; components are compiled once in all histories.
    pub(crate) backend: Arc<dyn Backend>,
    /// The profiles.
    pub(crate) profiles: Vec<&'static dyn ProfilePolicy>,
    /// The app's versions.
    pub(crate) versions: Arc<[AppVersion]>,
}

/// A version of the app.
pub(crate) struct AppVersion {
    /// It.
    pub(crate) bundle: Bundle,
    /// What a store holds once it is installed.
    installed: WriteBatch,
    /// Keeps its code compiled while no node runs.
    _compiled: Mutex<Compiled>,
}

type Compiled = (Box<dyn StateApply>, Option<Box<dyn Migrate>>);

impl Ground {
    /// The plug-ins of this build.
    ///
    /// # Errors
    /// If one is missing.
    pub fn new() -> Result<Self> {
        let registry = registry()?;
        let Registration::Backend { create, .. } = registry.get(Kind::Backend, "wasmtime")? else {
            return Err(anyhow!("the registry answers with another kind"));
        };
        let (backend, profiles) = (create()?, registry.profiles());
        let version = |major| {
            let bundle = crate::ledger::ledger(major)?;
            let _compiled = Mutex::new(compile(&*backend, &profiles, &bundle)?);
            let (store, _) = open_store("memory")?;
            let mut runtime =
                Runtime::new(Arc::clone(&store), Arc::clone(&backend), profiles.clone());
            runtime.install(&bundle)?;
            Ok(AppVersion { bundle, installed: copy(&*store)?, _compiled })
        };
        let versions = (1..=3).map(version).collect::<Result<Arc<[_]>>>()?;
        Ok(Self { backend, profiles, versions })
    }

    /// A store of that name with the app's first version installed: once for all, since it is
    /// admitted each time.
    pub(crate) fn store(&self, name: &str) -> Result<(Arc<dyn Store>, Option<TempDir>)> {
        let (store, folder) = open_store(name)?;
        self.install(&*store, 0)?;
        Ok((store, folder))
    }

    /// Installs a version of the app in a store.
    pub(crate) fn install(&self, store: &dyn Store, version: usize) -> Result<()> {
        Ok(store.commit(self.versions[version].installed.clone())?)
    }

    /// A kernel over a store.
    pub(crate) fn runtime(&self, store: Arc<dyn Store>) -> Runtime {
        Runtime::new(store, Arc::clone(&self.backend), self.profiles.clone())
    }
}

fn compile(
    backend: &dyn Backend,
    profiles: &[&'static dyn ProfilePolicy],
    bundle: &Bundle,
) -> Result<Compiled> {
    let admitted = |profile: &str| -> Result<Option<Admitted>> {
        let policy = profiles.iter().find(|policy| policy.name() == profile);
        let policy = policy.ok_or_else(|| anyhow!("no profile `{profile}`"))?;
        let bytes = bundle.components().get(profile);
        Ok(bytes.map(|bytes| admit(bytes, *policy)).transpose()?)
    };
    let apply = admitted("state-apply")?.ok_or_else(|| anyhow!("no component"))?;
    let migrate = admitted("migrate")?;
    let migrate = migrate.map(|migrate| backend.migrate(component(&migrate))).transpose()?;
    Ok((backend.state_apply(component(&apply))?, migrate))
}

fn component(of: &Admitted) -> Component<'_> {
    Component { id: of.id, bytes: &of.bytes, fuel: of.fuel }
}

/// Everything a store holds.
fn copy(store: &dyn Store) -> Result<WriteBatch> {
    let (snapshot, mut batch) = (store.snapshot()?, WriteBatch::new());
    for keyspace in schema::ALL {
        for (key, value) in snapshot.prefix(*keyspace, &[], usize::MAX)? {
            batch.put(*keyspace, key, value);
        }
    }
    Ok(batch)
}

fn registry() -> Result<Registry> {
    let expected = [(Kind::Backend, "wasmtime"), (Kind::Store, "memory"), (Kind::Store, "lmdb")];
    Ok(Registry::collect(&expected)?)
}

/// A new store of that name. The folder, if it needs one, is the guard's.
///
/// # Errors
/// If it cannot be opened.
fn open_store(name: &str) -> Result<(Arc<dyn Store>, Option<TempDir>)> {
    let Registration::Store { open, .. } = registry()?.get(Kind::Store, name)? else {
        return Err(anyhow!("the registry answers with another kind"));
    };
    let folder = if name == "memory" { None } else { Some(TempDir::new()?) };
    let path = folder.as_ref().map(|folder| folder.path().to_owned());
    Ok((open(&StoreConfig { path, keyspaces: schema::ALL })?, folder))
}

/// A home with one scope of one person.
pub(crate) struct Node {
    /// Number of its person.
    pub(crate) person: usize,
    /// The person's long-term key.
    pub(crate) person_key: SecretKey,
    /// The home's own.
    pub(crate) scope: SecretKey,
    /// The person's word for it.
    pub(crate) certificate: Certificate,
    /// What is to fail.
    pub(crate) faults: Arc<Faults>,
    /// Events this home was told are committed; it must never be without them.
    pub(crate) acknowledged: Vec<EventId>,
    /// The kernel and its connections.
    pub(crate) switch: Switch,
    /// What it wants done.
    pub(crate) out: Vec<Output>,
    /// Which process of this home it is.
    pub(crate) process: u64,
    /// When the last batch that it gave to be verified is.
    pub(crate) verified_ms: u64,
    /// What it does to others.
    pub(crate) hostile: Option<Hostile>,
    /// Where others reach it.
    pub(crate) address: PeerAddress,
    /// How it chooses among them.
    choice: Choice,
    store: Arc<dyn Store>,
    /// The same without faults, to look at from outside.
    inner: Arc<dyn Store>,
    ground: Ground,
    _folder: Option<TempDir>,
}

impl Node {
    /// A new home.
    ///
    /// # Errors
    /// If the store cannot be opened.
    pub(crate) fn new(
        ground: &Ground,
        store: &str,
        person: usize,
        person_key: SecretKey,
        chance: &mut Chance,
    ) -> Result<Self> {
        let (inner, folder) = ground.store(store)?;
        for version in 1..ground.versions.len() {
            if !chance.one_in(3) {
                ground.install(&*inner, version)?;
            }
        }
        let faults = Arc::new(Faults::default());
        let store: Arc<dyn Store> =
            Arc::new(FaultStore::new(Arc::clone(&inner), Arc::clone(&faults)));
        let scope = SecretKey::from_seed(&chance.seed());
        let certificate =
            Certificate::issue(&person_key, scope.public(), ScopeKind::Device, "device")?;
        let key = PublicKey(*blake3::hash(scope.public().as_ref()).as_bytes());
        let address = PeerAddress { key, addresses: vec![format!("sim:{key}").parse()?] };
        let mut runtime = ground.runtime(Arc::clone(&store));
        runtime.work_in_parts(PART);
        let seat = Seat { runtime, scope: scope.clone(), certificate: certificate.clone() };
        let choice = Choice { seed: chance.seed(), degree: DEGREE };
        let mut switch = Switch::new(seat, key, choice);
        let out = switch.take(Input::Addresses(address.addresses.clone()), 0);
        Ok(Self {
            person,
            person_key,
            scope,
            certificate,
            faults,
            acknowledged: Vec::new(),
            switch,
            out,
            process: 0,
            verified_ms: 0,
            hostile: None,
            address,
            choice,
            store,
            inner,
            ground: ground.clone(),
            _folder: folder,
        })
    }

    /// Ends the process and starts another over the same store. Admitting and compiling the app
    /// again takes longer than all else in a history, so only some restarts go that far.
    pub(crate) fn restart(&mut self, now_ms: u64, chance: &mut Chance) {
        let (scope, certificate) = (self.scope.clone(), self.certificate.clone());
        let mut runtime = self.ground.runtime(Arc::clone(&self.store));
        runtime.work_in_parts(PART);
        self.choice.seed = chance.seed();
        let (key, choice) = (self.address.key, self.choice);
        let next = Switch::new(Seat { runtime, scope, certificate }, key, choice);
        let last = std::mem::replace(&mut self.switch, next);
        if !chance.one_in(8) {
            let (mut seat, _) = last.stop();
            seat.runtime.forget();
            self.switch = Switch::new(seat, key, choice);
        }
        self.process += 1;
        self.out = self.switch.take(Input::Addresses(self.address.addresses.clone()), now_ms);
        self.out.extend(self.switch.start(now_ms));
    }

    /// Goes on with what takes long; false if there is nothing.
    pub(crate) fn go_on(&mut self, now_ms: u64) -> bool {
        let has_more = self.switch.has_more();
        if has_more {
            self.take(Input::GoOn, now_ms);
        }
        has_more
    }

    /// The same to its end.
    pub(crate) fn finish(&mut self, now_ms: u64) {
        while self.go_on(now_ms) {}
    }

    /// Does something as this home's scope, once it has done what takes long or in the midst of it. After a failure of the store its process goes on, as a
    /// node's does, or is started again, as a command's is.
    pub(crate) fn act<T>(
        &mut self,
        now_ms: u64,
        chance: &mut Chance,
        act: impl FnOnce(&mut Runtime, Signer<'_>, &mut Ambient<'_>) -> Result<T, RuntimeError>,
    ) -> Result<T, RuntimeError> {
        if chance.one_in(2) {
            self.finish(now_ms);
        }
        let act = |seat: &mut Seat| {
            let (runtime, signer) = seat.parts();
            let mut random = |bytes: &mut [u8]| chance.fill(bytes);
            act(runtime, signer, &mut Ambient { now_ms, random: &mut random })
        };
        let (done, out) = self.switch.call(act, now_ms);
        self.out.extend(out);
        if matches!(done, Err(RuntimeError::Fault(_))) && chance.one_in(2) {
            self.restart(now_ms, chance);
        }
        done
    }

    /// Something happens to it.
    pub(crate) fn take(&mut self, input: Input, now_ms: u64) {
        self.out.extend(self.switch.take(input, now_ms));
    }

    /// Its user installs a version of the app, past whatever fails in the store.
    pub(crate) fn install(&mut self, version: usize, topic: TopicId, now_ms: u64) -> Result<()> {
        self.ground.install(&*self.inner, version)?;
        let (resumed, out) = self.switch.call(|seat| seat.runtime.resume(topic), now_ms);
        self.out.extend(out);
        match resumed {
            Ok(())
            | Err(
                RuntimeError::NoTopic { .. } | RuntimeError::Busy { .. } | RuntimeError::Fault(_),
            ) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Takes a topic in from somebody's events, genesis first, without joining, and learns who has more.
    ///
    /// # Errors
    /// If the store fails or the first event founds no topic.
    pub(crate) fn found(
        &mut self,
        topic: TopicId,
        events: &[Event],
        peers: &[PeerAddress],
        now_ms: u64,
    ) -> Result<()> {
        let take = |seat: &mut Seat| -> Result<()> {
            found(&mut seat.runtime, events)?;
            seat.runtime.ingest(topic, events, 0)?;
            Ok(seat.runtime.remember_peers(topic, peers)?)
        };
        let (taken, out) = self.switch.call(take, now_ms);
        self.out.extend(out);
        taken
    }

    /// The kernel, for those who look only.
    pub(crate) fn runtime(&self) -> &Runtime {
        self.switch.runtime()
    }

    /// Whether the topic is in this home.
    pub(crate) fn has(&self, topic: TopicId) -> bool {
        self.runtime().root(topic).is_ok()
    }

    /// The log of a topic; empty where there is none.
    ///
    /// # Errors
    /// If the store fails.
    pub(crate) fn log(&self, topic: TopicId) -> Result<Vec<LogEntry>> {
        match self.runtime().log(topic, LogRange::default()) {
            Err(RuntimeError::NoTopic { .. }) => Ok(Vec::new()),
            other => Ok(other?),
        }
    }

    /// The votes that it has of others.
    ///
    /// # Errors
    /// If the store fails.
    pub(crate) fn votes(&mut self, topic: TopicId, now_ms: u64) -> Result<Vec<KnownVote>> {
        let (votes, out) = self.switch.call(|seat| seat.runtime.votes(topic), now_ms);
        self.out.extend(out);
        Ok(votes?)
    }

    /// Events of a topic that this home has and another may not.
    ///
    /// # Errors
    /// If the store fails.
    pub(crate) fn events(&self, topic: TopicId) -> Result<Vec<Event>> {
        let (snapshot, keys) = (self.inner.snapshot()?, TopicKeys { topic });
        let log = snapshot.prefix(schema::LOG, &keys.key(&[]), usize::MAX)?;
        let event = |(key, bytes): (Vec<u8>, Vec<u8>)| {
            let place = keys.read_place(&key).ok_or_else(|| anyhow!("a key of the log"))?;
            Ok(Event::decode_stored(place.id, &bytes)?)
        };
        log.into_iter().map(event).collect()
    }

    /// Whether an event is in the log.
    ///
    /// # Errors
    /// If the store fails.
    pub(crate) fn holds(&self, topic: TopicId, event: EventId) -> Result<bool> {
        let key = TopicKeys { topic }.key(&[event.as_ref()]);
        Ok(self.inner.snapshot()?.get(schema::IDS, &key)?.is_some())
    }

    /// Its person's key.
    pub(crate) fn person_public(&self) -> PublicKey {
        self.person_key.public()
    }
}

/// Takes a topic in from its first event.
///
/// # Errors
/// If the store fails or the first event founds no topic.
pub(crate) fn found(runtime: &mut Runtime, events: &[Event]) -> Result<()> {
    let genesis = events.first().ok_or_else(|| anyhow!("no events"))?;
    let genesis = UnverifiedEvent::decode(&genesis.to_bytes())?;
    let import = runtime.begin_import(&Opening { genesis, bundles: 0 }, None, 0)?;
    runtime.finish_import(import, &myrhiza_kernel::event::verify_all)?;
    Ok(())
}
