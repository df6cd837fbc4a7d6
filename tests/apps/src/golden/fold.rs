//! The fold of an exported topic in a home that holds nothing else, as JSON.

use std::sync::Arc;

use anyhow::{Context as _, Result, bail, ensure};
use myrhiza_kernel::apply::Verdict;
use myrhiza_kernel::bundle::Bundle;
use myrhiza_kernel::event::{UnverifiedEvent, verify_all};
use myrhiza_kernel::export::{Item, Opening, Reader};
use myrhiza_kernel::runtime::{LogEntry, LogRange, Runtime};
use myrhiza_kernel::schema;
use myrhiza_kernel_api::{Backend, TopicId};
use myrhiza_store_memory::MemoryStore;
use serde_json::{Value, json};

use crate::app::profiles;

/// How the events come.
#[derive(Clone, Copy, Debug)]
pub(super) enum Arrival {
    /// As in the file, in one batch.
    InOrder,
    /// One by one, the last first: each waits for those it was made on.
    Backwards,
    /// One by one in the order of ids, which is no order, and then all of it again.
    Doubled,
}

/// Folds a topic's file.
pub(super) fn fold(
    bundle: &Bundle,
    file: &[u8],
    backend: &Arc<dyn Backend>,
    arrival: Arrival,
) -> Result<Value> {
    let store = Arc::new(MemoryStore::new(schema::ALL));
    let mut runtime = Runtime::new(store, Arc::clone(backend), profiles()?);
    runtime.install(bundle)?;
    let (opening, mut events) = read(file)?;
    let mut import = runtime.begin_import(&opening, None, 0)?;
    let topic = import.topic();
    match arrival {
        Arrival::InOrder => runtime.import_events(&mut import, events, &verify_all)?,
        Arrival::Backwards => {
            events.reverse();
            one_by_one(&mut runtime, topic, events)?;
        }
        Arrival::Doubled => {
            let in_order = events.clone();
            events.sort_by_key(UnverifiedEvent::id);
            one_by_one(&mut runtime, topic, events)?;
            runtime.import_events(&mut import, in_order, &verify_all)?;
        }
    }
    let report = runtime.finish_import(import, &verify_all)?;
    ensure!(report.refused.is_empty(), "events were refused: {report:?}");
    ensure!(runtime.pending(topic)?.is_empty(), "events wait for others");
    told(&runtime, topic, bundle)
}

fn read(file: &[u8]) -> Result<(Opening, Vec<UnverifiedEvent>)> {
    let mut reader = Reader::new();
    reader.push(file);
    let (mut opening, mut events) = (None, Vec::new());
    while let Some(item) = reader.next_item()? {
        match item {
            Item::Opening(found) => opening = Some(*found),
            Item::Events(found) => events.extend(found),
            Item::Bundle(_) => bail!("a golden topic carries no bundle"),
            Item::Ending(_) => {}
        }
    }
    reader.finish()?;
    Ok((opening.context("the file has no opening")?, events))
}

fn one_by_one(runtime: &mut Runtime, topic: TopicId, events: Vec<UnverifiedEvent>) -> Result<()> {
    for event in events {
        let report = runtime.ingest_unverified(topic, vec![event], 0, &verify_all)?;
        ensure!(report.refused.is_empty(), "an event was refused: {report:?}");
    }
    Ok(())
}

fn told(runtime: &Runtime, topic: TopicId, bundle: &Bundle) -> Result<Value> {
    let root = runtime.root(topic)?;
    // Which two events prove a fork depends on which came first; that there is one does not.
    let forks = runtime.forks(topic)?.into_iter().map(|fork| fork.scope.to_string());
    let log = runtime.log(topic, LogRange::default())?.iter().map(entry).collect::<Result<_>>()?;
    Ok(json!({
        "bundle": bundle.id().to_string(),
        "topic": topic.to_string(),
        "state_root": root.state.context("the topic is not folded")?.to_string(),
        "log_root": root.log.to_string(),
        "forks": forks.collect::<Vec<_>>(),
        "log": Value::Array(log),
    }))
}

fn entry(entry: &LogEntry) -> Result<Value> {
    let header = entry.event.header();
    let ruling = entry.ruling.as_ref().context("an event was not folded")?;
    let verdict = match ruling.verdict {
        Verdict::Accept => "accept",
        Verdict::Reject => "reject",
        Verdict::Trap => "trap",
    };
    Ok(json!({
        "id": entry.event.id().to_string(),
        "height": entry.place.height,
        "author": header.scope.to_string(),
        "kind": header.kind.name(),
        "verdict": verdict,
        "code": ruling.code,
        "reason": ruling.reason,
        "fuel": ruling.fuel,
    }))
}

/// What is not as it should be, a line each.
pub(super) fn differences(expected: &Value, found: &Value) -> Vec<String> {
    let mut lines = Vec::new();
    for field in ["bundle", "topic", "state_root", "log_root", "forks"] {
        if expected[field] != found[field] {
            lines.push(format!("{field}: {}, expected {}", found[field], expected[field]));
        }
    }
    let log = |of: &Value| of["log"].as_array().cloned().unwrap_or_default();
    let (expected, found) = (log(expected), log(found));
    if expected.len() != found.len() {
        lines.push(format!("{} events, expected {}", found.len(), expected.len()));
    }
    for (at, (expected, found)) in expected.iter().zip(&found).enumerate() {
        if expected != found {
            lines.push(format!("event {at}: {found}, expected {expected}"));
        }
    }
    lines
}
