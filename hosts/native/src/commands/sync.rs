use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use myrhiza_kernel::node::Told;
use myrhiza_kernel::node::drive::Watch;
use myrhiza_kernel::runtime::{Runtime, RuntimeError};
use myrhiza_kernel_api::{PeerAddress, TopicId};
use serde::Serialize;
use tokio::time::{Instant, timeout_at};

use super::up::{Reach, peer};
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::{Failure, Outcome};
use crate::node::{self, Running};
use crate::progress::Events;
use crate::runtime::told;
use crate::text;

/// Exchange this home's topics with their peers once, now
///
/// A node that is up does so all the time; then this says how far it is.
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
            Some(lent) => {
                let topics = lent.status.peers.iter().flat_map(|peer| &peer.topics);
                let complete = topics.filter(|(_, exchange)| exchange.complete);
                complete.map(|(topic, _)| *topic).collect::<Vec<_>>()
            }
            None => self.once(cx)?,
        };
        let (_home, runtime) = cx.open_runtime()?;
        let topics = runtime.topics().map_err(told("the topics were not read"))?;
        let topic = |topic: myrhiza_kernel::runtime::TopicSummary| Topic {
            topic: topic.id.to_string(),
            complete: complete.contains(&topic.id),
            events: topic.record.events,
            name: topic.record.name,
        };
        let synced = Synced { topics: topics.into_iter().map(topic).collect() };
        cx.output.print(&synced, |out| {
            synced.topics.iter().try_for_each(|topic| {
                let state = if topic.complete { "complete" } else { "no peer was reached for it" };
                let (name, events) = (text::line(&topic.name), text::count(topic.events, "event"));
                writeln!(out, "{}  {name}: {state}, {events}", &topic.topic[..16])
            })
        })?;
        let all = synced.topics.iter().all(|topic| topic.complete);
        Ok(if all { Exit::Ok } else { Exit::Refused })
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

async fn exchange(
    running: &Running,
    connect: Vec<PeerAddress>,
    patience: u64,
) -> Outcome<Vec<TopicId>> {
    let stopped = |error: myrhiza_kernel::node::drive::Stopped| {
        Failure::refused("node", "nothing was exchanged", error.to_string(), "run it again")
    };
    let watch: Watch = running.node.watch();
    for peer in connect {
        running.node.connect(peer).await.map_err(stopped)?;
    }
    let topics = running.node.call(|seat, _| kept(&seat.runtime)).await.map_err(stopped)?;
    let (topics, authors) = topics.map_err(told("the topics were not read"))?;
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
        match *Arc::clone(&told) {
            Told::Progress { topic, known, total, .. } => progress.at(topic, known, total),
            Told::Complete { topic, events, .. } => {
                progress.at(topic, events, events);
                complete.insert(topic, events);
            }
            _ => {}
        }
    }
    Ok(complete.into_keys().collect())
}
