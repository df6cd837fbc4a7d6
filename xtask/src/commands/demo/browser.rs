//! A third home, in a browser: it reaches a node through a relay, and acts where the others do.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Instant;

use anyhow::{Context as _, Result, bail};
use serde_json::{Value, json};

use super::super::chromium::Chromium;
use super::checks::Checks;
use super::home::{Home, Tool, text};
use super::live::until;

/// What drives the browser, below the workspace's root.
const DRIVER: &str = "hosts/browser/test/demo.mjs";

/// What a home in a browser is had with.
pub(super) struct Web {
    pub(super) chromium: Chromium,
    /// The page with a home in it.
    pub(super) page: PathBuf,
}

/// Tells it, with two homes that have both topics and no nodes. The root of each app in the browser.
pub(super) fn tell(
    tool: &Tool,
    web: &Web,
    root: &Path,
    [alice, bob]: [&Home<'_>; 2],
    checks: &mut Checks,
) -> Result<[String; 2]> {
    let (relay, url) = tool.relay()?;
    let node = alice.up_through(&url)?;
    let mut browser = Browser::open(web, root)?;
    let start = Instant::now();
    let counter = browser.enter(alice, "counter")?;
    browser.act(&counter, &["increment", "7"])?;
    let poll = browser.enter(alice, "poll")?;
    browser.act(&poll, &["create", "What for dinner?", "rice", "pasta"])?;
    let came = browser.agrees(&counter, alice, "counter") && browser.agrees(&poll, alice, "poll");
    let detail = format!("{} ms from the first ticket on", start.elapsed().as_millis());
    checks.check("a browser joins by tickets, and a node has what it does", came, detail);

    let start = Instant::now();
    alice.act("counter", &["increment", "1"])?;
    alice.act("poll", &["vote", "1"])?;
    let came = browser.agrees(&counter, alice, "counter") && browser.agrees(&poll, alice, "poll");
    let detail = format!("{} ms until it had both", start.elapsed().as_millis());
    checks.check("what a node does reaches the browser live", came, detail);

    let roots = [browser.root(&counter)?, browser.root(&poll)?];
    browser.close()?;
    node.stop()?;
    relay.stop()?;
    for app in ["counter", "poll"] {
        alice.hand(app, bob)?;
    }
    let roots = roots.iter().map(|root| text(root, "root")).collect::<Result<Vec<_>>>()?;
    roots.try_into().map_err(|roots| anyhow::anyhow!("the browser has the roots {roots:?}"))
}

/// A home in a browser. It ends with this at the latest: its driver's input does.
struct Browser {
    driver: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Browser {
    fn open(web: &Web, root: &Path) -> Result<Self> {
        let mut command = Command::new(&web.chromium.node);
        command.arg(root.join(DRIVER));
        command.env("CHROMIUM", &web.chromium.program).env("MYRHIZA_PAGE", &web.page);
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut driver = command.spawn().with_context(|| format!("starting {command:?}"))?;
        let input = driver.stdin.take().context("no input")?;
        let output = BufReader::new(driver.stdout.take().context("no output")?);
        Ok(Self { driver, input, output })
    }

    /// What the driver says to a line.
    fn say(&mut self, line: &Value) -> Result<Value> {
        writeln!(self.input, "{line}").context("the browser's driver has ended; see above")?;
        let mut told = String::new();
        self.output.read_line(&mut told)?;
        let told: Value = serde_json::from_str(&told)
            .with_context(|| format!("the browser's driver said {told:?}; see above"))?;
        match told.get("answer") {
            Some(answer) => Ok(answer.clone()),
            None => bail!("the browser refused {line}: {told}"),
        }
    }

    fn ask(&mut self, method: &str, params: Value) -> Result<Value> {
        self.say(&json!({"ask": method, "params": params}))
    }

    /// Joins a topic that `host` invites it to; the topic.
    fn enter(&mut self, host: &Home<'_>, topic: &str) -> Result<String> {
        let ticket = text(&host.run(["topic", "invite", topic])?, "ticket")?;
        let entered = self.say(&json!({"enter": ticket}))?;
        Ok(entered.as_str().context("no topic")?.to_owned())
    }

    /// Acts, as soon as it has what it acts on.
    fn act(&mut self, topic: &str, intent: &[&str]) -> Result<()> {
        let mut last = Value::Null;
        let done = until(|| {
            last = self.ask("act", json!({"topic": topic, "intent": intent}))?;
            Ok(last["verdict"] == "accept")
        });
        match done {
            true => Ok(()),
            false => bail!("the browser could not do {intent:?}: {last}"),
        }
    }

    fn root(&mut self, topic: &str) -> Result<Value> {
        self.ask("root", json!({"topic": topic}))
    }

    /// Waits until a home, which calls the topic `name`, has the same events and the same root.
    fn agrees(&mut self, topic: &str, other: &Home<'_>, name: &str) -> bool {
        until(|| {
            let (here, there) = (self.root(topic)?, other.run(["root", name])?);
            let same = |field: &str| here[field] == there[field] && !here[field].is_null();
            Ok(same("events") && same("root"))
        })
    }

    /// Ends it in good order.
    fn close(self) -> Result<()> {
        let Self { mut driver, input, output: _ } = self;
        drop(input);
        let ended = driver.wait()?;
        match ended.success() {
            true => Ok(()),
            false => bail!("something went wrong in the browser, see above; {ended}"),
        }
    }
}
