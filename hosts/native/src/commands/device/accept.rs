use myrhiza_kernel::identity::{DeviceAnswer, names};
use serde::Serialize;
use std::io::Write as _;

use super::unread;
use crate::console::note;
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Outcome;
use crate::home::Waiting;
use crate::{terminal, text};

#[derive(Serialize)]
struct Accepted {
    id: String,
    name: String,
    scope: String,
    scope_name: String,
}

pub(super) fn accept(cx: &Context<'_>, answer: &str, yes: bool) -> Outcome<Exit> {
    let what = "the answer was not taken";
    let answer = DeviceAnswer::parse(answer).map_err(unread(what))?;
    let home = Waiting::open(&cx.home_path()?, &cx.command)?;
    home.check(&answer)?;
    let person = names::person(&answer.certificate().person());
    let name = text::line(answer.certificate().name()).into_owned();
    terminal::confirm(&format!("make this home {name:?} of {person}"), what, yes)?;
    let certificate = home.accept(&answer)?;
    let accepted = Accepted {
        id: certificate.person().to_string(),
        name: person,
        scope: certificate.scope().to_string(),
        scope_name: certificate.name().into(),
    };
    note!(
        "topics come by tickets of your other home, made with `myrhiza topic invite TOPIC --device`,"
    );
    note!(
        "for `myrhiza topic join TICKET` here; or from its files, by `myrhiza topic import FILE`"
    );
    cx.output.print(&accepted, |out| writeln!(out, "you are {}", accepted.name))?;
    Ok(Exit::Ok)
}
