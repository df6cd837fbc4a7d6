//! Joining a topic: signed events as bytes until all are verified, ordered, folded and durable,
//! beside what each part of it would cost alone.
//!
//! Every sample runs the whole and the parts one after the other, so that a machine that is busy
//! for a while is so for both.

use std::cell::LazyCell;
use std::sync::Arc;
use std::time::{Duration, Instant};

use criterion::{Criterion, SamplingMode};
use myrhiza_bench::app::{App, tally};
use myrhiza_bench::figures::Figures;
use myrhiza_bench::floors::{self, BATCH, Floors, decode};
use myrhiza_bench::home::{Ground, Home, found, lmdb, verify};
use myrhiza_bench::record::{Recorded, only, replay};
use myrhiza_bench::trunk::Trunk;
use myrhiza_kernel::event::Event;
use myrhiza_kernel::schema;
use myrhiza_kernel_api::{Hash, Store, TopicId, WriteBatch};
use tempfile::TempDir;

const EVENTS: u32 = 100_000;
/// Events decoded in one go, as in a chunk of an exported topic.
const CHUNK: usize = 256;

const WHOLE: &str = "join: bytes in, verified, ordered, folded, durable";
const REFOLD: &str = "fold of all, already verified, durable";
const UNFOLDED: &str = "join without the app: the same but the fold";
const DECODE: &str = "floor: decode and hash";
const VERIFY: &str = "floor: verify in batches";
const CALL: &str = "floor: call into a live instance";
const STORE: &str = "floor: the same writes to the store";
const BYTES: &str = "part of that: the events' bytes alone";
const FLOORS: &str = "sum of the floors";

/// The events as they come in, and what a join writes.
struct Fixture {
    ground: Ground,
    app: App,
    topic: TopicId,
    opening: Vec<Event>,
    events: Floors,
    /// All that a join committed, and what it did without the app.
    joined: Vec<WriteBatch>,
    unfolded: Vec<WriteBatch>,
    state: Hash,
    /// Keeps the app compiled.
    _warm: Home,
}

impl Fixture {
    fn new() -> Self {
        let (ground, app) = (Ground::new(), tally::<1000>());
        let (mut trunk, opening) = Trunk::new(&app);
        let topic = trunk.topic();
        let events = trunk.tips(EVENTS);
        let mut fixture = Self {
            events: Floors::of(&events),
            _warm: Home::in_memory(&ground, &app, 1),
            joined: Vec::new(),
            unfolded: Vec::new(),
            state: Hash([0; 32]),
            ground,
            app,
            topic,
            opening,
        };
        (fixture.joined, fixture.state) = fixture.recorded(true);
        (fixture.unfolded, _) = fixture.recorded(false);
        fixture
    }

    fn recorded(&self, with_app: bool) -> (Vec<WriteBatch>, Hash) {
        let folder = folder();
        let store = Recorded::over(lmdb(folder.path()));
        let (_, state) = self.join(Arc::clone(&store) as Arc<dyn Store>, with_app);
        (store.batches(), state.unwrap_or(Hash([0; 32])))
    }

    /// The whole, into an empty home.
    fn join(&self, store: Arc<dyn Store>, with_app: bool) -> (Duration, Option<Hash>) {
        let mut runtime = self.ground.runtime(store);
        if with_app {
            runtime.install(&self.app.bundle).expect("installs");
        }
        let start = Instant::now();
        found(&mut runtime, &self.opening);
        for batch in self.events.bytes.chunks(BATCH) {
            let events = batch.chunks(CHUNK).flat_map(decode).collect();
            runtime.ingest_unverified(self.topic, events, 0, &verify).expect("takes them");
        }
        let time = start.elapsed();
        let root = runtime.root(self.topic).expect("has the topic");
        assert_eq!(root.events, u64::from(EVENTS) + self.opening.len() as u64);
        (time, root.state)
    }

    fn joins(&self, with_app: bool) -> Duration {
        let folder = folder();
        self.join(lmdb(folder.path()), with_app).0
    }

    /// Installs the app where all events are already.
    fn refold(&self) -> Duration {
        let folder = folder();
        let store = lmdb(folder.path());
        replay(self.unfolded.clone(), &*store);
        let mut runtime = self.ground.runtime(store);
        let start = Instant::now();
        runtime.install(&self.app.bundle).expect("installs");
        let time = start.elapsed();
        assert_eq!(runtime.root(self.topic).expect("has the topic").state, Some(self.state));
        time
    }
}

fn folder() -> TempDir {
    tempfile::tempdir().expect("a folder for temporary files")
}

fn sample(fixture: &Fixture, figures: &Figures) -> Duration {
    let keep = |name, time| figures.keep(name, 1, time);
    let whole = keep(WHOLE, fixture.joins(true));
    keep(UNFOLDED, fixture.joins(false));
    keep(REFOLD, fixture.refold());
    let floors = keep(DECODE, fixture.events.decode())
        + keep(VERIFY, fixture.events.verify())
        + keep(CALL, fixture.events.call())
        + keep(STORE, floors::write(fixture.joined.clone()));
    keep(BYTES, floors::write(only(&fixture.joined, schema::LOG)));
    keep(FLOORS, floors);
    whole
}

pub(crate) fn join(c: &mut Criterion) {
    let figures = Figures::default();
    let fixture = LazyCell::new(Fixture::new);
    let mut group = c.benchmark_group("join");
    group.sampling_mode(SamplingMode::Flat).sample_size(10);
    group.warm_up_time(Duration::from_millis(1)).measurement_time(Duration::from_secs(10));
    group.bench_function(format!("{EVENTS} events"), |b| {
        b.iter_custom(|n| (0..n).map(|_| sample(&fixture, &figures)).sum());
    });
    group.finish();
    for name in [WHOLE, UNFOLDED, REFOLD, DECODE, VERIFY, CALL, STORE, BYTES, FLOORS] {
        if let Some(seconds) = figures.median(name) {
            println!("{:6.2} us an event  {name}", seconds * 1e6 / f64::from(EVENTS));
        }
    }
    figures.ratio(WHOLE, FLOORS, "<= 1.3");
    if let (Some(refold), Some(call)) = (figures.median(REFOLD), figures.median(CALL)) {
        let over = (refold - call) * 1e6 / f64::from(EVENTS);
        println!("{over:6.2} us an event  {REFOLD}, over {CALL} (aim: <= 1)");
    }
}
