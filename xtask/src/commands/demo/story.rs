//! What happens in the demo, and what has to hold after each part of it.

use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Instant;

use anyhow::{Context as _, Result};
use serde_json::Value;

use super::browser::{self, Web};
use super::checks::Checks;
use super::home::{Home, Tool, text};
use super::live;

/// Processes killed while they write.
const KILLS: u32 = 12;
/// The same at most, where none of the first had acknowledged anything.
const MOST_KILLS: u32 = 48;

/// Tells it all. `components` is where the guests are, `broken` drives homes whose engine is, and `web`
/// is what a home in a browser is had with.
pub(super) fn tell(
    [tool, broken]: [&Tool; 2],
    web: Option<&Web>,
    root: &Path,
    components: &Path,
    checks: &mut Checks,
) -> Result<()> {
    let (author, alice, bob) = (tool.home("author")?, tool.home("alice")?, tool.home("bob")?);
    let store = text(&alice.run(["config"])?, "store")?;
    let (one, other) = (alice.identity()?, bob.identity()?);
    let different = one.iter().zip(&other).all(|(one, other)| one != other);
    checks.check("two homes", different, format!("of two people, kept by `{store}`"));
    for app in ["counter", "poll"] {
        let bundle = publish(tool, &author, &root.join("apps").join(app), components, app)?;
        for home in [&alice, &bob] {
            home.run(["app".as_ref(), "install".as_ref(), bundle.as_os_str(), "--yes".as_ref()])?;
        }
    }
    let apps = bob.run(["app", "list"])?;
    let count = apps.as_array().map_or(0, Vec::len);
    checks.check("both apps from signed bundles", count == 2, format!("{count} installed on each"));

    for app in ["counter", "poll"] {
        share(&alice, &bob, app)?;
    }
    count_apart(&alice, &bob, checks)?;
    vote_apart(&alice, &bob, checks)?;
    exchange(&alice, &bob, checks)?;
    isolation(&alice, &bob, checks)?;
    undeclared(tool, &author, &alice, components, checks)?;
    kills(tool, &alice, &bob, checks)?;
    let next = publish(tool, &author, &root.join("apps/counter2"), components, "counter2")?;
    live::tell(tool, broken, [&tool.file("counter.myr"), &next], checks)?;

    let in_browser = match web {
        Some(web) => browser::tell(tool, web, root, [&alice, &bob], checks)?.map(Some),
        None => [None, None],
    };
    let apps = [("counter", "equal roots of the counter"), ("poll", "equal roots of the poll")];
    for ((app, name), in_browser) in apps.into_iter().zip(in_browser) {
        let native = [alice.named_root(app)?, bob.named_root(app)?];
        let in_browser = in_browser.map(|root| ("browser", root));
        checks.roots(app, name, native.into_iter().chain(in_browser).collect());
    }
    Ok(())
}

/// Leaves the node of one of the homes running; where its web page is, and how to end it.
pub(super) fn show(tool: &Tool) -> Result<String> {
    tool.made("alice").leave_up()
}

/// Packs an app and signs it as its author.
fn publish(
    tool: &Tool,
    author: &Home<'_>,
    sources: &Path,
    components: &Path,
    name: &str,
) -> Result<PathBuf> {
    let bundle = tool.file(&format!("{name}.myr"));
    author.run([
        "pack".as_ref(),
        sources.as_os_str(),
        "--components".as_ref(),
        components.as_os_str(),
        "--output".as_ref(),
        bundle.as_os_str(),
    ])?;
    author.run(["sign".as_ref(), bundle.as_os_str()])?;
    Ok(bundle)
}

/// Founds a topic that bob enters by a ticket; each then has what the other made.
fn share(alice: &Home<'_>, bob: &Home<'_>, app: &str) -> Result<()> {
    alice.run(["topic", "create", app, "--name", app])?;
    let ticket = text(&alice.run(["topic", "invite", app])?, "ticket")?;
    bob.run(["topic", "join", &ticket])?;
    bob.hand(app, alice)?;
    alice.hand(app, bob)?;
    Ok(())
}

/// The founder resets while the other counts, neither knowing of the other.
fn count_apart(alice: &Home<'_>, bob: &Home<'_>, checks: &mut Checks) -> Result<()> {
    alice.act("counter", &["increment", "5"])?;
    alice.act("counter", &["reset"])?;
    alice.act("counter", &["increment", "1"])?;
    bob.act("counter", &["increment", "3"])?;
    bob.act("counter", &["decrement", "1"])?;
    let reset = bob.attempt(["do", "counter", "reset"])?;
    let refused = !reset.ok && reset.value.get("verdict") == Some(&"reject".into());
    checks.check("a reset that is not the founder's is refused", refused, reason(&reset.value));
    let apart = alice.root("counter")? != bob.root("counter")?;
    checks.check("apart, the homes differ", apart, "each has counted without the other");
    Ok(())
}

/// Both vote at once, one of them twice.
fn vote_apart(alice: &Home<'_>, bob: &Home<'_>, checks: &mut Checks) -> Result<()> {
    alice.act("poll", &["create", "What for lunch?", "soup", "bread", "soup and bread"])?;
    alice.hand("poll", bob)?;
    alice.act("poll", &["vote", "0"])?;
    bob.act("poll", &["vote", "0"])?;
    bob.act("poll", &["vote", "2"])?;
    let end = bob.attempt(["do", "poll", "end"])?;
    checks.check("a poll is ended by its creator alone", !end.ok, reason(&end.value));
    alice.act("poll", &["end"])?;
    Ok(())
}

/// Files go both ways, overlapping and more than once.
fn exchange(alice: &Home<'_>, bob: &Home<'_>, checks: &mut Checks) -> Result<()> {
    let mut repeated = 0;
    for app in ["counter", "poll"] {
        alice.hand(app, bob)?;
        bob.hand(app, alice)?;
        for (from, to) in [(bob, alice), (alice, bob)] {
            let again = from.hand(app, to)?;
            repeated += again.get("added").and_then(Value::as_u64).unwrap_or(u64::MAX);
        }
        let same = alice.run(["log", app])? == bob.run(["log", app])?;
        let name = match app {
            "counter" => "one order of the counter's events",
            _ => "one order of the poll's events",
        };
        checks.check(name, same, "same events, places and verdicts on both sides");
    }
    checks.check("what is imported twice counts once", repeated == 0, format!("{repeated} added"));
    Ok(())
}

fn isolation(alice: &Home<'_>, bob: &Home<'_>, checks: &mut Checks) -> Result<()> {
    let (counter, poll) = (alice.events("counter")?, alice.events("poll")?);
    let root = bob.root("poll")?;
    alice.act("counter", &["increment", "1"])?;
    alice.hand("counter", bob)?;
    let apart = counter.iter().all(|id| !poll.contains(id));
    let untouched = bob.root("poll")? == root && bob.events("poll")? == poll;
    let detail =
        format!("{} events of one, {} of the other, none of both", counter.len(), poll.len());
    checks.check("apps do not see each other's events", apart && untouched, detail);
    Ok(())
}

/// A component for views, given for one that folds events: its imports are not permitted there.
fn undeclared(
    tool: &Tool,
    author: &Home<'_>,
    alice: &Home<'_>,
    components: &Path,
    checks: &mut Checks,
) -> Result<()> {
    let sources = tool.file("greedy");
    fs::create_dir(&sources)?;
    fs::copy(components.join("counter-interaction.wasm"), sources.join("greedy.wasm"))?;
    let manifest = "[app]\nname = \"greedy\"\nversion = \"1.0.0\"\n\n[kernel]\nmajor = 1\nminor = 0\n\n\
                    [components]\nstate-apply = \"greedy.wasm\"\n";
    fs::write(sources.join("manifest.toml"), manifest)?;
    let bundle = publish(tool, author, &sources, &sources, "greedy")?;
    let inspected = alice.attempt(["inspect".as_ref(), bundle.as_os_str()])?;
    let findings = inspected.value.get("findings").and_then(Value::as_array);
    let import = findings.into_iter().flatten().find(|f| f.get("rule") == Some(&"imports".into()));
    let installed = alice.attempt([
        "app".as_ref(),
        "install".as_ref(),
        bundle.as_os_str(),
        "--yes".as_ref(),
    ])?;
    let refused = !inspected.ok && !installed.ok && import.is_some();
    let detail = import.and_then(|finding| text(finding, "where").ok()).unwrap_or_default();
    checks.check("an undeclared import is refused", refused, detail);
    Ok(())
}

/// Processes are killed while they write; what they said they had done is there.
fn kills(tool: &Tool, alice: &Home<'_>, bob: &Home<'_>, checks: &mut Checks) -> Result<()> {
    let mut acknowledged = Vec::new();
    // Spread over the time one takes here, and half as much again, so that some have acknowledged; a
    // machine that is busier by now is given longer, since without one there is nothing to check.
    let start = Instant::now();
    alice.act("counter", &["increment", "1"])?;
    let step = start.elapsed() * 3 / 2 / KILLS;
    let mut killed = 0;
    while killed < KILLS || (acknowledged.is_empty() && killed < MOST_KILLS) {
        let mut child = alice.start(&["do", "counter", "increment", "1"])?;
        thread::sleep(step * killed);
        killed += 1;
        // SIGKILL; a process that has ended already is no failure.
        child.kill()?;
        let mut printed = String::new();
        child.stdout.take().context("no output")?.read_to_string(&mut printed)?;
        child.wait()?;
        if let Ok(done) = serde_json::from_str::<Value>(&printed) {
            acknowledged.push(text(&done, "event")?);
        }
    }
    let events = alice.events("counter")?;
    let kept = acknowledged.iter().all(|id| events.contains(id));
    let detail = match acknowledged.len() {
        0 => format!("{killed} killed, none had acknowledged an event: run it again, less busy"),
        some => format!("{killed} killed, {some} had acknowledged an event"),
    };
    let holds = kept && !acknowledged.is_empty();
    checks.check("a killed process loses nothing it acknowledged", holds, detail);

    alice.act("counter", &["increment", "1"])?;
    let fresh = tool.home("fresh")?;
    let bundle = tool.file("counter.myr");
    fresh.run(["app".as_ref(), "install".as_ref(), bundle.as_os_str(), "--yes".as_ref()])?;
    alice.hand("counter", &fresh)?;
    let refolded = fresh.root("counter")?;
    let intact = refolded == alice.root("counter")?;
    checks.check(
        "a killed home reopens intact",
        intact,
        "its root is that of its events folded anew",
    );
    alice.hand("counter", bob)?;
    Ok(())
}

/// Why a candidate was refused.
fn reason(value: &Value) -> String {
    text(value, "reason").unwrap_or_else(|_| value.to_string())
}
