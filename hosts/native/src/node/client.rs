//! Asking the home's node: to run a command, and what it answers to its web shell.

use std::io::{self, BufRead as _, BufReader, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use myrhiza_api::asked::Said;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::NodeFile;
use super::api::{SHELL, TOKEN};
use super::progress::{self, ANSWER, Progress};
use super::serve::{Answer, Asked};
use crate::console::{self, Streams};
use crate::device::{self, Came};
use crate::exit::Exit;
use crate::failure::{Failure, Outcome, code};
use crate::home;
use crate::{output, terminal};

/// How long a node is waited for that does not take a connection.
const PATIENCE: Duration = Duration::from_secs(2);
/// How long a node is waited for that has its home and no API yet.
const STARTING: Duration = Duration::from_secs(10);
const PAUSE: Duration = Duration::from_millis(20);
/// The command that a node's process signs the lock with.
const UP: &str = "myrhiza up";
/// How long its page is waited for.
const PAGE: Duration = Duration::from_secs(10);
/// As much as any command reads of its standard input: a ticket.
const INPUT_BYTES: u64 = 128 << 10;

impl NodeFile {
    /// The home's node, if it is up. One that was killed leaves its file, and anybody on this machine
    /// may have its port by now: it is up only if it holds the home. One that holds it and takes no
    /// connection is an error, unless it is about to end.
    pub(crate) fn up(home: &Path) -> Outcome<Option<Self>> {
        let start = Instant::now();
        loop {
            let Some(node) = Self::read(home) else { return Ok(None) };
            if !home::is_held_by(home, node.pid) {
                return Ok(None);
            }
            match TcpStream::connect_timeout(&node.api, PATIENCE) {
                // Who has just taken the home may not have signed for it when that was looked at.
                Ok(_) if !node.is_still_there(home) => {}
                Ok(_) => return Ok(Some(node)),
                Err(_) if start.elapsed() < PATIENCE => thread::sleep(PAUSE),
                Err(error) => return Err(unanswered(&node, error.to_string())),
            }
        }
    }

    /// Whether the home's node is this one as before.
    fn is_still_there(&self, home: &Path) -> bool {
        Self::read(home).is_some_and(|node| node.token == self.token)
            && home::is_held_by(home, self.pid)
    }

    /// The same; one that is only starting is waited for, and so is the end of one that ends.
    pub(crate) fn up_soon(home: &Path) -> Outcome<Option<Self>> {
        let start = Instant::now();
        loop {
            let node = Self::up(home)?;
            let is_starting = || home::is_held_for(home, UP) && start.elapsed() < STARTING;
            if node.is_some() || !is_starting() {
                return Ok(node);
            }
            thread::sleep(PAUSE);
        }
    }
}

/// Has a node run a command line; `reads` says whether that reads standard input. What the user has to
/// agree to is asked here.
pub(crate) fn forward(
    node: &NodeFile,
    arguments: &[std::ffi::OsString],
    reads: bool,
) -> Outcome<Exit> {
    let not_utf8 = |what: &str, next: &str| {
        let cause = format!("{what} is not UTF-8, and a running node takes no other");
        Failure::usage("not-utf8", "the command was not run", cause, next)
    };
    let text = |argument: &std::ffi::OsString| {
        let text = argument.to_str().map(str::to_owned);
        text.ok_or_else(|| not_utf8("an argument", "stop the node, or rename the file"))
    };
    let arguments = arguments.iter().map(text).collect::<Outcome<Vec<_>>>()?;
    let folder = std::env::current_dir()
        .map_err(|error| Failure::file("found", "the current folder".as_ref(), &error))?;
    if folder.to_str().is_none() {
        let next = "stop the node, or run the command in another folder";
        return Err(not_utf8("the name of the current folder", next));
    }
    let input = match reads {
        true => standard_input()?,
        false => String::new(),
    };
    let (streams, pid, mounts) = (Streams::own(), std::process::id(), console::mounts());
    let mut asked = Asked { arguments, folder, mounts, input, confirmed: false, streams, pid };
    let mut answer = ask(node, &asked)?;
    loop {
        print(&answer)?;
        let Some(failure) = answer.failure.take().map(Failure::from) else {
            return match answer.waiting {
                Some(waiting) => {
                    device::settle(waiting, &mut |token, said| node.complete(token, &said))
                }
                None => Ok(Exit::of(answer.exit)),
            };
        };
        if failure.code != code::UNCONFIRMED || !console::is_interactive() {
            return Err(failure);
        }
        terminal::confirm(&failure.what, "the command was not carried out", false)?;
        asked.confirmed = true;
        answer = ask(node, &asked)?;
        if answer.is_unconfirmed() {
            // Something else is to be agreed to, and to be seen before.
            asked.confirmed = false;
            answer = ask(node, &asked)?;
        } else {
            // What there was to see before has been shown.
            answer.err.clear();
        }
    }
}

/// What is on standard input, whole.
fn standard_input() -> Outcome<String> {
    let read = console::input(INPUT_BYTES + 1);
    let read = read.map_err(|error| Failure::file("read", "standard input".as_ref(), &error))?;
    if read.len() as u64 > INPUT_BYTES {
        return Err(Failure::usage(
            "too-long",
            "the command was not run",
            format!("standard input has more than {INPUT_BYTES} bytes"),
            "check what is given there: a ticket is shorter",
        ));
    }
    Ok(read)
}

fn print(answer: &Answer) -> Outcome<()> {
    let _ = write!(console::err(), "{}", answer.err);
    let printed = write!(console::out(), "{}", answer.out);
    output::finish(printed.and_then(|()| console::out().flush()))
}

fn ask(node: &NodeFile, asked: &Asked) -> Outcome<Answer> {
    let answer = progress::shown(node, || post(node, "/v1/command", asked))?;
    serde_json::from_str(&answer).map_err(|error| unanswered(node, error.to_string()))
}

/// Asks a node for something; its answer.
fn post(node: &NodeFile, what: &str, body: &impl Serialize) -> Outcome<String> {
    match reply(node, what, body)? {
        (status, said) if status.is_success() => Ok(said),
        (status, said) => Err(unanswered(node, format!("{status}: {}", said.trim()))),
    }
}

/// Asks a node for something; its answer, also where it refuses.
fn reply(
    node: &NodeFile,
    what: &str,
    body: &impl Serialize,
) -> Outcome<(ureq::http::StatusCode, String)> {
    // What it says is read also where it does not do it: that is why.
    let config = ureq::Agent::config_builder().proxy(None).http_status_as_error(false);
    let agent: ureq::Agent = config.build().into();
    let body = serde_json::to_string(body).map_err(|error| unanswered(node, error.to_string()))?;
    let mut answer = agent
        .post(format!("http://{}{what}", node.api))
        .header(TOKEN, node.token.as_str())
        .content_type("application/json")
        .send(body)
        .map_err(|error| unanswered(node, error.to_string()))?;
    let said = answer.body_mut().with_config().limit(u64::MAX).read_to_string();
    let said = said.map_err(|error| unanswered(node, error.to_string()))?;
    Ok((answer.status(), said))
}

/// Why a request of the shell was not done.
#[derive(Deserialize)]
struct Refusal {
    error: Why,
}

#[derive(Deserialize)]
struct Why {
    code: String,
    what: String,
    cause: String,
    next: String,
}

impl NodeFile {
    /// What the node answers to a request of the web shell (`myrhiza_api::Request`).
    pub(crate) fn shell<T: DeserializeOwned>(&self, method: &str, params: &Value) -> Outcome<T> {
        let (status, said) = reply(self, SHELL, &json!({ "method": method, "params": params }))?;
        if status.is_success() {
            return serde_json::from_str(&said)
                .map_err(|error| unanswered(self, error.to_string()));
        }
        Err(match serde_json::from_str(&said) {
            Ok(Refusal { error: Why { code, what, cause, next } }) => {
                Failure { exit: Exit::Refused, code: code.into(), what, cause, next }
            }
            Err(_) => unanswered(self, format!("{status}: {}", said.trim())),
        })
    }

    /// Has the node hand on what the user answered to an app.
    pub(crate) fn complete(&self, token: &str, said: &Said) -> Outcome<Came> {
        self.shell("complete", &json!({ "token": token, "said": said }))
    }

    /// What the node tells from now on, a line of JSON each, until it stops.
    pub(crate) fn notices(&self) -> Outcome<impl Iterator<Item = io::Result<String>> + use<>> {
        let agent: ureq::Agent = ureq::Agent::config_builder().proxy(None).build().into();
        let told = agent.get(format!("http://{}/v1/events", self.api));
        let told = told.header(TOKEN, self.token.as_str()).call();
        let told = told.map_err(|error| unanswered(self, error.to_string()))?;
        Ok(BufReader::new(told.into_body().into_reader()).lines())
    }

    /// The address of the web shell, with what lets one in; none where the node has no page.
    pub(crate) fn page(&self) -> Outcome<Option<String>> {
        let config = ureq::Agent::config_builder().proxy(None).timeout_global(Some(PAGE));
        let agent: ureq::Agent = config.build().into();
        match agent.get(format!("http://{}/", self.api)).call() {
            Ok(_) => Ok(Some(page_of(self.api, &self.token))),
            Err(ureq::Error::StatusCode(404)) => Ok(None),
            Err(error) => Err(unanswered(self, error.to_string())),
        }
    }
}

/// The address of a node's web shell: the part after `#` never leaves a browser.
pub(super) fn page_of(api: SocketAddr, token: &str) -> String {
    format!("http://{api}/#token={token}")
}

/// How far a node is, if it says so in time.
pub(super) fn progress(node: &NodeFile) -> Option<Progress> {
    // Longer than a node whose kernel is busy takes to say so.
    let config = ureq::Agent::config_builder().proxy(None).timeout_global(Some(ANSWER * 3));
    let agent: ureq::Agent = config.build().into();
    let url = format!("http://{}/v1/progress", node.api);
    let mut answer = agent.get(url).header(TOKEN, node.token.as_str()).call().ok()?;
    serde_json::from_str(&answer.body_mut().read_to_string().ok()?).ok()
}

fn unanswered(node: &NodeFile, cause: String) -> Failure {
    Failure::refused(
        "node",
        format!("the home's node (process {}) did not answer", node.pid),
        cause,
        "stop that process and start it again with `myrhiza up`; what it was asked may have been done",
    )
}
