//! `app upgrade` and `app hand-over`: a topic's next version, also under another author's key.

use myrhiza_kernel::bundle::Bundle;
use myrhiza_kernel::codec::Canonical as _;
use myrhiza_kernel::event::payload::HandOver;
use myrhiza_kernel::identity::names;
use myrhiza_kernel::runtime::{Runtime, RuntimeError, TopicSummary};
use myrhiza_kernel_api::PublicKey;
use serde::Serialize;
use std::io::Write as _;

use super::{act, authors, device, publish};
use crate::console::note;
use crate::context::{Context, with_ambient};
use crate::exit::Exit;
use crate::failure::{Failure, Outcome};
use crate::runtime::{app, folded, told};
use crate::{progress, terminal, text};

const NOT_UPGRADED: &str = "the topic was not upgraded";
const NOT_HANDED_OVER: &str = "the app was not handed over";

/// What `app upgrade` is given.
pub(super) struct Upgrade<'a> {
    pub(super) topic: &'a str,
    pub(super) app: Option<&'a str>,
    pub(super) hand_overs: &'a [String],
    pub(super) yes: bool,
}

pub(super) fn upgrade(cx: &Context<'_>, asked: &Upgrade<'_>) -> Outcome<Exit> {
    let hand_overs = parse(NOT_UPGRADED, asked.hand_overs)?;
    let (mut home, mut runtime) = cx.open_runtime()?;
    let topic = folded(&mut runtime, asked.topic)?;
    let next = match asked.app {
        Some(asked) => app(&runtime, asked)?,
        None => newest(&runtime, &topic)?,
    };
    authors::refuse(&runtime, next.id(), NOT_UPGRADED)?;
    let name = &topic.record.name;
    let step = format!("{} {} in {name}", next.manifest().name, next.manifest().version);
    note!("every member's home goes on with it, as soon as it is installed there; until then it");
    note!("shows the topic as it was before. Nothing leads back to the version before");
    let what = format!("go on with {}", text::line(&step));
    terminal::confirm(&what, NOT_UPGRADED, asked.yes)?;
    let keys = home.unseal()?;
    let result = with_ambient(|ambient| {
        let signer = home.signer(&keys);
        let upgrade = || runtime.upgrade(topic.id, signer, ambient, next.id(), hand_overs);
        Ok(progress::during("upgrading", upgrade))
    })?;
    match result {
        Err(RuntimeError::NotAccepted(ruling)) if !cx.output.json => Err(Failure::refused(
            "refused",
            NOT_UPGRADED,
            ruling.reason,
            "ask the founder to, if that is another; or give a later version, whose migration ends \
             well",
        )),
        Err(RuntimeError::NotAccepted(_)) => act::finish(cx, result),
        Err(error) => Err(told(NOT_UPGRADED)(error)),
        result => act::finish(cx, result),
    }
}

/// The newest installed version of a topic's app, if it is not the one in force.
fn newest(runtime: &Runtime, topic: &TopicSummary) -> Outcome<Bundle> {
    let apps = runtime.apps().map_err(told(NOT_UPGRADED))?;
    let current = apps.iter().find(|app| app.id() == topic.in_force.bundle);
    let later = apps.iter().filter(|app| {
        current.is_some_and(|current| {
            app.lineage() == current.lineage()
                && app.manifest().version > current.manifest().version
        })
    });
    later.max_by_key(|app| (app.manifest().version, app.id())).cloned().ok_or_else(|| {
        Failure::not_found(
            "not-found",
            NOT_UPGRADED,
            "no later version of its app is installed",
            "install one with `myrhiza app install FILE`",
        )
    })
}

#[derive(Serialize)]
struct HandedOver {
    hand_over: String,
}

pub(super) fn hand_over(
    cx: &Context<'_>,
    asked: &str,
    person: &str,
    before: &[String],
) -> Outcome<Exit> {
    let before = parse(NOT_HANDED_OVER, before)?;
    let next = names::parse_person(person).or_else(|error| {
        person.parse::<PublicKey>().map_err(|_| {
            Failure::usage(
                "bad-person",
                NOT_HANDED_OVER,
                error.to_string(),
                "write `myr1…` as `myrhiza id` shows it there, or 64 hexadecimal digits",
            )
        })
    })?;
    let (mut home, runtime) = cx.open_runtime()?;
    let app = app(&runtime, asked)?;
    if app.author() != home.person() {
        let next = "ask them, or run it in a home of theirs";
        return Err(publish::not_the_author(NOT_HANDED_OVER, &app, next));
    }
    let first = before.first().map_or(app.author(), HandOver::author);
    let lineage = app.manifest().lineage(&first);
    let keys = home.unseal()?;
    let person = keys.person().ok_or_else(|| device::no_long_term_key(NOT_HANDED_OVER))?;
    let hand_over = HandOver::sign(person, lineage, next);
    let handed = HandedOver { hand_over: text::hex(&hand_over.to_bytes()) };
    cx.output.print(&handed, |out| writeln!(out, "{}", handed.hand_over))?;
    Ok(Exit::Ok)
}

fn parse(what: &str, given: &[String]) -> Outcome<Vec<HandOver>> {
    let bad = |cause: String| {
        let next = "write what `myrhiza app hand-over` printed, the first author's first";
        Failure::usage("bad-hand-over", what, cause, next)
    };
    given
        .iter()
        .map(|text| {
            let bytes = text::from_hex(text);
            let bytes = bytes.ok_or_else(|| bad("it is not pairs of hexadecimal digits".into()))?;
            HandOver::from_bytes(&bytes).map_err(|error| bad(error.to_string()))
        })
        .collect()
}
