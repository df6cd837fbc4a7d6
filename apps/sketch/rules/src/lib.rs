//! A sheet that a group draws on: everyone adds strokes and takes back their own, the founder clears it.
//!
//! Strokes lie on each other in the topic's order, the same everywhere.

mod copy;
mod draw;
#[cfg(test)]
mod tests;

use myrhiza_sdk::prelude::*;

pub use copy::{complete, press};
pub use draw::{Hand, draw};

/// What happens to a sheet, and what can be asked for.
#[derive(Clone, Debug, PartialEq, Eq, Event, Intent)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Change {
    /// `path` is the places of the stroke, each with how far right and how far down.
    #[n(0)]
    Stroke { colour: u16, path: Vec<u16> },
    #[n(1)]
    Undo,
    #[n(2)]
    Clear,
}

/// A stroke on the sheet.
#[derive(Clone, Debug, PartialEq, Eq, Codec)]
struct Stroke {
    person: Person,
    colour: u16,
    path: Vec<u16>,
}

/// The sheet's sides.
pub const WIDTH: u16 = 1200;
/// See [`WIDTH`].
pub const HEIGHT: u16 = 750;
/// Colours to draw in.
pub const COLOURS: u16 = 5;
/// Most places of a stroke.
pub const PLACES: usize = 64;
/// Most strokes of a sheet: so many of so many places can be drawn at once.
pub const STROKES: u64 = 500;

/// The strokes, by their numbers: later ones lie on earlier ones.
const SHEET: Map<u64, Stroke> = Map::new("sheet");
/// The numbers of each person's strokes.
const OWN: Map<Person, Vec<u64>> = Map::new("own");
/// How many strokes are on the sheet.
const COUNT: Cell<u64> = Cell::new("count");
/// The number of the next.
const NEXT: Cell<u64> = Cell::new("next");

const SHAPE: Reject = Reject::new(1, "a stroke is 1 to 64 places, each two numbers");
const OUTSIDE: Reject = Reject::new(2, "the sheet is 1200 wide and 750 high");
const NO_COLOUR: Reject = Reject::new(3, "there are colours 0 to 4");
const FULL: Reject =
    Reject::new(4, "the sheet is full; take strokes back, or have the founder clear it");
const NOTHING: Reject = Reject::new(5, "you have no stroke on the sheet");
const NOT_FOUNDER: Reject = Reject::new(6, "only the founder can clear the sheet");

fn check(colour: u16, path: &[u16]) -> Result<(), Reject> {
    let (places, rest) = path.as_chunks::<2>();
    require(rest.is_empty() && (1..=PLACES).contains(&places.len()), SHAPE)?;
    require(places.iter().all(|[x, y]| *x <= WIDTH && *y <= HEIGHT), OUTSIDE)?;
    require(colour < COLOURS, NO_COLOUR)
}

/// Folds a change into the state.
pub fn apply(cx: &mut impl ApplyContext, change: Change) -> Result<(), Reject> {
    let person = cx.person();
    let count = COUNT.get_or_default(cx);
    match change {
        Change::Stroke { colour, path } => {
            check(colour, &path)?;
            require(count < STROKES, FULL)?;
            let number = NEXT.get_or_default(cx);
            let mut own = OWN.get(cx, &person).unwrap_or_default();
            own.push(number);
            SHEET.set(cx, &number, &Stroke { person, colour, path });
            OWN.set(cx, &person, &own);
            NEXT.set(cx, &(number + 1));
            COUNT.set(cx, &(count + 1));
        }
        Change::Undo => {
            let mut own = OWN.get(cx, &person).unwrap_or_default();
            let number = own.pop().ok_or(NOTHING)?;
            SHEET.remove(cx, &number);
            OWN.set(cx, &person, &own);
            COUNT.set(cx, &count.saturating_sub(1));
        }
        Change::Clear => {
            require(person == cx.founder(), NOT_FOUNDER)?;
            SHEET.clear(cx);
            OWN.clear(cx);
            COUNT.set(cx, &0);
        }
    }
    Ok(())
}

/// Proposes what is asked for, if the sheet can take it. Who may clear it is for `apply` to say.
pub fn propose(cx: &impl ProposeContext, change: Change) -> Result<Change, Refusal> {
    if let Change::Stroke { colour, path } = &change {
        check(*colour, path)?;
        require(COUNT.get_or_default(cx) < STROKES, FULL)?;
    }
    Ok(change)
}

/// Shows how much is drawn, and what can be done besides drawing.
pub fn view(cx: &impl ViewContext, view: &mut View) {
    let own = OWN.get(cx, &cx.viewer()).unwrap_or_default().len();
    view.text(words(COUNT.get_or_default(cx), own));
    view.button_if(own > 0, "Take back my last stroke", Change::Undo);
    view.button_if(cx.viewer() == cx.founder(), "Clear the sheet", Change::Clear);
    copy::offer(cx, view);
}

/// `3 strokes, 1 of them yours`
fn words(count: u64, own: usize) -> String {
    let strokes = if count == 1 { " stroke, " } else { " strokes, " };
    [&count.to_string(), strokes, &own.to_string(), " of them yours"].concat()
}
