use clap::Args;
use myrhiza_kernel::runtime::Runtime;
use myrhiza_kernel_api::TopicId;
use serde::Serialize;

use crate::context::Context;
use crate::exit::Exit;
use crate::failure::{Failure, Outcome};
use crate::runtime::{folded, told};
use crate::text;

/// Show an app's state, key by key
#[derive(Args)]
pub(crate) struct State {
    /// The topic's name, or the start of its id
    topic: String,
    /// Show this key alone: in hex, or as text
    key: Option<String>,
}

#[derive(Serialize)]
struct Entry {
    key: String,
    value: String,
}

impl State {
    pub(crate) fn run(self, cx: &Context<'_>) -> Outcome<Exit> {
        let (_home, mut runtime) = cx.open_runtime()?;
        let topic = folded(&mut runtime, &self.topic)?;
        let entries = match &self.key {
            None => runtime.state(topic.id).map_err(told("the state was not read"))?,
            Some(asked) => match find(&runtime, topic.id, asked)? {
                (key, Some(value)) => vec![(key, value)],
                (_, None) => return Err(no_key(asked)),
            },
        };
        let hex = |(key, value): &(Vec<u8>, Vec<u8>)| Entry {
            key: text::hex(key),
            value: text::hex(value),
        };
        let shown: Vec<_> = entries.iter().map(hex).collect();
        cx.output.remark_if(shown.is_empty(), "the app has written nothing yet");
        cx.output.print(&shown, |out| {
            entries.iter().try_for_each(|(key, value)| {
                writeln!(out, "{}  {}", text::bytes(key), text::bytes(value))
            })
        })?;
        Ok(Exit::Ok)
    }
}

/// The key that is meant, with its value: read as hex if it can be, unless only the text is there.
pub(super) fn find(
    runtime: &Runtime,
    topic: TopicId,
    asked: &str,
) -> Outcome<(Vec<u8>, Option<Vec<u8>>)> {
    let get = |key: &[u8]| runtime.state_key(topic, key).map_err(told("the state was not read"));
    let text = asked.as_bytes().to_vec();
    let Some(hex) = text::from_hex(asked) else {
        let value = get(&text)?;
        return Ok((text, value));
    };
    match (get(&hex)?, get(&text)?) {
        (None, Some(value)) => Ok((text, Some(value))),
        (value, _) => Ok((hex, value)),
    }
}

fn no_key(asked: &str) -> Failure {
    Failure::not_found(
        "not-found",
        format!("there is no key {asked:?} in the state"),
        "the app has not written it, or has deleted it",
        "`myrhiza state TOPIC` shows the keys there are",
    )
}
