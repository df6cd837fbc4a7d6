//! How far a node is with what takes long, for whoever waits for a command of theirs.

use std::collections::BTreeMap;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use myrhiza_kernel::node::drive::Node;
use serde::{Deserialize, Serialize};

use super::NodeFile;
use super::client;
use super::heard::Heard;
use crate::progress::{Meter, PATIENCE, Unit};

/// How often a node is asked.
const EVERY: Duration = Duration::from_millis(250);
/// How long its word is waited for: a kernel that is busy gives none.
pub(super) const ANSWER: Duration = Duration::from_secs(1);

/// How far a node is.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Progress {
    /// Of the bundles it fetches, in bytes.
    bundles: Done,
    /// Of the topics that it exchanges and that are not complete, in events.
    topics: Done,
}

/// So many of so many.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Done {
    done: u64,
    of: u64,
}

impl Done {
    fn all(parts: impl Iterator<Item = (u64, u64)>) -> Self {
        let add = |sum: Self, (done, of): (u64, u64)| Self {
            done: sum.done.saturating_add(done),
            of: sum.of.saturating_add(of),
        };
        parts.fold(Self::default(), add)
    }
}

impl Progress {
    /// How far a node is now; nothing where it has no time to say.
    pub(super) async fn of(node: &Node, heard: &Heard) -> Self {
        let peers = tokio::time::timeout(ANSWER, node.peers()).await;
        let mut topics = BTreeMap::new();
        for peer in peers.into_iter().flatten().flatten() {
            for (topic, exchange) in peer.topics {
                let at = topics.entry(topic).or_insert((0, 0, false));
                let further = at.1 < exchange.total;
                if further {
                    (at.0, at.1) = (exchange.known, exchange.total);
                }
                at.2 |= exchange.complete || exchange.denied;
            }
        }
        let under_way = topics.into_values().filter(|(.., over)| !over);
        let heard = heard.now();
        Self {
            bundles: Done::all(heard.fetches().map(|(_, bytes, total)| (bytes, total))),
            topics: Done::all(under_way.map(|(known, total, _)| (known, total))),
        }
    }
}

/// Does what waits for a node, and shows meanwhile how far the node is.
pub(super) fn shown<T>(node: &NodeFile, work: impl FnOnce() -> T) -> T {
    let (working, ended) = mpsc::channel::<()>();
    thread::scope(|scope| {
        scope.spawn(move || {
            let bundles = Meter::new("fetching", Unit::Bytes);
            let topics = Meter::new("exchanging", Unit::Events);
            let mut wait = PATIENCE;
            while ended.recv_timeout(wait) == Err(RecvTimeoutError::Timeout) {
                wait = EVERY;
                // One bar at a time: a bundle is what is waited for where there is one.
                match client::progress(node) {
                    Some(Progress { bundles: Done { done, of }, .. }) if of > 0 => {
                        bundles.at(done, of);
                    }
                    Some(Progress { topics: Done { done, of }, .. }) if of > 0 => {
                        topics.at(done, of);
                    }
                    _ => {}
                }
            }
        });
        let result = work();
        drop(working);
        result
    })
}
