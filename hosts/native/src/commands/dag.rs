use clap::Args;
use myrhiza_api::dag::{Fork, Waiting};
use myrhiza_kernel::codec::Canonical as _;
use myrhiza_kernel::event::{Fork as Proved, ForkProof};
use serde::Serialize;

use crate::console;
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::{Failure, Outcome};
use crate::runtime::{told, topic};
use crate::text;

/// Show proofs that somebody signed two events with one number, or check one
#[derive(Args)]
pub(crate) struct Forks {
    /// The topic's name, or the start of its id
    #[arg(required_unless_present = "check")]
    topic: Option<String>,
    /// Check a proof, as this command prints it with `--json`, or `-` to read it from standard input; it
    /// shows by itself what it shows, so that no topic is needed
    #[arg(long, value_name = "PROOF", conflicts_with = "topic")]
    check: Option<String>,
}

/// What a proof shows.
#[derive(Serialize)]
struct Shows {
    topic: String,
    scope: String,
    seq: u64,
}

/// Longer than any proof in hex.
const PROOF_BYTES: u64 = 8 << 20;

/// Checks a proof that somebody gave.
fn check(cx: &Context<'_>, given: &str) -> Outcome<Exit> {
    let refused = |cause: String| {
        let next = "give what `myrhiza forks TOPIC --json` prints as `proof`, whole";
        Failure::refused("no-proof", "nothing is proved", cause, next)
    };
    let read = match given {
        "-" => console::input(PROOF_BYTES + 1)
            .map_err(|error| Failure::file("read", "standard input".as_ref(), &error))?,
        given => given.to_owned(),
    };
    if read.len() as u64 > PROOF_BYTES {
        return Err(refused(format!("it has more than {PROOF_BYTES} bytes, and no proof has")));
    }
    let bytes = text::from_hex(read.trim());
    let bytes = bytes.ok_or_else(|| refused("it is not pairs of hexadecimal digits".into()))?;
    let proof = ForkProof::from_bytes(&bytes).map_err(|error| refused(error.to_string()))?;
    let Proved { topic, scope, seq } =
        proof.verify().map_err(|error| refused(error.to_string()))?;
    let shows = Shows { topic: topic.to_string(), scope: scope.to_string(), seq };
    cx.output.print(&shows, |out| {
        writeln!(out, "scope {} signed two events with number {}", shows.scope, shows.seq)?;
        writeln!(out, "in topic {}", shows.topic)
    })?;
    Ok(Exit::Ok)
}

impl Forks {
    /// Whether it is about a proof that was given.
    pub(crate) const fn is_check(&self) -> bool {
        self.check.is_some()
    }

    pub(crate) fn run(self, cx: &Context<'_>) -> Outcome<Exit> {
        if let Some(given) = &self.check {
            return check(cx, given);
        }
        let (_home, runtime) = cx.open_runtime()?;
        let topic = topic(&runtime, self.topic.as_deref().unwrap_or_default())?;
        let forks = runtime.forks(topic.id).map_err(told("the forks were not read"))?;
        let shown: Vec<_> = forks.into_iter().map(Fork::from).collect();
        cx.output.remark_if(
            shown.is_empty(),
            "nobody is known to have signed two events with one number",
        );
        cx.output.print(&shown, |out| {
            shown.iter().try_for_each(|fork| {
                writeln!(out, "scope {} signed two events with number {}:", fork.scope, fork.seq)?;
                fork.events.iter().try_for_each(|id| writeln!(out, "  {id}"))
            })
        })?;
        Ok(Exit::Ok)
    }
}

/// Show events that wait for others that are not here yet
#[derive(Args)]
pub(crate) struct Pending {
    /// The topic's name, or the start of its id
    topic: String,
}

impl Pending {
    pub(crate) fn run(self, cx: &Context<'_>) -> Outcome<Exit> {
        let (_home, runtime) = cx.open_runtime()?;
        let topic = topic(&runtime, &self.topic)?;
        let pending = runtime.pending(topic.id).map_err(told("what waits was not read"))?;
        let shown: Vec<_> = pending.into_iter().map(Waiting::from).collect();
        cx.output.remark_if(shown.is_empty(), "no event waits for another");
        cx.output.print(&shown, |out| {
            shown.iter().try_for_each(|event| {
                writeln!(out, "{} waits for {}", event.id, event.missing.join(", "))
            })
        })?;
        Ok(Exit::Ok)
    }
}
