//! What became of something a person did in a topic.

use myrhiza_kernel::apply::{Ruling, Verdict};
use myrhiza_kernel::runtime::{Authored, Membership, RuntimeError};
use myrhiza_kernel_api::TopicId;
use serde::Serialize;

use crate::error::told;
use crate::{Answer, Desk, Error, verdict};

/// What became of a candidate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Done {
    /// Its id, if it was made.
    pub event: Option<String>,
    /// `accept`, `reject` or `trap`.
    pub verdict: &'static str,
    /// Why not, for people.
    pub reason: String,
}

impl Done {
    /// Of an event that was made.
    pub fn of(authored: &Authored) -> Self {
        Self::ruled(Some(authored.event.id().to_string()), &authored.ruling)
    }

    /// Of a candidate that was tried and did not pass; `None` where it did not come to that.
    pub fn refused(error: &RuntimeError) -> Option<Self> {
        let (verdict, reason) = match error {
            RuntimeError::NotAccepted(ruling) => return Some(Self::ruled(None, ruling)),
            RuntimeError::Refused(reason) => (verdict(Verdict::Reject), reason.clone()),
            // Nobody else can do anything about it.
            RuntimeError::Trapped { .. } => {
                (verdict(Verdict::Trap), format!("{error}; tell its author"))
            }
            _ => return None,
        };
        Some(Self { event: None, verdict, reason })
    }

    fn ruled(event: Option<String>, ruling: &Ruling) -> Self {
        Self { event, verdict: verdict(ruling.verdict), reason: ruling.reason.clone() }
    }
}

pub(crate) fn answer(
    desk: &mut Desk<'_, '_>,
    topic: TopicId,
    intent: &[String],
) -> Result<Answer, Error> {
    done(desk, topic, intent).map(Answer::Acted)
}

/// Proposes, tries, signs.
pub(crate) fn done(
    desk: &mut Desk<'_, '_>,
    topic: TopicId,
    intent: &[String],
) -> Result<Done, Error> {
    let what = "nothing was done in the topic";
    let done = desk.signing(|runtime, signer, ambient, _| {
        runtime.take_part(topic, signer, ambient)?;
        runtime.act(topic, signer, ambient, intent)
    })?;
    if done.is_err() {
        check_membership(desk, topic, what)?;
    }
    became(done, what)
}

/// An event that was made, or why it was not.
pub(crate) fn finish(done: Result<Authored, RuntimeError>, what: &str) -> Result<Answer, Error> {
    became(done, what).map(Answer::Acted)
}

fn became(done: Result<Authored, RuntimeError>, what: &str) -> Result<Done, Error> {
    match done {
        Ok(authored) => Ok(Done::of(&authored)),
        Err(error) => match Done::refused(&error) {
            Some(done) => Ok(done),
            None => Err(told(what)(error)),
        },
    }
}

/// Whoever lost their membership is told so, rather than why some event of theirs did not pass.
fn check_membership(desk: &Desk<'_, '_>, topic: TopicId, what: &str) -> Result<(), Error> {
    let membership = desk.runtime().membership(topic, desk.scope(), desk.person());
    let (code, cause, next) = match membership.map_err(told(what))? {
        Membership::Removed => (
            "removed",
            "you were removed from this topic".to_owned(),
            "ask a member for a ticket, and join with it from a new home",
        ),
        Membership::Revoked => (
            "removed",
            "this home's key was revoked in this topic".to_owned(),
            "go on in another home of yours",
        ),
        Membership::Rejected(reason) => (
            "not-a-member",
            format!("you are not a member: your join was rejected: {reason}"),
            "ask a member for another ticket, and join with it",
        ),
        Membership::Awaited => (
            "awaited",
            "the topic has not come from your other home or another peer yet".to_owned(),
            "leave this open until it has",
        ),
        _ => return Ok(()),
    };
    Err(Error::new(code, what, cause, next))
}
