use std::io::Write as _;

use myrhiza_kernel::event::payload::Admission;
use myrhiza_kernel::event::{Ticket, TicketError};
use myrhiza_kernel::identity::names as bech32m;
use myrhiza_kernel::runtime::{NewTopic, Runtime, RuntimeError, TopicSummary};
use myrhiza_kernel_api::{PublicKey, TopicId};
use zeroize::Zeroizing;

use super::short;
use crate::commands::{act, authors};
use crate::console::{self, note};
use crate::context::{Context, with_ambient};
use crate::exit::Exit;
use crate::failure::{Failure, Outcome, code};
use crate::node::Ask;
use crate::runtime::{app, folded, take_part, tell_what_it_waits_for, told, topic};
use crate::{names, progress, terminal, text};

/// Longer than any ticket.
const TICKET_BYTES: u64 = 128 << 10;

pub(super) fn create(
    cx: &Context<'_>,
    asked: &str,
    name: Option<String>,
    open: bool,
) -> Outcome<Exit> {
    let (mut home, mut runtime) = cx.open_runtime()?;
    let app = app(&runtime, asked)?;
    authors::refuse(&runtime, app.id(), "no topic was made")?;
    let name = name.unwrap_or_else(|| app.manifest().id.clone());
    names::check("the topic", &name, "--name")?;
    let admission = if open { Admission::Open } else { Admission::Invite };
    let keys = home.unseal()?;
    let new = NewTopic { bundle: app.id(), name: &name, admission };
    let id = with_ambient(|ambient| {
        progress::during("founding", || runtime.create_topic(home.signer(&keys), ambient, &new))
            .map_err(told("no topic was made"))
    })?;
    short(cx, id.to_string(), name, "founded")
}

pub(super) fn join(cx: &Context<'_>, given: &str, name: Option<&str>) -> Outcome<Exit> {
    let (id, name) = join_by(cx, given, name)?;
    short(cx, id.to_string(), name, "joined")
}

/// The topic of a ticket, joined if it was not; with what it is called here.
pub(crate) fn enter(
    cx: &Context<'_>,
    given: &str,
    name: Option<&str>,
) -> Outcome<(TopicId, String)> {
    match join_by(cx, given, name) {
        Err(failure) if failure.code == code::HAVE_TOPIC => {
            let id = read_ticket(given, "no topic was joined")?.founding().topic();
            let (_home, runtime) = cx.open_runtime()?;
            Ok((id, topic(&runtime, &id.to_string())?.record.name))
        }
        joined => joined,
    }
}

fn join_by(cx: &Context<'_>, given: &str, name: Option<&str>) -> Outcome<(TopicId, String)> {
    let ticket = read_ticket(given, "no topic was joined")?;
    let (mut home, mut runtime) = cx.open_runtime()?;
    let keys = home.unseal()?;
    let id = with_ambient(|ambient| {
        progress::during("joining", || runtime.join(&ticket, name, home.signer(&keys), ambient))
            .map_err(not_joined)
    })?;
    let joined = topic(&runtime, &id.to_string())?;
    tell_what_it_waits_for(&joined);
    cx.ask(Ask::History(id));
    Ok((id, joined.record.name))
}

/// A ticket as it was given, or from standard input.
pub(super) fn read_ticket(given: &str, what: &str) -> Outcome<Ticket> {
    let given = match given {
        "-" => from_standard_input()?,
        given => Zeroizing::new(given.to_owned()),
    };
    Ticket::parse(&given).map_err(|error| {
        let next = match &error {
            TicketError::Codec(error) if error.is_update_needed() => "update Myrhiza",
            _ => "ask whoever sent it to send it again",
        };
        Failure::refused("bad-ticket", what, error.to_string(), next)
    })
}

fn not_joined(error: RuntimeError) -> Failure {
    let what = "no topic was joined";
    match error {
        RuntimeError::NotAccepted(ruling) => {
            Failure::refused("refused", what, ruling.reason, "ask a member for another ticket")
        }
        error => told(what)(error),
    }
}

fn from_standard_input() -> Outcome<Zeroizing<String>> {
    let read = console::input(TICKET_BYTES).map(Zeroizing::new);
    read.map_err(|error| Failure::file("read", "standard input".as_ref(), &error))
}

pub(super) fn leave(cx: &Context<'_>, asked: &str, yes: bool) -> Outcome<Exit> {
    let (home, mut runtime) = cx.open_runtime()?;
    let topic = topic(&runtime, asked)?;
    let name = topic.record.name;
    note!("once it is forgotten, only a file from another member brings it back");
    terminal::confirm(
        &format!("forget the topic {name} and its {}", text::count(topic.record.events, "event")),
        &format!("{name} was not forgotten"),
        yes,
    )?;
    progress::during("forgetting", || runtime.leave(topic.id, home.certificate().scope()))
        .map_err(told(format!("{name} was not left")))?;
    short(cx, topic.id.to_string(), name, "left")
}

pub(super) fn remove(cx: &Context<'_>, asked: &str, person: &str) -> Outcome<Exit> {
    let given = Given::parse(person)?;
    let (mut home, mut runtime) = cx.open_runtime()?;
    let topic = folded(&mut runtime, asked)?;
    let person = given.person(&runtime, &topic)?;
    let keys = home.unseal()?;
    let signer = home.signer(&keys);
    let result = with_ambient(|ambient| {
        take_part(&mut runtime, topic.id, signer, ambient)?;
        Ok(runtime.remove_person(topic.id, person, signer, ambient))
    })?;
    let what = "nobody was removed";
    match result {
        Err(RuntimeError::BadInput { cause, .. }) => Err(no_member(cause, &topic)),
        Err(RuntimeError::NotAccepted(ruling)) if !cx.output.json => Err(Failure::refused(
            "refused",
            what,
            ruling.reason,
            "ask the founder, or who invited that person",
        )),
        result => act::finish(cx, result),
    }
}

/// Fewer characters than that are a slip of the fingers rather than somebody's name.
const PREFIX: usize = 4;

/// A person, or the start of how one is written.
enum Given {
    Person(PublicKey),
    Start(String),
}

impl Given {
    fn parse(given: &str) -> Outcome<Self> {
        if let Ok(key) = given.parse() {
            return Ok(Self::Person(key));
        }
        let start = given.trim_end_matches('…').to_ascii_lowercase();
        let rest = start.strip_prefix("myr1").unwrap_or(&start);
        let is_name = rest.len() < start.len();
        let fits = rest.len() >= PREFIX
            && rest
                .chars()
                .all(|c| if is_name { c.is_ascii_alphanumeric() } else { c.is_ascii_hexdigit() });
        match bech32m::parse_person(given) {
            Ok(key) => Ok(Self::Person(key)),
            Err(_) if fits && start.len() < 62 => Ok(Self::Start(start)),
            Err(error) => {
                let next = "write `myr1…` as `myrhiza id` shows it, or 64 hexadecimal digits, or at \
                            least 4 characters of the start of either";
                Err(Failure::usage("bad-person", "nobody was removed", error.to_string(), next))
            }
        }
    }

    /// The one member that is meant.
    fn person(self, runtime: &Runtime, topic: &TopicSummary) -> Outcome<PublicKey> {
        let start = match self {
            Self::Person(person) => return Ok(person),
            Self::Start(start) => start,
        };
        let what = "nobody was removed";
        let members = runtime.members(topic.id).map_err(told(what))?;
        let mut meant = members.into_iter().map(|member| member.person).filter(|person| {
            bech32m::person(person).starts_with(&start) || person.to_string().starts_with(&start)
        });
        let Some(first) = meant.next() else {
            return Err(no_member(format!("no member's name or key starts with {start}"), topic));
        };
        let others: Vec<_> = meant.map(|person| bech32m::person(&person)).collect();
        if others.is_empty() {
            return Ok(first);
        }
        Err(Failure::usage(
            "ambiguous",
            what,
            format!("{start} could be {} or {}", bech32m::person(&first), others.join(" or ")),
            "write more of the one you mean",
        ))
    }
}

fn no_member(cause: String, topic: &TopicSummary) -> Failure {
    let next = "check the name; `myrhiza log TOPIC` shows who joined";
    Failure::not_found("not-found", "nobody was removed", cause, next).about(&topic.record.name)
}
