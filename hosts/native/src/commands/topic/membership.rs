use std::io::Write as _;

use myrhiza_kernel::event::Ticket;
use myrhiza_kernel::event::payload::Admission;
use myrhiza_kernel::identity::names as bech32m;
use myrhiza_kernel::runtime::{NewTopic, Runtime, RuntimeError, TopicSummary};
use myrhiza_kernel_api::{PublicKey, TopicId};

use super::short;
use crate::commands::{act, authors, ticket};
use crate::console::note;
use crate::context::{Context, with_ambient};
use crate::exit::Exit;
use crate::failure::{Failure, Outcome};
use crate::node::Ask;
use crate::runtime::{app, folded, take_part, tell_what_it_waits_for, told, topic};
use crate::{names, progress, terminal, text};

const NOT_JOINED: &str = "no topic was joined";

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

pub(super) fn join(
    cx: &Context<'_>,
    given: &str,
    name: Option<&str>,
    even_if_expired: bool,
) -> Outcome<Exit> {
    let ticket = ticket::read(given, NOT_JOINED)?;
    let (topic, is_new) = join_by(cx, &ticket, name, even_if_expired)?;
    tell_what_it_waits_for(&topic);
    if !is_new {
        tell_that_it_is_here(cx, &topic, &ticket);
    }
    let done = if is_new { "joined" } else { "already in" };
    short(cx, topic.id.to_string(), topic.record.name, done)
}

/// The topic of a ticket, joined if it was not: that stays, whatever becomes of what it is entered for.
pub(crate) fn enter(cx: &Context<'_>, given: &str) -> Outcome<TopicId> {
    let ticket = ticket::read(given, NOT_JOINED)?;
    let (topic, is_new) = join_by(cx, &ticket, None, false)?;
    if is_new {
        note!("joined the topic {}", text::line(&topic.record.name));
    }
    Ok(topic.id)
}

/// The topic of a ticket, and whether the ticket was of use for more than where its peers are.
fn join_by(
    cx: &Context<'_>,
    ticket: &Ticket,
    name: Option<&str>,
    even_if_expired: bool,
) -> Outcome<(TopicSummary, bool)> {
    let (mut home, mut runtime) = cx.open_runtime()?;
    let here = runtime.topic_ids().map_err(told(NOT_JOINED))?;
    if !even_if_expired && !here.contains(&ticket.founding().topic()) {
        ticket::check_day(ticket, NOT_JOINED)?;
    }
    let keys = home.unseal()?;
    let joined = with_ambient(|ambient| {
        let join = || runtime.join(ticket, name, home.signer(&keys), ambient);
        Ok(progress::during("joining", join))
    })?;
    let (id, is_new) = match joined {
        Ok(id) => (id, true),
        Err(RuntimeError::HaveTopic { topic, .. }) => (topic, false),
        Err(error) => return Err(not_joined(error)),
    };
    let topic = topic(&runtime, &id.to_string())?;
    if !is_new {
        act::check_ended(&home, &runtime, &topic, NOT_JOINED)?;
    }
    cx.ask(Ask::History(id));
    Ok((topic, is_new))
}

fn tell_that_it_is_here(cx: &Context<'_>, topic: &TopicSummary, ticket: &Ticket) {
    let name = text::line(&topic.record.name);
    if ticket.peers().is_empty() {
        note!("{name} is in this home already, and the ticket names no node that has it: one made");
        note!("while a node of who makes it is up (`myrhiza up`) does");
        return;
    }
    note!("{name} is in this home already; the nodes that the ticket names are noted for it");
    if cx.lent.is_none() {
        note!("this home's node (`myrhiza up`) connects to them, and so does `myrhiza sync`");
    }
}

fn not_joined(error: RuntimeError) -> Failure {
    let what = NOT_JOINED;
    match error {
        RuntimeError::NotAccepted(ruling) => {
            Failure::refused("refused", what, ruling.reason, "ask a member for another ticket")
        }
        error => told(what)(error),
    }
}

pub(super) fn leave(cx: &Context<'_>, asked: &str, yes: bool) -> Outcome<Exit> {
    let (home, mut runtime) = cx.open_runtime()?;
    let topic = topic(&runtime, asked)?;
    let name = topic.record.name;
    note!("once it is forgotten, a ticket or a file from another member brings it back;");
    note!("the last you made there stays in this home, so that you can go on from it then");
    terminal::confirm(
        &format!("forget the topic {name} and its {}", text::count(topic.record.events, "event")),
        &format!("{name} was not forgotten"),
        yes,
    )?;
    progress::during("forgetting", || runtime.leave(topic.id, home.certificate()))
        .map_err(told(format!("{name} was not left")))?;
    short(cx, topic.id.to_string(), name, "left")
}

pub(super) fn remove(cx: &Context<'_>, asked: &str, person: &str, yes: bool) -> Outcome<Exit> {
    let given = Given::parse(person)?;
    let (mut home, mut runtime) = cx.open_runtime()?;
    let topic = folded(&mut runtime, asked)?;
    let person = given.person(&runtime, &topic)?;
    let name = text::line(&topic.record.name);
    note!("what they did that this home has not seen falls, and their key comes in no more");
    terminal::confirm(
        &format!("remove {} from {name}", bech32m::person(&person)),
        "nobody was removed",
        yes,
    )?;
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
        let fits = rest.len() >= names::PREFIX
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
        let what = "nobody was removed";
        let members = runtime.members(topic.id).map_err(told(what))?;
        let start = match self {
            Self::Person(person)
                if topic.record.settled()
                    && members.iter().all(|member| member.person != person) =>
            {
                let cause = format!("{} is no member of it", bech32m::person(&person));
                return Err(no_member(cause, topic));
            }
            Self::Person(person) => return Ok(person),
            Self::Start(start) => start,
        };
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
