//! Votes among peers: this home's is told to who has the same events, theirs are compared with it,
//! and where one is at odds both look why.
//!
//! What is told is told at a tick, so that a topic with an anchor after every event is no flood.

use std::collections::{BTreeMap, BTreeSet};

use myrhiza_kernel_api::{PublicKey, Snapshot, TopicId};

use super::link::{Exchange, Link, LinkId};
use super::switch::Switch;
use super::told::Told;
use super::traffic::Output;
use crate::drift::{Effect, Host, Report, Session, Vote, Why};
use crate::fault::Fault;
use crate::runtime::{DriftHost, RuntimeError, Signer, Taken, VoteAt};
use crate::sync::Role;

/// Votes told on a connection at one tick: with one more for each that comes, fewer a minute than
/// [`crate::drift::limits::VOTES`].
const VOTES: usize = 2;
/// Inquiries at one time, over all connections: each may hold some
/// [`crate::drift::limits::VIEW_BYTES`].
const INQUIRIES: usize = 4;
/// Milliseconds between two attempts to look into what there was no room for: a peer answers
/// [`crate::drift::limits::INQUIRIES`] a minute.
const AGAIN_MS: u64 = 60_000;

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

/// What is said of states on one connection.
#[derive(Debug)]
pub(super) struct Drift {
    session: Session,
    /// The topics of which this home's vote is yet to be told.
    untold: BTreeSet<TopicId>,
    /// Whose vote the peer told last.
    voters: BTreeMap<TopicId, PublicKey>,
}

impl Drift {
    pub(super) fn new(session: Session) -> Self {
        Self { session, untold: BTreeSet::new(), voters: BTreeMap::new() }
    }
}

impl Votes {
    /// A topic's log or state may be another now.
    pub(super) fn change(&mut self, topic: TopicId) {
        self.changed.insert(topic);
    }
}

/// What a session sees of the home: the topics that are shared on its connection.
struct View<'s> {
    home: DriftHost<'s>,
    topics: &'s BTreeMap<TopicId, Exchange>,
}

impl Host for View<'_> {
    fn snapshot(&self, topic: TopicId) -> Result<Option<Box<dyn Snapshot>>, Fault> {
        if is_shared(self.topics, topic) { self.home.snapshot(topic) } else { Ok(None) }
    }

    fn vote(&self, topic: TopicId, count: u64) -> Result<Option<Vote>, Fault> {
        if is_shared(self.topics, topic) { self.home.vote(topic, count) } else { Ok(None) }
    }

    fn has_room(&self) -> bool {
        self.home.has_room()
    }
}

fn is_shared(topics: &BTreeMap<TopicId, Exchange>, topic: TopicId) -> bool {
    topics.get(&topic).is_some_and(|exchange| !exchange.denied)
}

impl Switch {
    /// A topic is shared on a connection: the peer is told this home's vote once it has the events.
    pub(super) fn owe_vote(&mut self, id: LinkId, topic: TopicId) {
        self.votes.change(topic);
        if let Some(link) = self.links.get_mut(&id) {
            link.drift.untold.insert(topic);
        }
    }

    /// Nothing is said of a topic any more.
    pub(super) fn forget_votes(&mut self, topic: TopicId) {
        self.votes.own.remove(&topic);
        self.votes.postponed.remove(&topic);
        for link in self.links.values_mut() {
            link.drift.untold.remove(&topic);
            link.drift.voters.remove(&topic);
        }
    }

    /// Takes a message about states.
    pub(super) fn drift_frame(&mut self, id: LinkId, bytes: &[u8]) {
        self.drift_session(id, |session, host, now_ms| session.receive(bytes, host, now_ms));
    }

    /// Votes where there is something new to say, and tells it.
    pub(super) fn tick_votes(&mut self) {
        for topic in std::mem::take(&mut self.votes.changed) {
            self.vote(topic);
        }
        if self.votes.again_ms <= self.now_ms && self.inquiries() < INQUIRIES {
            self.votes.again_ms = self.now_ms.saturating_add(AGAIN_MS);
            std::mem::take(&mut self.votes.postponed)
                .into_iter()
                .for_each(|topic| self.compare(topic));
        }
        let ids: Vec<_> = self.links.keys().copied().collect();
        for id in ids {
            self.drift_session(id, |session, _, now_ms| Ok(session.tick(now_ms)));
            self.tell_votes(id);
        }
    }

    /// Makes this home's vote on a topic. If it is another than before, it is to be told, and the
    /// votes of others are compared with it.
    fn vote(&mut self, topic: TopicId) {
        let Some(vote) = self.signed(topic, VoteAt::Anchor) else { return };
        if self.votes.own.get(&topic) == Some(&vote) {
            return;
        }
        self.votes.own.insert(topic, vote);
        for link in self.links.values_mut().filter(|link| is_shared(&link.topics, topic)) {
            link.drift.untold.insert(topic);
        }
        self.compare(topic);
    }

    /// Compares the votes that are kept of a topic, and asks who told one that is at odds.
    fn compare(&mut self, topic: TopicId) {
        let (runtime, signer) = self.seat.parts();
        match runtime.compare_votes(topic, signer) {
            Ok(open) => open.iter().for_each(|theirs| self.ask_voter(theirs)),
            Err(error) => self.tell(Told::Fault { what: "votes were not compared", error }),
        }
    }

    /// This home's word on its state; none if it has none, or no say.
    fn signed(&mut self, topic: TopicId, which: VoteAt) -> Option<Vote> {
        let (runtime, signer) = self.seat.parts();
        match runtime.vote(topic, signer, which) {
            Ok(vote) => vote,
            Err(RuntimeError::NoTopic { .. } | RuntimeError::NotAMember { .. }) => None,
            Err(error) => {
                self.tell(Told::Fault { what: "a state was not voted on", error });
                None
            }
        }
    }

    /// Tells the votes that are due on a connection: a peer without the events would not keep them.
    fn tell_votes(&mut self, id: LinkId) {
        let Some(Link { drift, topics, .. }) = self.links.get_mut(&id) else { return };
        let complete = |topic: &&TopicId| {
            topics.get(*topic).is_some_and(|exchange| !exchange.denied && exchange.complete)
        };
        let due: Vec<_> = drift.untold.iter().filter(complete).take(VOTES).copied().collect();
        let mut effects = Vec::new();
        for topic in due {
            drift.untold.remove(&topic);
            if let Some(vote) = self.votes.own.get(&topic) {
                effects.extend(drift.session.tell(vote));
            }
        }
        self.perform_drift(id, effects);
    }

    /// Votes on the state after all events there are, now, and tells it to those who have the same
    /// events; how many there are. Who has another state looks why, with this node.
    pub fn vote_now(&mut self, topic: TopicId, now_ms: u64) -> (usize, Vec<Output>) {
        self.now_ms = now_ms;
        let complete = |exchange: &Exchange| !exchange.denied && exchange.complete;
        let links =
            self.links.iter().filter(|(_, link)| link.topics.get(&topic).is_some_and(complete));
        let ids: Vec<_> = links.map(|(id, _)| *id).collect();
        let Some(vote) = self.signed(topic, VoteAt::Tip) else {
            return (0, std::mem::take(&mut self.out));
        };
        for id in &ids {
            let Some(link) = self.links.get_mut(id) else { continue };
            let effects = link.drift.session.tell(&vote);
            self.perform_drift(*id, effects);
        }
        (ids.len(), std::mem::take(&mut self.out))
    }

    /// Looks, with who told a vote that is at odds, why it is.
    fn ask_voter(&mut self, theirs: &Vote) {
        let (topic, count) = (theirs.at().topic, theirs.at().count);
        let told = |link: &Link| link.drift.voters.get(&topic) == Some(&theirs.scope());
        let voters = self.links.iter().filter(|(_, link)| told(link));
        let ids: Vec<_> = voters.map(|(id, _)| *id).collect();
        for id in ids {
            self.explain(id, theirs, count);
        }
    }

    fn explain(&mut self, id: LinkId, theirs: &Vote, count: u64) {
        let Some(Link { peer, role, .. }) = self.links.get(&id) else { return };
        let peer = *peer;
        if *role == Role::Dialer && self.inquiries() >= INQUIRIES {
            self.votes.postponed.insert(theirs.at().topic);
        }
        self.tell(Told::Drift {
            peer,
            topic: theirs.at().topic,
            scope: theirs.scope(),
            count,
            event: None,
        });
        if let Some(ours) = self.signed(theirs.at().topic, VoteAt::Count(count)) {
            self.drift_session(id, |session, host, now_ms| session.explain(&ours, host, now_ms));
        }
    }

    /// How many inquiries are under way.
    pub(super) fn inquiries(&self) -> usize {
        self.links.values().filter(|link| link.drift.session.is_inquiring()).count()
    }

    /// Does something with what is said of states on a connection.
    fn drift_session(
        &mut self,
        id: LinkId,
        what: impl FnOnce(&mut Session, &dyn Host, u64) -> Result<Vec<Effect>, Fault>,
    ) {
        let has_room = self.inquiries() < INQUIRIES;
        let Some(Link { drift, topics, .. }) = self.links.get_mut(&id) else { return };
        let signer = Signer { scope: &self.seat.scope, certificate: &self.seat.certificate };
        let home = DriftHost { runtime: &self.seat.runtime, signer, has_room };
        match what(&mut drift.session, &View { home, topics }, self.now_ms) {
            Ok(effects) => self.perform_drift(id, effects),
            Err(fault) => {
                let error = fault.into();
                self.tell(Told::Fault { what: "a state was not compared", error });
            }
        }
    }

    fn perform_drift(&mut self, id: LinkId, effects: Vec<Effect>) {
        for effect in effects {
            let Some(link) = self.links.get_mut(&id) else { return };
            let peer = link.peer;
            match effect {
                Effect::Send(bytes) => {
                    link.traffic.sent += bytes.len() as u64;
                    self.out.push(Output::Send { link: id, bytes });
                }
                Effect::Vote(vote) => self.take_vote(id, &vote),
                Effect::Report(report) => self.keep_report(peer, *report),
                Effect::Ended { topic, why } => {
                    if why == Why::Busy {
                        self.votes.postponed.insert(topic);
                    }
                    tracing::debug!(%peer, %topic, %why, "the inquiry into a state has ended");
                }
                Effect::UpdateNeeded { what } => self.tell(Told::UpdateNeeded { peer, what }),
                Effect::Offence(offence) => {
                    let effects = link.session.charged(offence, self.now_ms);
                    self.perform(id, effects);
                }
            }
        }
    }

    /// Compares a peer's vote on a topic that is shared with it.
    fn take_vote(&mut self, id: LinkId, vote: &Vote) {
        let topic = vote.at().topic;
        if !self.links.get(&id).is_some_and(|link| is_shared(&link.topics, topic)) {
            return;
        }
        let (runtime, signer) = self.seat.parts();
        let taken = match runtime.take_vote(vote, signer) {
            Ok(Taken::NotCounted(why)) => {
                tracing::debug!(%topic, scope = %vote.scope(), %why, "a vote was not taken");
                return;
            }
            Ok(taken) => taken,
            Err(error) => return self.tell(Told::Fault { what: "a vote was not taken", error }),
        };
        let Some(link) = self.links.get_mut(&id) else { return };
        let first = link.drift.voters.insert(topic, vote.scope()).is_none();
        match taken {
            Taken::Differs { explain: Some(count) } => self.explain(id, vote, count),
            // The connection may have been lost before it was known why it differs.
            Taken::Known if first => self.compare(topic),
            _ => {}
        }
    }

    fn keep_report(&mut self, peer: PublicKey, report: Report) {
        let (topic, count) = (report.theirs.at().topic, report.theirs.at().count);
        let scope = report.theirs.scope();
        let event = report.explanation.as_ref().and_then(|explanation| explanation.event);
        let told = Told::Drift { peer, topic, scope, count, event: event.map(|place| place.id) };
        match self.seat.runtime.keep_report(report) {
            Ok(()) => self.tell(told),
            Err(error) => self.tell(Told::Fault { what: "a report of drift was not kept", error }),
        }
    }
}
