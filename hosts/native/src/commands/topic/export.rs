//! Topics into files.

use std::io::Write as _;
use std::path::Path;

use serde::Serialize;

use crate::context::{Context, shown};
use crate::exit::Exit;
use crate::failure::{Failure, Outcome};
use crate::files::{self, NewFile, Readers, TOPIC};
use crate::progress;
use crate::runtime::{told, topic};
use crate::steps::Step;
use crate::text;

#[derive(Serialize)]
struct Exported {
    topic: String,
    file: String,
    events: u64,
    bytes: u64,
}

pub(super) fn export(
    cx: &Context<'_>,
    asked: String,
    path: &Path,
    with_bundles: bool,
) -> Outcome<Exit> {
    let (path, output) = (cx.file(path)?, cx.output);
    cx.go_on(Step::files(move || {
        files::check_replaceable(&path, TOPIC)?;
        Ok(Step::kernel(move |_, _, runtime| {
            let topic = topic(runtime, &asked)?;
            let what = format!("{} was not exported", topic.record.name);
            let export = runtime.export(topic.id, with_bundles).map_err(told(&what))?;
            Ok(Step::files(move || {
                let mut file = NewFile::beside(&path, Readers::Umask)?;
                let mut bytes = 0;
                let sink = |piece: &[u8]| {
                    bytes += piece.len() as u64;
                    file.write_all(piece)
                };
                let written = progress::during("exporting", || export.write(sink));
                let events = written
                    .map_err(told(what))?
                    .map_err(|error| Failure::file("written", &path, &error))?;
                file.put(&path)?;
                let (topic, file) = (topic.id.to_string(), shown(&path));
                let exported = Exported { topic, file, events, bytes };
                output.print(&exported, |out| {
                    let events = text::count(exported.events, "event");
                    writeln!(out, "exported {events} into {}", exported.file)
                })?;
                Ok(Step::Done(Exit::Ok))
            }))
        }))
    }))
}
