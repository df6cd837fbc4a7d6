//! Topics from files.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};

use myrhiza_kernel::bundle;
use myrhiza_kernel::dag::IngestReport;
use myrhiza_kernel::event::UnverifiedEvent;
use myrhiza_kernel::event::payload::Payload;
use myrhiza_kernel::export::{Ending, ExportError, Item, Opening, Reader};
use myrhiza_kernel::runtime::{Import, Runtime, RuntimeError};
use myrhiza_kernel_api::{BundleId, LineageId, TopicId};
use serde::Serialize;

use crate::commands::install::install;
use crate::console::{self, note};
use crate::context::{Context, now_ms};
use crate::exit::Exit;
use crate::failure::{Failure, Outcome, code};
use crate::files;
use crate::home::Home;
use crate::progress::{self, Bytes};
use crate::runtime::{membership, not_a_member, tell_what_it_waits_for, told, verify};
use crate::steps::Step;
use crate::text;

/// Bytes read from a file at once.
const PIECE: usize = 256 << 10;

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

/// What is imported, and how.
struct Asked {
    path: PathBuf,
    /// Said of what fails.
    what: String,
    name: Option<String>,
    yes: bool,
}

/// An import that has begun.
struct Taking {
    asked: Asked,
    import: Import,
    is_new: bool,
    ending: Option<Ending>,
}

pub(super) fn import(
    cx: &Context<'_>,
    path: &Path,
    name: Option<String>,
    yes: bool,
) -> Outcome<Exit> {
    let path = cx.file(path)?;
    let what = format!("{} was not imported", path.display());
    let asked = Asked { path, what, name, yes };
    cx.go_on(Step::files(move || {
        // The whole file is looked at before anything is taken: a damaged one changes nothing.
        let (opening, mut wanted) = look_through(&asked.path)?;
        Ok(Step::kernel(move |_, _, runtime| {
            let check = runtime.check_import(&opening, asked.name.as_deref());
            check.map_err(told(&asked.what))?;
            for installed in runtime.apps().map_err(told(&asked.what))? {
                wanted.remove(&installed.id());
            }
            if wanted.is_empty() {
                return Ok(begin(asked, opening));
            }
            Ok(Step::files(move || {
                let items = Items::of(&asked.path, "installing")?;
                install_wanted(asked, opening, items, wanted)
            }))
        }))
    }))
}

/// Installs bundles of a file, one after another as the user agrees to each, and then takes in the
/// topic.
fn install_wanted(
    asked: Asked,
    opening: Opening,
    mut items: Items,
    mut wanted: BTreeSet<BundleId>,
) -> Outcome<Step> {
    while let Some(item) = items.next_item()? {
        match item {
            Item::Bundle(found) if wanted.remove(&found.id()) => {
                return Ok(Step::kernel(move |cx, _, runtime| {
                    match install(cx, runtime, &found, asked.yes, false) {
                        // The topic is taken in without it, and waits.
                        Err(failure) if failure.code == code::REVOKED => note!(
                            "it was not installed: `myrhiza app install --pin` does, from a file"
                        ),
                        installed => installed?,
                    }
                    Ok(Step::files(move || install_wanted(asked, opening, items, wanted)))
                }));
            }
            _ => {}
        }
    }
    Ok(begin(asked, opening))
}

fn begin(asked: Asked, opening: Opening) -> Step {
    Step::kernel(move |_, _, runtime| {
        // Who left keeps what they made there, which comes back beside what is in the file.
        let is_new = matches!(runtime.root(opening.topic()), Err(RuntimeError::NoTopic { .. }))
            && !runtime.keeps_own(opening.topic()).map_err(told(&asked.what))?;
        let import = runtime.begin_import(&opening, asked.name.as_deref(), now_ms());
        let import = import.map_err(told(&asked.what))?;
        Ok(Step::files(move || {
            let items = Items::of(&asked.path, "importing")?;
            take(Taking { asked, import, is_new, ending: None }, items)
        }))
    })
}

/// Takes in the next events of the file, and those after them.
fn take(mut taking: Taking, mut items: Items) -> Outcome<Step> {
    while let Some(item) = items.next_item()? {
        match item {
            Item::Events(events) => {
                return Ok(Step::kernel(move |_, _, runtime| {
                    let taken = runtime.import_events(&mut taking.import, events, &verify);
                    taken.map_err(told(&taking.asked.what))?;
                    Ok(Step::files(move || take(taking, items)))
                }));
            }
            Item::Ending(found) => taking.ending = Some(found),
            Item::Opening(_) | Item::Bundle(_) => {}
        }
    }
    Ok(Step::kernel(move |cx, home, runtime| finish(cx, home, runtime, taking).map(Step::Done)))
}

fn finish(cx: &Context<'_>, home: &Home, runtime: &mut Runtime, taking: Taking) -> Outcome<Exit> {
    let Taking { asked: Asked { what, .. }, import, is_new, ending } = taking;
    let topic = import.topic();
    let report = progress::during("folding", || runtime.finish_import(import, &verify));
    let IngestReport { added, known, pending, refused, .. } = report.map_err(told(&what))?;
    if is_new && refused.is_empty() && pending == 0 {
        check_ending(runtime, topic, added, ending)?;
    }
    let imported = runtime.topics().map_err(told(&what))?.into_iter().find(|t| t.id == topic);
    if let Some(imported) = imported {
        tell_what_it_waits_for(&imported);
    }
    tell_membership(home, runtime, topic)?;
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
fn check_ending(
    runtime: &Runtime,
    topic: TopicId,
    added: u64,
    ending: Option<Ending>,
) -> Outcome<()> {
    let root = runtime.root(topic).map_err(told("the topic's root was not read"))?;
    // Peers of a node may have told of more meanwhile: then nothing is known of the file.
    let is_alone = root.events == added;
    if let Some(ending) = ending.filter(|ending| is_alone && ending.log_root != root.log) {
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
    let mut items = Items::of(path, "checking")?;
    while let Some(item) = items.next_item()? {
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
    }
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

/// What is in a file, from its start to its end.
struct Items {
    path: PathBuf,
    file: File,
    reader: Reader,
    piece: Vec<u8>,
    progress: Bytes,
}

impl Items {
    fn of(path: &Path, what: &'static str) -> Outcome<Self> {
        let file = files::open(path)?;
        let metadata = file.metadata().map_err(|error| Failure::file("read", path, &error))?;
        let progress = Bytes::of(what, metadata.len());
        let (reader, piece) = (Reader::new(), vec![0; PIECE]);
        Ok(Self { path: path.to_owned(), file, reader, piece, progress })
    }

    fn next_item(&mut self) -> Outcome<Option<Item>> {
        let Self { path, file, reader, piece, progress } = self;
        loop {
            if let Some(item) = reader.next_item().map_err(|error| bad(path, &error))? {
                return Ok(Some(item));
            }
            let read = file.read(piece).map_err(|error| Failure::file("read", path, &error))?;
            if read == 0 {
                let whole = std::mem::take(reader).finish();
                return whole.map(|()| None).map_err(|error| bad(path, &error));
            }
            reader.push(&piece[..read]);
            progress.advance(read as u64);
        }
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
