use clap::Args;
use serde::Serialize;

use super::state::find;
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::{Failure, Outcome};
use crate::runtime::{folded, told};
use crate::text;

/// Prove to others what a key of the state holds, or that it is not there
#[derive(Args)]
pub(crate) struct Proof {
    /// The topic's name, or the start of its id
    topic: String,
    /// The key: in hex, or as text
    key: String,
}

#[derive(Serialize)]
struct Shown {
    topic: String,
    root: String,
    key: String,
    /// `null` where the key is proved not to be there.
    value: Option<String>,
    proof: String,
}

impl Proof {
    pub(crate) fn run(self, cx: &Context<'_>) -> Outcome<Exit> {
        let (_home, mut runtime) = cx.open_runtime()?;
        let topic = folded(&mut runtime, &self.topic)?;
        let what = "nothing was proved";
        let root = runtime.root(topic.id).map_err(told(what))?.state.ok_or_else(|| {
            Failure::refused(
                "not-folded",
                what,
                "the topic's events are not folded, so there is no root",
                "install the topic's app; `myrhiza topic list` names its bundle",
            )
        })?;
        let (key, value) = find(&runtime, topic.id, &self.key)?;
        let proof = runtime.proof(topic.id, &key).map_err(told(what))?;
        let shown = Shown {
            topic: topic.id.to_string(),
            root: root.to_string(),
            key: text::hex(&key),
            value: value.as_deref().map(text::hex),
            proof: text::hex(&proof),
        };
        cx.output.print(&shown, |out| {
            writeln!(out, "root   {}", shown.root)?;
            writeln!(out, "key    {}", text::bytes(&key))?;
            match &value {
                Some(value) => writeln!(out, "value  {}", text::bytes(value))?,
                None => writeln!(out, "value  none")?,
            }
            writeln!(out, "proof  {}", shown.proof)
        })?;
        Ok(Exit::Ok)
    }
}
