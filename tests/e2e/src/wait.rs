//! Waiting for what has to come.

use std::thread;
use std::time::{Duration, Instant};

use crate::Home;

/// How long anything may take, on a machine that has much else to do.
pub const PATIENCE: Duration = Duration::from_secs(120);

/// Between two looks.
const PAUSE: Duration = Duration::from_millis(20);

/// Waits until it holds.
#[track_caller]
pub fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let start = Instant::now();
    while !holds() {
        assert!(start.elapsed() < PATIENCE, "{what} did not come to be");
        thread::sleep(PAUSE);
    }
}

/// Waits until all homes have the same root of so many events.
#[track_caller]
pub fn agree<'h>(topic: &str, homes: impl AsRef<[&'h Home]>, events: u64) {
    let (start, homes, mut roots) = (Instant::now(), homes.as_ref(), Vec::new());
    loop {
        let before = roots.len();
        // One that has all of it keeps it.
        for home in &homes[before..] {
            let root = home.root(topic);
            if root["events"] != events || roots.first().is_some_and(|first| *first != root) {
                assert!(
                    start.elapsed() < PATIENCE,
                    "no agreement on {events} events: {} has {root}, the first {:?}",
                    home.path.display(),
                    roots.first(),
                );
                break;
            }
            roots.push(root);
        }
        if roots.len() == homes.len() {
            assert!(roots[0]["root"].is_string(), "nothing was folded: {}", roots[0]);
            return;
        }
        thread::sleep(PAUSE);
    }
}

/// Says on standard error how long something took.
pub fn took<T>(what: &str, act: impl FnOnce() -> T) -> (T, Duration) {
    let start = Instant::now();
    let done = act();
    let elapsed = start.elapsed();
    eprintln!("      {what}: {:.1} s", elapsed.as_secs_f64());
    (done, elapsed)
}
