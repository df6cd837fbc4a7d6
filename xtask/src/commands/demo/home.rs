//! The `myrhiza` command, run on a home.

use std::ffi::OsStr;
use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

/// What every home is driven with.
pub(super) struct Tool {
    pub(super) command: PathBuf,
    /// Where homes and files are.
    pub(super) folder: PathBuf,
    /// What keeps the homes, if not the command's own choice.
    pub(super) store: Option<String>,
}

/// A home that was made.
pub(super) struct Home<'a> {
    tool: &'a Tool,
    pub(super) name: &'static str,
}

/// What the command printed with `--json`, and whether it did what it was asked.
pub(super) struct Ran {
    pub(super) ok: bool,
    pub(super) value: Value,
}

impl Tool {
    /// Makes a home.
    pub(super) fn home(&self, name: &'static str) -> Result<Home<'_>> {
        let home = self.made(name);
        let mut init = vec!["init", "--no-passphrase", "--name", name];
        init.extend(self.store.iter().flat_map(|store| ["--store", store]));
        home.run(init)?;
        Ok(home)
    }

    /// A home that was made before.
    pub(super) const fn made(&self, name: &'static str) -> Home<'_> {
        Home { tool: self, name }
    }

    pub(super) fn file(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Starts a relay on this machine; its URL.
    pub(super) fn relay(&self) -> Result<(Node, String)> {
        let mut command = Command::new(&self.command);
        command.args(["relay", "--listen", "127.0.0.1:0", "--json"]).stdin(Stdio::null());
        let (relay, started) = Node::start(command, "the relay")?;
        Ok((relay, text(&started, "url")?))
    }
}

impl<'a> Home<'a> {
    /// One of another name, driven alike.
    pub(super) fn beside(&self, name: &'static str) -> Home<'a> {
        Home { tool: self.tool, name }
    }

    /// Where it is.
    pub(super) fn path(&self) -> PathBuf {
        self.tool.file(self.name)
    }
}

impl Home<'_> {
    fn command<A: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = A>) -> Command {
        let mut command = Command::new(&self.tool.command);
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("MYRHIZA_") {
                command.env_remove(name);
            }
        }
        command.args(arguments).arg("--home").arg(self.path()).arg("--json");
        command.stdin(Stdio::null());
        command
    }

    /// Runs a command that may be refused.
    pub(super) fn attempt<A: AsRef<OsStr>>(
        &self,
        arguments: impl IntoIterator<Item = A>,
    ) -> Result<Ran> {
        let mut command = self.command(arguments);
        let output = command.output().with_context(|| format!("running {command:?}"))?;
        let text = String::from_utf8_lossy(&output.stdout);
        let value = serde_json::from_str(&text)
            .with_context(|| format!("{command:?} printed no JSON: {text:?}"))?;
        Ok(Ran { ok: output.status.success(), value })
    }

    /// Runs a command that has to do what it is asked.
    pub(super) fn run<A: AsRef<OsStr>>(
        &self,
        arguments: impl IntoIterator<Item = A>,
    ) -> Result<Value> {
        let arguments: Vec<_> =
            arguments.into_iter().map(|argument| argument.as_ref().to_owned()).collect();
        let ran = self.attempt(&arguments)?;
        if !ran.ok {
            bail!("{} could not do {arguments:?}: {}", self.name, ran.value);
        }
        Ok(ran.value)
    }

    /// The person's key and the home's own.
    pub(super) fn identity(&self) -> Result<[String; 2]> {
        let id = self.run(["id"])?;
        Ok([text(&id, "id")?, text(&id, "scope")?])
    }

    /// Starts a command and leaves it running.
    pub(super) fn start(&self, arguments: &[&str]) -> Result<Child> {
        start(self.command(arguments))
    }

    /// Starts the home's node, and waits until it is up.
    pub(super) fn up(&self) -> Result<Node> {
        Ok(Node::start(self.command(["up"]), self.name)?.0)
    }

    /// The same, where that relay leads to it too.
    pub(super) fn up_through(&self, relay: &str) -> Result<Node> {
        Ok(Node::start(self.command(["up", "--relay", relay]), self.name)?.0)
    }

    /// Starts it and leaves it running for longer than this process; what is to be known of it.
    pub(super) fn leave_up(&self) -> Result<String> {
        let (node, started) = Node::start(self.command(["up"]), self.name)?;
        let page = text(&started, "page")?;
        let process = node.leave();
        Ok(format!("the web page of {} is {page}\ndemo: `kill {process}` ends it", self.name))
    }

    /// Hands what it has of a topic to another home, and says what was new there.
    pub(super) fn hand(&self, topic: &str, to: &Home<'_>) -> Result<Value> {
        let file = self.tool.file(&format!("{}-{topic}.myrtopic", self.name));
        self.run(["topic".as_ref(), "export".as_ref(), topic.as_ref(), file.as_os_str()])?;
        to.run(["topic".as_ref(), "import".as_ref(), file.as_os_str()])
    }

    pub(super) fn act(&self, topic: &str, intent: &[&str]) -> Result<String> {
        text(&self.run([&["do", topic], intent].concat())?, "event")
    }

    pub(super) fn root(&self, topic: &str) -> Result<String> {
        text(&self.run(["root", topic])?, "root")
    }

    /// The same, with whose it is.
    pub(super) fn named_root(&self, topic: &str) -> Result<(&'static str, String)> {
        Ok((self.name, self.root(topic)?))
    }

    /// The ids of a topic's events, in order.
    pub(super) fn events(&self, topic: &str) -> Result<Vec<String>> {
        let log = self.run(["log", topic])?;
        log.as_array().into_iter().flatten().map(|event| text(event, "id")).collect()
    }
}

fn start(mut command: Command) -> Result<Child> {
    command.stdout(Stdio::piped()).stderr(Stdio::null());
    command.spawn().with_context(|| format!("starting {command:?}"))
}

/// A home's node, or a relay. It ends with this at the latest, unless it is left.
pub(super) struct Node {
    child: Child,
    left: bool,
}

impl Node {
    /// Waits until it is up; what it says then.
    fn start(command: Command, name: &str) -> Result<(Self, Value)> {
        let mut node = Self { child: start(command)?, left: false };
        let mut line = String::new();
        let stdout = node.child.stdout.as_mut().context("no output")?;
        BufReader::new(stdout).read_line(&mut line)?;
        let started =
            serde_json::from_str(&line).with_context(|| format!("{name} is not up: {line:?}"))?;
        Ok((node, started))
    }

    /// Lets it go on; its process.
    fn leave(mut self) -> u32 {
        self.left = true;
        self.child.id()
    }

    /// Ends it in good order.
    pub(super) fn stop(mut self) -> Result<()> {
        let status = Command::new("kill").arg(self.child.id().to_string()).status()?;
        let ended = self.child.wait()?;
        if !status.success() || !ended.success() {
            bail!("a node or relay ended with {ended}");
        }
        Ok(())
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        if self.left {
            return;
        }
        // One that has ended is no failure.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A field that has to be text.
pub(super) fn text(value: &Value, field: &str) -> Result<String> {
    let text = value.get(field).and_then(Value::as_str);
    text.map(Into::into).with_context(|| format!("no {field} in {value}"))
}
