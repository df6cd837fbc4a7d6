//! A counter that a group shares: anyone counts up or down, the founder resets.
//!
//! Events that were made without knowing of each other are folded in the topic's order, so of a
//! concurrent reset and increment the increment counts if it comes after.

use myrhiza_sdk::prelude::*;

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

const VALUE: Cell<i64> = Cell::new("value");
const CHANGES: Map<Person, u64> = Map::new("changes");

const OUT_OF_RANGE: Reject = Reject::new(1, "the counter holds no number that far from zero");
const NOT_FOUNDER: Reject = Reject::new(2, "only the founder can reset the counter");

fn after(value: i64, change: Change) -> Result<i64, Reject> {
    match change {
        Change::Increment(n) => value.checked_add_unsigned(n),
        Change::Decrement(n) => value.checked_sub_unsigned(n),
        Change::Reset => Some(0),
    }
    .ok_or(OUT_OF_RANGE)
}

/// Folds a change into the state.
pub fn apply(cx: &mut impl ApplyContext, change: Change) -> Result<(), Reject> {
    let person = cx.person();
    require(change != Change::Reset || person == cx.founder(), NOT_FOUNDER)?;
    let value = after(VALUE.get_or_default(cx), change)?;
    VALUE.set(cx, &value);
    let changes = CHANGES.get(cx, &person).unwrap_or(0);
    CHANGES.set(cx, &person, &(changes + 1));
    Ok(())
}

/// Proposes what is asked for, if the counter can hold it.
pub fn propose(cx: &impl ProposeContext, change: Change) -> Result<Change, Refusal> {
    after(VALUE.get_or_default(cx), change)?;
    Ok(change)
}

/// Shows the number, what can be done, and who did how much.
pub fn view(cx: &impl ViewContext, view: &mut View) {
    view.panel("Counter", |panel| {
        panel.toned(Tone::Strong, VALUE.get_or_default(cx).to_string());
        panel.button("Add 1", Change::Increment(1));
        panel.button("Take 1", Change::Decrement(1));
        panel.form("Add", ["increment"], |form| form.input("How much", "10"));
        panel.button_if(cx.viewer() == cx.founder(), "Reset", Change::Reset);
        let rows = CHANGES.iter(cx).map(|(who, n)| [who.short(), n.to_string()]);
        panel.table(["Who", "Changes"], rows);
    });
}
