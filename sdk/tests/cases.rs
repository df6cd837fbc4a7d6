//! What a case says where it does not hold.
#![allow(clippy::unwrap_used)]

use myrhiza_sdk::prelude::*;
use myrhiza_sdk::testing::{Case, Topic};

#[derive(Event, Intent)]
enum Change {
    #[n(0)]
    Add(u64),
}

const SUM: Cell<u64> = Cell::new("sum");
const ODD: Reject = Reject::new(1, "only even numbers");

fn apply(cx: &mut impl ApplyContext, Change::Add(n): Change) -> Result<(), Reject> {
    require(n % 2 == 0, ODD)?;
    let sum = SUM.get_or_default(cx) + n;
    SUM.set(cx, &sum);
    Ok(())
}

fn propose(_: &impl ProposeContext, change: Change) -> Result<Change, Refusal> {
    Ok(change)
}

fn view(cx: &impl ViewContext, view: &mut View) {
    let sum = SUM.get_or_default(cx).to_string();
    view.panel("Sum", |panel| panel.table(["What", "How much"], [["sum".to_string(), sum]]));
}

fn plays(line: &str) -> Result<(), String> {
    let case = Case::parse("sums", &format!("people ann\n{line}\n")).unwrap();
    let mut topic = Topic::new(case.people(), apply, propose, view);
    case.play(&mut topic).map_err(|error| error.to_string())
}

#[test]
fn what_was_expected_is_told_beside_what_was() {
    for (line, told) in [
        ("ann does add 1", "expected accept; it was reject 1 (only even numbers)"),
        ("ann does add 1 -> reject 2", "expected reject 2; it was reject 1 (only even numbers)"),
        ("ann does add 2 -> trap", "expected trap; it was accept"),
        ("ann does add 2 -> reject", "expected reject; it was accept"),
        ("ann does add 2 -> refuse odd", "expected refuse \"odd\"; it was accept"),
        (
            "ann sees \"sum | 2\"",
            "expected that ann sees \"sum | 2\"; ann sees [\"Sum\", \"What | How much\", \"sum | 0\"]",
        ),
        (
            "ann misses Sum",
            "expected that ann misses \"Sum\"; ann sees [\"Sum\", \"What | How much\", \"sum | 0\"]",
        ),
    ] {
        assert_eq!(plays(line), Err(format!("sums line 2: {told}")));
    }
}

#[test]
fn a_text_is_seen_in_whole_and_a_row_as_its_cells() {
    assert_eq!(plays("ann sees \"sum | 0\""), Ok(()));
    assert_eq!(plays("ann misses sum"), Ok(()));
    assert_eq!(plays("ann misses \"| 0\""), Ok(()));
}
