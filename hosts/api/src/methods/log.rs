//! Parts of a topic's log.

use myrhiza_kernel::event::payload::{Join, Payload};
use myrhiza_kernel::identity::names;
use myrhiza_kernel::runtime::{LogEntry, LogRange, Runtime, RuntimeError};
use myrhiza_kernel_api::{EventId, PublicKey, TopicId};
use serde::Serialize;

use crate::error::told;
use crate::words::hex;
use crate::{Answer, Desk, Error, verdict};

/// Events that are sent where nobody says how many.
const LIMIT: usize = 100;
/// Most that are sent.
const MOST: usize = 500;
/// Bytes of a payload that are sent with each: enough to tell one event from another in a list.
const START: usize = 64;

/// An event, with what the fold said of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Event {
    /// Its id.
    pub id: String,
    /// Its depth.
    pub height: u64,
    /// Its kind.
    pub kind: &'static str,
    /// The scope that signed it.
    pub author: String,
    /// Its number in that scope.
    pub seq: u64,
    /// The one before.
    pub prev: Option<String>,
    /// What it was made on.
    pub parents: Vec<String>,
    /// Its author's clock.
    pub hlc: u64,
    /// `null` where it is not folded, and so is `fuel`.
    pub verdict: Option<&'static str>,
    /// Why it was not accepted.
    pub reason: String,
    /// What judging it used.
    pub fuel: Option<u64>,
}

impl Event {
    /// Of an entry of the log.
    pub fn of(entry: &LogEntry) -> Self {
        let header = entry.event.header();
        let ruling = entry.ruling.as_ref();
        Self {
            id: entry.place.id.to_string(),
            height: entry.place.height,
            kind: header.kind.name(),
            author: header.scope.to_string(),
            seq: header.seq,
            prev: header.prev.map(|id| id.to_string()),
            parents: header.parents.iter().map(ToString::to_string).collect(),
            hlc: header.hlc,
            verdict: ruling.map(|ruling| verdict(ruling.verdict)),
            reason: ruling.map(|ruling| ruling.reason.clone()).unwrap_or_default(),
            fuel: ruling.map(|ruling| ruling.fuel),
        }
    }
}

/// The same, with who made it and what it does, in words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Told {
    #[serde(flatten)]
    event: Event,
    /// The person; `null` where nobody said whose scope it is.
    person: Option<String>,
    person_name: Option<String>,
    /// What they call that scope.
    scope_name: Option<String>,
    /// Its author's clock in milliseconds since 1970.
    at: u64,
    payload_bytes: usize,
    /// Its first bytes, in hex.
    payload_start: String,
    /// The payload's variant, the app's.
    variant: u32,
    /// What the kernel makes of it; empty for the app's events.
    says: String,
    /// The person it does that to or by, to be read after what it says.
    whom: Option<String>,
    whom_name: Option<String>,
}

/// A part of a log, in canonical order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Page {
    events: Vec<Told>,
    /// Whether there are events before these.
    earlier: bool,
    /// Whether there are events after these.
    later: bool,
}

/// Which part of a log.
pub(crate) struct Asked {
    pub(crate) after: Option<EventId>,
    pub(crate) before: Option<EventId>,
    pub(crate) limit: Option<usize>,
}

/// Entries of the log, and whether there are others before and after them.
struct Part {
    entries: Vec<LogEntry>,
    earlier: bool,
    later: bool,
}

impl Part {
    fn read(runtime: &Runtime, topic: TopicId, asked: &Asked) -> Result<Self, RuntimeError> {
        let limit = asked.limit.unwrap_or(LIMIT).clamp(1, MOST);
        // With one more than is sent it is seen whether there are others.
        if let Some(after) = asked.after {
            let range = LogRange { after: Some(after), limit: Some(limit + 1) };
            let mut entries = runtime.log(topic, range)?;
            let later = entries.len() > limit;
            entries.truncate(limit);
            return Ok(Self { entries, earlier: true, later });
        }
        let mut entries = runtime.log_before(topic, asked.before, limit + 1)?;
        let earlier = entries.len() > limit;
        if earlier {
            entries.remove(0);
        }
        Ok(Self { entries, earlier, later: asked.before.is_some() })
    }
}

impl Told {
    /// Of an entry of a topic's log.
    pub(super) fn of(
        runtime: &Runtime,
        topic: TopicId,
        entry: &LogEntry,
    ) -> Result<Self, RuntimeError> {
        let (header, body) = (entry.event.header(), entry.event.body());
        let payload = Payload::decode(body).ok();
        let known = runtime.author_of(topic, entry.place.id)?;
        // One that was not let in is known by its own word alone.
        let who = known.map(|record| (record.person, record.name)).or_else(|| {
            let word = payload.as_ref().and_then(Payload::certificate)?;
            Some((word.person(), word.name().to_owned()))
        });
        let other = payload.as_ref().and_then(whom);
        let start = body.payload().get(..START).unwrap_or(body.payload());
        Ok(Self {
            event: Event::of(entry),
            person: who.as_ref().map(|(person, _)| person.to_string()),
            person_name: who.as_ref().map(|(person, _)| names::person(person)),
            scope_name: who.map(|(_, name)| name),
            at: myrhiza_kernel::clock::wall_ms(header.hlc),
            payload_bytes: body.payload().len(),
            payload_start: hex(start),
            variant: header.variant,
            says: payload.as_ref().map(says).unwrap_or_default(),
            whom: other.as_ref().map(ToString::to_string),
            whom_name: other.as_ref().map(names::person),
        })
    }
}

/// What a kernel's event does, to be read after its author's name and before [`whom`].
fn says(payload: &Payload) -> String {
    match payload {
        Payload::Genesis(genesis) => format!("founds the topic {}", genesis.name),
        Payload::Join(_) if whom(payload).is_some() => "comes in, invited by".into(),
        Payload::Join(_) => "comes in".into(),
        Payload::Delegate(_) => "comes in with another home".into(),
        Payload::Revoke(_) => "ends homes or invitations of their own".into(),
        Payload::Remove(_) => "removes".into(),
        Payload::Upgrade(upgrade) => {
            let manifest = upgrade.to.manifest();
            format!("goes on with {} {}", manifest.name, manifest.version)
        }
        Payload::Notice(_) => "tells of bundles".into(),
        Payload::App => String::new(),
    }
}

/// Who invited, or is removed.
fn whom(payload: &Payload) -> Option<PublicKey> {
    match payload {
        Payload::Join(Join::Invited(chain)) => {
            chain.last().map(|link| link.invitation.issuer().person())
        }
        Payload::Remove(remove) => Some(remove.person()),
        _ => None,
    }
}

pub(crate) fn answer(desk: &Desk<'_, '_>, topic: TopicId, asked: &Asked) -> Result<Answer, Error> {
    let read = || -> Result<Page, RuntimeError> {
        let Part { entries, earlier, later } = Part::read(desk.runtime(), topic, asked)?;
        let told = entries.iter().map(|entry| Told::of(desk.runtime(), topic, entry));
        let events = told.collect::<Result<_, _>>()?;
        Ok(Page { events, earlier, later })
    };
    read().map(Answer::Log).map_err(told("the log was not read"))
}
