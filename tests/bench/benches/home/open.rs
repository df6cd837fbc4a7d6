//! From opening a home's store to the first view, by length of the log.
//!
//! Compiling the app's components takes most of it where the engine has not done so yet, so it is
//! measured with an engine that has, with one that has not, and without any component. Criterion's
//! own figure is of the long log.

use std::cell::LazyCell;
use std::path::Path;
use std::time::{Duration, Instant};

use criterion::Criterion;
use myrhiza_bench::app::counter;
use myrhiza_bench::figures::Figures;
use myrhiza_bench::home::{Ground, Home, lmdb, view};
use myrhiza_bench::trunk::Trunk;

const SIZES: [(u32, &str); 2] = [(1_000, "1 k"), (100_000, "100 k")];

/// Opens the home, and closes it again outside of what is timed.
fn opened(ground: &Ground, folder: &Path, trunk: &Trunk, look: Look) -> Duration {
    let start = Instant::now();
    let store = lmdb(folder);
    let mut runtime = ground.runtime(store);
    match look {
        Look::View => assert!(!view(&mut runtime, trunk).nodes.is_empty()),
        Look::State => {
            assert!(runtime.root(trunk.topic()).is_ok_and(|root| root.state.is_some()));
            assert!(runtime.state(trunk.topic()).is_ok_and(|state| !state.is_empty()));
        }
    }
    start.elapsed()
}

/// What is looked at first.
#[derive(Clone, Copy)]
enum Look {
    View,
    State,
}

/// The engine a home is opened with.
#[derive(Clone, Copy)]
enum Engine {
    Warm,
    New,
}

const WAYS: [(&str, Engine, Look); 3] = [
    ("root and state", Engine::Warm, Look::State),
    ("view, components compiled before", Engine::Warm, Look::View),
    ("view, new engine", Engine::New, Look::View),
];

pub(crate) fn open(c: &mut Criterion) {
    let (ground, figures) = (Ground::new(), Figures::default());
    // Keeps the components in use, and so compiled.
    let warm = LazyCell::new(|| {
        let mut home = Home::in_memory(&ground, &counter(), 10);
        view(&mut home.runtime, &home.trunk);
        home
    });
    // Short and long in turn, so that whatever else the machine does, it does to both.
    let homes = LazyCell::new(|| SIZES.map(|(n, _)| Home::on_disk(&ground, &counter(), n).close()));
    for (way, engine, look) in WAYS {
        let mut group = c.benchmark_group("open");
        group.sample_size(20);
        group.bench_function(way, |b| {
            LazyCell::force(&warm);
            let open = |at: usize| {
                let (folder, trunk) = &homes[at];
                let time = match engine {
                    Engine::Warm => opened(&ground, folder.path(), trunk, look),
                    Engine::New => opened(&Ground::new(), folder.path(), trunk, look),
                };
                figures.keep(&format!("{way}, {}", SIZES[at].1), 1, time)
            };
            b.iter_custom(|n| {
                let pair = |_| {
                    open(0);
                    open(1)
                };
                (0..n).map(pair).sum()
            });
        });
        for (_, size) in SIZES {
            figures.tell(&format!("{way}, {size}"));
        }
        figures.ratio(&format!("{way}, 100 k"), &format!("{way}, 1 k"), "1, flat");
    }
}
