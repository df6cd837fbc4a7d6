//! Which votes are told to whom: this home's own, and those of others that count here, so that each
//! reaches every home with the topic.
//!
//! What is told is told at a tick, and of each scope the last that is known then, so that a topic
//! with an anchor after every event is no flood.

use std::collections::{BTreeMap, BTreeSet};

use myrhiza_kernel_api::{PublicKey, TopicId};

use super::drift::INQUIRIES;
use super::link::{Exchange, Link, LinkId};
use super::switch::Switch;
use super::told::Told;
use super::traffic::Output;
use crate::drift::{Point, Vote};
use crate::runtime::{RuntimeError, VoteAt};

/// Votes told on a connection at one tick: with one more for each that comes, fewer a minute than
/// [`crate::drift::limits::VOTES`].
const VOTES: usize = 8;
/// Milliseconds between two attempts to look into what there was no room for: a peer answers
/// [`crate::drift::limits::INQUIRIES`] a minute.
const AGAIN_MS: u64 = 60_000;
/// Scopes whose votes wait to be told on one connection; those of more are told with a later anchor.
const WAITING: usize = 4096;
/// Scopes of which it is remembered what the peer told last.
const HEARD: usize = 4096;

/// This home's word on its topics.
#[derive(Debug, Default)]
pub(super) struct Votes {
    /// What has changed since the last tick.
    changed: BTreeSet<TopicId>,
    /// The last vote on each.
    own: BTreeMap<TopicId, Vote>,
    /// Topics with a vote at odds that there was no room to look into, here or at the peer.
    postponed: BTreeSet<TopicId>,
    /// When these are looked into again at the earliest.
    again_ms: u64,
}

impl Votes {
    /// A topic's log or state may be another now.
    pub(super) fn change(&mut self, topic: TopicId) {
        self.changed.insert(topic);
    }

    /// A vote on a topic is at odds, and there was no room to look why.
    pub(super) fn postpone(&mut self, topic: TopicId) {
        self.postponed.insert(topic);
    }
}

/// Votes on one connection.
#[derive(Debug, Default)]
pub(super) struct Telling {
    /// Whose last vote is yet to be told.
    untold: BTreeSet<(TopicId, PublicKey)>,
    /// Whose was told last.
    last: Option<(TopicId, PublicKey)>,
    /// Where each scope's vote was that the peer told last.
    heard: BTreeMap<(TopicId, PublicKey), Point>,
}

impl Telling {
    fn owe(&mut self, topic: TopicId, scope: PublicKey) {
        if self.untold.len() < WAITING {
            self.untold.insert((topic, scope));
        }
    }

    fn forget(&mut self, topic: TopicId) {
        self.untold.retain(|(of, _)| *of != topic);
        self.heard.retain(|(of, _), _| *of != topic);
    }

    /// Remembers a vote that the peer told. False if it was told of one of that scope there before.
    pub(super) fn hear(&mut self, vote: &Vote) -> bool {
        let key = (vote.at().topic, vote.scope());
        if self.heard.len() < HEARD || self.heard.contains_key(&key) {
            return self.heard.insert(key, *vote.at()) != Some(*vote.at());
        }
        true
    }

    fn has_heard(&self, vote: &Vote) -> bool {
        self.heard.get(&(vote.at().topic, vote.scope())) == Some(vote.at())
    }

    /// Whose votes are told now: all have their turn.
    fn take_due(&mut self, is_complete: impl Fn(&TopicId) -> bool) -> Vec<(TopicId, PublicKey)> {
        let mut due: Vec<_> =
            self.untold.iter().filter(|(topic, _)| is_complete(topic)).copied().collect();
        let turn = due.partition_point(|whose| Some(*whose) <= self.last);
        due.rotate_left(turn);
        due.truncate(VOTES);
        self.untold.retain(|whose| !due.contains(whose));
        self.last = due.last().copied().or(self.last);
        due
    }
}

impl Switch {
    /// A topic is shared on a connection: the peer is told the votes there are once it has the events.
    pub(super) fn owe_votes(&mut self, id: LinkId, topic: TopicId) {
        self.votes.change(topic);
        let others = match self.seat.runtime.voters(topic) {
            Ok(others) => others,
            Err(RuntimeError::NoTopic { .. }) => Vec::new(),
            Err(error) => {
                self.tell(Told::Fault { what: "votes were not read", error });
                Vec::new()
            }
        };
        let own = self.seat.scope.public();
        if let Some(link) = self.links.get_mut(&id) {
            [own].into_iter().chain(others).for_each(|scope| link.telling.owe(topic, scope));
        }
    }

    /// Nothing is said of a topic any more.
    pub(super) fn forget_votes(&mut self, topic: TopicId) {
        self.votes.own.remove(&topic);
        self.votes.postponed.remove(&topic);
        for link in self.links.values_mut() {
            link.telling.forget(topic);
            link.drift.forget(topic);
        }
    }

    /// Votes where there is something new to say, and tells it.
    pub(super) fn tick_votes(&mut self) {
        for topic in std::mem::take(&mut self.votes.changed) {
            self.vote(topic);
        }
        self.compare_again();
        let ids: Vec<_> = self.links.keys().copied().collect();
        for id in ids {
            self.tick_inquiry(id);
            self.tell_votes(id);
        }
    }

    /// Looks into what there was no room for.
    fn compare_again(&mut self) {
        if self.votes.again_ms > self.now_ms || self.inquiries() >= INQUIRIES {
            return;
        }
        self.votes.again_ms = self.now_ms.saturating_add(AGAIN_MS);
        for topic in std::mem::take(&mut self.votes.postponed) {
            self.compare(topic);
        }
    }

    /// Votes on the state after all events there are, now, and tells it to those who have the same
    /// events; how many there are. Who has another state looks why, with this node.
    pub fn vote_now(&mut self, topic: TopicId, now_ms: u64) -> (usize, Vec<Output>) {
        self.look_at_clock(now_ms);
        let complete = |link: &Link| link.topics.get(&topic).is_some_and(Exchange::is_complete);
        let links = self.links.iter().filter(|(_, link)| complete(link));
        let ids: Vec<_> = links.map(|(id, _)| *id).collect();
        let Some(vote) = self.signed(topic, VoteAt::Tip) else {
            return (0, std::mem::take(&mut self.out));
        };
        for id in &ids {
            let Some(link) = self.links.get_mut(id) else { continue };
            let effects = link.drift.tell(&vote, true);
            self.perform_drift(*id, effects);
        }
        (ids.len(), std::mem::take(&mut self.out))
    }

    /// Makes this home's vote on a topic. If it is another than before, it is to be told, and the
    /// votes of others are compared with it.
    fn vote(&mut self, topic: TopicId) {
        let Some(vote) = self.signed(topic, VoteAt::Anchor) else { return };
        if self.votes.own.get(&topic) == Some(&vote) {
            return;
        }
        let own = vote.scope();
        self.votes.own.insert(topic, vote);
        for link in self.links.values_mut().filter(|link| link.serves(&topic)) {
            link.telling.owe(topic, own);
        }
        self.compare(topic);
    }

    /// Passes a vote on to the others, if it is kept here: so each is passed on once for each anchor,
    /// whatever a scope says of it.
    pub(super) fn pass_vote_on(&mut self, from: LinkId, vote: &Vote) {
        let (topic, scope) = (vote.at().topic, vote.scope());
        match self.seat.runtime.vote_of(topic, scope) {
            Ok(Some(kept)) if kept == *vote => {}
            Ok(_) => return,
            Err(error) => return self.tell(Told::Fault { what: "a vote was not read", error }),
        }
        let others = self.links.iter_mut().filter(|(id, _)| **id != from);
        for (_, link) in others.filter(|(_, link)| link.serves(&topic)) {
            link.telling.owe(topic, scope);
        }
    }

    /// Tells the votes that are due on a connection: a peer without the events would not keep them.
    fn tell_votes(&mut self, id: LinkId) {
        let Some(Link { telling, topics, .. }) = self.links.get_mut(&id) else { return };
        let complete = |topic: &TopicId| topics.get(topic).is_some_and(Exchange::is_complete);
        for (topic, scope) in telling.take_due(complete) {
            let own = scope == self.seat.scope.public();
            let vote = match own {
                true => Ok(self.votes.own.get(&topic).cloned()),
                false => self.seat.runtime.vote_of(topic, scope),
            };
            match vote {
                Ok(Some(vote)) => self.tell_vote(id, &vote, own),
                Ok(None) | Err(RuntimeError::NoTopic { .. }) => {}
                Err(error) => self.tell(Told::Fault { what: "a vote was not read", error }),
            }
        }
    }

    fn tell_vote(&mut self, id: LinkId, vote: &Vote, own: bool) {
        let Some(link) = self.links.get_mut(&id) else { return };
        // Who told it knows it, and so does the voter.
        let knows = link.telling.has_heard(vote) || link.drift.is_voter(vote);
        if own || !knows {
            let effects = link.drift.tell(vote, own);
            self.perform_drift(id, effects);
        }
    }
}
