use crate::commands::{act, device, ticket};
use crate::context::{Context, with_ambient};
use crate::exit::Exit;
use crate::failure::{Failure, Outcome};
use crate::runtime::{folded, take_part, told};

/// Ends a ticket: who came in by it stays, nobody else comes in.
pub(super) fn revoke(cx: &Context<'_>, given: &str) -> Outcome<Exit> {
    let what = "the ticket was not ended";
    let ticket = ticket::read(given, what)?;
    if ticket.person().is_some() {
        return Err(Failure::refused(
            "device-ticket",
            what,
            "it is for devices of one person, and lets in nobody else",
            "end a device that is lost: `myrhiza device revoke DEVICE`",
        ));
    }
    let Some(invitation) = ticket.invitation() else {
        return Err(Failure::refused(
            "open-topic",
            what,
            "its topic is open, and lets in whoever knows of it",
            "remove who should not be there: `myrhiza topic remove TOPIC PERSON`",
        ));
    };
    let (mut home, mut runtime) = cx.open_runtime()?;
    let topic = folded(&mut runtime, &ticket.founding().topic().to_string())?;
    if invitation.issuer().person() != home.person() {
        return Err(Failure::refused(
            "not-yours",
            what,
            "another person made it",
            "ask them, or remove them: `myrhiza topic remove TOPIC PERSON`",
        )
        .about(&topic.record.name));
    }
    if runtime.is_ended(&ticket).map_err(told(what))? {
        return Err(Failure::refused(
            "ended",
            what,
            "it was ended before, and lets nobody in",
            "nothing is to be done; `myrhiza topic invite` makes another",
        ));
    }
    let keys = home.unseal()?;
    let person = keys.person().ok_or_else(|| device::no_long_term_key(what))?;
    let signer = home.signer(&keys);
    let result = with_ambient(|ambient| {
        take_part(&mut runtime, topic.id, signer, ambient)?;
        Ok(runtime.end_invitation(topic.id, person, invitation.key(), signer, ambient))
    })?;
    act::finish(cx, result)
}
