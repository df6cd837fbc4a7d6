//! What it takes to find a few events that one side of a topic has and the other has not: bytes
//! beside those of the events, and round trips.
//!
//! Two sessions over two stores, whose logs' tries are built directly: of what is equal on both
//! sides nothing else is ever read, but the last event's place.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use myrhiza_kernel::apply::Cuts;
use myrhiza_kernel::dag::IngestReport;
use myrhiza_kernel::event::payload::Admission;
use myrhiza_kernel::event::{Body, Event, Founding, Header, Kind, UnverifiedEvent};
use myrhiza_kernel::fault::Fault;
use myrhiza_kernel::order::{Place, TopicKeys};
use myrhiza_kernel::runtime::{Ambient, NewTopic, Signer};
use myrhiza_kernel::schema;
use myrhiza_kernel::state::Overlay;
use myrhiza_kernel::state::trie::{Change, LogTrie, Trie};
use myrhiza_kernel::sync::{Effect, Host, Opening, Proof, Role, Session, Transcript};
use myrhiza_kernel_api::{EventId, PeerAddress, PublicKey, Snapshot, Store, TopicId};

use crate::app::tally;
use crate::home::{Ground, lmdb, memory};
use crate::record::copy;
use crate::trie::{event, scatter};
use crate::trunk::{NOW_MS, scope};

/// Events written to a trie in one go.
const BATCH: u32 = 100_000;
/// Events that are missing.
pub const MISSING: u32 = 10;

/// Where the missing events are.
#[derive(Clone, Copy, Debug)]
pub enum At {
    /// Anywhere in the log.
    Random,
    /// After all others.
    Tip,
}

/// What finding them took.
#[derive(Clone, Copy, Debug)]
pub struct Cost {
    /// Bytes of all messages since topics were known, those of the missing events aside.
    pub bytes: usize,
    /// Messages' flights until the events were there, half of it: round trips.
    pub trips: f64,
    /// The same until both sides knew that the logs are equal.
    pub until_equal: f64,
}

/// Two logs of one topic that are equal so far.
pub struct Logs {
    topic: TopicId,
    events: u32,
    stores: [Arc<dyn Store>; 2],
    _folders: [tempfile::TempDir; 2],
}

/// Tells what it costs to find ten events among so many, in each way they can be missing.
pub fn walk(events: u32) {
    let mut logs = Logs::of(events);
    println!("{events} events on each side, {MISSING} missing:");
    let aims = [(At::Random, "32 kB, 4"), (At::Tip, "4 kB, 2")];
    for (round, (at, aim)) in aims.into_iter().enumerate() {
        for (n, lacks) in [Role::Dialer, Role::Listener].into_iter().enumerate() {
            let cost = logs.found(at, lacks, (2 * round + n) as u32);
            println!(
                "  {:6} bytes, {} round trips until they are there, {} until both know  \
                 ({at:?}, at the {lacks:?}; aim: {aim})",
                cost.bytes, cost.trips, cost.until_equal,
            );
        }
    }
}

impl Logs {
    /// Two logs of so many events, two at each height.
    pub fn of(events: u32) -> Self {
        let (topic, founded) = founded();
        let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
        let store = |folder: &tempfile::TempDir| {
            let store = lmdb(folder.path());
            copy(&*founded, &*store);
            for from in (1..events).step_by(BATCH as usize) {
                let mut overlay = Overlay::new(store.snapshot().unwrap());
                let all = from..events.min(from + BATCH);
                let changes = all.map(|n| Change::log(height(n), event(n))).collect();
                Trie::log(topic).apply(&mut overlay, changes).unwrap();
                store.commit(overlay.into_batch()).unwrap();
            }
            store
        };
        let stores = folders.each_ref().map(store);
        let logs = Self { topic, events, stores, _folders: folders };
        // The last event's place; it is never sent.
        let last = events - 1;
        let place = Place { epoch: 0, height: height(last), id: event(last) };
        for store in &logs.stores {
            let mut overlay = Overlay::new(store.snapshot().unwrap());
            overlay.put(schema::LOG, TopicKeys { topic }.place(place), []);
            store.commit(overlay.into_batch()).unwrap();
        }
        logs
    }

    /// Adds ten events to one side, and finds them at the other.
    pub fn found(&mut self, at: At, lacks: Role, round: u32) -> Cost {
        let top = height(self.events) + u64::from(round * MISSING);
        let height = |n: u32| match at {
            At::Random => 2 + scatter(u64::from(round * MISSING + n)) % (height(self.events) - 2),
            At::Tip => top + 1 + u64::from(n),
        };
        let missing: Vec<_> =
            (0..MISSING).map(|n| (height(n), made(self.topic, round * MISSING + n))).collect();
        let heights: BTreeMap<_, _> =
            missing.iter().map(|(height, event)| (event.id(), *height)).collect();
        let (with, without) = match lacks {
            Role::Dialer => (1, 0),
            Role::Listener => (0, 1),
        };
        let events = missing.iter().map(|(_, event)| event.to_bytes());
        let sizes = events.clone().map(|bytes| bytes.len()).sum::<usize>();
        let events = events.map(|bytes| UnverifiedEvent::decode(&bytes).unwrap()).collect();
        put(&*self.stores[with], self.topic, events, &heights);
        let mut sides = [Role::Dialer, Role::Listener].map(|role| {
            let at = usize::from(role == Role::Listener);
            Side::new(role, Arc::clone(&self.stores[at]), self.topic, heights.clone())
        });
        let cost = exchanged(&mut sides, without);
        Cost { bytes: cost.bytes - sizes, ..cost }
    }
}

/// Lets two sides talk until both know that their logs are equal.
fn exchanged(sides: &mut [Side; 2], without: usize) -> Cost {
    while flight(sides) > 0 {}
    assert!(sides.iter().all(|side| side.shared), "the topic is known to both");
    for side in sides.iter_mut() {
        let effects = side.session.begin(side.topic, &side.home, 0).unwrap();
        side.follow(effects);
    }
    let (mut bytes, mut flights, mut there) = (0, 0, 0);
    loop {
        match flight(sides) {
            0 => break,
            sent => bytes += sent,
        }
        flights += 1;
        if there == 0 && sides[without].came == MISSING as usize {
            there = flights;
        }
    }
    assert!(sides.iter().all(|side| side.complete), "both know that they are equal");
    let [one, other] = sides.each_ref().map(|side| side.home.root());
    assert_eq!(one, other);
    Cost { bytes, trips: f64::from(there) / 2.0, until_equal: f64::from(flights) / 2.0 }
}

/// Delivers what both have to say at one time. Returns how many bytes that was.
fn flight(sides: &mut [Side; 2]) -> usize {
    let out = sides.each_mut().map(|side| std::mem::take(&mut side.out));
    let bytes = out.iter().flatten().map(Vec::len).sum();
    for (messages, to) in out.into_iter().zip([1, 0]) {
        for message in messages {
            let side = &mut sides[to];
            let effects = side.session.receive(&message, &side.home, 0).unwrap();
            side.follow(effects);
        }
    }
    bytes
}

struct Side {
    topic: TopicId,
    session: Session,
    home: Committed,
    heights: BTreeMap<EventId, u64>,
    out: VecDeque<Vec<u8>>,
    shared: bool,
    complete: bool,
    came: usize,
}

/// A store as it is now, for a session.
struct Committed {
    store: Arc<dyn Store>,
    snapshot: Box<dyn Snapshot>,
    topic: TopicId,
}

impl Host for Committed {
    fn snapshot(&self, _: TopicId) -> Result<Option<&dyn Snapshot>, Fault> {
        Ok(Some(&*self.snapshot))
    }

    fn cuts(&self, topic: &Founding) -> Result<Arc<Cuts>, Fault> {
        Ok(Arc::new(Cuts::of(&*self.snapshot, topic)?))
    }

    fn prove(&self, _: &Transcript) -> Result<Option<Proof>, Fault> {
        Ok(None)
    }

    fn peers(&self, _: TopicId) -> Vec<PeerAddress> {
        Vec::new()
    }
}

impl Committed {
    fn root(&self) -> myrhiza_kernel::state::trie::Root {
        LogTrie::new(&*self.snapshot, self.topic).root().unwrap()
    }
}

impl Side {
    fn new(
        role: Role,
        store: Arc<dyn Store>,
        topic: TopicId,
        heights: BTreeMap<EventId, u64>,
    ) -> Self {
        let key = |role: Role| PublicKey([role.number(); 32]);
        let (local, remote) = (key(role), key(role.other()));
        let opening = Opening { role, nonce: [role.number(); 32], local, remote };
        let (session, effects) = Session::new(opening, &[topic], 0);
        let home = Committed { snapshot: store.snapshot().unwrap(), store, topic };
        let out = VecDeque::new();
        let mut side =
            Self { topic, session, home, heights, out, shared: false, complete: false, came: 0 };
        side.follow(effects);
        side
    }

    fn follow(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Send(bytes) => self.out.push_back(bytes),
                Effect::Shared { .. } => self.shared = true,
                Effect::Complete { .. } => self.complete = true,
                Effect::Ingest { events, .. } => {
                    let added = events.len();
                    self.came += added;
                    put(&*self.home.store, self.topic, events, &self.heights);
                    self.home.snapshot = self.home.store.snapshot().unwrap();
                    let report = IngestReport { added: added as u64, ..IngestReport::default() };
                    let ingested = self.session.ingested(self.topic, &report, &self.home, 0);
                    self.follow(ingested.unwrap());
                }
                Effect::Offence(offence) => panic!("{offence}"),
                Effect::Close(reason) => panic!("{reason}"),
                _ => {}
            }
        }
    }
}

fn height(n: u32) -> u64 {
    u64::from(n.div_ceil(2))
}

/// An open topic, in memory.
fn founded() -> (TopicId, Arc<dyn Store>) {
    let (app, store) = (tally::<1000>(), memory());
    let mut runtime = Ground::new().runtime(Arc::clone(&store));
    runtime.install(&app.bundle).unwrap();
    let (scope, certificate) = scope(0);
    let signer = Signer { scope: &scope, certificate: &certificate };
    let mut random = |bytes: &mut [u8]| bytes.fill(7);
    let mut ambient = Ambient { now_ms: NOW_MS, random: &mut random };
    let new = NewTopic { bundle: app.bundle.id(), name: "bench", admission: Admission::Open };
    (runtime.create_topic(signer, &mut ambient, &new).unwrap(), store)
}

/// An event of usual size.
fn made(topic: TopicId, number: u32) -> Event {
    let (key, _) = scope(1);
    let header = Header {
        topic,
        scope: key.public(),
        seq: u64::from(number) + 1,
        prev: Some(event(number)),
        parents: vec![event(number + 1)],
        hlc: NOW_MS << 16,
        generation: 0,
        kind: Kind::App,
        variant: 0,
    };
    Event::sign(Body::new(header, &event(number).0).unwrap(), &key).unwrap()
}

/// Puts events into a store's log, its index and its trie (docs/spec/store.md).
fn put(
    store: &dyn Store,
    topic: TopicId,
    events: Vec<UnverifiedEvent>,
    heights: &BTreeMap<EventId, u64>,
) {
    let (keys, mut overlay) = (TopicKeys { topic }, Overlay::new(store.snapshot().unwrap()));
    let mut changes = Vec::new();
    for event in events {
        let event = event.verify().unwrap();
        let place = Place { epoch: 0, height: heights[&event.id()], id: event.id() };
        let Header { scope, seq, kind, .. } = event.header();
        let (at, seq) = (place.to_bytes(), seq.to_be_bytes());
        // Which introduction it follows the walk does not ask.
        let entry = event.id();
        let kind = [kind.number() as u8];
        let node = [&at[..12], &seq, scope.as_ref(), &kind, entry.as_ref()].concat();
        overlay.put(schema::LOG, keys.place(place), event.to_bytes());
        overlay.put(schema::IDS, keys.key(&[event.id().as_ref()]), node);
        changes.push(Change::log(place.height, place.id));
    }
    Trie::log(topic).apply(&mut overlay, changes).unwrap();
    store.commit(overlay.into_batch()).unwrap();
}
