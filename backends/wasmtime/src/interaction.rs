//! `interaction`.

use std::sync::Arc;

use myrhiza_kernel_api::host::InteractionHost;
use myrhiza_kernel_api::operation::Outcome;
use myrhiza_kernel_api::{Interaction, Returned};
use wasmtime::component::{ComponentExportIndex, ComponentType, Lower};

use crate::instance::{Callee, Compiled};

pub(crate) const EXPORT: &str = "render";

type Host = Box<dyn InteractionHost>;

/// Keeps its instance, memory and all, until a call traps.
pub(crate) struct Render {
    callee: Callee<dyn InteractionHost, (), ()>,
    press: Option<ComponentExportIndex>,
    complete: Option<ComponentExportIndex>,
}

impl Render {
    pub(crate) fn new(compiled: Arc<Compiled<dyn InteractionHost>>, fuel: u64) -> Self {
        let export = |name: &str| compiled.pre.component().get_export_index(None, name);
        let (press, complete) = (export("press"), export("complete"));
        Self { callee: Callee::new(compiled, fuel), press, complete }
    }
}

impl Interaction for Render {
    fn render(&mut self, host: Host) -> Returned<Host, ()> {
        self.callee.call(host, ())
    }

    fn press(&mut self, host: Host, words: &[String]) -> Returned<Host, ()> {
        match self.press {
            Some(press) => self.callee.call_other(press, host, (words,)),
            None => Returned::nothing(host),
        }
    }

    fn complete(&mut self, host: Host, token: u64, outcome: &Outcome) -> Returned<Host, ()> {
        match self.complete {
            Some(complete) => self.callee.call_other(complete, host, (token, lowered(outcome))),
            None => Returned::nothing(host),
        }
    }
}

#[derive(ComponentType, Lower)]
#[component(variant)]
enum Lowered<'a> {
    #[component(name = "declined")]
    Declined,
    #[component(name = "unavailable")]
    Unavailable(&'a str),
    #[component(name = "done")]
    Done,
    #[component(name = "chosen")]
    Chosen(u32),
    #[component(name = "text")]
    Text(&'a str),
    #[component(name = "file")]
    File(File<'a>),
    #[component(name = "subscribed")]
    Subscribed(&'a str),
}

#[derive(ComponentType, Lower)]
#[component(record)]
struct File<'a> {
    name: &'a str,
    bytes: &'a [u8],
}

fn lowered(outcome: &Outcome) -> Lowered<'_> {
    match outcome {
        Outcome::Declined => Lowered::Declined,
        Outcome::Unavailable(why) => Lowered::Unavailable(why),
        Outcome::Done => Lowered::Done,
        Outcome::Chosen(index) => Lowered::Chosen(*index),
        Outcome::Text(text) => Lowered::Text(text),
        Outcome::File { name, bytes } => Lowered::File(File { name, bytes }),
        Outcome::Subscribed(json) => Lowered::Subscribed(json),
        // One of a later version, which nothing here gives.
        _ => Lowered::Declined,
    }
}
