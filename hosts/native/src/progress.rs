//! Progress of what takes longer than a second: a bar on a terminal, elsewhere a line now and then.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::io::Write as _;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use indicatif::{HumanBytes, ProgressBar, ProgressDrawTarget, ProgressStyle};
use myrhiza_kernel_api::TopicId;

use crate::console::{self, note};

/// What takes longer is shown.
pub(crate) const PATIENCE: Duration = Duration::from_secs(1);
/// From one line to the next where there is no terminal.
const LINES: Duration = Duration::from_secs(5);

/// Shows that something goes on as long as `work` does.
pub(crate) fn during<T>(what: &'static str, work: impl FnOnce() -> T) -> T {
    if !console::draws() {
        return work();
    }
    let (working, ended) = mpsc::channel::<()>();
    thread::scope(|scope| {
        scope.spawn(move || {
            if ended.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Timeout) {
                let spinner = ProgressBar::new_spinner().with_message(what);
                spinner.enable_steady_tick(Duration::from_millis(100));
                let _ = ended.recv();
                spinner.finish_and_clear();
            }
        });
        let result = work();
        drop(working);
        result
    })
}

/// How far something is of which it is known how much there is.
pub(crate) struct Meter {
    what: &'static str,
    unit: Unit,
    bar: ProgressBar,
    /// When it began, or a line was last written.
    told: Cell<Instant>,
    start: Instant,
}

/// What is counted.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Unit {
    Bytes,
    Events,
}

impl Meter {
    /// Nothing yet.
    pub(crate) fn new(what: &'static str, unit: Unit) -> Self {
        let bar = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::hidden());
        let template = match unit {
            Unit::Bytes => "{msg} {bar:40} {binary_bytes} of {binary_total_bytes} {eta}",
            Unit::Events => "{msg} {bar:40} {pos} of {len} events {eta}",
        };
        // The templates are constants.
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        bar.set_message(what);
        let start = Instant::now();
        Self { what, unit, bar, told: Cell::new(start), start }
    }

    /// So many are done of so many there are.
    pub(crate) fn at(&self, done: u64, of: u64) {
        if self.bar.is_hidden() && console::draws() && self.start.elapsed() > PATIENCE {
            self.bar.set_draw_target(ProgressDrawTarget::stderr());
        }
        self.bar.set_length(of);
        self.bar.set_position(done);
        if !console::draws() && !console::is_remote() && self.told.get().elapsed() > LINES {
            self.told.set(Instant::now());
            note!("{}: {}", self.what, self.unit.words(done, of));
        }
    }
}

impl Unit {
    fn words(self, done: u64, of: u64) -> String {
        match self {
            Self::Bytes => format!("{} of {}", HumanBytes(done), HumanBytes(of)),
            Self::Events => format!("{done} of {of} events"),
        }
    }
}

impl Drop for Meter {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

/// How many of the events there are have come, over all topics.
pub(crate) struct Events {
    meter: Meter,
    topics: RefCell<BTreeMap<TopicId, (u64, u64)>>,
}

impl Events {
    /// Nothing yet.
    pub(crate) fn new(what: &'static str) -> Self {
        Self { meter: Meter::new(what, Unit::Events), topics: RefCell::default() }
    }

    /// A topic has so many of so many.
    pub(crate) fn at(&self, topic: TopicId, known: u64, total: u64) {
        let mut topics = self.topics.borrow_mut();
        topics.insert(topic, (known, total));
        let sum = |of: fn(&(u64, u64)) -> u64| topics.values().map(of).sum();
        self.meter.at(sum(|(known, _)| *known), sum(|(_, total)| *total));
    }
}

/// How much of a file is done.
pub(crate) struct Bytes {
    meter: Meter,
    done: Cell<u64>,
    total: u64,
}

impl Bytes {
    /// Nothing yet of `total`.
    pub(crate) fn of(what: &'static str, total: u64) -> Self {
        Self { meter: Meter::new(what, Unit::Bytes), done: Cell::new(0), total }
    }

    /// So many more are done.
    pub(crate) fn advance(&self, bytes: u64) {
        self.done.set(self.done.get().saturating_add(bytes));
        self.meter.at(self.done.get(), self.total);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_far_it_is_is_said_in_its_unit() {
        assert_eq!(Unit::Events.words(3, 10), "3 of 10 events");
        assert_eq!(Unit::Bytes.words(2048, 1 << 20), "2.00 KiB of 1.00 MiB");
    }
}
