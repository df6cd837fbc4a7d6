//! From what a user asks to what happens.

use myrhiza_sdk::prelude::*;

use crate::{Change, Poll, RUNNING, check, current};

/// What can be asked for.
#[derive(Clone, Debug, PartialEq, Eq, Intent)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Wish {
    Create { question: String, option: Vec<String> },
    Vote { index: u32 },
    End,
}

/// Proposes what is asked for, if it can be. Whether the user may end a poll is for `apply` to say.
pub fn propose(cx: &impl ProposeContext, wish: Wish) -> Result<Change, Refusal> {
    match wish {
        Wish::Create { question, option: options } => {
            check(&question, &options)?;
            match current(cx) {
                Some((_, poll)) if poll.open => Err(RUNNING
                    .because(["“", &poll.question, "” is open; its creator has to end it"].concat())
                    .into()),
                _ => Ok(Change::Create { question, options }),
            }
        }
        Wish::Vote { index } => {
            let (id, poll) = open(cx)?;
            let last = poll.options.len() - 1;
            if index as usize > last {
                let (index, last) = (index.to_string(), last.to_string());
                return Err(["there is no option ", &index, "; there are 0 to ", &last]
                    .concat()
                    .into());
            }
            Ok(Change::Vote { poll: id, option: index })
        }
        Wish::End => Ok(Change::End { poll: open(cx)?.0 }),
    }
}

fn open(cx: &impl ReadState) -> Result<(EventId, Poll), Refusal> {
    current(cx)
        .filter(|(_, poll)| poll.open)
        .ok_or("no poll is open; create one: create QUESTION OPTION OPTION..".into())
}
