//! What one event costs in logs of different length: at the tip, and late by a hundred events.
//!
//! Both logs take an event in turn, so that whatever else the machine does, it does to both.
//! Criterion's own figure is of the long log. The short log grows while it is measured, so the
//! time is short; its length at the end is told.

use std::cell::{OnceCell, RefCell};
use std::time::{Duration, Instant};

use criterion::{Criterion, SamplingMode};
use myrhiza_bench::app::tally;
use myrhiza_bench::figures::Figures;
use myrhiza_bench::home::{Ground, Home, lmdb};
use myrhiza_kernel::schema;
use myrhiza_kernel_api::WriteBatch;

/// Events in the short and in the long log.
const SIZES: [(u32, &str); 2] = [(10_000, "10 k"), (1_000_000, "1 M")];
/// Events a late one is late by.
const LATE: usize = 100;
/// How long is measured, by store. Durable commits take long and vary much.
const TIMES: [(&str, Duration); 2] =
    [("memory", Duration::from_millis(400)), ("lmdb", Duration::from_secs(4))];

/// Does one thing to a home and says how long it took.
type Work = fn(&mut Home) -> Duration;

fn tip(home: &mut Home) -> Duration {
    let event = home.trunk.tip();
    let start = Instant::now();
    home.take(&[event]);
    start.elapsed()
}

/// The tip grows by one before each late event.
fn late(home: &mut Home) -> Duration {
    let (tip, late) = (home.trunk.tip(), home.trunk.late(LATE));
    home.take(&[tip]);
    let start = Instant::now();
    home.take(&[late]);
    start.elapsed()
}

pub(crate) fn one_event(c: &mut Criterion) {
    let (ground, figures, app) = (Ground::new(), Figures::default(), tally::<1000>());
    let fill = |(events, _)| RefCell::new(Home::on_disk(&ground, &app, events));
    let copy = |home: &RefCell<Home>| RefCell::new(home.borrow().copied_to_memory(&ground));
    let (disk, memory) = (OnceCell::new(), OnceCell::new());
    // Only if a filter lets anything be measured: a million events take a while.
    let homes = |store| {
        let disk = disk.get_or_init(|| SIZES.map(fill));
        if store == "lmdb" { disk } else { memory.get_or_init(|| disk.each_ref().map(copy)) }
    };
    for (store, time) in TIMES {
        for (work, run) in [("tip", tip as Work), ("late by 100", late)] {
            let name = |size| format!("{work}, {store}, {size}");
            let mut group = c.benchmark_group("one event");
            group.sampling_mode(SamplingMode::Flat).sample_size(20);
            group.warm_up_time(time / 10).measurement_time(time);
            group.bench_function(format!("{work}, {store}"), |b| {
                let [short, long] = homes(store).each_ref().map(RefCell::borrow_mut);
                let (mut short, mut long) = (short, long);
                b.iter_custom(|n| {
                    let pair = |_| {
                        figures.keep(&name(SIZES[0].1), 1, run(&mut short));
                        figures.keep(&name(SIZES[1].1), 1, run(&mut long))
                    };
                    (0..n).map(pair).sum()
                });
            });
            for (_, size) in SIZES {
                figures.tell(&name(size));
            }
            figures.ratio(&name("1 M"), &name("10 k"), "1 at the tip, <= 1.3 late");
        }
    }
    for (homes, store) in [(&memory, "memory"), (&disk, "lmdb")] {
        if let Some([short, _]) = homes.get() {
            println!("{store}: {} events in the short log at the end", short.borrow().events());
        }
    }
}

/// What the disk asks for one event, whoever writes it.
pub(crate) fn bare_commit(c: &mut Criterion) {
    let folder = tempfile::tempdir().expect("a folder for temporary files");
    let store = lmdb(folder.path());
    let mut number = 0u64;
    c.bench_function("reference: commit of 280 bytes, lmdb", |b| {
        b.iter(|| {
            number += 1;
            let mut batch = WriteBatch::new();
            batch.put(schema::LOG, number.to_be_bytes(), [7; 280]);
            store.commit(batch)
        });
    });
}
