//! Progress of what takes longer than a second, on a terminal only.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use indicatif::{HumanBytes, ProgressBar, ProgressDrawTarget, ProgressStyle};
use myrhiza_kernel_api::TopicId;

use crate::console;

const PATIENCE: Duration = Duration::from_secs(1);

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

/// How many of the events there are have come, over all topics.
pub(crate) struct Events {
    bar: ProgressBar,
    start: Instant,
    topics: RefCell<BTreeMap<TopicId, (u64, u64)>>,
}

impl Events {
    /// Nothing yet.
    pub(crate) fn new(what: &'static str) -> Self {
        let bar = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::hidden());
        // The template is a constant.
        if let Ok(style) = ProgressStyle::with_template("{msg} {bar:40} {pos} of {len} {eta}") {
            bar.set_style(style);
        }
        bar.set_message(what);
        Self { bar, start: Instant::now(), topics: RefCell::default() }
    }

    /// A topic has so many of so many.
    pub(crate) fn at(&self, topic: TopicId, known: u64, total: u64) {
        let mut topics = self.topics.borrow_mut();
        topics.insert(topic, (known, total));
        if self.bar.is_hidden() && console::draws() && self.start.elapsed() > PATIENCE {
            self.bar.set_draw_target(ProgressDrawTarget::stderr());
        }
        self.bar.set_length(topics.values().map(|(_, total)| total).sum());
        self.bar.set_position(topics.values().map(|(known, _)| known).sum());
    }
}

impl Drop for Events {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

/// How much of a file is done.
pub(crate) struct Bytes {
    bar: ProgressBar,
    start: Instant,
}

impl Bytes {
    /// Nothing yet of `total`.
    pub(crate) fn of(what: &'static str, total: u64) -> Self {
        let bar = ProgressBar::with_draw_target(Some(total), ProgressDrawTarget::hidden());
        // The template is a constant.
        if let Ok(style) = ProgressStyle::with_template("{msg} {bar:40} {percent}% {eta}") {
            bar.set_style(style);
        }
        bar.set_message(format!("{what} {}", HumanBytes(total)));
        Self { bar, start: Instant::now() }
    }

    /// So many more are done.
    pub(crate) fn advance(&self, bytes: u64) {
        if self.bar.is_hidden() && console::draws() && self.start.elapsed() > PATIENCE {
            self.bar.set_draw_target(ProgressDrawTarget::stderr());
        }
        self.bar.inc(bytes);
    }
}

impl Drop for Bytes {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
