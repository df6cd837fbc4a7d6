//! What came of something pressed on this screen. Where the app asks something after it, which the screen
//! does not pass on, the app is told that, so that no question waits for somebody who never sees it; and
//! so is the user.

use std::io::Write as _;

use myrhiza_api::act::Done;
use myrhiza_api::asked::Wish;
use serde::Deserialize;

use crate::console::note;
use crate::failure::{Failure, Outcome};
use crate::view::quoted;

/// What became of something a person chose.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub(super) struct Acted {
    pub(super) verdict: String,
    pub(super) reason: String,
}

impl From<Done> for Acted {
    fn from(done: Done) -> Self {
        Self { verdict: done.verdict.into(), reason: done.reason }
    }
}

/// What the app is told.
pub(super) const WHY: &str =
    "the screen of a terminal does not ask this; `myrhiza do` and the web shell do";
const UNDONE: &str = "nothing was proposed";
/// Why.
const CAUSE: &str =
    "the app asks something of this device for it, which this screen does not pass on";
/// What is said where something was.
const BESIDE: &str = "the app also asks something of this device, which this screen does not pass on; \
                      `myrhiza do` does, and the web shell, whose address `myrhiza ui` prints";
/// The code where a command has to be typed for it.
const ASKS: &str = "asks";
const NEXT: &str = "do it with `myrhiza do`, or in the web shell: `myrhiza ui` prints its address";

/// Where a server is to wake the device: [`crate::device`] cannot have that done either.
const NOT_HERE: &str =
    "it cannot be done in a terminal: a browser's own home may be woken by a server";
const NOT_HERE_BESIDE: &str =
    "the app also asks that a server may wake this device, which cannot be done in a terminal";

/// Whether `myrhiza do` can have an app's wish answered.
pub(super) fn is_for_do(wish: &Wish) -> bool {
    !matches!(wish, Wish::Subscribe { .. } | Wish::Other {})
}

/// The same failure with the whole command that does it, where one does.
pub(super) fn typed(failure: Failure, topic: &str, words: &[String]) -> Failure {
    if failure.code != ASKS {
        return failure;
    }
    let words: Vec<_> = [topic].into_iter().chain(words.iter().map(String::as_str)).collect();
    let words: Vec<_> = words.into_iter().map(quoted).collect();
    let command = format!("`myrhiza do {}`", words.join(" "));
    Failure { next: failure.next.replace("`myrhiza do`", &command), ..failure }
}

/// What is shown of something pressed: what was proposed, if anything was, and that more is asked, if it
/// is: `for_do` is whether `myrhiza do` can have each of it answered. `close` tells the app that one of its
/// questions is not answered.
pub(super) fn settled<A, E>(
    acted: Option<Acted>,
    asked: Vec<A>,
    for_do: impl Fn(&A) -> bool,
    mut close: impl FnMut(A) -> Result<(), E>,
) -> Outcome<Acted> {
    let (asks, for_do) = (!asked.is_empty(), asked.iter().all(for_do));
    for open in asked {
        // What was done is done, whatever becomes of this: one that was answered elsewhere meanwhile is
        // over, and a node or an app that fails at it is seen when the topic is read again.
        let _ = close(open);
    }
    match acted {
        Some(acted) => {
            if asks {
                note!("{}", if for_do { BESIDE } else { NOT_HERE_BESIDE });
            }
            Ok(acted)
        }
        None if asks && for_do => Err(Failure::refused(ASKS, UNDONE, CAUSE, NEXT)),
        None if asks => Err(Failure::refused("asks-elsewhere", UNDONE, CAUSE, NOT_HERE)),
        // The app has taken it itself.
        None => Ok(Acted { verdict: "accept".into(), reason: String::new() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::{Asker, serve};

    fn acted(verdict: &str) -> Acted {
        Acted { verdict: verdict.into(), reason: String::new() }
    }

    /// What came of it, what was said beside it, and the questions that were closed.
    fn settle(acted: Option<Acted>, asked: &[u8]) -> (Outcome<Acted>, String, Vec<u8>) {
        let mut closed = Vec::new();
        let (came, asker) = serve(Asker::default(), || {
            // One that is to wake the device is 9.
            let for_do = |open: &u8| *open != 9;
            settled(acted, asked.to_vec(), for_do, |open| {
                closed.push(open);
                if open == 1 { Err("answered elsewhere") } else { Ok(()) }
            })
        });
        (came, String::from_utf8(asker.err).unwrap(), closed)
    }

    #[test]
    fn what_was_proposed_is_told_although_the_app_asks_more_and_every_question_is_closed() {
        for verdict in ["accept", "reject"] {
            let (came, said, closed) = settle(Some(acted(verdict)), &[1, 2]);
            assert_eq!(came.unwrap(), acted(verdict));
            assert!(said.contains("also asks") && said.contains("myrhiza do"), "{said}");
            assert_eq!(closed, [1_u8, 2]);
        }
        let (came, said, closed) = settle(None, &[3]);
        assert_eq!(came.unwrap_err().what, "nothing was proposed");
        assert_eq!((&*said, &closed[..]), ("", &[3_u8][..]));
    }

    #[test]
    fn what_does_it_is_told_whole_and_what_no_terminal_does_is_told_as_that() {
        let words = ["copy".to_owned(), "`it's` TOPIC".to_owned()];
        let asks = || settle(None, &[1]).0.unwrap_err();
        let told = typed(asks(), "the board", &words).next;
        let command = r"`myrhiza do 'the board' copy '`it'\''s` TOPIC'`";
        assert!(told.contains(command) && told.contains("web shell"), "{told}");
        let (none, said, closed) = settle(None, &[1, 9]);
        let told = typed(none.unwrap_err(), "board", &words).next;
        assert!(told.contains("cannot be done in a terminal") && !told.contains("myrhiza do"));
        assert_eq!((&*said, &closed[..]), ("", &[1_u8, 9][..]));
        let (_, said, _) = settle(Some(acted("accept")), &[9]);
        assert!(said.contains("cannot be done in a terminal"), "{said}");
    }

    #[test]
    fn where_nothing_is_asked_nothing_is_said_of_it() {
        for proposed in [Some(acted("accept")), None] {
            let (came, said, closed) = settle(proposed, &[]);
            assert_eq!((came.unwrap(), &*said), (acted("accept"), ""));
            assert!(closed.is_empty());
        }
    }
}
