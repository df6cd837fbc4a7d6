use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};
use std::time::Duration;

use clap::Args;
use myrhiza_kernel::node::drive::{Stopped, Watch};
use myrhiza_kernel::node::{Seat, Told};
use myrhiza_kernel::runtime::{Runtime, RuntimeError, TopicSummary};
use myrhiza_kernel_api::transport::ADDRESSES;
use myrhiza_kernel_api::{PeerAddress, PublicKey, TopicId};
use serde::Serialize;
use tokio::time::{Instant, timeout_at};
use unicode_width::UnicodeWidthStr as _;

use super::up::{Reach, peer};
use crate::console::note;
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::{Failure, Outcome};
use crate::node::{self, Ask, Denials, LOOK, Running, Status};
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
    #[arg(long, value_name = "SECONDS", default_value_t = 30,
          value_parser = clap::value_parser!(u64).range(..=LONGEST))]
    patience: u64,
}

/// Most seconds it may try: a day.
const LONGEST: u64 = 86_400;
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
    state: State,
    events: u64,
}

/// How the exchange of a topic ended.
#[derive(Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum State {
    /// A peer had the same events.
    Complete,
    /// No peer that was reached and has it shares it with this home.
    Denied,
    /// This home's key is not in it, so that no peer would share it.
    Outside,
    /// No peer was reached for it.
    Unreached,
}

/// What is known at the end.
#[derive(Default)]
struct Reached {
    complete: Vec<TopicId>,
    denied: BTreeSet<TopicId>,
}

impl Reached {
    fn state(&self, topic: TopicId) -> State {
        match (self.complete.contains(&topic), self.denied.contains(&topic)) {
            (true, _) => State::Complete,
            (false, true) => State::Denied,
            (false, false) => State::Unreached,
        }
    }
}

impl Sync {
    pub(crate) fn run(self, cx: &Context<'_>) -> Outcome<Exit> {
        let reached = match &cx.lent {
            Some(lent) => self.of_node(cx, &lent.status)?,
            None => self.once(cx)?,
        };
        let (home, runtime) = cx.open_runtime()?;
        let scope = home.certificate().scope();
        let topics = runtime.topics().map_err(told(NOT_READ))?;
        topics.iter().for_each(tell_what_it_waits_for);
        let topic = |topic: TopicSummary| -> Result<Topic, RuntimeError> {
            let state = match reached.state(topic.id) {
                State::Complete => State::Complete,
                _ if !runtime.has_way_in(topic.id, scope)? => State::Outside,
                state => state,
            };
            Ok(Topic {
                topic: topic.id.to_string(),
                complete: state == State::Complete,
                state,
                events: topic.record.events,
                name: topic.record.name,
            })
        };
        let topics = topics.into_iter().map(topic).collect::<Result<Vec<_>, _>>();
        let synced = Synced { topics: topics.map_err(told(NOT_READ))? };
        cx.output.print(&synced, |out| synced.tell(out))?;
        let are_any = |state| synced.topics.iter().any(|topic| topic.state == state);
        if are_any(State::Unreached) {
            note!("a ticket that is made while a node of its maker's is up says where that is:");
            note!("`myrhiza topic join TICKET`, also where the topic is here; or give `--connect`");
        }
        if are_any(State::Outside) {
            note!(
                "a new key of a member's, as in a copied home, comes in by itself once the topic's app is"
            );
            note!(
                "installed: `myrhiza app install FILE`; else it takes a ticket: `topic join TICKET`"
            );
        }
        let is_missing = are_any(State::Unreached) || are_any(State::Outside);
        Ok(match (is_missing, are_any(State::Denied)) {
            (true, _) => Exit::Refused,
            (false, true) => Exit::Denied,
            (false, false) => Exit::Ok,
        })
    }

    /// The topics that are complete with a peer of the node this runs in, which is given time.
    fn of_node(self, cx: &Context<'_>, status: &Status) -> Outcome<Reached> {
        let topics = status.peers.iter().flat_map(|peer| &peer.topics);
        let complete = topics.filter(|(_, exchange)| exchange.complete).map(|(topic, _)| *topic);
        let reached = Reached { complete: complete.collect(), denied: status.denied.clone() };
        self.connect.into_iter().for_each(|peer| cx.ask(Ask::Connect(peer)));
        let (home, runtime) = cx.open_runtime()?;
        let kept = kept(&runtime, home.certificate().scope());
        let (mut missing, _) = kept.map_err(told(NOT_READ))?;
        missing.retain(|topic| reached.state(*topic) != State::Complete);
        if !missing.is_empty() {
            cx.ask(Ask::Complete(missing, Duration::from_secs(self.patience)));
        }
        Ok(reached)
    }

    /// Runs a node until every topic is complete with a peer or served by none, or patience ends.
    fn once(self, cx: &Context<'_>) -> Outcome<Reached> {
        let Self { reach, connect, patience } = self;
        find_again(cx, &connect)?;
        let running = node::start(cx, |home| reach.settings(home))?;
        let done = running.tokio.block_on(exchange(&running, connect, patience));
        running.stop();
        done
    }
}

/// Has a node that is not up yet look for peers where the user says they are too, and not only where they
/// were: an attempt that is under way is not another's.
fn find_again(cx: &Context<'_>, named: &[PeerAddress]) -> Outcome<()> {
    if named.is_empty() {
        return Ok(());
    }
    let (_home, mut runtime) = cx.open_runtime()?;
    renew(&mut runtime, named).map_err(told(NOT_READ))
}

fn renew(runtime: &mut Runtime, named: &[PeerAddress]) -> Result<(), RuntimeError> {
    for topic in runtime.topic_ids()? {
        let known = runtime.peers_of(topic)?;
        let renewed = known.iter().filter_map(|known| {
            let named = named.iter().find(|named| named.key == known.key)?;
            let mut addresses = named.addresses.clone();
            let others =
                known.addresses.iter().filter(|address| !named.addresses.contains(address));
            addresses.extend(others.cloned());
            addresses.truncate(ADDRESSES);
            Some(PeerAddress { key: known.key, addresses })
        });
        runtime.remember_peers(topic, &renewed.collect::<Vec<_>>())?;
    }
    Ok(())
}

/// The topics that peers may share with a home's key, and those of authors.
fn kept(runtime: &Runtime, scope: PublicKey) -> Result<(Vec<TopicId>, Vec<TopicId>), RuntimeError> {
    let authors: Vec<_> = runtime.authors()?.into_iter().map(|(_, topic)| topic).collect();
    let mut topics = Vec::new();
    for topic in runtime.topic_ids()? {
        if !authors.contains(&topic) && runtime.has_way_in(topic, scope)? {
            topics.push(topic);
        }
    }
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
            let state = match topic.state {
                State::Complete => "complete",
                State::Denied => "no peer that was reached shares it with this home",
                State::Outside => "this home's key is not in it yet: no peer shares it",
                State::Unreached => "no peer was reached for it",
            };
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

async fn exchange(running: &Running, connect: Vec<PeerAddress>, patience: u64) -> Outcome<Reached> {
    let watch: Watch = running.node.watch();
    for peer in connect {
        running.node.connect(peer).await.map_err(stopped)?;
    }
    let topics = running.node.call(|seat, _| kept(&seat.runtime, seat.certificate.scope()));
    let topics = topics.await.map_err(stopped)?;
    let (topics, authors) = topics.map_err(told(NOT_READ))?;
    let (end, mut complete) = (Instant::now() + Duration::from_secs(patience), BTreeMap::new());
    let (mut look, mut denials) = (Instant::now(), Denials::default());
    let mut authors_end = None;
    let progress = Events::new("exchanging");
    loop {
        let now = Instant::now();
        if now >= look {
            look = now + LOOK;
            denials.look(&running.node.denied().await.map_err(stopped)?, now.into_std());
        }
        let has = |topic: &TopicId| complete.contains_key(topic);
        let is_over = |topic: &TopicId| has(topic) || denials.stand(topic, now.into_std());
        let mut until = end;
        if topics.iter().all(is_over) {
            if authors.iter().all(has) {
                break;
            }
            // What authors say is had by the way, from whoever happens to have it.
            until = end.min(*authors_end.get_or_insert_with(|| now + AUTHORS));
        }
        if now >= until {
            break;
        }
        let told = match timeout_at(until.min(look), watch.recv()).await {
            Ok(Ok(told)) => told,
            Ok(Err(_)) => break,
            Err(_) => continue,
        };
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
    let complete: Vec<_> = complete.into_keys().collect();
    bundles(running, &watch, complete.clone()).await?;
    Ok(Reached { complete, denied: denials.topics() })
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
