use std::io::Write as _;

use clap::Args;
use myrhiza_api::act::Done;
use myrhiza_kernel::apply::{Ruling, Verdict};
use myrhiza_kernel::identity::Keys;
use myrhiza_kernel::runtime::{
    Asked, Authored, Membership, Pressed, Runtime, RuntimeError, TopicSummary,
};

use super::{asked, authors};
use crate::console::note;
use crate::context::{Context, with_ambient};
use crate::exit::Exit;
use crate::failure::{Failure, Outcome};
use crate::home::Home;
use crate::runtime::{membership, take_part, told, topic};
use crate::{progress, text};

/// Do something in a topic: propose it, try it, sign it
#[derive(Args)]
pub(crate) struct Do {
    /// The topic's name, or the start of its id
    topic: String,
    /// What to do, in the app's words; `view` shows what can be done
    #[arg(required_unless_present = "payload_hex", allow_negative_numbers = true)]
    intent: Vec<String>,
    /// The event's payload, for apps that propose none themselves
    #[arg(long, value_name = "HEX", conflicts_with = "intent")]
    payload_hex: Option<String>,
    /// The payload's kind
    #[arg(long, value_name = "NUMBER", default_value_t = 0, requires = "payload_hex")]
    variant: u32,
}

/// What is to be made into an event.
enum Wish {
    Payload(u32, Vec<u8>),
    Intent(Vec<String>),
}

impl Do {
    pub(crate) fn run(self, cx: &Context<'_>) -> Outcome<Exit> {
        let payload = self.payload_hex.as_deref().map(payload).transpose()?;
        let (mut home, mut runtime) = cx.open_runtime()?;
        let topic = topic(&runtime, &self.topic)?;
        authors::warn(&runtime, topic.in_force.bundle)?;
        let wish = match payload {
            Some(payload) => Wish::Payload(self.variant, payload),
            None => match press(&home, &mut runtime, &topic, &self.intent)? {
                Pressed { intent: Some(intent), asked } if asked.is_empty() => Wish::Intent(intent),
                pressed => return asked::through(cx, &mut home, &mut runtime, &topic, pressed),
            },
        };
        let result = make(&mut home, &mut runtime, &topic, wish)?;
        let is_done = result.is_ok();
        let exit = finish(cx, result).map_err(|failure| failure.about(&topic.record.name))?;
        if is_done && cx.is_denied(topic.id) == Some(true) {
            tell_that_it_is_denied(&topic, &home);
        }
        Ok(exit)
    }
}

/// Has the app take what is done, where it does that.
fn press(
    home: &Home,
    runtime: &mut Runtime,
    topic: &TopicSummary,
    words: &[String],
) -> Outcome<Pressed> {
    with_ambient(|ambient| {
        progress::during("trying", || runtime.press(topic.id, home.person(), ambient, words))
            .map_err(told("nothing was done"))
            .map_err(|failure| failure.about(&topic.record.name))
    })
}

/// Proposes an intent.
pub(super) fn propose(
    home: &mut Home,
    runtime: &mut Runtime,
    topic: &TopicSummary,
    intent: Vec<String>,
) -> Outcome<Result<Authored, RuntimeError>> {
    make(home, runtime, topic, Wish::Intent(intent))
}

fn make(
    home: &mut Home,
    runtime: &mut Runtime,
    topic: &TopicSummary,
    wish: Wish,
) -> Outcome<Result<Authored, RuntimeError>> {
    let keys = home.unseal()?;
    make_with(home, &keys, runtime, topic, wish)
}

fn make_with(
    home: &Home,
    keys: &Keys,
    runtime: &mut Runtime,
    topic: &TopicSummary,
    wish: Wish,
) -> Outcome<Result<Authored, RuntimeError>> {
    let signer = home.signer(keys);
    let result = with_ambient(|ambient| {
        take_part(runtime, topic.id, signer, ambient)?;
        Ok(progress::during("trying", || match wish {
            Wish::Payload(variant, payload) => {
                runtime.submit(topic.id, signer, ambient, variant, payload)
            }
            Wish::Intent(intent) => runtime.act(topic.id, signer, ambient, &intent),
        }))
    })?;
    if result.is_err() {
        check_membership(home, runtime, topic)?;
    }
    Ok(result)
}

/// What came of something that a person chose in a view.
pub(crate) struct Chosen {
    /// What became of what was proposed, if anything was.
    pub(crate) done: Option<Done>,
    /// What the app asks now.
    pub(crate) asked: Vec<Asked>,
}

/// Does what a person chose in a view.
pub(crate) fn choose(
    home: &Home,
    runtime: &mut Runtime,
    keys: &Keys,
    topic: &TopicSummary,
    intent: &[String],
) -> Outcome<Chosen> {
    authors::warn(runtime, topic.in_force.bundle)?;
    let Pressed { intent, asked } = press(home, runtime, topic, intent)?;
    let Some(intent) = intent else { return Ok(Chosen { done: None, asked }) };
    let done = match make_with(home, keys, runtime, topic, Wish::Intent(intent))? {
        Ok(authored) => Done::of(&authored),
        Err(error) => {
            let refused = Done::refused(&error);
            refused.ok_or_else(|| failed(error).about(&topic.record.name))?
        }
    };
    Ok(Chosen { done: Some(done), asked })
}

/// Says on standard error that what is done reaches nobody: who was removed hears it from nobody.
fn tell_that_it_is_denied(topic: &TopicSummary, home: &Home) {
    let name = text::line(&topic.record.name);
    note!("no peer that was reached shares {name} with this home: what you do stays here for now");
    // Nobody removes the founder.
    if topic.topic.founder() != home.person() {
        note!(
            "a ticket from a member lets in anew: `myrhiza topic join TICKET`; if you were removed,"
        );
        note!("that takes a new home, which `myrhiza --home DIR init` makes");
    }
}

/// Whoever lost their membership is told so, rather than why some event of theirs did not pass.
fn check_membership(home: &Home, runtime: &Runtime, topic: &TopicSummary) -> Outcome<()> {
    let name = &topic.record.name;
    check_ended(home, runtime, topic, &format!("nothing was done in {name}"))?;
    match membership(home, runtime, topic.id)? {
        Membership::Rejected(reason) => Err(Failure::refused(
            "not-a-member",
            format!("nothing was done in {name}"),
            format!("you are not a member: your join was rejected: {reason}"),
            "ask a member for another ticket: `myrhiza topic join TICKET`",
        )),
        Membership::Awaited => Err(Failure::refused(
            "awaited",
            format!("nothing was done in {name}"),
            "the topic has not come from your other home or another peer yet",
            "keep this home's node up (`myrhiza up`) until it has, or import it from a file",
        )),
        _ => Ok(()),
    }
}

/// Whoever's key has ended in a topic is told so: no ticket brings it back.
pub(super) fn check_ended(
    home: &Home,
    runtime: &Runtime,
    topic: &TopicSummary,
    what: &str,
) -> Outcome<()> {
    let cause = match membership(home, runtime, topic.id)? {
        Membership::Removed => "you were removed from this topic",
        Membership::Revoked => "this home's key was revoked in this topic",
        _ => return Ok(()),
    };
    Err(Failure::refused(
        "removed",
        what,
        cause,
        "ask a member for a new ticket and join with it from a new home, which `myrhiza --home DIR \
         init` makes: this one's key has ended in this topic",
    ))
}

/// Prints what became of a candidate, refused or not.
pub(super) fn finish(cx: &Context<'_>, result: Result<Authored, RuntimeError>) -> Outcome<Exit> {
    let error = match result {
        Ok(authored) => {
            let id = authored.event.id();
            cx.output.print(&Done::of(&authored), |out| writeln!(out, "{id}"))?;
            return Ok(Exit::Ok);
        }
        Err(error) => error,
    };
    match Done::refused(&error).filter(|_| cx.output.json) {
        Some(done) => {
            cx.output.print(&done, |_| Ok(()))?;
            Ok(Exit::Refused)
        }
        None => Err(failed(error)),
    }
}

fn failed(error: RuntimeError) -> Failure {
    told("the event was not made")(match error {
        RuntimeError::NotAccepted(Ruling { verdict: Verdict::Reject, reason, .. }) => {
            RuntimeError::Refused(reason)
        }
        error => error,
    })
}

fn payload(hex: &str) -> Outcome<Vec<u8>> {
    text::from_hex(hex).ok_or_else(|| {
        Failure::usage(
            "bad-hex",
            "the payload was not taken",
            "it is not pairs of hexadecimal digits",
            "write two digits a byte, such as `--payload-hex 00ff`",
        )
    })
}
