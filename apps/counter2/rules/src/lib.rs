//! The counter's second version: it also knows how much of the sum is whose.
//!
//! Its events are those of the first, so that what was made for the first without knowing of the
//! upgrade counts as it was meant. Its state has another shape, into which [`migrate`] brings what
//! the first left: of that sum nobody knows any more whose it is.

use myrhiza_sdk::prelude::*;

mod migrate;
#[cfg(test)]
mod tests;

pub use migrate::migrate;

/// What happens to a counter, and what can be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Event, Intent)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Change {
    #[n(0)]
    Increment(u64),
    #[n(1)]
    Decrement(u64),
    #[n(2)]
    Reset,
}

/// What a person did to the counter.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Codec)]
struct Share {
    changes: u64,
    /// What they added, less what they took, as far as it is known.
    total: i64,
}

const SUM: Cell<i64> = Cell::new("sum");
const SHARES: Map<Person, Share> = Map::new("shares");

const OUT_OF_RANGE: Reject = Reject::new(1, "the counter holds no number that far from zero");
const NOT_FOUNDER: Reject = Reject::new(2, "only the founder can reset the counter");

/// A number after a change; a reset is what takes away the whole sum.
fn after(number: i64, sum: i64, change: Change) -> Result<i64, Reject> {
    match change {
        Change::Increment(n) => number.checked_add_unsigned(n),
        Change::Decrement(n) => number.checked_sub_unsigned(n),
        Change::Reset => number.checked_sub(sum),
    }
    .ok_or(OUT_OF_RANGE)
}

/// Folds a change into the state.
pub fn apply(cx: &mut impl ApplyContext, change: Change) -> Result<(), Reject> {
    let person = cx.person();
    require(change != Change::Reset || person == cx.founder(), NOT_FOUNDER)?;
    let sum = SUM.get_or_default(cx);
    let share = SHARES.get(cx, &person).unwrap_or_default();
    let total = after(share.total, sum, change)?;
    SUM.set(cx, &after(sum, sum, change)?);
    SHARES.set(cx, &person, &Share { changes: share.changes + 1, total });
    Ok(())
}

/// Proposes what is asked for, if the counter can hold it.
pub fn propose(cx: &impl ProposeContext, change: Change) -> Result<Change, Refusal> {
    let sum = SUM.get_or_default(cx);
    after(sum, sum, change)?;
    Ok(change)
}

/// Shows the number, what can be done, and who did how much.
pub fn view(cx: &impl ViewContext, view: &mut View) {
    view.panel("Counter", |panel| {
        panel.toned(Tone::Strong, SUM.get_or_default(cx).to_string());
        panel.button("Add 1", Change::Increment(1));
        panel.button("Take 1", Change::Decrement(1));
        panel.form("Add", ["increment"], |form| form.input("How much", "10"));
        panel.button_if(cx.viewer() == cx.founder(), "Reset", Change::Reset);
        let rows = SHARES
            .iter(cx)
            .map(|(who, share)| [who.short(), share.changes.to_string(), share.total.to_string()]);
        panel.table(["Who", "Changes", "Total"], rows);
    });
}
