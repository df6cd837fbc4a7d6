use myrhiza_api::act::Done;
use myrhiza_api::asked::{Asked, token};
use myrhiza_kernel::runtime::{Pressed, Runtime, TopicSummary};
use myrhiza_kernel_api::operation::Outcome as Answered;

use super::act;
use crate::context::{Context, with_ambient};
use crate::device::{Came, Unsettled, settle};
use crate::exit::Exit;
use crate::failure::Outcome;
use crate::home::Home;
use crate::node::Ask;
use crate::runtime::told;

const UNDONE: &str = "nothing came of the answer";

/// Proposes what came of something pressed, and has the user answer what the app asks: here, or where
/// the command was given.
pub(super) fn through(
    cx: &Context<'_>,
    home: &mut Home,
    runtime: &mut Runtime,
    topic: &TopicSummary,
    pressed: Pressed,
) -> Outcome<Exit> {
    let json = cx.output.json;
    let Came { done, asked } = came(home, runtime, topic, pressed)?;
    let waiting = Unsettled { json, topic: topic.record.name.clone(), done, asked };
    if cx.lent.is_some() {
        cx.ask(Ask::Person(waiting));
        return Ok(Exit::Ok);
    }
    settle(waiting, &mut |with, said| {
        let outcome = Answered::try_from(said).map_err(told(UNDONE))?;
        let token = token(with).map_err(told(UNDONE))?;
        let (_, pressed) = with_ambient(|ambient| {
            let completed = runtime.complete(token, &outcome, home.person(), ambient);
            completed.map_err(told(UNDONE))
        })?;
        came(home, runtime, topic, pressed)
    })
}

fn came(
    home: &mut Home,
    runtime: &mut Runtime,
    topic: &TopicSummary,
    pressed: Pressed,
) -> Outcome<Came> {
    let asked = pressed.asked.into_iter().map(Asked::from).collect();
    let Some(intent) = pressed.intent else { return Ok(Came { done: None, asked }) };
    let done = match act::propose(home, runtime, topic, intent)? {
        Ok(authored) => Done::of(&authored),
        Err(error) => match Done::refused(&error) {
            Some(done) => done,
            None => return Err(told("the event was not made")(error).about(&topic.record.name)),
        },
    };
    Ok(Came { done: serde_json::to_value(done).ok(), asked })
}
