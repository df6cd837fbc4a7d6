//! Two nodes that are up, over the loopback network: one brings the other everything it needs.

use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use serde_json::Value;

use super::checks::Checks;
use super::home::{Home, Tool, text};
use super::wrong;

/// How long anything may take between the nodes.
const PATIENCE: Duration = Duration::from_secs(90);
/// What the topic is called.
const TOPIC: &str = "live";

/// Tells it all. `first` and `next` are two versions of the counter; `broken` is for what goes wrong.
pub(super) fn tell(
    tool: &Tool,
    broken: &Tool,
    [first, next]: [&Path; 2],
    checks: &mut Checks,
) -> Result<()> {
    let (ada, bea) = (tool.home("ada")?, tool.home("bea")?);
    install(&ada, first)?;
    let node = ada.up()?;
    ada.run(["topic", "create", "counter", "--name", TOPIC])?;
    ada.act(TOPIC, &["increment", "4"])?;
    let ticket = text(&ada.run(["topic", "invite", TOPIC])?, "ticket")?;
    let other = bea.up()?;
    bea.run(["app", "install", &ticket, "--yes"])?;
    let took = agree(TOPIC, &ada, &bea)?;
    let value = shown(&bea)?;
    checks.check(
        "a ticket brings topic, app and history from a peer",
        value.contains('4'),
        format!("{} ms after the install", took.as_millis()),
    );

    ada.act(TOPIC, &["increment", "2"])?;
    bea.act(TOPIC, &["increment", "3"])?;
    let took = agree(TOPIC, &ada, &bea)?;
    let detail = format!("{} ms until both showed both", took.as_millis());
    checks.check("what either does reaches the other live", shown(&ada)?.contains('9'), detail);

    other.stop()?;
    ada.act(TOPIC, &["reset"])?;
    bea.act(TOPIC, &["increment", "5"])?;
    let apart = ada.root(TOPIC)? != bea.root(TOPIC)?;
    let other = bea.up()?;
    let took = agree(TOPIC, &ada, &bea)?;
    let detail = format!("{} ms after the other node was up again", took.as_millis());
    checks.check("after acting apart they agree again", apart, detail);

    let before = ada.run(["state", TOPIC])?;
    install(&ada, next)?;
    ada.run(["app", "upgrade", TOPIC, "--yes"])?;
    let waits = until(|| Ok(ada.events(TOPIC)? == bea.events(TOPIC)?))
        && bea.run(["root", TOPIC])?.get("root") == Some(&Value::Null);
    checks.check(
        "an upgrade waits until its user agrees",
        waits,
        "both have the event, one has not installed the bundle",
    );
    bea.run(["app", "install", TOPIC, "--yes"])?;
    bea.act(TOPIC, &["increment", "1"])?;
    agree(TOPIC, &ada, &bea)?;
    let state = ada.run(["state", TOPIC])?;
    let kept = state == bea.run(["state", TOPIC])? && state != before;
    checks.check(
        "the counter goes on in its next version with its state",
        kept && upgraded(&bea)?,
        "the new bundle came from the peer too, and each folded the migration",
    );
    checks.roots(
        "live",
        "equal roots of the live counter",
        vec![ada.named_root(TOPIC)?, bea.named_root(TOPIC)?],
    );
    wrong::tell(tool, broken, [&ada, &bea], checks)?;
    other.stop()?;
    node.stop()
}

fn install(home: &Home<'_>, bundle: &Path) -> Result<Value> {
    home.run(["app".as_ref(), "install".as_ref(), bundle.as_os_str(), "--yes".as_ref()])
}

/// Whether an upgrade has come into force.
fn upgraded(home: &Home<'_>) -> Result<bool> {
    let log = home.run(["log", TOPIC])?;
    let accepted = |event: &Value| {
        event.get("kind") == Some(&"upgrade".into())
            && event.get("verdict") == Some(&"accept".into())
    };
    Ok(log.as_array().is_some_and(|log| log.iter().any(accepted)))
}

/// What the app shows, as JSON.
fn shown(home: &Home<'_>) -> Result<String> {
    Ok(home.run(["view", TOPIC])?.to_string())
}

/// Waits until both have the same events of a topic and the same root.
pub(super) fn agree(topic: &str, one: &Home<'_>, other: &Home<'_>) -> Result<Duration> {
    let start = Instant::now();
    if !until(|| Ok(one.run(["root", topic])? == other.run(["root", topic])?)) {
        bail!("{} and {} did not agree within {} s", one.name, other.name, PATIENCE.as_secs());
    }
    Ok(start.elapsed())
}

/// Waits until it holds; false if it never does.
pub(super) fn until(mut holds: impl FnMut() -> Result<bool>) -> bool {
    let start = Instant::now();
    loop {
        if holds().unwrap_or(false) {
            return true;
        }
        if start.elapsed() > PATIENCE {
            return false;
        }
        thread::sleep(Duration::from_millis(50));
    }
}
