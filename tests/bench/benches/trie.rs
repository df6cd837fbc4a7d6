//! What the authenticated trie costs as state and log grow: it should hardly show.

use std::hint::black_box;
use std::ops::ControlFlow;

use criterion::{BatchSize, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use myrhiza_bench::{Home, TOPIC, event, scatter, set, trie_key};
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

fn state(c: &mut Criterion) {
    for size in SIZES {
        let home = Home::with_state(size);
        let mut round = 0;
        for writes in [1, 1000] {
            let mut group = c.benchmark_group(format!("root after {writes} writes"));
            group.throughput(Throughput::Elements(writes.into()));
            group.bench_function(BenchmarkId::from_parameter(size), |b| {
                let mut measured = |mut overlay: Overlay| {
                    round += 1;
                    write(&mut overlay, size, writes, round);
                    overlay
                };
                b.iter_batched(|| home.overlay(), &mut measured, BatchSize::PerIteration);
            });
        }
        let mut there = home.overlay();
        write(&mut there, size, 10, u64::MAX >> 20);
        let here = home.snapshot();
        c.benchmark_group("difference of 10 keys").bench_function(
            BenchmarkId::from_parameter(size),
            |b| {
                b.iter(|| {
                    let mut found = 0;
                    let mut visit = |difference| {
                        black_box(difference);
                        found += 1;
                        ControlFlow::Continue(())
                    };
                    Trie::state(TOPIC).diff(&*here, &there, &mut visit).ok();
                    found
                });
            },
        );
        c.benchmark_group("proof of a key").bench_function(
            BenchmarkId::from_parameter(size),
            |b| {
                b.iter(|| Trie::state(TOPIC).prove(&*here, &trie_key(size / 2)));
            },
        );
    }
}

fn root_from_nothing(c: &mut Criterion) {
    let mut group = c.benchmark_group("root from nothing");
    group.sample_size(10);
    for size in SIZES {
        group.bench_function(BenchmarkId::from_parameter(size), |b| {
            let home = Home::empty();
            b.iter_batched(
                || {
                    let mut overlay = home.overlay();
                    (0..size).for_each(|n| set(&mut overlay, n, 0));
                    overlay
                },
                |mut overlay| {
                    Trie::update_state(TOPIC, &mut overlay, (0..size).map(trie_key)).ok();
                    overlay
                },
                BatchSize::PerIteration,
            );
        });
    }
}

/// A batch at the tip of the log, committed: what a join pays the log's trie.
fn log_tip(c: &mut Criterion) {
    let mut group = c.benchmark_group("log trie, batch at the tip, committed");
    group.throughput(Throughput::Elements(BATCH.into()));
    group.sample_size(20);
    for size in SIZES {
        group.bench_function(BenchmarkId::from_parameter(size), |b| {
            let home = Home::with_log(size);
            let mut tip = size;
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

criterion_group!(benches, state, root_from_nothing, log_tip);
criterion_main!(benches);
