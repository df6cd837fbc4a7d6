//! Folds the log, in canonical order, through the kernel's own rules and the app's `state-apply`.
//!
//! A verdict is a function of the events before it in the order and of the cuts, which are a
//! function of the event set. What fails on this host alone is a [`crate::fault::Fault`]: it stops
//! the fold and is never a verdict.

mod affected;
mod apps;
mod cuts;
mod dry_run;
mod facts;
mod fold;
mod host;
mod kernel_rules;
mod notice;
mod rewind;
#[cfg(test)]
mod tests;
mod upgrade;
mod verdict;

pub use affected::affected;
pub use apps::{App, Apps};
pub use cuts::Cuts;
pub use dry_run::{DryRun, dry_run};
pub use facts::{Facts, InForce, Member, ScopeRecord};
pub use fold::{Folded, Stop, Stretch, advance};
pub(crate) use host::{Caller, Does, Kv, ScreenHost, Shown, Tokens};
pub use host::{Free, Randomness, ViewHost};
pub use rewind::rewind_before;
pub use verdict::{Ruling, Verdict, fuel_from, read_verdict};
