//! What the authenticated trie costs as state and log grow: it should hardly show.

use std::cell::{Cell, LazyCell};
use std::hint::black_box;
use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use criterion::{BenchmarkId, Criterion, SamplingMode, Throughput};
use myrhiza_bench::figures::Figures;
use myrhiza_bench::trie::{Home, TOPIC, event, scatter, set, trie_key};
use myrhiza_kernel::state::Overlay;
use myrhiza_kernel::state::trie::{Change, Trie};
use myrhiza_kernel_api::Store;

const SIZES: [u32; 3] = [1_000, 100_000, 1_000_000];
/// Events folded between two commits.
const BATCH: u32 = 1024;

/// Writes `writes` keys of `size`, and brings the trie up to date.
fn write(overlay: &mut Overlay, size: u32, writes: u32, round: u64) {
    let key = |n| (scatter(round << 16 | u64::from(n)) % u64::from(size)) as u32;
    (0..writes).for_each(|n| set(overlay, key(n), round));
    let changed = (0..writes).map(|n| trie_key(key(n)));
    black_box(Trie::update_state(TOPIC, overlay, changed)).ok();
}

pub(crate) fn tries(c: &mut Criterion) {
    let figures = Figures::default();
    state(c, &figures);
    root_from_nothing(c, &figures);
    figures.ratio("root from nothing, 1000000", "root after 1 writes, 1000000", ">= 10,000");
    figures.ratio("root after 1 writes, 1000000", "root after 1 writes, 1000", "it is logarithmic");
}

fn state(c: &mut Criterion, figures: &Figures) {
    for size in SIZES {
        let home = LazyCell::new(|| Home::with_state(size));
        let round = Cell::new(0);
        for writes in [1, 1000] {
            let name = format!("root after {writes} writes");
            let mut group = c.benchmark_group(&name);
            group.throughput(Throughput::Elements(writes.into()));
            group.bench_function(BenchmarkId::from_parameter(size), |b| {
                let one = |_| {
                    round.set(round.get() + 1);
                    let mut overlay = home.overlay();
                    let start = Instant::now();
                    write(&mut overlay, size, writes, round.get());
                    start.elapsed()
                };
                b.iter_custom(|n| {
                    figures.keep(&format!("{name}, {size}"), n, (0..n).map(one).sum())
                });
            });
        }
        let there = LazyCell::new(|| {
            let mut there = home.overlay();
            write(&mut there, size, 10, u64::MAX >> 20);
            there
        });
        c.benchmark_group("difference of 10 keys").bench_function(
            BenchmarkId::from_parameter(size),
            |b| {
                let here = home.snapshot();
                b.iter(|| {
                    let mut found = 0;
                    let mut visit = |difference| {
                        black_box(difference);
                        found += 1;
                        ControlFlow::Continue(())
                    };
                    Trie::state(TOPIC).diff(&*here, &*there, &mut visit).ok();
                    found
                });
            },
        );
        c.benchmark_group("proof of a key").bench_function(
            BenchmarkId::from_parameter(size),
            |b| {
                let here = home.snapshot();
                b.iter(|| Trie::state(TOPIC).prove(&*here, &trie_key(size / 2)));
            },
        );
    }
}

fn root_from_nothing(c: &mut Criterion, figures: &Figures) {
    let mut group = c.benchmark_group("root from nothing");
    group.sampling_mode(SamplingMode::Flat).sample_size(10);
    group.warm_up_time(Duration::from_millis(100));
    for size in SIZES {
        group.bench_function(BenchmarkId::from_parameter(size), |b| {
            let home = Home::empty();
            let one = |_| {
                let mut overlay = home.overlay();
                (0..size).for_each(|n| set(&mut overlay, n, 0));
                let start = Instant::now();
                Trie::update_state(TOPIC, &mut overlay, (0..size).map(trie_key)).ok();
                start.elapsed()
            };
            b.iter_custom(|n| {
                let name = format!("root from nothing, {size}");
                figures.keep(&name, n, (0..n).map(one).sum())
            });
        });
    }
}

/// A batch at the tip of the log, committed: what a join pays the log's trie.
pub(crate) fn log_tip(c: &mut Criterion) {
    let mut group = c.benchmark_group("log trie, batch at the tip, committed");
    group.throughput(Throughput::Elements(BATCH.into()));
    group.sampling_mode(SamplingMode::Flat).sample_size(20);
    for size in SIZES {
        let home = LazyCell::new(|| Home::with_log(size));
        let mut tip = size;
        group.bench_function(BenchmarkId::from_parameter(size), |b| {
            b.iter(|| {
                let events = tip..tip + BATCH;
                tip += BATCH;
                let mut overlay = home.overlay();
                let changes = events.map(|n| Change::log(u64::from(n / 2), event(n))).collect();
                Trie::log(TOPIC).apply(&mut overlay, changes).ok();
                home.store.commit(overlay.into_batch()).ok();
            });
        });
    }
}
