//! What a command wants of the node it runs in, beside the home: it is done once the command has ended
//! without a failure.

use std::time::{Duration, Instant};

use myrhiza_kernel::node::Told;
use myrhiza_kernel::node::drive::{Node, Stopped, Watch};
use myrhiza_kernel::runtime::Waits as Waiting;
use myrhiza_kernel_api::{PeerAddress, TopicId};
use tokio::time::{Instant as TokioInstant, timeout_at};

use super::{Denials, LOOK};
use crate::device::Unsettled;
use crate::text;

/// How long who has another state is waited for.
const COMPARE: Duration = Duration::from_secs(5);
/// How long a peer with a topic is waited for, from the last sign that there is one.
const SIGN: Duration = Duration::from_secs(5);
/// How long a topic is waited for in all.
const HISTORY: Duration = Duration::from_secs(300);
/// How long anything is waited for at most, whatever a command says.
const LONGEST: Duration = Duration::from_secs(86_400);

/// One wish.
#[derive(Clone, Debug)]
pub(crate) enum Ask {
    /// That a peer is connected to, and stays so.
    Connect(PeerAddress),
    /// That this home's state is compared with that of peers; then the command is run again.
    Compare(TopicId),
    /// That topics are complete with a peer, or served by none, or so much time is over; then the command
    /// is run again.
    Complete(Vec<TopicId>, Duration),
    /// That a topic that is new here has come; the command's answer says how that went.
    History(TopicId),
    /// That a bundle has come, without which the command has failed; then it is run again.
    Bundle(Waits),
    /// That the user answers what an app asks, where the command was given.
    Person(Unsettled),
}

/// What a command waits for.
#[derive(Clone, Debug)]
pub(crate) struct Waits {
    /// For whoever waits.
    pub(crate) words: String,
    /// The topic whose peers have it, if not anybody has; what is not done where these deny it, and what
    /// to do about that.
    pub(crate) of: Option<(TopicId, String, String)>,
}

/// What is to be done with the command that wished.
pub(super) enum Then {
    Nothing,
    /// It is run again.
    Again,
    /// This is added to what it says.
    Say(String),
    /// This goes with its answer.
    Put(Unsettled),
}

impl Ask {
    /// Does it. `watch` is older than the command.
    pub(super) async fn satisfy(self, node: &Node, watch: &Watch) -> Result<Then, Stopped> {
        match self {
            Self::Connect(peer) => node.connect(peer).await.map(|()| Then::Nothing),
            Self::Compare(topic) => {
                if node.compare(topic).await? > 0 {
                    let explained = |told: &Told| matches!(told, Told::Drift { topic: of, event: Some(_), .. } if *of == topic);
                    until(watch, COMPARE, explained).await;
                }
                Ok(Then::Again)
            }
            Self::Complete(topics, patience) => {
                complete(node, watch, topics, patience).await.map(|()| Then::Again)
            }
            Self::History(topic) => history(node, watch, topic).await.map(Then::Say),
            // It has come: the command did not fail.
            Self::Bundle(_) => Ok(Then::Nothing),
            Self::Person(waiting) => Ok(Then::Put(waiting)),
        }
    }
}

/// Waits until something is told, so long at most.
async fn until(watch: &Watch, patience: Duration, mut is_it: impl FnMut(&Told) -> bool) -> bool {
    let end = TokioInstant::now() + patience.min(LONGEST);
    while let Ok(Ok(told)) = timeout_at(end, watch.recv()).await {
        if is_it(&told) {
            return true;
        }
    }
    false
}

/// Waits until topics are complete with a peer, but for those that nobody serves.
async fn complete(
    node: &Node,
    watch: &Watch,
    mut topics: Vec<TopicId>,
    patience: Duration,
) -> Result<(), Stopped> {
    let (end, mut denials) = (Instant::now() + patience.min(LONGEST), Denials::default());
    loop {
        let now = Instant::now();
        denials.look(&node.denied().await?, now);
        let open = topics.iter().any(|topic| !denials.stand(topic, now));
        if !open || now >= end || watch.is_closed() {
            return Ok(());
        }
        until(watch, LOOK.min(end - now), |told| {
            if let Told::Complete { topic, .. } = told {
                topics.retain(|missing| missing != topic);
            }
            topics.is_empty()
        })
        .await;
    }
}

/// Says so, and what is missing to use it as others do.
async fn its_history_is_here(node: &Node, topic: TopicId, events: u64) -> Result<String, Stopped> {
    let events = text::count(events, "event");
    let waits = node.call(move |seat, _| {
        let topics = seat.runtime.topics().unwrap_or_default();
        topics.into_iter().find(|known| known.id == topic).and_then(|known| known.waits)
    });
    Ok(match waits.await? {
        Some(waits @ Waiting::Upgrade { .. }) => format!(
            "its history is here: {events}; it goes on with {}, which is not installed: \
             `myrhiza app install` with the same ticket, or the topic's name, does",
            text::line(&waits.to_string())
        ),
        _ => format!("its history is here: {events}"),
    })
}

/// How many events of a topic a peer that is connected has, where this home has the same.
async fn complete_with_a_peer(node: &Node, topic: TopicId) -> Result<Option<u64>, Stopped> {
    let peers = node.peers().await?;
    let mut exchanges = peers.iter().filter_map(|peer| peer.topics.get(&topic));
    Ok(exchanges.find(|exchange| exchange.is_complete()).map(|exchange| exchange.total))
}

/// Waits for a topic's events as long as some come; how that went.
async fn history(node: &Node, watch: &Watch, topic: TopicId) -> Result<String, Stopped> {
    let start = Instant::now();
    // Where it was here, it may have been exchanged long ago.
    if let Some(events) = complete_with_a_peer(node, topic).await? {
        return its_history_is_here(node, topic, events).await;
    }
    loop {
        let (mut complete, mut reached) = (None, false);
        until(watch, SIGN, |told| {
            match told {
                Told::Complete { topic: of, events, .. } if *of == topic => {
                    complete = Some(*events)
                }
                Told::Shared { topic: of, .. } | Told::Progress { topic: of, .. }
                    if *of == topic =>
                {
                    reached = true;
                }
                _ => return false,
            }
            true
        })
        .await;
        if let Some(events) = complete {
            return its_history_is_here(node, topic, events).await;
        }
        if !reached || start.elapsed() > HISTORY {
            break;
        }
    }
    let peers = node.peers().await?;
    let exchange = |peer: &myrhiza_kernel::node::PeerStatus| peer.topics.get(&topic).copied();
    let known: Vec<_> = peers.iter().filter_map(exchange).collect();
    Ok(if node.denied().await?.contains(&topic) {
        "no peer that was reached shares it: was the ticket ended, is it spent, or were you removed? \
         After a removal a ticket lets in from a new home alone, which `myrhiza --home DIR init` makes"
            .into()
    } else if known.is_empty() {
        "no peer with this topic was reached yet; the node goes on trying".into()
    } else if known.iter().all(|exchange| exchange.denied) {
        "no peer that was reached shares it".into()
    } else {
        "its history is still coming; `myrhiza peers` shows how far it is".into()
    })
}
