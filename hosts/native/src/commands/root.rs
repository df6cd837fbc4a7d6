use clap::Args;
use myrhiza_api::root::Root as Shown;

use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Outcome;
use crate::runtime::{folded, told};

/// Show the digest of a topic's state: equal events, equal root
#[derive(Args)]
pub(crate) struct Root {
    /// The topic's name, or the start of its id
    topic: String,
}

impl Root {
    pub(crate) fn run(self, cx: &Context<'_>) -> Outcome<Exit> {
        let (_home, mut runtime) = cx.open_runtime()?;
        let topic = folded(&mut runtime, &self.topic)?;
        let root = runtime.root(topic.id).map_err(told("the root was not read"))?;
        let shown = Shown::from(root);
        cx.output.print(&shown, |out| {
            writeln!(out, "topic   {}", shown.topic)?;
            writeln!(out, "events  {}", shown.events)?;
            writeln!(out, "height  {}", shown.height)?;
            writeln!(out, "tip     {}", shown.tip.as_deref().unwrap_or("none"))?;
            match &shown.root {
                Some(root) => writeln!(out, "root    {root}"),
                None => writeln!(
                    out,
                    "root    none: not folded, for want of a bundle that is not installed"
                ),
            }
        })?;
        Ok(Exit::Ok)
    }
}
