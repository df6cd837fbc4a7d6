//! Many histories, on all cores.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use crate::{Ground, Shape, Told, run};

/// How often a sweep is looked at.
const LOOK: Duration = Duration::from_millis(500);

/// What a sweep found, or has found so far.
#[derive(Clone, Debug, Default)]
pub struct Swept {
    /// Histories that held.
    pub passed: u64,
    /// Seeds that did not, and why, in the order they were met.
    pub failed: Vec<(u64, String)>,
    nodes: usize,
    events: usize,
    verdicts: [usize; 3],
    faults: BTreeMap<String, usize>,
}

impl Swept {
    fn add(&mut self, told: &Told) {
        self.passed += 1;
        self.nodes += told.nodes;
        self.events += told.events;
        for (sum, verdict) in self.verdicts.iter_mut().zip(told.verdicts) {
            *sum += verdict;
        }
        for (fault, times) in &told.faults {
            *self.faults.entry(format!("{fault:?}")).or_default() += times;
        }
    }
}

impl fmt::Display for Swept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [accepted, rejected, trapped] = self.verdicts;
        write!(
            f,
            "{} histories held, {} did not; {} nodes, {} events ({accepted} accepted, {rejected} rejected, {trapped} trapped); faults: {:?}",
            self.passed,
            self.failed.len(),
            self.nodes,
            self.events,
            self.faults
        )
    }
}

/// Runs the histories of all seeds in a range. Each is single-threaded and depends on its seed
/// alone; only which core runs it is open. `look` is given what was found so far, a few times a
/// second.
pub fn sweep(
    ground: &Ground,
    seeds: Range<u64>,
    shape: impl Fn(u64) -> Shape + Sync,
    mut look: impl FnMut(&Swept),
) -> Swept {
    let (next, swept) = (AtomicU64::new(seeds.start), Mutex::new(Swept::default()));
    let work = || {
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= seeds.end {
                return;
            }
            match run(ground, seed, shape(seed)) {
                Ok(told) => locked(&swept).add(&told),
                Err(error) => {
                    let why = format!("{error:#}");
                    eprintln!("seed {seed} failed: {why}\n  again: cargo xtask sim --seed {seed}");
                    locked(&swept).failed.push((seed, why));
                }
            }
        }
    };
    thread::scope(|scope| {
        // Nothing is sent: the channel closes when the last worker drops its end.
        let (working, ended) = mpsc::channel::<()>();
        for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
            let working = working.clone();
            scope.spawn(move || {
                work();
                drop(working);
            });
        }
        drop(working);
        while ended.recv_timeout(LOOK) == Err(RecvTimeoutError::Timeout) {
            look(&locked(&swept));
        }
    });
    swept.into_inner().unwrap_or_else(PoisonError::into_inner)
}

fn locked(swept: &Mutex<Swept>) -> MutexGuard<'_, Swept> {
    swept.lock().unwrap_or_else(PoisonError::into_inner)
}
