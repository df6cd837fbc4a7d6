//! What every backend must hold, as functions over a [`Backend`].
//!
//! A backend's own test runs [`checks`] and reports each by its name:
//!
//! - a *case* is a component in `components/NAME.wat` with the transcript it must give in
//!   `components/NAME.txt`: for each call what came back, the fuel, and the host calls in order;
//! - a *rule* ([`rules`], [`local`]) is what no single transcript can say.
//!
//! [`memory`] is for benches: the least a host can do.
//!
//! Nothing here needs a test harness, threads or files, so the kit runs in a browser too.

mod canvas;
pub mod case;
pub mod guest;
pub mod host;
pub mod local;
pub mod memory;
pub mod rules;

mod transcript;

use myrhiza_kernel_api::Backend;

pub use case::Case;

/// What a check found wrong, in words for the backend's author.
pub type Outcome = anyhow::Result<()>;

/// One thing every backend must hold.
pub struct Check {
    /// Unique, and what a test is listed by.
    pub name: String,
    run: Box<Run>,
}

type Run = dyn Fn(&dyn Backend) -> Outcome + Send + Sync;

impl Check {
    fn new(name: String, run: impl Fn(&dyn Backend) -> Outcome + Send + Sync + 'static) -> Self {
        Self { name, run: Box::new(run) }
    }

    /// Runs it.
    ///
    /// # Errors
    /// What the backend does not hold.
    pub fn run(&self, backend: &dyn Backend) -> Outcome {
        (self.run)(backend)
    }
}

/// Everything the kit checks.
pub fn checks() -> Vec<Check> {
    let cases = case::CASES.iter().flat_map(|case| {
        let listed = Check::new(format!("case::{}", case.name), |backend| case.check(backend));
        let fresh = case.has_fresh_memory().then(|| {
            let name = format!("reuse_equals_new::{}", case.name);
            Check::new(name, |backend| rules::reuse_equals_new(case, backend))
        });
        [Some(listed), fresh].into_iter().flatten()
    });
    let rules = rules::RULES.iter().chain(local::RULES);
    let rules = rules.map(|(name, rule)| Check::new(format!("rule::{name}"), rule));
    cases.chain(rules).collect()
}
