//! What came of something pressed on this screen. Where the app asks something after it, which the screen
//! does not pass on, the app is told that, so that no question waits for somebody who never sees it; and
//! so is the user.

use std::io::Write as _;

use myrhiza_api::act::Done;
use serde::Deserialize;

use crate::console::note;
use crate::failure::{Failure, Outcome};

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
/// Why nothing was proposed.
const CAUSE: &str =
    "the app asks something of this device for it, which this screen does not pass on";
/// What is said where something was.
const BESIDE: &str = "the app also asks something of this device, which this screen does not pass on; \
                      `myrhiza do` does, and the web shell, whose address `myrhiza ui` prints";
const NEXT: &str = "do it with `myrhiza do`, or in the web shell: `myrhiza ui` prints its address";

/// What is shown of something pressed: what was proposed, if anything was, and that more is asked, if it
/// is. `close` tells the app that one of its questions is not answered.
pub(super) fn settled<A, E>(
    acted: Option<Acted>,
    asked: Vec<A>,
    mut close: impl FnMut(A) -> Result<(), E>,
) -> Outcome<Acted> {
    let asks = !asked.is_empty();
    for open in asked {
        // What was done is done, whatever becomes of this: one that was answered elsewhere meanwhile is
        // over, and a node or an app that fails at it is seen when the topic is read again.
        let _ = close(open);
    }
    match acted {
        Some(acted) => {
            if asks {
                note!("{BESIDE}");
            }
            Ok(acted)
        }
        None if asks => Err(Failure::refused("asks", "nothing was proposed", CAUSE, NEXT)),
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
            settled(acted, asked.to_vec(), |open| {
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
    fn where_nothing_is_asked_nothing_is_said_of_it() {
        for proposed in [Some(acted("accept")), None] {
            let (came, said, closed) = settle(proposed, &[]);
            assert_eq!((came.unwrap(), &*said), (acted("accept"), ""));
            assert!(closed.is_empty());
        }
    }
}
