use std::io::{self, Write};

use clap::Args;
use myrhiza_api::log::Event;
use myrhiza_api::verdict;
use myrhiza_kernel::event::payload::Payload;
use myrhiza_kernel::identity::names;
use myrhiza_kernel::runtime::{LogEntry, LogRange, Runtime};
use myrhiza_kernel_api::{EventId, PublicKey, TopicId};
use serde::Serialize;

use crate::context::Context;
use crate::exit::Exit;
use crate::failure::{Failure, Outcome};
use crate::output::{Output, finish, write_json_value};
use crate::runtime::{folded, told};
use crate::text;

/// Events read from the home at once.
const PAGE: usize = 1000;
/// Bytes of a payload that a line for people shows.
const PAYLOAD_SHOWN: usize = 32;

/// Show every event in its place, with its verdict
#[derive(Args)]
pub(crate) struct Log {
    /// The topic's name, or the start of its id
    topic: String,
    /// Only what comes after this event
    #[arg(long, value_name = "EVENT")]
    after: Option<EventId>,
    /// At most so many events
    #[arg(long, value_name = "NUMBER")]
    limit: Option<usize>,
    /// Print JSON, one event a line
    #[arg(long)]
    jsonl: bool,
}

#[derive(Serialize)]
struct Shown {
    #[serde(flatten)]
    event: Event,
    payload: String,
}

/// How the events are put together.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    People,
    Array,
    Lines,
}

impl Log {
    pub(crate) fn run(self, cx: &Context<'_>) -> Outcome<Exit> {
        let (_home, mut runtime) = cx.open_runtime()?;
        let topic = folded(&mut runtime, &self.topic)?.id;
        let form = match (self.jsonl, cx.output.json) {
            (true, _) => Form::Lines,
            (false, true) => Form::Array,
            (false, false) => Form::People,
        };
        let start = || Pages { runtime: &runtime, topic, after: self.after, left: self.limit };
        if form == Form::Array {
            // It is one value or an error: nothing is printed before all of it can be read.
            let mut ahead = start();
            while !ahead.next()?.is_empty() {}
        }
        let mut pages = start();
        // What is wrong with the question is told before anything is printed.
        let mut page = pages.next()?;
        let mut out = Output::stdout();
        let mut first = true;
        let mut failed = None;
        let mut written = opening(&mut out, form);
        while written.is_ok() && !page.is_empty() {
            for entry in &page {
                written = written.and_then(|()| write_entry(&mut out, entry, form, first));
                first = false;
            }
            match pages.next() {
                Ok(next) => page = next,
                Err(failure) => {
                    failed = Some(failure);
                    break;
                }
            }
        }
        if let Some(failure) = failed {
            finish(written.and_then(|()| out.flush()))?;
            return Err(failure);
        }
        finish(written.and_then(|()| closing(&mut out, form)).and_then(|()| out.flush()))?;
        Ok(Exit::Ok)
    }
}

/// A log, page by page. The home is this process's alone, so nothing moves between two pages.
struct Pages<'a> {
    runtime: &'a Runtime,
    topic: TopicId,
    after: Option<EventId>,
    left: Option<usize>,
}

impl Pages<'_> {
    fn next(&mut self) -> Result<Vec<LogEntry>, Failure> {
        let limit = self.left.map_or(PAGE, |left| left.min(PAGE));
        let range = LogRange { after: self.after, limit: Some(limit) };
        let page = self.runtime.log(self.topic, range).map_err(told("the log was not read"))?;
        self.left = self.left.map(|left| left.saturating_sub(page.len()));
        self.after = page.last().map(|entry| entry.place.id).or(self.after);
        Ok(page)
    }
}

fn opening(out: &mut dyn Write, form: Form) -> io::Result<()> {
    if form == Form::Array { out.write_all(b"[") } else { Ok(()) }
}

fn closing(out: &mut dyn Write, form: Form) -> io::Result<()> {
    if form == Form::Array { out.write_all(b"]\n") } else { Ok(()) }
}

fn write_entry(out: &mut dyn Write, entry: &LogEntry, form: Form, first: bool) -> io::Result<()> {
    match form {
        Form::People => write_line(out, entry),
        Form::Array => {
            out.write_all(if first { b"\n" } else { b",\n" })?;
            write_json_value(out, &Shown::of(entry))
        }
        Form::Lines => {
            write_json_value(out, &Shown::of(entry))?;
            out.write_all(b"\n")
        }
    }
}

fn write_line(out: &mut dyn Write, entry: &LogEntry) -> io::Result<()> {
    let header = entry.event.header();
    let (id, scope) = (entry.place.id.to_string(), header.scope.to_string());
    let ruling = entry.ruling.as_ref().map(|ruling| verdict(ruling.verdict)).unwrap_or("unfolded");
    write!(out, "{:>6}  {id}  {:<8}  ", entry.place.height, header.kind.name())?;
    write!(out, "{}/{}  {ruling}", &scope[..8], header.seq)?;
    match Payload::decode(entry.event.body()) {
        Ok(Payload::Remove(remove)) => write!(out, "  {}", short(&remove.person()))?,
        Ok(Payload::Upgrade(upgrade)) => {
            let manifest = upgrade.to.manifest();
            write!(out, "  {} {}", text::line(&manifest.name), manifest.version)?;
        }
        Ok(payload) => {
            if let Some(certificate) = payload.certificate() {
                write!(out, "  {}", short(&certificate.person()))?;
            }
        }
        Err(_) => {}
    }
    let payload = entry.event.body().payload();
    let (start, more) = match payload.split_at_checked(PAYLOAD_SHOWN) {
        Some((start, [_, ..])) => (start, "…"),
        _ => (payload, ""),
    };
    write!(out, "  {}{more}", text::hex(start))?;
    match &entry.ruling {
        Some(ruling) if !ruling.reason.is_empty() => {
            writeln!(out, "  {}", text::line(&ruling.reason))
        }
        _ => writeln!(out),
    }
}

/// A person in as many characters as tell them apart in nearly every topic; `topic remove` takes it.
fn short(person: &PublicKey) -> String {
    format!("{}…", names::person(person).chars().take(16).collect::<String>())
}

impl Shown {
    fn of(entry: &LogEntry) -> Self {
        let payload = text::hex(entry.event.body().payload());
        Self { event: Event::of(entry), payload }
    }
}
