//! A board to pin short texts to: written there and then or from a file, under a name that each keeps
//! on their own device. What is pinned can be copied, and links of one site opened.

use myrhiza_sdk::prelude::*;

mod device;

pub use device::{complete, press, view};

/// What happens on a board, and what can be asked for.
#[derive(Clone, Debug, PartialEq, Eq, Event, Intent)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Change {
    #[n(0)]
    Pin { by: String, text: String },
    #[n(1)]
    Clear,
}

/// Who pinned what, by the height and id of the event that did: in the order of the topic.
const PINS: Map<(u64, EventId), (String, String)> = Map::new("pins");

const TEXT: Reject = Reject::new(1, "a pin has 1 to 2000 characters, and who pins it 1 to 40");
const NOT_FOUNDER: Reject = Reject::new(2, "only the founder can clear the board");

/// Folds what happened into the state.
///
/// # Errors
/// What is too long, and a board that is cleared by somebody else than its founder.
pub fn apply(cx: &mut impl ApplyContext, change: Change) -> Result<(), Reject> {
    match change {
        Change::Pin { by, text } => {
            require((1..=2000).contains(&text.chars().count()), TEXT)?;
            require((1..=40).contains(&by.chars().count()), TEXT)?;
            let at = (cx.height(), cx.event_id());
            PINS.set(cx, &at, &(by, text));
        }
        Change::Clear => {
            require(cx.person() == cx.founder(), NOT_FOUNDER)?;
            PINS.clear(cx);
        }
    }
    Ok(())
}

/// Proposes what is asked for.
///
/// # Errors
/// None: `apply` says what is wrong.
pub fn propose(_: &impl ProposeContext, change: Change) -> Result<Change, Refusal> {
    Ok(change)
}
