//! Many histories, on all cores.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use crate::{Ground, Networked, Shape, Told, run};

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
    parts: usize,
    verdicts: [usize; 3],
    faults: BTreeMap<String, usize>,
    /// Histories over a network, and what there was at most of.
    online: u64,
    network: Networked,
}

impl Swept {
    /// Votes of others that homes could compare with their own in the end, over all histories.
    pub const fn votes(&self) -> usize {
        self.network.votes
    }

    fn add(&mut self, told: &Told) {
        self.passed += 1;
        self.nodes += told.nodes;
        self.events += told.events;
        self.parts += told.parts;
        for (sum, verdict) in self.verdicts.iter_mut().zip(told.verdicts) {
            *sum += verdict;
        }
        for (fault, times) in &told.faults {
            *self.faults.entry(format!("{fault:?}")).or_default() += times;
        }
        let (most, of) = (&mut self.network, &told.network);
        self.online += u64::from(of.together > 0);
        most.together += of.together;
        most.bytes = most.bytes.max(of.bytes);
        most.votes += of.votes;
        most.converged_ms = most.converged_ms.max(of.converged_ms);
        for (offence, times) in &of.offences {
            *most.offences.entry(offence.clone()).or_default() += times;
        }
    }
}

impl fmt::Display for Swept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [accepted, rejected, trapped] = self.verdicts;
        write!(
            f,
            "{} histories held, {} did not; {} nodes, {} events ({accepted} accepted, {rejected} rejected, {trapped} trapped); {} parts of long work; faults: {:?}",
            self.passed,
            self.failed.len(),
            self.nodes,
            self.events,
            self.parts,
            self.faults
        )?;
        let Networked { together, bytes, converged_ms, votes, offences } = &self.network;
        write!(
            f,
            "; {} over a network: {together} homes with the same events after {} s and {bytes} bytes at most, {votes} votes on their states, all equal, honest homes charged each other {offences:?}",
            self.online,
            converged_ms / 1_000,
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
            // Not beyond the end, which may be the last number there is.
            let one_more = |seed: u64| (seed < seeds.end).then(|| seed + 1);
            let Ok(seed) = next.fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_more) else {
                return;
            };
            let shape = shape(seed);
            match run(ground, seed, shape) {
                Ok(told) => locked(&swept).add(&told),
                Err(error) => {
                    let why = format!("{error:#}");
                    let over = format!("{:?}", shape.over).to_lowercase();
                    eprintln!(
                        "seed {seed} failed: {why}\n  again: cargo xtask sim --seed {seed} --over {over}"
                    );
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
