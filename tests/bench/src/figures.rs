//! Medians beside each other, since only ratios within a run mean much.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::time::Duration;

/// What each piece of work took, sample by sample; criterion, which takes the same samples, does
/// not give them out.
#[derive(Default)]
pub struct Figures(RefCell<BTreeMap<String, Vec<f64>>>);

impl Figures {
    /// Keeps a sample of so many iterations, and hands its time on.
    pub fn keep(&self, name: &str, iterations: u64, time: Duration) -> Duration {
        let each = time.as_secs_f64() / iterations as f64;
        self.0.borrow_mut().entry(name.to_owned()).or_default().push(each);
        time
    }

    /// The median, in seconds; none of work that a filter left out.
    pub fn median(&self, name: &str) -> Option<f64> {
        let mut samples = self.0.borrow().get(name)?.clone();
        samples.sort_by(f64::total_cmp);
        samples.get(samples.len() / 2).copied()
    }

    /// Prints a median.
    pub fn tell(&self, name: &str) {
        if let Some(seconds) = self.median(name) {
            println!("median {name}: {:.1} us", seconds * 1e6);
        }
    }

    /// Prints the ratio of two medians, and how large it may be.
    pub fn ratio(&self, of: &str, to: &str, aim: &str) {
        if let (Some(a), Some(b)) = (self.median(of), self.median(to)) {
            println!("ratio  {of} / {to} = {:.3} (aim: {aim})", a / b);
        }
    }
}
