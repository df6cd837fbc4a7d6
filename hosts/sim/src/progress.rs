//! How far a sweep is: a bar on a terminal, a line every ten seconds elsewhere.

use std::io::{self, IsTerminal as _};
use std::time::{Duration, Instant};

use indicatif::{HumanDuration, ProgressBar, ProgressStyle};
use myrhiza_sim::Swept;

const EVERY: Duration = Duration::from_secs(10);

/// What is shown of a sweep.
pub(crate) struct Progress {
    histories: u64,
    start: Instant,
    /// When the last line was printed.
    told: Instant,
    /// On a terminal.
    bar: Option<ProgressBar>,
}

impl Progress {
    /// Nothing yet of so many histories.
    pub(crate) fn of(histories: u64) -> Self {
        let start = Instant::now();
        let bar = io::stderr().is_terminal().then(|| bar(histories));
        Self { histories, start, told: start, bar }
    }

    /// Shows what there is so far.
    pub(crate) fn show(&mut self, swept: &Swept) {
        let failed = swept.failed.len() as u64;
        let done = swept.passed + failed;
        if let Some(bar) = &self.bar {
            bar.set_position(done);
            bar.set_message(format!("{failed} did not hold"));
        } else if self.told.elapsed() >= EVERY {
            self.told = Instant::now();
            eprintln!("{}", line(self.start.elapsed(), done, self.histories, failed));
        }
    }

    /// Makes room for what the sweep found.
    pub(crate) fn end(self) {
        if let Some(bar) = self.bar {
            bar.finish_and_clear();
        }
    }
}

fn bar(histories: u64) -> ProgressBar {
    let bar = ProgressBar::new(histories);
    let template = "{bar:40} {pos} of {len} histories, {msg}, {per_sec}, {eta} left";
    // The template is a constant.
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    bar
}

fn line(elapsed: Duration, done: u64, of: u64, failed: u64) -> String {
    let a_second = done as f64 / elapsed.as_secs_f64();
    let left = match done {
        0 => String::new(),
        _ => {
            let seconds = of.saturating_sub(done) as f64 / a_second;
            format!(", {} left", HumanDuration(Duration::from_secs(seconds as u64)))
        }
    };
    format!("{done} of {of} histories, {failed} did not hold, {a_second:.1} a second{left}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_says_how_far_it_is_and_how_long_it_takes() {
        let told = line(Duration::from_secs(10), 50, 200, 1);
        assert_eq!(told, "50 of 200 histories, 1 did not hold, 5.0 a second, 30 seconds left");
        let told = line(Duration::from_secs(10), 0, 200, 0);
        assert_eq!(told, "0 of 200 histories, 0 did not hold, 0.0 a second");
    }
}
