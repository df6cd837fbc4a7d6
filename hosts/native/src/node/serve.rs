//! Running a command for somebody at the other end of the local API.

use std::cell::RefCell;
use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use myrhiza_kernel::node::Told;
use myrhiza_kernel::node::drive::{Node, Stopped, Watch};
use myrhiza_kernel_api::Kind;
use serde::{Deserialize, Serialize};
use tokio::task::spawn_blocking;
use tokio::time::{Instant, sleep, timeout_at};

use super::ask::{Ask, Then, Waits};
use super::counts::Counts;
use super::heard::Heard;
use super::progress::Waiting;
use super::{Denials, LOOK, Status};
use crate::cli;
use crate::console::{self, Asker, Streams};
use crate::context::Lent;
use crate::device::Unsettled;
use crate::exit::Exit;
use crate::failure::{Failure, Outcome, code};
use crate::home::Home;
use crate::steps::{Step, WithKernel};

/// How long a command waits for a bundle, or for more of it.
const PATIENCE: Duration = Duration::from_secs(60);
/// How long until a command is run again that has to wait for its topic.
const AGAIN: Duration = Duration::from_millis(500);
/// What it waits for.
const BUSY: &str = "the topic: its events are still being folded, or removed";
/// How long a command waits for what an author says.
const HEARING: Duration = Duration::from_secs(5);

/// A command line, as its process got it.
#[derive(Serialize, Deserialize)]
pub(crate) struct Asked {
    /// The arguments, with the program's name.
    pub(crate) arguments: Vec<String>,
    /// The folder it was given in.
    pub(crate) folder: PathBuf,
    /// Which mounts its process sees.
    #[serde(default)]
    pub(crate) mounts: Option<PathBuf>,
    /// Standard input, where the command reads it.
    pub(crate) input: String,
    /// The user has said yes to what was shown.
    pub(crate) confirmed: bool,
    /// What the user's streams are.
    #[serde(default)]
    pub(crate) streams: Streams,
    /// Its process's id, by which that is told what it waits for.
    #[serde(default)]
    pub(crate) pid: u32,
}

/// What it printed and how it ended.
#[derive(Serialize, Deserialize)]
pub(crate) struct Answer {
    /// For standard output.
    pub(crate) out: String,
    /// For standard error.
    pub(crate) err: String,
    /// Exit code, where it did what it was asked.
    pub(crate) exit: u8,
    /// Why it did not.
    pub(crate) failure: Option<Failed>,
    /// What its user has to answer before it has ended.
    #[serde(default)]
    pub(crate) waiting: Option<Unsettled>,
    /// What the user has said yes to is still to be done, if they have.
    #[serde(skip)]
    confirmed: bool,
}

impl Answer {
    /// Whether the user is to be asked.
    pub(super) fn is_unconfirmed(&self) -> bool {
        self.failure.as_ref().is_some_and(|failed| failed.code == code::UNCONFIRMED)
    }
}

/// A [`Failure`] on its way.
#[derive(Serialize, Deserialize)]
pub(crate) struct Failed {
    exit: u8,
    code: String,
    what: String,
    cause: String,
    next: String,
}

impl From<Failure> for Failed {
    fn from(failure: Failure) -> Self {
        let Failure { exit, code, what, cause, next } = failure;
        Self { exit: exit as u8, code: code.into_owned(), what, cause, next }
    }
}

impl From<Failed> for Failure {
    fn from(failed: Failed) -> Self {
        let Failed { exit, code, what, cause, next } = failed;
        Self { exit: Exit::of(exit), code: code.into(), what, cause, next }
    }
}

/// What a node serves commands with.
pub(crate) struct Service {
    pub(crate) node: Node,
    pub(crate) home: Arc<Mutex<Home>>,
    pub(crate) plugins: Vec<(Kind, &'static str)>,
    /// What the node runs with, whatever the settings say by now.
    pub(super) relays: Vec<String>,
    pub(super) heard: Heard,
    pub(super) waiting: Waiting,
    pub(super) counts: Counts,
}

/// How waiting for a bundle ended.
enum End {
    Offered,
    /// Nothing of one comes.
    InVain,
    /// Nobody serves its topic.
    Denied,
}

impl Service {
    /// Runs a command, and does what it asks of the node. One whose topic is being folded is run again until
    /// it is; one that lacks a bundle when a peer has given it, for a while; and one that has heard nothing
    /// of an author when a peer has told of them, or soon after.
    pub(crate) async fn run(&self, mut asked: Asked) -> Result<Answer, String> {
        // What the user has said yes to was shown after a wait.
        let mut heard = asked.confirmed.then(Instant::now);
        let (mut again, mut said) = (false, String::new());
        loop {
            let watch = self.node.watch();
            let patient = heard.is_none_or(|until| until > Instant::now());
            let (mut answer, asks) = self.run_once(&asked, patient, again).await?;
            asked.confirmed = answer.confirmed;
            // What was done before the wait is said with the rest.
            answer.err.insert_str(0, &said);
            match answer.failure.as_ref().map(|failed| &*failed.code) {
                Some(code::NOT_OFFERED) => {
                    let waits = asks.iter().find_map(|ask| match ask {
                        Ask::Bundle(waits) => Some(waits),
                        _ => None,
                    });
                    let end = self.offered(asked.pid, &watch, waits).await;
                    match (end.map_err(|error| error.to_string())?, waits) {
                        (End::Offered, _) => {
                            said = answer.err;
                            continue;
                        }
                        (End::Denied, Some(Waits { of: Some((_, what, next)), .. })) => {
                            answer.failure = Some(denied(what, next).into());
                        }
                        _ => {}
                    }
                }
                Some(code::BUSY) => {
                    let _said = self.waiting.say(asked.pid, BUSY);
                    sleep(AGAIN).await;
                    continue;
                }
                Some(code::NOT_HEARD) => {
                    let until = *heard.get_or_insert_with(|| Instant::now() + HEARING);
                    told_of_one(&watch, until).await;
                    continue;
                }
                _ => {}
            }
            let asks = if answer.failure.is_none() { asks } else { Vec::new() };
            let mut repeat = false;
            for ask in asks {
                match ask.satisfy(&self.node, &watch).await.map_err(|error| error.to_string())? {
                    Then::Nothing => {}
                    Then::Again => repeat = true,
                    Then::Put(waiting) => answer.waiting = Some(waiting),
                    Then::Say(words) => {
                        answer.err.push_str(&words);
                        answer.err.push('\n');
                    }
                }
            }
            if !repeat || again {
                return Ok(answer);
            }
            again = true;
        }
    }

    /// Waits until a bundle has come, as long as some of one does and anybody may give it; says so to the
    /// process that asked.
    async fn offered(
        &self,
        pid: u32,
        watch: &Watch,
        waits: Option<&Waits>,
    ) -> Result<End, Stopped> {
        let _said = waits.map(|waits| self.waiting.say(pid, &waits.words));
        let topic = waits.and_then(|waits| waits.of.as_ref()).map(|(topic, ..)| *topic);
        let (mut end, mut look) = (Instant::now() + PATIENCE, Instant::now());
        let mut denials = Denials::default();
        loop {
            let now = Instant::now();
            if let Some(topic) = topic.filter(|_| now >= look) {
                look = now + LOOK;
                denials.look(&self.node.denied().await?, now.into_std());
                if denials.stand(&topic, now.into_std()) {
                    return Ok(End::Denied);
                }
            }
            let until = if topic.is_some() { end.min(look) } else { end };
            match timeout_at(until, watch.recv()).await {
                Ok(Ok(told)) => match &*told {
                    Told::Offered { .. } => return Ok(End::Offered),
                    Told::Fetching { .. } => end = Instant::now() + PATIENCE,
                    _ => {}
                },
                // It has stopped, or told more at once than was taken.
                Ok(Err(_)) => return Ok(End::InVain),
                Err(_) if Instant::now() >= end => return Ok(End::InVain),
                Err(_) => {}
            }
        }
    }

    async fn run_once(
        &self,
        asked: &Asked,
        patient: bool,
        again: bool,
    ) -> Result<(Answer, Vec<Ask>), String> {
        let arguments: Arc<[_]> = asked.arguments.iter().map(OsString::from).collect();
        let run = Run { arguments, patient, again };
        let (mine, theirs) = (console::mounts(), asked.mounts.as_ref());
        let asker = Asker {
            folder: asked.folder.clone(),
            elsewhere: mine.zip(theirs).is_some_and(|(mine, theirs)| mine != *theirs),
            input: asked.input.clone().into_bytes(),
            confirmed: asked.confirmed,
            streams: asked.streams,
            ..Asker::default()
        };
        let (mut step, mut asker, mut asks) = self.in_kernel(&run, asker, None).await?;
        let ran = loop {
            let next = match step {
                Err(failure) => break Err(failure),
                Ok(Step::Done(exit)) => break Ok(exit),
                Ok(Step::Files(act)) => {
                    let ran = spawn_blocking(move || console::serve(asker, act)).await;
                    ran.map_err(|error| error.to_string())?
                }
                Ok(Step::Kernel(act)) => {
                    let (next, asker, more) = self.in_kernel(&run, asker, Some(act)).await?;
                    asks.extend(more);
                    (next, asker)
                }
            };
            (step, asker) = next;
        };
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        let (exit, failure) = match ran {
            Ok(exit) => (exit, None),
            Err(failure) => (failure.exit, Some(failure.into())),
        };
        let (confirmed, exit) = (asker.confirmed, exit as u8);
        let (out, err) = (text(asker.out), text(asker.err));
        Ok((Answer { out, err, exit, failure, waiting: None, confirmed }, asks))
    }

    /// Runs a command, or a later step of it, with the node's kernel; and says what comes next.
    async fn in_kernel(
        &self,
        run: &Run,
        asker: Asker,
        step: Option<WithKernel>,
    ) -> Result<(Outcome<Step>, Asker, Vec<Ask>), String> {
        let peers = self.node.peers().await.map_err(|error| error.to_string())?;
        let denied = self.node.denied().await.map_err(|error| error.to_string())?;
        let (home, plugins) = (self.home.clone(), self.plugins.clone());
        let (key, addresses) = (self.node.key(), self.node.addresses());
        let status = Status { key, addresses, peers, denied };
        let Run { arguments, patient, again } = run.clone();
        let ran = self.node.call(move |seat, _| {
            let (asks, rest) = (RefCell::default(), RefCell::new(None));
            let (ran, asker) = console::serve(asker, || {
                let mut home = home.lock().unwrap_or_else(PoisonError::into_inner);
                let (home, runtime) = (RefCell::new(&mut *home), RefCell::new(&mut seat.runtime));
                let (asks, rest) = (&asks, &rest);
                let lent = Lent { home, runtime, status, patient, asks, again, rest };
                cli::serve(&arguments, &plugins, lent, step)
            });
            let next = ran.map(|exit| rest.into_inner().unwrap_or(Step::Done(exit)));
            (next, asker, asks.into_inner())
        });
        ran.await.map_err(|error| error.to_string())
    }
}

/// A command that is run.
#[derive(Clone)]
struct Run {
    arguments: Arc<[OsString]>,
    patient: bool,
    again: bool,
}

/// Whoever has what is waited for does not give it to this home.
fn denied(what: &str, next: &str) -> Failure {
    let cause = "every peer that was reached and has the topic refuses it to this home: the ticket was \
                 ended or is spent, or you were removed";
    Failure::refused("denied", what, cause, next)
}

/// Waits until a topic is complete with a peer, which may be an author's; it does not matter if
/// that does not come in time, since what is tried again says so.
async fn told_of_one(watch: &Watch, until: Instant) {
    while let Ok(Ok(told)) = timeout_at(until, watch.recv()).await {
        if matches!(*told, Told::Complete { .. }) {
            return;
        }
    }
}
