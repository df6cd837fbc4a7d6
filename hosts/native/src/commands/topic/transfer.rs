//! Topics as files.

use std::collections::BTreeSet;
use std::io::{self, Read as _, Write as _};
use std::path::Path;

use myrhiza_kernel::bundle;
use myrhiza_kernel::event::UnverifiedEvent;
use myrhiza_kernel::event::payload::Payload;
use myrhiza_kernel::export::{Ending, ExportError, Item, Opening, Reader};
use myrhiza_kernel::runtime::{IngestReport, Runtime, RuntimeError};
use myrhiza_kernel_api::{BundleId, LineageId, TopicId};
use serde::Serialize;

use crate::commands::install::install;
use crate::console::{self, note};
use crate::context::{Context, now_ms, shown};
use crate::exit::Exit;
use crate::failure::{Failure, Outcome, code};
use crate::files::{self, NewFile, Readers, TOPIC};
use crate::home::Home;
use crate::progress::{self, Bytes};
use crate::runtime::{membership, not_a_member, tell_what_it_waits_for, told, topic, verify};
use crate::text;

/// Bytes read from a file at once.
const PIECE: usize = 256 << 10;

#[derive(Serialize)]
struct Exported {
    topic: String,
    file: String,
    events: u64,
    bytes: u64,
}

pub(super) fn export(
    cx: &Context<'_>,
    asked: &str,
    path: &Path,
    with_bundles: bool,
) -> Outcome<Exit> {
    let path = &console::path(path);
    files::check_replaceable(path, TOPIC)?;
    let (_home, runtime) = cx.open_runtime()?;
    let topic = topic(&runtime, asked)?;
    let mut file = NewFile::beside(path, Readers::Umask)?;
    let mut bytes = 0;
    let sink = |piece: &[u8]| {
        bytes += piece.len() as u64;
        file.write_all(piece)
    };
    let written = progress::during("exporting", || runtime.export(topic.id, with_bundles, sink));
    let events = written
        .map_err(told(format!("{} was not exported", topic.record.name)))?
        .map_err(|error| Failure::file("written", path, &error))?;
    file.put(path)?;
    let exported = Exported { topic: topic.id.to_string(), file: shown(path), events, bytes };
    cx.output.print(&exported, |out| {
        writeln!(out, "exported {} into {}", text::count(exported.events, "event"), exported.file)
    })?;
    Ok(Exit::Ok)
}

#[derive(Serialize)]
struct Imported {
    topic: String,
    added: u64,
    known: u64,
    pending: u64,
    refused: Vec<Refused>,
}

#[derive(Serialize)]
struct Refused {
    id: String,
    reason: String,
}

pub(super) fn import(
    cx: &Context<'_>,
    path: &Path,
    name: Option<&str>,
    yes: bool,
) -> Outcome<Exit> {
    let path = &console::path(path);
    let what = format!("{} was not imported", path.display());
    // The whole file is looked at before anything is taken: a damaged one changes nothing.
    let (opening, mut wanted) = look_through(path)?;
    let (home, mut runtime) = cx.open_runtime()?;
    runtime.check_import(&opening, name).map_err(told(&what))?;
    for installed in runtime.apps().map_err(told(&what))? {
        wanted.remove(&installed.id());
    }
    if !wanted.is_empty() {
        install_wanted(cx, &mut runtime, path, wanted, yes)?;
    }
    // Who left keeps what they made there, which comes back beside what is in the file.
    let is_new = matches!(runtime.root(opening.topic()), Err(RuntimeError::NoTopic { .. }))
        && !runtime.keeps_own(opening.topic()).map_err(told(&what))?;
    let mut ending = None;
    let mut import = runtime.begin_import(&opening, name, now_ms()).map_err(told(&what))?;
    let topic = import.topic();
    each_item(path, "importing", &mut |item| match item {
        Item::Events(events) => {
            runtime.import_events(&mut import, events, &verify).map_err(told(&what))
        }
        Item::Ending(found) => {
            ending = Some(found);
            Ok(())
        }
        Item::Opening(_) | Item::Bundle(_) => Ok(()),
    })?;
    let report = progress::during("folding", || runtime.finish_import(import, &verify));
    let IngestReport { added, known, pending, refused, .. } = report.map_err(told(&what))?;
    if is_new && refused.is_empty() && pending == 0 {
        check_ending(&runtime, topic, ending)?;
    }
    let imported = runtime.topics().map_err(told(&what))?.into_iter().find(|t| t.id == topic);
    if let Some(imported) = imported {
        tell_what_it_waits_for(&imported);
    }
    tell_membership(&home, &runtime, topic)?;
    let forks = runtime.forks(topic).map_err(told(&what))?;
    if forks.iter().any(|fork| fork.scope == home.certificate().scope()) {
        note!(
            "warning: this home's key has made two events with one number, which anyone can prove"
        );
        note!(
            "(`myrhiza forks`): the home was copied with its disk, and both copies were used. Make new"
        );
        note!("homes with `myrhiza init --device`, and end this key with `myrhiza device revoke`");
    }
    let refused = refused
        .into_iter()
        .map(|refused| Refused { id: refused.id.to_string(), reason: refused.reason })
        .collect();
    let report = Imported { topic: topic.to_string(), added, known, pending, refused };
    cx.output.print(&report, |out| {
        let added = text::count(added, "event");
        writeln!(out, "{added} added, {known} known, {pending} waiting for others")?;
        report.refused.iter().try_for_each(|event| {
            writeln!(out, "refused {}: {}", event.id, text::line(&event.reason))
        })
    })?;
    Ok(if report.refused.is_empty() { Exit::Ok } else { Exit::Refused })
}

/// Says on standard error if a file that was taken in whole is not all that it says it is. No seal
/// shows that: whoever leaves events out can seal the rest.
fn check_ending(runtime: &Runtime, topic: TopicId, ending: Option<Ending>) -> Outcome<()> {
    let root = runtime.root(topic).map_err(told("the topic's root was not read"))?;
    if let Some(ending) = ending.filter(|ending| ending.log_root != root.log) {
        note!(
            "warning: the file says it holds a log with the root {}, and what it holds has {}:",
            ending.log_root,
            root.log
        );
        note!("something is missing from it, or was put in; ask another member for an export");
    }
    Ok(())
}

/// Says on standard error if the topic is here, and this home cannot act in it.
fn tell_membership(home: &Home, runtime: &Runtime, topic: TopicId) -> Outcome<()> {
    if let Some(why) = not_a_member(&membership(home, runtime, topic)?) {
        note!("you are not a member of this topic: {}", text::line(&why));
    }
    Ok(())
}

/// Reads a file from end to end: what it opens with, and those bundles in it that its topic needs.
fn look_through(path: &Path) -> Outcome<(Opening, BTreeSet<BundleId>)> {
    let mut opening = None::<Opening>;
    let (mut brought, mut needed) = (BTreeSet::new(), BTreeSet::new());
    each_item(path, "checking", &mut |item| {
        match item {
            Item::Opening(found) => {
                needed.extend(found.bundle());
                opening = Some(*found);
            }
            Item::Bundle(found) => drop(brought.insert(found.id())),
            Item::Events(events) => {
                let lineage = opening.as_ref().and_then(Opening::lineage);
                let named = events.iter().filter_map(|event| next_bundle(event, lineage?));
                needed.extend(named);
            }
            Item::Ending(_) => {}
        }
        Ok(())
    })?;
    match opening {
        Some(opening) => Ok((opening, &needed & &brought)),
        None => Err(bad(path, &ExportError::NotAnExport)),
    }
}

/// The bundle that an upgrade of the app of that lineage names.
fn next_bundle(event: &UnverifiedEvent, lineage: LineageId) -> Option<BundleId> {
    match Payload::decode(event.body()) {
        Ok(Payload::Upgrade(upgrade)) => upgrade.verify(lineage).ok().map(|()| upgrade.to.id()),
        _ => None,
    }
}

/// Installs bundles of a file, one after another as the user agrees to each.
fn install_wanted(
    cx: &Context<'_>,
    runtime: &mut Runtime,
    path: &Path,
    mut wanted: BTreeSet<BundleId>,
    yes: bool,
) -> Outcome<()> {
    each_item(path, "installing", &mut |item| match item {
        Item::Bundle(found) if wanted.remove(&found.id()) => {
            match install(cx, runtime, &found, yes, false) {
                // The topic is taken in without it, and waits.
                Err(failure) if failure.code == code::REVOKED => {
                    note!("it was not installed: `myrhiza app install --pin` does, from a file");
                    Ok(())
                }
                installed => installed,
            }
        }
        _ => Ok(()),
    })
}

fn each_item(
    path: &Path,
    what: &'static str,
    visit: &mut dyn FnMut(Item) -> Outcome<()>,
) -> Outcome<()> {
    let fail = |error: io::Error| Failure::file("read", path, &error);
    let mut file = files::open(path)?;
    let progress = Bytes::of(what, file.metadata().map_err(fail)?.len());
    let (mut reader, mut piece) = (Reader::new(), vec![0; PIECE]);
    loop {
        let bytes = file.read(&mut piece).map_err(fail)?;
        if bytes == 0 {
            return reader.finish().map_err(|error| bad(path, &error));
        }
        reader.push(&piece[..bytes]);
        while let Some(item) = reader.next_item().map_err(|error| bad(path, &error))? {
            visit(item)?;
        }
        progress.advance(bytes as u64);
    }
}

fn bad(path: &Path, error: &ExportError) -> Failure {
    let next = match error {
        ExportError::NotAnExport => return other_file(path),
        error if error.is_update_needed() => "update Myrhiza",
        _ => "copy the file again, or ask whoever made it to export the topic again",
    };
    let path = &console::path(path);
    let what = format!("{} was not imported", path.display());
    Failure::refused("bad-export", what, error.to_string(), next)
}

/// What a file is that is no exported topic.
fn other_file(path: &Path) -> Failure {
    let mut start = [0; 8];
    let read = files::open(path).ok().and_then(|mut file| file.read(&mut start).ok());
    let start = &start[..read.unwrap_or_default()];
    let (cause, next) = if start == bundle::MAGIC {
        ("it is a bundle, not an exported topic", "install it with `myrhiza app install FILE`")
    } else if start.starts_with(b"\0asm") {
        let next = "it belongs into a bundle: `myrhiza pack`";
        ("it is a WebAssembly component, not an exported topic", next)
    } else {
        let cause = "it is no exported topic: those start with `MYRTOPIC`";
        (cause, "ask a member for a file made with `myrhiza topic export`")
    };
    let path = &console::path(path);
    let what = format!("{} was not imported", path.display());
    Failure::refused("bad-export", what, cause, next)
}
