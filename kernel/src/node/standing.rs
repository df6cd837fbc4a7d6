//! How this home stands in its topics with its peers: where none of them serves it any more, and where
//! it comes in once a topic has come.
//!
//! Who was removed, or comes with a ticket that was ended, is sent nothing of the topic, the event that
//! did it neither: that nobody serves them is all they hear.

use std::collections::BTreeSet;

use myrhiza_kernel_api::TopicId;

use super::link::Link;
use super::switch::Switch;
use super::told::Told;
use crate::event::payload::Admission;
use crate::runtime::RuntimeError;

#[derive(Debug, Default)]
pub(super) struct Standing {
    /// Topics that a peer did not serve, and nobody else did then or has since.
    denied: BTreeSet<TopicId>,
    /// Topics that are complete with a peer since it was looked, or whose app is still missing.
    arrived: BTreeSet<TopicId>,
}

impl Standing {
    /// A topic was left.
    pub(super) fn forget(&mut self, topic: TopicId) {
        self.denied.remove(&topic);
        self.arrived.remove(&topic);
    }
}

impl Switch {
    /// A peer has said that it does not serve a topic, which counts if it has shown that it is let in
    /// itself. In a topic that is open to all it has left.
    pub(super) fn note_denied(&mut self, topic: TopicId, was_shared: bool) {
        if !was_shared || self.is_served(&topic) {
            return;
        }
        let founding = self.seat.runtime.founding_of(topic);
        if founding.is_ok_and(|founding| founding.genesis().admission == Admission::Invite) {
            self.standing.denied.insert(topic);
        }
    }

    /// Whether a peer serves a topic now: it has said how much of it it has.
    fn is_served(&self, topic: &TopicId) -> bool {
        let serves = |link: &Link| {
            link.topics.get(topic).is_some_and(|exchange| !exchange.denied && exchange.total > 0)
        };
        self.links.values().any(serves)
    }

    /// A peer serves a topic.
    pub(super) fn note_served(&mut self, topic: TopicId) {
        self.standing.denied.remove(&topic);
    }

    /// A peer has the same events of a topic.
    pub(super) fn note_arrived(&mut self, topic: TopicId) {
        self.note_served(topic);
        self.standing.arrived.insert(topic);
    }

    /// The topics that every peer with them which was reached lately does not serve this home:
    /// hearsay, which decides nothing.
    pub fn denied(&self) -> BTreeSet<TopicId> {
        let denied = self.standing.denied.iter();
        denied.filter(|topic| !self.is_served(topic)).copied().collect()
    }

    /// Comes into topics that have come, where a ticket was kept for it.
    pub(super) fn come_in(&mut self) {
        for topic in std::mem::take(&mut self.standing.arrived) {
            let now_ms = self.clock.wall_ms();
            let (runtime, signer) = self.seat.parts();
            let arrived = runtime.arrived(topic, signer, now_ms);
            // It is tried again at the next tick, and nobody waits for that.
            drop(runtime.take_asked());
            match arrived {
                Ok(again) => {
                    if again {
                        self.standing.arrived.insert(topic);
                    }
                    self.pass_on(None);
                }
                Err(error) => {
                    if matches!(error, RuntimeError::Fault(_)) {
                        self.standing.arrived.insert(topic);
                    }
                    self.tell(Told::Fault { what: "this home did not come into a topic", error });
                }
            }
        }
    }
}
