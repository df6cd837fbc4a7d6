use std::io::{self, Write};

use clap::Args;
use myrhiza_kernel::drift::{Anchor, Differing, Engine, Explanation, Outcome as Judged, Report};
use myrhiza_kernel::node::PeerStatus;
use myrhiza_kernel::runtime::KnownVote;
use myrhiza_kernel_api::TopicId;
use serde::Serialize;

use crate::console::note;
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::{Failure, Outcome};
use crate::node::Ask;
use crate::runtime::{folded, told, verdict};
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

#[derive(Serialize)]
struct Shown {
    topic: String,
    anchors: Vec<State>,
    votes: Vec<Vote>,
    reports: Vec<Differs>,
}

/// What a home has after a number of events.
#[derive(Serialize)]
struct State {
    count: u64,
    event: String,
    root: String,
    code: String,
    engine: String,
    engine_version: String,
}

#[derive(Serialize)]
struct Vote {
    scope: String,
    /// `null` where it cannot be compared.
    agrees: Option<bool>,
    #[serde(flatten)]
    state: State,
}

#[derive(Serialize)]
struct Differs {
    scope: String,
    here: State,
    there: State,
    /// The count of the first point after it where both had one state again.
    until: Option<u64>,
    explanation: Option<Why>,
}

#[derive(Serialize)]
struct Why {
    peer: String,
    agreed: Option<u64>,
    event: Option<String>,
    here: Option<Ruling>,
    there: Option<Ruling>,
    keys: Vec<Key>,
    more: bool,
    again: Option<bool>,
}

#[derive(Serialize)]
struct Ruling {
    verdict: &'static str,
    code: u32,
    fuel: u64,
}

#[derive(Serialize)]
struct Key {
    side: &'static str,
    key: String,
    here: Option<Value>,
    there: Option<Value>,
}

#[derive(Serialize)]
struct Value {
    bytes: u64,
    start: String,
}

impl Drift {
    pub(crate) fn run(self, cx: &Context<'_>) -> Outcome<Exit> {
        let (_home, mut runtime) = cx.open_runtime()?;
        let topic = folded(&mut runtime, &self.topic)?.id;
        let anchors = runtime.anchors(topic).map_err(told("the anchors were not read"))?;
        let votes = runtime.votes(topic).map_err(told("the votes were not read"))?;
        let reports = runtime.drift_reports(topic).map_err(told("the reports were not read"))?;
        if self.now {
            compare(cx, topic, reports.iter().any(|report| report.until.is_none()))?;
        }
        let shown = Shown {
            topic: topic.to_string(),
            anchors: anchors.iter().map(State::at).collect(),
            votes: votes.iter().map(Vote::of).collect(),
            reports: reports.iter().map(Differs::of).collect(),
        };
        cx.output.print(&shown, |out| shown.print(out))?;
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

impl State {
    fn at(anchor: &Anchor) -> Self {
        let Anchor { count, last, state_root, engine } = anchor;
        Self::of(*count, last.id.to_string(), state_root.to_string(), engine)
    }

    fn voted(vote: &myrhiza_kernel::drift::Vote) -> Self {
        let at = vote.at();
        Self::of(at.count, at.last.id.to_string(), vote.state_root().to_string(), vote.engine())
    }

    fn of(count: u64, event: String, root: String, engine: &Engine) -> Self {
        Self {
            count,
            event,
            root,
            code: engine.code.to_string(),
            engine: text::line(&engine.name).into_owned(),
            engine_version: text::line(&engine.version).into_owned(),
        }
    }
}

impl Vote {
    fn of(known: &KnownVote) -> Self {
        let KnownVote { vote, agrees } = known;
        Self { scope: vote.scope().to_string(), agrees: *agrees, state: State::voted(vote) }
    }
}

impl Differs {
    fn of(report: &Report) -> Self {
        Self {
            scope: report.theirs.scope().to_string(),
            here: State::voted(&report.ours),
            there: State::voted(&report.theirs),
            until: report.until,
            explanation: report.explanation.as_ref().map(Why::of),
        }
    }
}

impl Why {
    fn of(explanation: &Explanation) -> Self {
        let Explanation { peer, agreed, event, here, there, keys, more, again } = explanation;
        Self {
            peer: peer.to_string(),
            agreed: *agreed,
            event: event.map(|place| place.id.to_string()),
            here: here.map(Ruling::of),
            there: there.map(Ruling::of),
            keys: keys.iter().map(Key::of).collect(),
            more: *more,
            again: *again,
        }
    }
}

impl Ruling {
    fn of(Judged { verdict: ended, code, fuel }: Judged) -> Self {
        Self { verdict: verdict(ended), code, fuel }
    }
}

impl Key {
    fn of(Differing { key, here, there }: &Differing) -> Self {
        let value = |shown: &myrhiza_kernel::drift::Shown| Value {
            bytes: shown.len,
            start: text::hex(&shown.start),
        };
        let (side, key) = key.split_first().unwrap_or((&0, &[][..]));
        Self {
            side: if *side == 0 { "kernel" } else { "app" },
            key: text::hex(key),
            here: here.as_ref().map(value),
            there: there.as_ref().map(value),
        }
    }
}

impl Shown {
    fn print(&self, out: &mut dyn Write) -> io::Result<()> {
        match self.anchors.last() {
            Some(State { count, root, .. }) => {
                writeln!(out, "last anchor  after {}, root {root}", text::count(*count, "event"))?;
            }
            None => writeln!(out, "last anchor  none yet")?,
        }
        for Vote { scope, agrees, state } in &self.votes {
            let says = match agrees {
                Some(true) => "the same state as here",
                Some(false) => "another state than here",
                None => "not the same log as here, or not yet",
            };
            let count = text::count(state.count, "event");
            writeln!(out, "{}  after {count}: {says}", &scope[..16])?;
        }
        self.reports.iter().try_for_each(|report| report.print(out))
    }
}

impl Differs {
    fn print(&self, out: &mut dyn Write) -> io::Result<()> {
        let count = text::count(self.here.count, "event");
        writeln!(out, "{} has another state after {count}:", &self.scope[..16])?;
        for (side, state) in [("here ", &self.here), ("there", &self.there)] {
            let State { root, code, engine, engine_version, .. } = state;
            writeln!(out, "  {side}  root {root}, by `{engine}` ({engine_version})")?;
            writeln!(out, "         running code {code}")?;
        }
        match &self.explanation {
            Some(why) => why.print(out)?,
            None => writeln!(out, "  why is not known; a node that is connected to it asks")?,
        }
        match self.until {
            Some(until) => writeln!(out, "  both had one state again after {until} events"),
            None => Ok(()),
        }
    }
}

impl Why {
    fn print(&self, out: &mut dyn Write) -> io::Result<()> {
        match &self.event {
            Some(event) => writeln!(out, "  they part at event {event}")?,
            None => writeln!(out, "  no event that was looked at wrote something else")?,
        }
        for (side, ruling) in [("here ", &self.here), ("there", &self.there)] {
            if let Some(Ruling { verdict, code, fuel }) = ruling {
                let code = if *code == 0 { String::new() } else { format!(" with code {code}") };
                writeln!(out, "    {side}  {verdict}{code}, fuel {fuel}")?;
            }
        }
        for Key { side, key, here, there } in &self.keys {
            let key = text::from_hex(key).unwrap_or_default();
            writeln!(out, "  key {} of the {side}'s part", text::bytes(&key))?;
            for (side, value) in [("here ", here), ("there", there)] {
                match value {
                    Some(Value { bytes, start }) => {
                        writeln!(out, "    {side}  {}: {start}", text::count(*bytes, "byte"))?;
                    }
                    None => writeln!(out, "    {side}  none")?,
                }
            }
        }
        if self.more {
            writeln!(out, "  and more keys")?;
        }
        match self.again {
            Some(true) => writeln!(out, "  folded here once more, it gave the same"),
            Some(false) => writeln!(out, "  folded here once more, it gave something else"),
            None => Ok(()),
        }
    }
}
