//! Progress of what takes longer than a second, on a terminal only.

use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use indicatif::{HumanBytes, ProgressBar, ProgressDrawTarget, ProgressStyle};

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
