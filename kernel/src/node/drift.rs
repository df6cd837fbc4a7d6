//! Votes of others are compared with this home's, and where one is at odds both look why.

use std::collections::BTreeMap;
use std::sync::Arc;

use myrhiza_kernel_api::{PublicKey, Snapshot, TopicId};

use super::link::{Exchange, Link, LinkId};
use super::switch::Switch;
use super::told::Told;
use super::traffic::Output;
use crate::apply::Cuts;
use crate::drift::{Effect, Host, NotCounted, Report, Session, Vote, Why};
use crate::event::Founding;
use crate::fault::Fault;
use crate::runtime::{DriftHost, RuntimeError, Signer, Taken, VoteAt};
use crate::sync::{Offence, Role};

/// Inquiries at one time, over all connections: each may hold some
/// [`crate::drift::limits::VIEW_BYTES`].
pub(super) const INQUIRIES: usize = 4;

/// What is said of states on one connection.
#[derive(Debug)]
pub(super) struct Drift {
    session: Session,
    /// The scope whose vote the peer said last is its own.
    voters: BTreeMap<TopicId, PublicKey>,
}

impl Drift {
    pub(super) const fn new(session: Session) -> Self {
        Self { session, voters: BTreeMap::new() }
    }

    pub(super) fn tell(&mut self, vote: &Vote, own: bool) -> Vec<Effect> {
        self.session.tell(vote, own)
    }

    pub(super) fn is_inquiring(&self) -> bool {
        self.session.is_inquiring()
    }

    /// Whether the peer said that it is the voter.
    pub(super) fn is_voter(&self, vote: &Vote) -> bool {
        self.voters.get(&vote.at().topic) == Some(&vote.scope())
    }

    pub(super) fn forget(&mut self, topic: TopicId) {
        self.voters.remove(&topic);
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

    fn cuts(&self, topic: &Founding) -> Result<Arc<Cuts>, Fault> {
        self.home.cuts(topic)
    }

    fn has_room(&self) -> bool {
        self.home.has_room()
    }
}

fn is_shared(topics: &BTreeMap<TopicId, Exchange>, topic: TopicId) -> bool {
    topics.get(&topic).is_some_and(Exchange::is_served)
}

impl Switch {
    /// Takes a message about states.
    pub(super) fn drift_frame(&mut self, id: LinkId, bytes: &[u8]) {
        self.drift_session(id, |session, host, now_ms| session.receive(bytes, host, now_ms));
    }

    /// Lets time pass for what is looked into on a connection.
    pub(super) fn tick_inquiry(&mut self, id: LinkId) {
        self.drift_session(id, |session, _, now_ms| Ok(session.tick(now_ms)));
    }

    /// Compares the votes that are kept of a topic, and asks who told one that is at odds.
    pub(super) fn compare(&mut self, topic: TopicId) {
        let (runtime, signer) = self.seat.parts();
        match runtime.compare_votes(topic, signer) {
            Ok(open) => open.iter().for_each(|theirs| self.ask_voter(theirs)),
            Err(error) => self.tell(Told::Fault { what: "votes were not compared", error }),
        }
    }

    /// This home's word on its state; none if it has none, or no say.
    pub(super) fn signed(&mut self, topic: TopicId, which: VoteAt) -> Option<Vote> {
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

    /// Looks, with the voter of a vote that is at odds, why it is. Where the voter is no neighbour,
    /// neighbours that have its state are at odds too, and are asked; its own report waits.
    fn ask_voter(&mut self, theirs: &Vote) {
        let voters = self.links.iter().filter(|(_, link)| link.drift.is_voter(theirs));
        let ids: Vec<_> = voters.map(|(id, _)| *id).collect();
        for id in ids {
            self.explain(id, theirs);
        }
    }

    fn explain(&mut self, id: LinkId, theirs: &Vote) {
        let Some(link) = self.links.get(&id) else { return };
        if link.role == Role::Dialer && self.inquiries() >= INQUIRIES {
            self.votes.postpone(theirs.at().topic);
        }
        self.tell_of_drift(id, theirs);
        if let Some(ours) = self.signed(theirs.at().topic, VoteAt::Count(theirs.at().count)) {
            self.drift_session(id, |session, host, now_ms| session.explain(&ours, host, now_ms));
        }
    }

    fn tell_of_drift(&mut self, id: LinkId, theirs: &Vote) {
        let Some(peer) = self.links.get(&id).map(|link| link.peer) else { return };
        let (topic, count, scope) = (theirs.at().topic, theirs.at().count, theirs.scope());
        self.tell(Told::Drift { peer, topic, scope, count, event: None });
    }

    /// How many inquiries are under way.
    pub(super) fn inquiries(&self) -> usize {
        self.links.values().filter(|link| link.drift.is_inquiring()).count()
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

    pub(super) fn perform_drift(&mut self, id: LinkId, effects: Vec<Effect>) {
        for effect in effects {
            let Some(link) = self.links.get_mut(&id) else { return };
            let peer = link.peer;
            match effect {
                Effect::Send(bytes) => {
                    link.traffic.sent += bytes.len() as u64;
                    self.out.push(Output::Send { link: id, bytes });
                }
                Effect::Vote { vote, own } => self.take_vote(id, &vote, own),
                Effect::Report(report) => self.keep_report(peer, *report),
                Effect::Ended { topic, why } => {
                    if why == Why::Busy {
                        self.votes.postpone(topic);
                    }
                    tracing::debug!(%peer, %topic, %why, "the inquiry into a state has ended");
                }
                Effect::UpdateNeeded { what } => self.tell(Told::UpdateNeeded { peer, what }),
                Effect::Offence(offence) => self.offended(id, offence),
            }
        }
    }

    /// Compares a vote on a topic that is shared with the peer that told it: its own, or another's.
    fn take_vote(&mut self, id: LinkId, vote: &Vote, own: bool) {
        let topic = vote.at().topic;
        let Some(link) = self.links.get_mut(&id).filter(|link| link.serves(&topic)) else { return };
        // A listener that finds drift tells its own vote again.
        if !link.telling.hear(vote) && !own {
            return self.offended(id, Offence::Repeat);
        }
        let (runtime, signer) = self.seat.parts();
        let taken = match runtime.take_vote(vote, signer) {
            Ok(Taken::NotCounted(why)) => {
                tracing::debug!(%topic, scope = %vote.scope(), %why, "a vote was not taken");
                return offence(why).map_or((), |offence| self.offended(id, offence));
            }
            Ok(taken) => taken,
            Err(error) => return self.tell(Told::Fault { what: "a vote was not taken", error }),
        };
        if taken != Taken::Known {
            self.pass_vote_on(id, vote);
        }
        let Some(link) = self.links.get_mut(&id).filter(|_| own) else {
            if matches!(taken, Taken::Differs { explain: Some(_) }) {
                self.tell_of_drift(id, vote);
                self.ask_voter(vote);
            }
            return;
        };
        let first = link.drift.voters.insert(topic, vote.scope()).is_none();
        match taken {
            Taken::Differs { explain: Some(_) } => self.explain(id, vote),
            // The connection may have been lost before it was known why it differs, or the vote came
            // by others before.
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

/// What it costs to tell a vote that does not count. Who passes one on has looked at it before; but
/// of who is a member two homes may know different things for a while.
const fn offence(why: NotCounted) -> Option<Offence> {
    match why {
        NotCounted::Forged(_) => Some(Offence::Event),
        NotCounted::NotAMember => Some(Offence::Useless),
        NotCounted::NotDue | NotCounted::Own | NotCounted::Topic => None,
    }
}
