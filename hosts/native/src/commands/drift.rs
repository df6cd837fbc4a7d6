use std::io::{self, Write};

use clap::Args;
use myrhiza_api::Excerpt;
use myrhiza_api::drift::{Differs, Drift as Shown, Key, Ruling, State, Vote, Why};
use myrhiza_kernel::node::PeerStatus;
use myrhiza_kernel_api::TopicId;

use crate::console::note;
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::{Failure, Outcome};
use crate::node::Ask;
use crate::runtime::{folded, told};
use crate::text;

/// Show whether other homes have this one's state, and where not, why
#[derive(Args)]
pub(crate) struct Drift {
    /// The topic's name, or the start of its id
    topic: String,
    /// Compare it now with connected nodes that have the same events, instead of waiting until the app
    /// says; this home's node has to be up
    #[arg(long)]
    now: bool,
}

impl Drift {
    pub(crate) fn run(self, cx: &Context<'_>) -> Outcome<Exit> {
        let (_home, mut runtime) = cx.open_runtime()?;
        let topic = folded(&mut runtime, &self.topic)?.id;
        let shown = Shown::of(&mut runtime, topic);
        let shown = shown.map_err(told("what others have was not read"))?;
        if self.now {
            compare(cx, topic, shown.reports.iter().any(|report| report.until.is_none()))?;
        }
        cx.output.print(&shown, |out| print(&shown, out))?;
        Ok(Exit::Ok)
    }
}

/// Has the node compare the state with others', and says with how many. Once it has, it is known whether
/// any differs: who has the same state says nothing.
fn compare(cx: &Context<'_>, topic: TopicId, differs: bool) -> Outcome<()> {
    let Some(lent) = &cx.lent else {
        return Err(Failure::not_found(
            "no-node",
            "nothing was compared",
            "this home's node is not up",
            "start it with `myrhiza up`",
        ));
    };
    let complete = |peer: &&PeerStatus| peer.topics.get(&topic).is_some_and(|at| at.complete);
    let nodes = lent.status.peers.iter().filter(complete).count();
    cx.ask(Ask::Compare(topic));
    match nodes {
        0 => note!("no node with the same events is connected: nothing was compared"),
        nodes => {
            let nodes = text::count(nodes as u64, "node");
            match lent.again && !differs {
                true => note!("compared with {nodes}: all have the same state as this home"),
                false => note!("compared with {nodes}; who has another state is shown here"),
            }
        }
    }
    Ok(())
}

fn print(shown: &Shown, out: &mut dyn Write) -> io::Result<()> {
    match shown.anchors.last() {
        Some(State { count, root, .. }) => {
            writeln!(out, "last anchor  after {}, root {root}", text::count(*count, "event"))?;
        }
        None => {
            writeln!(
                out,
                "last anchor  none yet: nodes compare a topic's state every so many events,"
            )?;
            writeln!(out, "             as its app says, and this one has not got as far")?;
        }
    }
    for Vote { scope, agrees, state } in &shown.votes {
        let says = match agrees {
            Some(true) => "the same state as here",
            Some(false) => "another state than here",
            None => "not the same log as here, or not yet",
        };
        let count = text::count(state.count, "event");
        writeln!(out, "{}  after {count}: {says}", &scope[..16])?;
    }
    shown.reports.iter().try_for_each(|report| print_report(report, out))
}

fn print_report(report: &Differs, out: &mut dyn Write) -> io::Result<()> {
    let count = text::count(report.here.count, "event");
    writeln!(out, "{} has another state after {count}:", &report.scope[..16])?;
    for (side, state) in [("here ", &report.here), ("there", &report.there)] {
        let State { root, code, .. } = state;
        let (engine, engine_version) =
            (text::line(&state.engine), text::line(&state.engine_version));
        writeln!(out, "  {side}  root {root}, by `{engine}` ({engine_version})")?;
        writeln!(out, "         running code {code}")?;
    }
    match &report.explanation {
        Some(why) => print_why(why, out)?,
        None => writeln!(out, "  why is not known; a node that is connected to it asks")?,
    }
    match report.until {
        Some(until) => writeln!(out, "  both had one state again after {until} events"),
        None => Ok(()),
    }
}

fn print_why(why: &Why, out: &mut dyn Write) -> io::Result<()> {
    match &why.event {
        Some(event) => writeln!(out, "  they part at event {event}")?,
        None => writeln!(out, "  no event that was looked at wrote something else")?,
    }
    for (side, ruling) in [("here ", &why.here), ("there", &why.there)] {
        if let Some(Ruling { verdict, code, fuel }) = ruling {
            let code = if *code == 0 { String::new() } else { format!(" with code {code}") };
            writeln!(out, "    {side}  {verdict}{code}, fuel {fuel}")?;
        }
    }
    for Key { side, key, here, there } in &why.keys {
        let key = text::from_hex(key).unwrap_or_default();
        writeln!(out, "  key {} of the {side}'s part", text::bytes(&key))?;
        for (side, value) in [("here ", here), ("there", there)] {
            match value {
                Some(Excerpt { bytes, start }) => {
                    writeln!(out, "    {side}  {}: {start}", text::count(*bytes, "byte"))?;
                }
                None => writeln!(out, "    {side}  none")?,
            }
        }
    }
    if why.more {
        writeln!(out, "  and more keys")?;
    }
    match why.again {
        Some(true) => writeln!(out, "  folded here once more, it gave the same"),
        Some(false) => writeln!(out, "  folded here once more, it gave something else"),
        None => Ok(()),
    }
}
