//! The thread that reads and acts, so that the screen never waits; and what tells it of changes.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::thread;
use std::time::{Duration, SystemTime};

use serde::Deserialize;

use super::source::{Asked, Source, Told};
use super::state::Event;
use crate::node::NodeFile;

/// How often it is looked whether there is something new, where nobody tells.
const LOOK: Duration = Duration::from_secs(1);

/// Does what is asked and tells of changes, until nobody asks any more.
pub(super) fn work(source: &Source, asked: &Receiver<Asked>, tell: &Sender<Event>) {
    // However this ends, the screen is not left without anybody who answers.
    let _end = Ended(tell.clone());
    let mut watch = Watch::new(source);
    loop {
        match asked.recv_timeout(LOOK) {
            Ok(asked) => {
                // Before it is read, so that nothing that is written meanwhile goes unseen.
                watch.stamp = source.stamp();
                let (told, remark) = source.answer(asked);
                for told in [told].into_iter().chain(remark) {
                    if tell.send(Event::Told(told)).is_err() {
                        return;
                    }
                }
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return,
        }
        if watch.sees_change(source, tell) && tell.send(Event::Told(Told::Changed(None))).is_err() {
            return;
        }
    }
}

/// Says that it is over when it is dropped.
struct Ended(Sender<Event>);

impl Drop for Ended {
    fn drop(&mut self) {
        let _ = self.0.send(Event::End);
    }
}

/// What was last seen.
struct Watch {
    stamp: Vec<(SystemTime, u64)>,
    listening: Option<Listening>,
}

/// A node whose notices are taken.
struct Listening {
    token: String,
    ended: Arc<AtomicBool>,
}

impl Watch {
    fn new(source: &Source) -> Self {
        Self { stamp: source.stamp(), listening: None }
    }

    /// Whether the home may be another than it was, but for what a node's notices tell of.
    fn sees_change(&mut self, source: &Source, tell: &Sender<Event>) -> bool {
        let listens =
            self.listening.as_ref().is_some_and(|node| !node.ended.load(Ordering::Relaxed));
        if listens {
            return false;
        }
        // One that does not answer is tried again.
        if let Ok(Some(node)) = source.node() {
            let is_new = self.listening.as_ref().is_none_or(|old| old.token != node.token);
            self.listening = Some(Listening::start(&node, tell.clone()));
            // What was told in between was missed; a first notice says so as well.
            return is_new;
        }
        let went = self.listening.take().is_some();
        let stamp = source.stamp();
        let changed = stamp != self.stamp;
        self.stamp = stamp;
        went || changed
    }
}

/// A notice of a node, as far as it matters here (`myrhiza_api::Notice`).
#[derive(Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
enum Notice {
    Here {},
    Topic {
        topic: String,
    },
    Withdrawn {
        name: String,
        reason: String,
    },
    Drift {
        topic: String,
    },
    Fault {
        what: String,
        cause: String,
    },
    #[serde(other)]
    Other,
}

impl Listening {
    fn start(node: &NodeFile, tell: Sender<Event>) -> Self {
        let ended = Arc::new(AtomicBool::new(false));
        let (node_file, flag) = (node.clone(), ended.clone());
        // It ends with the node, or with this process.
        thread::spawn(move || {
            listen(&node_file, &tell);
            flag.store(true, Ordering::Relaxed);
        });
        Self { token: node.token.clone(), ended }
    }
}

fn listen(node: &NodeFile, tell: &Sender<Event>) {
    let Ok(lines) = node.notices() else { return };
    for line in lines {
        let Ok(line) = line else { return };
        let told = match serde_json::from_str(&line) {
            Ok(Notice::Here {}) => Told::Changed(None),
            Ok(Notice::Topic { topic }) => Told::Changed(topic.parse().ok()),
            Ok(Notice::Withdrawn { name, reason }) => {
                Told::Remark(format!("the app {name} was revoked by its author: {reason}"))
            }
            Ok(Notice::Drift { topic }) => Told::Remark(format!(
                "another home has another state of topic {topic}: `myrhiza drift` says more"
            )),
            Ok(Notice::Fault { what, cause }) => Told::Remark(format!("{what}: {cause}")),
            Ok(Notice::Other) | Err(_) => continue,
        };
        if tell.send(Event::Told(told)).is_err() {
            return;
        }
    }
}
