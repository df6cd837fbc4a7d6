//! Running a command for somebody at the other end of the local API.

use std::cell::RefCell;
use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use myrhiza_kernel::node::Told;
use myrhiza_kernel::node::drive::Node;
use myrhiza_kernel_api::Kind;
use serde::{Deserialize, Serialize};

use crate::cli;
use crate::commands::authors::NOT_HEARD;
use crate::commands::offers::NOT_OFFERED;
use crate::console::{self, Asker};
use crate::context::Lent;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::home::Home;
use crate::node::metrics;

/// How long a command waits for a bundle.
const PATIENCE: Duration = Duration::from_secs(60);
/// How long a command waits for what an author says.
const HEARING: Duration = Duration::from_secs(5);

/// A command line, as its process got it.
#[derive(Serialize, Deserialize)]
pub(crate) struct Asked {
    /// The arguments, with the program's name.
    pub(crate) arguments: Vec<String>,
    /// The folder it was given in.
    pub(crate) folder: PathBuf,
    /// Standard input, where the command reads it.
    pub(crate) input: String,
    /// The user has said yes to what was shown.
    pub(crate) confirmed: bool,
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
        Self { exit: exit as u8, code: code.into(), what, cause, next }
    }
}

impl From<Failed> for Failure {
    fn from(failed: Failed) -> Self {
        let Failed { exit, code, what, cause, next } = failed;
        // Codes are constants; a process is told of one or two.
        Self { exit: Exit::of(exit), code: code.leak(), what, cause, next }
    }
}

/// What a node serves commands with.
pub(crate) struct Service {
    pub(crate) node: Node,
    pub(crate) home: Arc<Mutex<Home>>,
    pub(crate) plugins: Vec<(Kind, &'static str)>,
}

impl Service {
    /// Runs a command. One that lacks a bundle is run again when a peer has given it, for a while;
    /// and one that has heard nothing of an author when a peer has told of them, or soon after.
    pub(crate) async fn run(&self, asked: Asked) -> Result<Answer, String> {
        let start = Instant::now();
        // What the user has said yes to was shown after a wait.
        let mut heard = asked.confirmed.then_some(start);
        loop {
            let watch = self.node.watch();
            let patient = heard.is_none_or(|since| since > Instant::now());
            let answer = self.run_once(&asked, patient).await?;
            let (is_awaited, until): (fn(&Told) -> bool, Instant) = match &answer.failure {
                Some(failed) if failed.code == NOT_OFFERED && start.elapsed() < PATIENCE => {
                    (|told| matches!(told, Told::Offered { .. }), start + PATIENCE)
                }
                Some(failed) if failed.code == NOT_HEARD => {
                    let until = *heard.get_or_insert_with(|| Instant::now() + HEARING);
                    (|told| matches!(told, Told::Complete { .. }), until)
                }
                _ => return Ok(answer),
            };
            let come = async {
                while let Ok(told) = watch.recv().await {
                    if is_awaited(&told) {
                        return;
                    }
                }
            };
            let left = until.saturating_duration_since(Instant::now());
            // If it does not come in time, what is tried again says so.
            let _ = tokio::time::timeout(left, come).await;
        }
    }

    async fn run_once(&self, asked: &Asked, patient: bool) -> Result<Answer, String> {
        let arguments: Vec<_> = asked.arguments.iter().map(OsString::from).collect();
        let asker = Asker {
            folder: asked.folder.clone(),
            input: asked.input.clone().into_bytes(),
            confirmed: asked.confirmed,
            ..Asker::default()
        };
        let peers = self.node.peers().await.map_err(|error| error.to_string())?;
        let (home, plugins) = (self.home.clone(), self.plugins.clone());
        let status =
            metrics::Status { key: self.node.key(), addresses: self.node.addresses(), peers };
        let ran = self.node.call(move |seat, _| {
            console::serve(asker, || {
                let mut home = home.lock().unwrap_or_else(PoisonError::into_inner);
                let (home, runtime) = (RefCell::new(&mut *home), RefCell::new(&mut seat.runtime));
                let lent = Lent { home, runtime, status, patient };
                cli::serve(&arguments, &plugins, lent)
            })
        });
        let (ran, asker) = ran.await.map_err(|error| error.to_string())?;
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        let (exit, failure) = match ran {
            Ok(exit) => (exit, None),
            Err(failure) => (failure.exit, Some(failure.into())),
        };
        Ok(Answer { out: text(asker.out), err: text(asker.err), exit: exit as u8, failure })
    }
}
