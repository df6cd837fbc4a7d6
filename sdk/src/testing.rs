//! Rules run natively, over a model of the kernel: a few people, each with their own copy of a
//! topic's history, who act apart and meet.
//!
//! ```
//! use myrhiza_sdk::prelude::*;
//! use myrhiza_sdk::testing::{Outcome, Topic};
//!
//! #[derive(Event, Intent)]
//! enum Change {
//!     #[n(0)]
//!     Add(u64),
//! }
//!
//! const SUM: Cell<u64> = Cell::new("sum");
//!
//! fn apply(cx: &mut impl ApplyContext, Change::Add(n): Change) -> Result<(), Reject> {
//!     let sum = SUM.get_or_default(cx).checked_add(n).ok_or(Reject::new(1, "too much"))?;
//!     SUM.set(cx, &sum);
//!     Ok(())
//! }
//! fn propose(_: &impl ProposeContext, change: Change) -> Result<Change, Refusal> {
//!     Ok(change)
//! }
//! fn view(cx: &impl ViewContext, view: &mut View) {
//!     view.text(SUM.get_or_default(cx).to_string());
//! }
//!
//! let mut topic = Topic::new(["ann", "bob"], apply, propose, view);
//! assert_eq!(topic.ask("ann", ["add", "2"]), Outcome::Accepted);
//! assert_eq!(topic.ask("bob", ["add", "3"]), Outcome::Accepted);
//! topic.sync();
//! assert_eq!(SUM.get(&topic.host("ann")), Some(5));
//! assert_eq!(topic.texts("bob"), ["5"]);
//! ```
//!
//! The model keeps to the kernel's rules of order, verdict and dry run. It has no fuel and no
//! signatures of its own, so a test through the real kernel stays necessary: [`Case`] is a script
//! that both can play.

mod case;
mod device;
mod host;
mod migrate;
mod topic;

pub use case::{Case, CaseError, Stage};
pub use device::Asked;
pub use host::Host;
pub use migrate::migrate;
pub use topic::{Outcome, Topic};

use crate::id::Person;

/// The person a name stands for in the model.
pub fn person(name: &str) -> Person {
    Person(*blake3::hash(name.as_bytes()).as_bytes())
}
