use std::collections::BTreeMap;
use std::io::{self, Write};
use std::time::Duration;

use clap::Args;
use myrhiza_kernel::node::drive::{Stopped, Watch};
use myrhiza_kernel::node::{Seat, Told};
use myrhiza_kernel::runtime::{Runtime, RuntimeError, TopicSummary};
use myrhiza_kernel_api::{PeerAddress, TopicId};
use serde::Serialize;
use tokio::time::{Instant, timeout_at};
use unicode_width::UnicodeWidthStr as _;

use super::up::{Reach, peer};
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::{Failure, Outcome};
use crate::node::{self, Ask, Running, Status};
use crate::progress::{Events, Meter, Unit};
use crate::runtime::{tell_what_it_waits_for, told};
use crate::text;

const NOT_READ: &str = "the topics were not read";
/// How long a bundle is waited for, or more of one that is on its way.
const BUNDLE: Duration = Duration::from_secs(5);

/// Exchange this home's topics with their peers once, now
///
/// A node that is up does so all the time; then this waits until it is done.
#[derive(Args)]
pub(crate) struct Sync {
    #[command(flatten)]
    reach: Reach,
    /// A node to ask beside those known
    #[arg(long, value_name = "KEY@ADDRESS", value_parser = peer)]
    connect: Vec<PeerAddress>,
    /// How long to try, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 30)]
    patience: u64,
}

/// How long authors' topics are waited for once all others are complete.
const AUTHORS: Duration = Duration::from_secs(3);

#[derive(Serialize)]
struct Synced {
    topics: Vec<Topic>,
}

#[derive(Serialize)]
struct Topic {
    topic: String,
    name: String,
    /// Whether a peer had the same events in the end.
    complete: bool,
    events: u64,
}

impl Sync {
    pub(crate) fn run(self, cx: &Context<'_>) -> Outcome<Exit> {
        let complete = match &cx.lent {
            Some(lent) => self.of_node(cx, &lent.status)?,
            None => self.once(cx)?,
        };
        let (_home, runtime) = cx.open_runtime()?;
        let topics = runtime.topics().map_err(told(NOT_READ))?;
        topics.iter().for_each(tell_what_it_waits_for);
        let topic = |topic: TopicSummary| Topic {
            topic: topic.id.to_string(),
            complete: complete.contains(&topic.id),
            events: topic.record.events,
            name: topic.record.name,
        };
        let synced = Synced { topics: topics.into_iter().map(topic).collect() };
        cx.output.print(&synced, |out| synced.tell(out))?;
        let all = synced.topics.iter().all(|topic| topic.complete);
        Ok(if all { Exit::Ok } else { Exit::Refused })
    }

    /// The topics that are complete with a peer of the node this runs in, which is given time.
    fn of_node(self, cx: &Context<'_>, status: &Status) -> Outcome<Vec<TopicId>> {
        let topics = status.peers.iter().flat_map(|peer| &peer.topics);
        let complete = topics.filter(|(_, exchange)| exchange.complete).map(|(topic, _)| *topic);
        let complete: Vec<_> = complete.collect();
        self.connect.into_iter().for_each(|peer| cx.ask(Ask::Connect(peer)));
        let (_home, runtime) = cx.open_runtime()?;
        let (mut missing, _) = kept(&runtime).map_err(told(NOT_READ))?;
        missing.retain(|topic| !complete.contains(topic));
        if !missing.is_empty() {
            cx.ask(Ask::Complete(missing, Duration::from_secs(self.patience)));
        }
        Ok(complete)
    }

    /// Runs a node until every topic is complete with a peer, or patience ends.
    fn once(self, cx: &Context<'_>) -> Outcome<Vec<TopicId>> {
        let Self { reach, connect, patience } = self;
        let running = node::start(cx, |home| reach.settings(home))?;
        let done = running.tokio.block_on(exchange(&running, connect, patience));
        running.stop();
        done
    }
}

/// A home's topics, and those of authors.
fn kept(runtime: &Runtime) -> Result<(Vec<TopicId>, Vec<TopicId>), RuntimeError> {
    let authors: Vec<_> = runtime.authors()?.into_iter().map(|(_, topic)| topic).collect();
    let mut topics = runtime.topic_ids()?;
    topics.retain(|topic| !authors.contains(topic));
    Ok((topics, authors))
}

impl Synced {
    fn tell(&self, out: &mut dyn Write) -> io::Result<()> {
        if self.topics.is_empty() {
            writeln!(out, "there are no topics here; `myrhiza topic join TICKET` enters one")?;
        }
        let name = |topic: &Topic| text::line(&topic.name).into_owned();
        let width = self.topics.iter().map(|topic| name(topic).width()).max().unwrap_or(0);
        self.topics.iter().try_for_each(|topic| {
            let state = if topic.complete { "complete" } else { "no peer was reached for it" };
            let (name, events) = (name(topic), text::count(topic.events, "event"));
            let pad = " ".repeat(width - name.width());
            writeln!(out, "{}  {name}{pad}  {events}, {state}", &topic.topic[..16])
        })
    }
}

fn stopped(error: Stopped) -> Failure {
    let next = "run it again; with `--log info` it tells why it stops";
    Failure::refused("node", "the exchange was not finished", error.to_string(), next)
}

async fn exchange(
    running: &Running,
    connect: Vec<PeerAddress>,
    patience: u64,
) -> Outcome<Vec<TopicId>> {
    let watch: Watch = running.node.watch();
    for peer in connect {
        running.node.connect(peer).await.map_err(stopped)?;
    }
    let topics = running.node.call(|seat, _| kept(&seat.runtime)).await.map_err(stopped)?;
    let (topics, authors) = topics.map_err(told(NOT_READ))?;
    let (end, mut complete) = (Instant::now() + Duration::from_secs(patience), BTreeMap::new());
    let mut authors_end = None;
    let progress = Events::new("exchanging");
    let has = |complete: &BTreeMap<TopicId, u64>, topic| complete.contains_key(topic);
    loop {
        let mut until = end;
        if topics.iter().all(|topic| has(&complete, topic)) {
            if authors.iter().all(|topic| has(&complete, topic)) {
                break;
            }
            // What authors say is had by the way, from whoever happens to have it.
            until = end.min(*authors_end.get_or_insert_with(|| Instant::now() + AUTHORS));
        }
        let Ok(Ok(told)) = timeout_at(until, watch.recv()).await else { break };
        match *told {
            Told::Progress { topic, known, total, .. } => progress.at(topic, known, total),
            Told::Complete { topic, events, .. } => {
                progress.at(topic, events, events);
                complete.insert(topic, events);
            }
            _ => {}
        }
    }
    drop(progress);
    bundles(running, &watch, complete.keys().copied().collect()).await?;
    Ok(complete.into_keys().collect())
}

/// Waits for the bundles that topics lack and peers give, as long as some of one comes.
async fn bundles(running: &Running, watch: &Watch, topics: Vec<TopicId>) -> Outcome<()> {
    let progress = Meter::new("fetching", Unit::Bytes);
    let mut end = Instant::now() + BUNDLE;
    loop {
        let topics = topics.clone();
        let lacking = move |seat: &mut Seat, _| {
            topics.iter().any(|topic| matches!(seat.runtime.lacks(*topic), Ok(Some(_))))
        };
        if !running.node.call(lacking).await.map_err(stopped)? {
            return Ok(());
        }
        match timeout_at(end, watch.recv()).await {
            Ok(Ok(told)) => {
                if let Told::Fetching { bytes, total, .. } = *told {
                    end = Instant::now() + BUNDLE;
                    progress.at(bytes, total);
                }
            }
            // The topic's line says what is missing.
            _ => return Ok(()),
        }
    }
}
