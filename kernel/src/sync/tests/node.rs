use std::sync::Arc;

use myrhiza_kernel_api::{PeerAddress, PublicKey, Snapshot, TopicId};

use crate::apply::Cuts;
use crate::dag::{Graph, IngestReport, Inserted, Outcome, RefusedEvent, insert};
use crate::event::{Event, Founding, Ticket, UnverifiedEvent};
use crate::fault::Fault;
use crate::state::Overlay;
use crate::state::trie::{Change, LogTrie, Root, Trie};
use crate::sync::{Host, Proof, Transcript, credential};
use crate::testing::{Home, Scope, World};

/// A home with some topics, and what a driver does for a session.
pub(super) struct Node {
    pub(super) homes: Vec<(Home, Box<dyn Snapshot>)>,
    pub(super) scope: Option<Scope>,
    pub(super) ticket: Option<Ticket>,
    /// Whether kernel events are folded; of a large topic that takes long.
    pub(super) folds: bool,
    /// What it says of where topics may be had.
    pub(super) peers: Vec<PeerAddress>,
    /// The cuts in force, where these are not to be worked out, and how often they were judged anew.
    pub(super) cuts: (Option<Arc<Cuts>>, u64),
}

impl Node {
    /// A home of one topic with these events.
    pub(super) fn with(world: &World, events: &[Event]) -> Self {
        let mut node = Self::empty();
        node.add(world, events);
        node
    }

    fn empty() -> Self {
        let (homes, peers) = (Vec::new(), Vec::new());
        Self { homes, scope: None, ticket: None, folds: false, peers, cuts: (None, 0) }
    }

    /// The same, of somebody who proves who they are.
    pub(super) fn of(scope: &Scope, world: &World, events: &[Event]) -> Self {
        let mut node = Self { scope: Some(scope.clone()), folds: true, ..Self::empty() };
        node.add(world, events);
        node
    }

    pub(super) fn add(&mut self, world: &World, events: &[Event]) {
        let home = Home::new(world);
        let snapshot = home.reader();
        self.homes.push((home, snapshot));
        let events: Vec<_> = [&world.genesis].into_iter().chain(events).cloned().collect();
        self.take(world.id(), &events);
    }

    pub(super) fn topics(&self) -> Vec<TopicId> {
        self.homes.iter().map(|(home, _)| home.topic.topic()).collect()
    }

    pub(super) fn root(&self, topic: TopicId) -> Root {
        LogTrie::new(self.snapshot(topic).unwrap().unwrap(), topic).root().unwrap()
    }

    pub(super) fn order(&self) -> Vec<myrhiza_kernel_api::EventId> {
        self.homes[0].0.order()
    }

    pub(super) fn has(&self, event: &Event) -> bool {
        let reader = self.snapshot(event.topic()).unwrap().unwrap();
        Graph::new(reader, event.topic()).node(event.id()).unwrap().is_some()
    }

    pub(super) fn take(&mut self, topic: TopicId, events: &[Event]) -> IngestReport {
        let folds = self.folds;
        let (home, snapshot) =
            self.homes.iter_mut().find(|(home, _)| home.topic.topic() == topic).unwrap();
        if folds {
            let report = home.take(events).unwrap();
            *snapshot = home.reader();
            return report;
        }
        let mut outcomes = Vec::new();
        let mut overlay = home.read();
        for event in events {
            outcomes.extend(insert(&mut overlay, &home.topic, event).unwrap());
        }
        let mut report = IngestReport::default();
        let mut changes = Vec::new();
        for Inserted { id, scope, outcome, .. } in outcomes {
            match outcome {
                Outcome::Added(place, _) => {
                    report.added += 1;
                    changes.push(Change::log(place.height, place.id));
                }
                Outcome::Known => report.known += 1,
                Outcome::Held { missing } => {
                    report.pending += 1;
                    report.missing.extend(missing);
                }
                Outcome::Refused(reason) => {
                    let reason = reason.to_string();
                    report.refused.push(RefusedEvent { id, scope, reason, waited: false });
                }
            }
        }
        Trie::log(topic).apply(&mut overlay, changes).unwrap();
        report.missing.sort_unstable();
        report.missing.dedup();
        let graph = Graph::new(&overlay, topic);
        report.missing.retain(|id| graph.node(*id).unwrap().is_none());
        home.store.commit(Overlay::into_batch(overlay)).unwrap();
        *snapshot = home.reader();
        report
    }

    pub(super) fn ingest(&mut self, topic: TopicId, events: Vec<UnverifiedEvent>) -> IngestReport {
        let (mut good, mut refused) = (Vec::new(), Vec::new());
        for event in events {
            let (id, scope) = (event.id(), event.body().header().scope);
            match event.verify() {
                Ok(event) => good.push(event),
                Err(error) => {
                    let (reason, waited) = (error.to_string(), false);
                    refused.push(RefusedEvent { id, scope, reason, waited });
                }
            }
        }
        let mut report = self.take(topic, &good);
        report.refused.extend(refused);
        report
    }
}

impl Host for Node {
    fn cuts(&self, topic: &Founding) -> Result<Arc<Cuts>, Fault> {
        match &self.cuts.0 {
            Some(cuts) => Ok(Arc::clone(cuts)),
            None => Ok(Arc::new(Cuts::of(self.snapshot(topic.topic())?.unwrap(), topic)?)),
        }
    }

    fn times_judged(&self, _: TopicId) -> u64 {
        self.cuts.1
    }

    fn peers(&self, _: TopicId) -> Vec<PeerAddress> {
        self.peers.clone()
    }

    fn snapshot(&self, topic: TopicId) -> Result<Option<&dyn Snapshot>, Fault> {
        let home = self.homes.iter().find(|(home, _)| home.topic.topic() == topic);
        Ok(home.map(|(_, snapshot)| &**snapshot))
    }

    fn prove(&self, transcript: &Transcript) -> Result<Option<Proof>, Fault> {
        let topic = transcript.topic;
        if let Some(ticket) = self.ticket.as_ref().filter(|t| t.founding().topic() == topic) {
            return Ok(Proof::invited(ticket, transcript));
        }
        let Some(scope) = &self.scope else { return Ok(None) };
        let Some(home) = self.snapshot(topic)? else { return Ok(None) };
        let found = credential(home, topic, (scope.id(), scope.person()))?;
        Ok(found.map(|found| Proof::member(found, &scope.device, transcript)))
    }
}

/// Where some node is reached.
pub(super) fn peer(n: u8) -> PeerAddress {
    let address = format!("ip:192.0.2.{n}:4433").parse().unwrap();
    PeerAddress { key: PublicKey([n; 32]), addresses: vec![address] }
}

/// A ticket by a member, for invitation `n`.
pub(super) fn ticket(world: &World, inviter: &Scope, n: u16, uses: u32) -> Ticket {
    use crate::event::payload::{Invitation, Terms};
    let secret = crate::testing::key(2000 + n);
    let terms = Terms { uses, may_invite: true, expiry: 0 };
    let issuer = inviter.certificate.clone();
    let invitation =
        Invitation::issue(world.id(), secret.public(), terms, issuer, &inviter.device).unwrap();
    Ticket::invite(world.genesis.clone(), inviter.chain.clone(), invitation, secret).unwrap()
}
