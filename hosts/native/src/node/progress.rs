//! How far a node is with what takes long, for whoever waits for a command of theirs.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use myrhiza_kernel::node::Seat;
use myrhiza_kernel::node::drive::Node;
use myrhiza_kernel::runtime::Busy;
use serde::{Deserialize, Serialize};

use super::NodeFile;
use super::client;
use super::heard::Heard;
use crate::console::note;
use crate::progress::{Meter, PATIENCE, Unit};
use crate::text;

/// How often a node is asked.
const EVERY: Duration = Duration::from_millis(250);
/// How long its word is waited for: a kernel that is busy gives none.
pub(super) const ANSWER: Duration = Duration::from_secs(1);

/// So many times in a row it gives no word before that is said.
const SILENT: u32 = 3;

/// How far a node is.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Progress {
    /// Of the bundles it fetches, in bytes.
    bundles: Done,
    /// Of the topics that it exchanges and that are not complete, in events.
    topics: Done,
    /// Of the topics that it folds, in events.
    #[serde(default)]
    folds: Done,
    /// What commands wait for, by the process that asked.
    #[serde(default)]
    waits: BTreeMap<u32, String>,
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

/// What a node's commands wait for.
#[derive(Clone, Default)]
pub(super) struct Waiting(Arc<Mutex<BTreeMap<u32, String>>>);

impl Waiting {
    /// A process waits for this until the guard is dropped.
    pub(super) fn say(&self, pid: u32, words: &str) -> Said {
        self.all().insert(pid, words.to_owned());
        Said { waiting: self.clone(), pid }
    }

    fn all(&self) -> MutexGuard<'_, BTreeMap<u32, String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a process waits for is said until this is dropped.
pub(super) struct Said {
    waiting: Waiting,
    pid: u32,
}

impl Drop for Said {
    fn drop(&mut self) {
        self.waiting.all().remove(&self.pid);
    }
}

impl Progress {
    /// How far a node is now; nothing where it has no time to say.
    pub(super) async fn of(node: &Node, heard: &Heard, waiting: &Waiting) -> Self {
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
        let folding = |seat: &mut Seat, _| -> Vec<_> {
            let topics = seat.runtime.at_work();
            topics.filter_map(|topic| seat.runtime.busy(topic).ok().flatten()).collect()
        };
        let busy = tokio::time::timeout(ANSWER, node.call(folding)).await;
        let folds = busy.into_iter().flatten().flatten().filter_map(|busy| match busy {
            Busy::Folding { folded, events } => Some((folded, events)),
            Busy::Removing => None,
        });
        let heard = heard.now();
        Self {
            folds: Done::all(folds),
            bundles: Done::all(heard.fetches().map(|(_, bytes, total)| (bytes, total))),
            topics: Done::all(under_way.map(|(known, total, _)| (known, total))),
            waits: waiting.all().clone(),
        }
    }
}

/// Does what waits for a node, and shows meanwhile how far the node is.
pub(super) fn shown<T>(node: &NodeFile, work: impl FnOnce() -> T) -> T {
    let (working, ended) = mpsc::channel::<()>();
    thread::scope(|scope| {
        scope.spawn(move || {
            let bundles = Meter::new("fetching", Unit::Bytes);
            let folds = Meter::new("folding", Unit::Events);
            let topics = Meter::new("exchanging", Unit::Events);
            let (mut wait, mut said, mut silent) = (PATIENCE, String::new(), 0_u32);
            while ended.recv_timeout(wait) == Err(RecvTimeoutError::Timeout) {
                wait = EVERY;
                let Some(progress) = client::progress(node) else {
                    silent = silent.saturating_add(1);
                    if silent == SILENT {
                        let pid = node.pid;
                        note!("waiting for the home's node (process {pid}), which does not answer");
                    }
                    continue;
                };
                // Once said, that stands.
                silent = if silent < SILENT { 0 } else { silent };
                // Once: that it goes on is not news.
                if let Some(words) = progress.waits.get(&std::process::id())
                    && *words != said
                {
                    said.clone_from(words);
                    note!("waiting for {}", text::line(words));
                }
                // One bar at a time: a bundle is what is waited for where there is one.
                match progress {
                    Progress { bundles: Done { done, of }, .. } if of > 0 => bundles.at(done, of),
                    Progress { folds: Done { done, of }, .. } if of > 0 => folds.at(done, of),
                    Progress { topics: Done { done, of }, .. } if of > 0 => topics.at(done, of),
                    _ => {}
                }
            }
        });
        let result = work();
        drop(working);
        result
    })
}
