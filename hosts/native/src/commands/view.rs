use clap::Args;
use myrhiza_api::view::nodes;
use serde_json::json;

use crate::context::{Context, with_ambient};
use crate::exit::Exit;
use crate::failure::Outcome;
use crate::progress;
use crate::runtime::{tell_if_it_is_behind, told, topic};
use crate::view::{self, Colours};

/// Show a topic as its app does, with what can be done
#[derive(Args)]
pub(crate) struct View {
    /// The topic's name, or the start of its id
    topic: String,
}

impl View {
    pub(crate) fn run(self, cx: &Context<'_>) -> Outcome<Exit> {
        let (home, mut runtime) = cx.open_runtime()?;
        let topic = topic(&runtime, &self.topic)?;
        tell_if_it_is_behind(&topic);
        let view = with_ambient(|ambient| {
            progress::during("rendering", || runtime.view(topic.id, home.person(), ambient))
                .map_err(told("there is no view to show"))
                .map_err(|failure| failure.about(&topic.record.name))
        })?;
        let (all, _) = nodes(view.clone(), usize::MAX);
        let value = json!({ "topic": topic.id.to_string(), "nodes": all });
        cx.output
            .print(&value, |out| view::write(out, &view, &self.topic, Colours::of_stdout()))?;
        Ok(Exit::Ok)
    }
}
