//! What goes wrong among people, over the loopback network: one of them signs two events with one
//! number, another's engine miscounts. Neither harms the others, and both are shown what happened.

use std::fs::{self, Metadata};
use std::path::Path;
use std::time::UNIX_EPOCH;

use anyhow::{Context as _, Result};
use serde_json::Value;

use super::checks::Checks;
use super::home::{Home, Tool, text};
use super::live::{agree, until};

/// What the topic is called.
const TOPIC: &str = "wrong";

/// Tells it, with two homes whose nodes are up. `broken` is a build of the command with a backend that
/// leaves 12 where the others leave 13.
pub(super) fn tell(
    tool: &Tool,
    broken: &Tool,
    [ada, bea]: [&Home<'_>; 2],
    checks: &mut Checks,
) -> Result<()> {
    ada.run(["topic", "create", "counter", "--name", TOPIC])?;
    let ticket = text(&ada.run(["topic", "invite", TOPIC, "--uses", "3"])?, "ticket")?;
    bea.run(["app", "install", &ticket, "--yes"])?;
    equivocate(tool, [ada, bea], &ticket, checks)?;
    miscount(broken, [ada, bea], &ticket, checks)?;
    let roots = vec![ada.named_root(TOPIC)?, bea.named_root(TOPIC)?];
    checks.roots("wrong", "equal roots in spite of both", roots);
    Ok(())
}

/// Eve uses one home twice, each as if there were no other.
fn equivocate(
    tool: &Tool,
    [ada, bea]: [&Home<'_>; 2],
    ticket: &str,
    checks: &mut Checks,
) -> Result<()> {
    let eve = tool.home("eve")?;
    eve.run(["topic", "join", ticket])?;
    eve.run(["sync"])?;
    eve.run(["app", "install", TOPIC, "--yes"])?;
    let twin = eve.image("eve-again")?;
    let signed = [eve.act(TOPIC, &["increment", "1"])?, twin.act(TOPIC, &["increment", "2"])?];
    eve.run(["sync"])?;
    twin.run(["sync"])?;
    let has_both = |home: &Home<'_>| -> Result<bool> {
        let events = home.events(TOPIC)?;
        Ok(signed.iter().all(|event| events.contains(event)))
    };
    let came = until(|| Ok(has_both(ada)? && has_both(bea)?));
    agree(TOPIC, ada, bea)?;
    let folded = [ada, bea].map(|home| accepted(home, &signed));
    let [one, other] = [ada, bea].map(|home| fork(home, &signed));
    let (one, other) = (one?, other?);
    // Each checks what the other shows.
    let proofs =
        [(ada, &other), (bea, &one)].map(|(home, fork)| home.run(["forks", "--check", &fork.1]));
    let [ada_says, bea_says] = proofs;
    let proved = ada_says? == one.0 && bea_says? == one.0 && one.0 == other.0;
    let scope = text(&one.0, "scope")?;
    let [at_ada, at_bea] = folded;
    checks.check(
        "who signs two events with one number is shown to have done so",
        came && proved && at_ada? && at_bea?,
        format!("scope {}…: both have the proof, and both events in one order", &scope[..16]),
    );
    Ok(())
}

/// What a home's proof about these two events shows, and the proof.
fn fork(home: &Home<'_>, events: &[String; 2]) -> Result<(Value, String)> {
    let forks = home.run(["forks", TOPIC])?;
    let mut sorted = events.clone();
    sorted.sort();
    let is_it = |fork: &&Value| fork.get("events") == Some(&sorted.to_vec().into());
    let fork = forks.as_array().into_iter().flatten().find(is_it);
    let fork = fork.with_context(|| format!("{} has no proof of that: {forks}", home.name))?;
    let topic = home.run(["root", TOPIC])?["topic"].clone();
    let shows = serde_json::json!({"topic": topic, "scope": fork["scope"], "seq": fork["seq"]});
    Ok((shows, text(fork, "proof")?))
}

/// Whether a home has folded and accepted these events.
fn accepted(home: &Home<'_>, events: &[String]) -> Result<bool> {
    let log = home.run(["log", TOPIC])?;
    let accepted = |event: &&Value| event.get("verdict") == Some(&"accept".into());
    let ids: Vec<_> = log.as_array().into_iter().flatten().filter(accepted).collect();
    Ok(events.iter().all(|id| ids.iter().any(|event| event["id"] == **id)))
}

/// Ida's engine gets one number wrong.
fn miscount(
    broken: &Tool,
    [ada, bea]: [&Home<'_>; 2],
    ticket: &str,
    checks: &mut Checks,
) -> Result<()> {
    let ida = broken.home("ida")?;
    ida.run(["config", "backend", "broken"])?;
    let node = ida.up()?;
    ida.run(["app", "install", ticket, "--yes"])?;
    agree(TOPIC, ada, &ida)?;
    // One and two are Eve's.
    let event = ada.act(TOPIC, &["increment", "10"])?;
    let came = until(|| Ok(ada.events(TOPIC)? == ida.events(TOPIC)?));
    let differ = ada.root(TOPIC)? != ida.root(TOPIC)?;
    checks.check(
        "a broken engine gives another state for the same events",
        came && differ,
        "one home's engine leaves 12 where it should leave 13",
    );
    agree(TOPIC, ada, bea)?;
    ada.run(["drift", TOPIC, "--now"])?;
    let tells = |home: &Home<'_>, here: Side<'_>, there: Side<'_>| -> Result<Option<String>> {
        let told = home.run(["drift", TOPIC])?;
        let mut reports = told["reports"].as_array().into_iter().flatten();
        Ok(reports.find_map(|report| explained(report, &event, here, there)))
    };
    let right = Side { engine: "wasmtime", value: "0d" };
    let wrong = Side { engine: "broken", value: "0c" };
    let told =
        until(|| Ok(tells(ada, right, wrong)?.is_some() && tells(&ida, wrong, right)?.is_some()));
    let detail = tells(ada, right, wrong)?.unwrap_or_else(|| "no report says so".into());
    checks.check("both are told which event, which key and whose engine", told, detail);
    node.stop()
}

/// One side of a report.
#[derive(Clone, Copy)]
struct Side<'a> {
    engine: &'a str,
    /// In hex.
    value: &'a str,
}

/// What a report says, if it names that event, and one key with the value on each side.
fn explained(report: &Value, event: &str, here: Side<'_>, there: Side<'_>) -> Option<String> {
    let why = &report["explanation"];
    let keys = why["keys"].as_array().map(Vec::as_slice).unwrap_or_default();
    let [key] = keys else { return None };
    let holds = |side: &str, what: Side<'_>| {
        report[side]["engine"] == what.engine && key[side]["start"] == what.value
    };
    let names = why["event"] == event && holds("here", here) && holds("there", there);
    names.then(|| {
        let (engine, value) = (here.engine, here.value);
        format!(
            "event {}…, key {}: {value} by `{engine}`, {} by `{}`",
            &event[..16],
            key["key"].as_str().unwrap_or_default(),
            there.value,
            there.engine,
        )
    })
}

impl<'a> Home<'a> {
    /// Another folder with all of this home, which is taken for this home itself: as the image of a disk
    /// is that is used beside it.
    fn image(&self, name: &'static str) -> Result<Home<'a>> {
        let image = self.beside(name);
        copy(&self.path(), &image.path())?;
        // A copy is told from its original by what this file says of itself.
        let original = image.path().join("keys/original");
        let said = itself(&original.metadata()?);
        fs::write(&original, said).with_context(|| format!("writing {}", original.display()))?;
        Ok(image)
    }
}

/// What a home's file says that is not a copy.
fn itself(metadata: &Metadata) -> String {
    let born = metadata.created().ok().and_then(|born| born.duration_since(UNIX_EPOCH).ok());
    #[cfg(unix)]
    let number = std::os::unix::fs::MetadataExt::ino(metadata);
    #[cfg(not(unix))]
    let number = 0;
    format!("{number} {}\n", born.unwrap_or_default().as_nanos())
}

/// Copies a folder with all that is in it.
fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir(to).with_context(|| format!("creating {}", to.display()))?;
    for entry in from.read_dir()? {
        let entry = entry?.path();
        let to = to.join(entry.file_name().unwrap_or_default());
        if entry.is_dir() {
            copy(&entry, &to)?;
        } else {
            fs::copy(&entry, &to).with_context(|| format!("copying {}", entry.display()))?;
        }
    }
    Ok(())
}
