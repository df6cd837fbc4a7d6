//! An app that does what none should: it never ends, calls itself without end, takes all memory there is,
//! or gives up. It does so where it is told to, so that one can see what becomes of the rest: while an
//! event is folded, while the state is shown, or when something is pressed.

use std::hint::black_box;

use myrhiza_sdk::prelude::*;

/// What can be asked for. Each `way` is one of [`WAYS`].
#[derive(Clone, Debug, PartialEq, Eq, Event, Intent)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Change {
    /// Counts, and is shown as it should be from then on.
    #[n(0)]
    Mend,
    /// Breaks while it is folded.
    #[n(1)]
    Fold { way: String },
    /// Breaks whenever it is shown.
    #[n(2)]
    Show { way: String },
}

/// The ways to break.
pub const WAYS: [&str; 4] = ["spin", "recurse", "grab", "abort"];

/// How often it was mended.
const MENDED: Cell<u64> = Cell::new("mended");
/// How it breaks when it is shown.
const SHOWN: Cell<String> = Cell::new("shown");

const NO_WAY: Reject = Reject::new(1, "it breaks by spin, recurse, grab or abort");

/// Folds what happened into the state, if it ever ends.
///
/// # Errors
/// Another way to break than [`WAYS`].
pub fn apply(cx: &mut impl ApplyContext, change: Change) -> Result<(), Reject> {
    match change {
        Change::Mend => {
            MENDED.set(cx, &(MENDED.get_or_default(cx) + 1));
            SHOWN.remove(cx);
        }
        Change::Fold { way } => {
            require(WAYS.contains(&way.as_str()), NO_WAY)?;
            wreck(&way);
        }
        Change::Show { way } => {
            require(WAYS.contains(&way.as_str()), NO_WAY)?;
            SHOWN.set(cx, &way);
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

/// Shows how often it was mended, if it ever ends.
pub fn view(cx: &impl ViewContext, view: &mut View) {
    if let Some(way) = SHOWN.get(cx) {
        wreck(&way);
    }
    view.text(["Mended ", &MENDED.get_or_default(cx).to_string(), " times"].concat());
    view.button("Mend", Change::Mend);
    for (place, words) in
        [("Break the fold", "fold"), ("Break the view", "show"), ("Break here", "press")]
    {
        view.menu(place, |menu| {
            for way in WAYS {
                menu.button(way, [words, way]);
            }
        });
    }
}

/// Takes what the user pressed, if it ever ends.
pub fn press(cx: &impl ActContext, words: &[String]) {
    match words {
        [here, way] if here == "press" => wreck(way),
        words => cx.propose(words),
    }
}

/// Takes what became of what was asked, which is nothing.
pub fn complete(_: &impl ActContext, _: Token, _: Answer) {}

fn wreck(way: &str) {
    match way {
        "spin" => loop {
            black_box(way);
        },
        "recurse" => {
            black_box(deeper(0));
        }
        "grab" => {
            let mut all = Vec::new();
            loop {
                all.push(vec![1_u8; 1 << 20]);
                black_box(&all);
            }
        }
        _ => std::process::abort(),
    }
}

fn deeper(depth: u64) -> u64 {
    match black_box(depth) {
        u64::MAX => 0,
        depth => black_box(deeper(depth + 1)).wrapping_add(1),
    }
}
