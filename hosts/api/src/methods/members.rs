//! Who belongs to a topic.

use myrhiza_kernel::apply::Member;
use myrhiza_kernel::identity::names;
use myrhiza_kernel::runtime::RuntimeError;
use myrhiza_kernel_api::{PublicKey, TopicId};
use serde::Serialize;

use super::act;
use crate::error::told;
use crate::{Answer, Desk, Error};

/// Members that are shown.
const MOST: usize = 1_000;

/// Who belongs to a topic.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Shown {
    members: Vec<Listed>,
    /// How many are left out.
    more: usize,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct Listed {
    person: String,
    name: String,
    /// Who invited them; the founder, and who joined an open topic, themselves.
    inviter: String,
    inviter_name: String,
    /// The event that made them a member.
    joined: String,
    founder: bool,
    you: bool,
}

pub(crate) fn answer(desk: &Desk<'_, '_>, topic: TopicId) -> Result<Answer, Error> {
    let what = "the members were not read";
    let founder = desk.runtime().founding_of(topic).map_err(told(what))?.founder();
    let members = desk.runtime().members(topic).map_err(told(what))?;
    let more = members.len().saturating_sub(MOST);
    let listed = |member: Member| Listed {
        person: member.person.to_string(),
        name: names::person(&member.person),
        inviter: member.inviter.to_string(),
        inviter_name: names::person(&member.inviter),
        joined: member.joined.to_string(),
        founder: member.person == founder,
        you: member.person == desk.person(),
    };
    let members = members.into_iter().take(MOST).map(listed).collect();
    Ok(Answer::Members(Shown { members, more }))
}

pub(crate) fn remove(
    desk: &mut Desk<'_, '_>,
    topic: TopicId,
    person: PublicKey,
) -> Result<Answer, Error> {
    let what = "nobody was removed";
    let done = desk.signing(|runtime, signer, ambient, _| {
        runtime.take_part(topic, signer, ambient)?;
        runtime.remove_person(topic, person, signer, ambient)
    })?;
    match done {
        Err(RuntimeError::BadInput { cause, .. }) => {
            Err(Error::new("not-found", what, cause, "choose one of the members that are listed"))
        }
        done => act::finish(done, what),
    }
}
