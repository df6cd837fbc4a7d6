//! A topic joined over loopback: two nodes over iroh, LMDB on disk, from the call to connect until
//! every event is verified, ordered, folded and durable.

use std::sync::Arc;
use std::time::{Duration, Instant};

use myrhiza_kernel::event::Event;
use myrhiza_kernel_api::{Store, WriteBatch};

use super::process::cpu;
use crate::app::{App, tally};
use crate::figures::Figures;
use crate::floors::{self, Floors};
use crate::home::{Ground, Home, Kept, found, lmdb, seat};
use crate::net::{Net, Peer, complete};
use crate::record::Recorded;
use crate::trunk::Trunk;

/// The scope of the one who joins.
const JOINER: u8 = 4;

struct Fixture {
    ground: Ground,
    app: App,
    net: Net,
    /// Who has the topic.
    server: Peer,
    kept: Kept,
    trunk: Trunk,
    opening: Vec<Event>,
    events: Floors,
    total: u64,
}

impl Fixture {
    fn new(events: u32) -> Self {
        let (ground, app, net) = (Ground::new(), tally::<1000>(), Net::new());
        let home = Home::on_disk(&ground, &app, events);
        let total = home.events();
        let (mut trunk, opening) = Trunk::new(&app);
        let events = Floors::of(&trunk.tips(events));
        let (seat, kept) = home.seat(0);
        let server = net.up(0, seat);
        Self { ground, app, net, server, kept, trunk, opening, events, total }
    }

    /// Joins into an empty store: how long it took, and how many cores were busy.
    fn join(&self, store: Arc<dyn Store>) -> (Duration, f64) {
        let mut runtime = self.ground.runtime(store);
        runtime.install(&self.app.bundle).unwrap();
        found(&mut runtime, &self.opening);
        let joiner = self.net.up(1, seat(runtime, JOINER));
        let (topic, watch) = (self.trunk.topic(), joiner.node.watch());
        let (start, busy) = (Instant::now(), cpu());
        self.net.run(async {
            joiner.node.connect(self.server.address()).await.unwrap();
            complete(&watch, topic, self.total).await;
        });
        let time = start.elapsed();
        let busy = (cpu() - busy).as_secs_f64() / time.as_secs_f64();
        let root = move |runtime: &mut myrhiza_kernel::runtime::Runtime| runtime.root(topic);
        let (here, there) =
            self.net.run(async { (joiner.home(root).await, self.server.home(root).await) });
        assert_eq!(here.unwrap(), there.unwrap());
        self.net.down([joiner]);
        (time, busy)
    }

    fn joins(&self) -> (Duration, f64) {
        let folder = tempfile::tempdir().unwrap();
        self.join(lmdb(folder.path()))
    }

    fn recorded(&self) -> Vec<WriteBatch> {
        let folder = tempfile::tempdir().unwrap();
        let store = Recorded::over(lmdb(folder.path()));
        self.join(Arc::clone(&store) as Arc<dyn Store>);
        store.batches()
    }
}

const WHOLE: &str = "join over iroh";
const READ: &str = "floor: read from the store";
const DECODE: &str = "floor: decode and hash";
const VERIFY: &str = "floor: verify in batches";
const CALL: &str = "floor: call into a live instance";
const STORE: &str = "floor: the same writes to the store";
const FLOORS: &str = "sum of the floors";

/// Measures so many joins of so many events, and tells.
pub fn join(events: u32, samples: u32) {
    let (fixture, figures) = (Fixture::new(events), Figures::default());
    let written = fixture.recorded();
    println!("{} commits in the join that is written again", written.len());
    for _ in 0..samples {
        let keep = |name, time| figures.keep(name, u64::from(events), time);
        let (time, busy) = fixture.joins();
        keep(WHOLE, time);
        keep(
            FLOORS,
            keep(READ, floors::read(&*fixture.kept.store))
                + keep(DECODE, fixture.events.decode())
                + keep(VERIFY, fixture.events.verify())
                + keep(CALL, fixture.events.call())
                + keep(STORE, floors::write(written.clone())),
        );
        println!("joined in {:.2} s, {busy:.2} cores busy", time.as_secs_f64());
    }
    for name in [WHOLE, READ, DECODE, VERIFY, CALL, STORE, FLOORS] {
        figures.tell(name);
    }
    figures.ratio(WHOLE, FLOORS, "<= 1.3");
    fixture.net.down([fixture.server]);
}
