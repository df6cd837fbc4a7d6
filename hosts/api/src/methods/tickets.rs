//! Tickets: read, joined by, made and ended.

use myrhiza_kernel::clock;
use myrhiza_kernel::event::payload::{Admission, Terms};
use myrhiza_kernel::event::{Ticket, TicketError};
use myrhiza_kernel::identity::names;
use myrhiza_kernel::runtime::RuntimeError;
use myrhiza_kernel_api::{PeerAddress, TopicId};
use serde::Serialize;

use super::{act, topics};
use crate::error::told;
use crate::{Answer, Desk, Error};

/// Longer than any ticket.
const TICKET_BYTES: usize = 128 << 10;
/// Other peers that a ticket names, who have the topic too: the node it was made by may be down.
const OTHERS: usize = 2;

/// What a ticket is for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Shown {
    topic: String,
    name: String,
    founder: String,
    founder_name: String,
    bundle: String,
    /// The app and its version, where that bundle is here.
    app: Option<String>,
    version: Option<String>,
    /// `open`, `invited` or `device`.
    way: &'static str,
    /// How many may enter by it; 0 for any number, null where it is no invitation.
    uses: Option<u32>,
    may_invite: Option<bool>,
    /// Who made it, where it is an invitation.
    issuer: Option<String>,
    issuer_name: Option<String>,
    /// Milliseconds since 1970.
    expires: Option<u64>,
    expired: bool,
    /// How many nodes it names.
    peers: usize,
    /// What the topic is called here, where it is here.
    here: Option<String>,
}

/// A ticket that was made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Invited {
    /// A secret: whoever has it may enter.
    ticket: String,
    /// Milliseconds since 1970; `null` where it has no last day.
    expires: Option<u64>,
    /// Whether somebody on another machine finds a node by it.
    leads: Leads,
}

/// Where a ticket leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Leads {
    /// To nodes that others can reach, as far as is known.
    Out,
    /// To nodes of this machine alone.
    Loopback,
    /// To no node.
    Nowhere,
}

/// What a ticket is to be.
pub(crate) struct Wanted {
    pub(crate) uses: u32,
    pub(crate) lasts_ms: Option<u64>,
    pub(crate) may_invite: bool,
    pub(crate) device: bool,
}

fn read(given: &str, what: &str) -> Result<Ticket, Error> {
    let too_long = given.len() > TICKET_BYTES;
    let parsed = Ticket::parse(if too_long { "" } else { given.trim() });
    parsed.map_err(|error| {
        let (code, next) = match &error {
            TicketError::Codec(error) if error.is_update_needed() => {
                ("update-needed", "update Myrhiza")
            }
            _ => ("bad-ticket", "ask whoever sent it to send it again"),
        };
        Error::new(code, what, error.to_string(), next)
    })
}

/// When it is over, in milliseconds since 1970, where whoever made it has said so.
fn expires_ms(ticket: &Ticket) -> Option<u64> {
    let Terms { expiry, .. } = ticket.invitation()?.terms();
    (expiry > 0).then(|| clock::wall_ms(expiry))
}

pub(crate) fn show(desk: &Desk<'_, '_>, given: &str) -> Result<Answer, Error> {
    let what = "no ticket was read";
    let ticket = read(given, what)?;
    let (founding, genesis) = (ticket.founding(), ticket.founding().genesis());
    let terms = ticket.invitation().map(|invitation| invitation.terms());
    let issuer = ticket.invitation().map(|invitation| invitation.issuer().person());
    let expires = expires_ms(&ticket);
    let (topics, apps) = (desk.runtime().topics(), desk.runtime().apps());
    let (topics, apps) = (topics.map_err(told(what))?, apps.map_err(told(what))?);
    let app = apps.iter().find(|app| app.id() == genesis.bundle).map(|app| app.manifest());
    let here = topics.into_iter().find(|topic| topic.id == founding.topic());
    Ok(Answer::Ticket(Box::new(Shown {
        topic: founding.topic().to_string(),
        name: genesis.name.clone(),
        founder: founding.founder().to_string(),
        founder_name: names::person(&founding.founder()),
        bundle: genesis.bundle.to_string(),
        app: app.map(|app| app.name.clone()),
        version: app.map(|app| app.version.to_string()),
        way: match (ticket.person(), genesis.admission) {
            (Some(_), _) => "device",
            (None, Admission::Open) => "open",
            (None, _) => "invited",
        },
        uses: terms.map(|terms| terms.uses),
        may_invite: terms.map(|terms| terms.may_invite),
        issuer: issuer.map(|person| person.to_string()),
        issuer_name: issuer.map(|person| names::person(&person)),
        expires,
        expired: expires.is_some_and(|at| at <= desk.ambient.now_ms),
        peers: ticket.peers().len(),
        here: here.map(|topic| topic.record.name),
    })))
}

pub(crate) fn join(
    desk: &mut Desk<'_, '_>,
    given: &str,
    name: Option<&str>,
    even_if_expired: bool,
) -> Result<Answer, Error> {
    let what = "no topic was joined";
    let ticket = read(given, what)?;
    let here = desk.runtime().topic_ids().map_err(told(what))?;
    let is_new = !here.contains(&ticket.founding().topic());
    let expired = expires_ms(&ticket).is_some_and(|at| at <= desk.ambient.now_ms);
    if is_new && expired && !even_if_expired {
        return Err(Error::new(
            "expired",
            what,
            "the ticket's day is over",
            "ask who made it for a new one; or, if this machine's clock is wrong, say to use it all \
             the same",
        ));
    }
    let name = name.filter(|name| !name.is_empty());
    let joined =
        desk.signing(|runtime, signer, ambient, _| runtime.join(&ticket, name, signer, ambient))?;
    let id = joined.map_err(|error| match error {
        RuntimeError::NotAccepted(ruling) => {
            Error::new("refused", what, ruling.reason, "ask a member for another ticket")
        }
        error => told(what)(error),
    })?;
    let topics = desk.runtime().topics().map_err(told(what))?;
    let name = topics.into_iter().find(|topic| topic.id == id).map(|topic| topic.record.name);
    let name = name.unwrap_or_default();
    Ok(Answer::Entered(topics::Entered { topic: id.to_string(), name }))
}

pub(crate) fn invite(
    desk: &mut Desk<'_, '_>,
    topic: TopicId,
    wanted: &Wanted,
) -> Result<Answer, Error> {
    let what = "no ticket was made";
    let now_ms = desk.ambient.now_ms;
    let expiry = |lasts: u64| clock::tick(0, now_ms.saturating_add(lasts));
    let expiry = wanted.lasts_ms.map_or(0, expiry);
    let terms = Terms { uses: wanted.uses, may_invite: wanted.may_invite, expiry };
    let made = desk.signing(|runtime, signer, ambient, _| {
        runtime.take_part(topic, signer, ambient)?;
        match wanted.device {
            true => runtime.device_ticket(topic, signer),
            false => runtime.invite(topic, signer, ambient, terms),
        }
    })?;
    let made = made.map_err(told(what))?;
    let own = PeerAddress { key: desk.status.key, addresses: desk.status.addresses.clone() };
    let known = desk.runtime().peers_of(topic).map_err(told(what))?;
    let known = known.into_iter().filter(|peer| !peer.addresses.is_empty()).take(OTHERS);
    let made = made.with_peers([own].into_iter().chain(known).collect());
    Ok(Answer::Invited(Invited {
        ticket: made.to_text().to_string(),
        expires: expires_ms(&made),
        leads: leads(&made),
    }))
}

fn leads(ticket: &Ticket) -> Leads {
    let mut addresses = ticket.peers().iter().flat_map(|peer| &peer.addresses).peekable();
    if addresses.peek().is_none() {
        return Leads::Nowhere;
    }
    let is_here = |address: &myrhiza_kernel_api::Address| {
        let host = match address.kind() {
            "ip" => address.rest(),
            _ => address.rest().split_once("://").map_or("", |(_, rest)| rest),
        };
        let host = host.trim_end_matches('/').parse::<std::net::SocketAddr>();
        host.is_ok_and(|host| host.ip().is_loopback())
    };
    if addresses.all(is_here) { Leads::Loopback } else { Leads::Out }
}

pub(crate) fn end(desk: &mut Desk<'_, '_>, given: &str) -> Result<Answer, Error> {
    let what = "the ticket was not ended";
    let ticket = read(given, what)?;
    if ticket.person().is_some() {
        return Err(Error::new(
            "device-ticket",
            what,
            "it is for devices of one person, and lets in nobody else",
            "end a device that is lost, with the command `myrhiza device revoke`",
        ));
    }
    let Some(invitation) = ticket.invitation() else {
        return Err(Error::new(
            "open-topic",
            what,
            "its topic is open, and lets in whoever knows of it",
            "remove who should not be there, under Members",
        ));
    };
    if invitation.issuer().person() != desk.person() {
        return Err(Error::new(
            "not-yours",
            what,
            "another person made it",
            "ask them, or remove them under Members",
        ));
    }
    if desk.runtime().is_ended(&ticket).map_err(told(what))? {
        let cause = "it was ended before, and lets nobody in";
        return Err(Error::new("ended", what, cause, "nothing is to be done"));
    }
    let (topic, key) = (ticket.founding().topic(), invitation.key());
    let done = desk.signing(|runtime, signer, ambient, keys| {
        let Some(person) = keys.person() else { return Ok(None) };
        runtime.take_part(topic, signer, ambient)?;
        runtime.end_invitation(topic, person, key, signer, ambient).map(Some)
    })?;
    match done.transpose() {
        Some(done) => act::finish(done, what),
        None => Err(Error::new(
            "no-long-term-key",
            what,
            "this home is one of several of yours, and does not have your long-term key",
            "do it in the home that has it",
        )),
    }
}
