use clap::Args;
use myrhiza_kernel::codec::Canonical as _;
use serde::Serialize;

use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Outcome;
use crate::runtime::{told, topic};
use crate::text;

/// Show proofs that somebody signed two events with one number
#[derive(Args)]
pub(crate) struct Forks {
    /// The topic's name, or the start of its id
    topic: String,
}

#[derive(Serialize)]
struct Fork {
    scope: String,
    seq: u64,
    events: [String; 2],
    proof: String,
}

impl Forks {
    pub(crate) fn run(self, cx: &Context<'_>) -> Outcome<Exit> {
        let (_home, runtime) = cx.open_runtime()?;
        let topic = topic(&runtime, &self.topic)?;
        let forks = runtime.forks(topic.id).map_err(told("the forks were not read"))?;
        let shown: Vec<_> = forks
            .into_iter()
            .map(|fork| Fork {
                scope: fork.scope.to_string(),
                seq: fork.seq,
                events: fork.events.map(|id| id.to_string()),
                proof: text::hex(&fork.proof.to_bytes()),
            })
            .collect();
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

#[derive(Serialize)]
struct Waiting {
    id: String,
    missing: Vec<String>,
}

impl Pending {
    pub(crate) fn run(self, cx: &Context<'_>) -> Outcome<Exit> {
        let (_home, runtime) = cx.open_runtime()?;
        let topic = topic(&runtime, &self.topic)?;
        let pending = runtime.pending(topic.id).map_err(told("what waits was not read"))?;
        let shown: Vec<_> = pending
            .into_iter()
            .map(|waiting| Waiting {
                id: waiting.id.to_string(),
                missing: waiting.missing.iter().map(ToString::to_string).collect(),
            })
            .collect();
        cx.output.print(&shown, |out| {
            shown.iter().try_for_each(|event| {
                writeln!(out, "{} waits for {}", event.id, event.missing.join(", "))
            })
        })?;
        Ok(Exit::Ok)
    }
}
