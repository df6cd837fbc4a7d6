use myrhiza_kernel::identity::{self, Certificate, DeviceAnswer, DeviceRequest, ScopeKind};
use serde::Serialize;
use std::io::Write as _;

use super::{no_long_term_key, unread};
use crate::console::note;
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::{Failure, Outcome};
use crate::runtime::told;
use crate::{names, terminal, text};

#[derive(Serialize)]
struct Added {
    answer: String,
    scope: String,
    name: String,
}

pub(super) fn add(cx: &Context<'_>, request: &str, name: Option<&str>, yes: bool) -> Outcome<Exit> {
    let what = "no device was added";
    let request = DeviceRequest::parse(request).map_err(unread(what))?;
    let name = name.unwrap_or(request.name());
    names::check("the name of the device", name, "--name")?;
    let (mut home, mut runtime) = cx.open_runtime()?;
    note!("the device's key is {}", identity::names::scope(&request.scope()));
    note!("it will act as you everywhere; check that the device shows the same key");
    let question = format!("certify it as {}, a device of yours", text::line(name));
    terminal::confirm(&question, what, yes)?;
    let keys = home.unseal()?;
    let person = keys.person().ok_or_else(|| no_long_term_key(what))?;
    let certificate = Certificate::issue(person, request.scope(), ScopeKind::Device, name);
    let certificate = certificate.map_err(|error| {
        Failure::usage("bad-name", what, error.to_string(), "give another with `--name`")
    })?;
    runtime.remember_device(&certificate).map_err(told(what))?;
    let added = Added {
        answer: DeviceAnswer::new(certificate).to_text(),
        scope: request.scope().to_string(),
        name: name.into(),
    };
    note!("take this answer to the device, for `myrhiza device accept ANSWER`");
    cx.output.print(&added, |out| writeln!(out, "{}", added.answer))?;
    Ok(Exit::Ok)
}
