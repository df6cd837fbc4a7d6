//! What a node acts for: one home's runtime, and the key it acts with.

use std::sync::Arc;

use myrhiza_kernel_api::{PeerAddress, Snapshot, TopicId};

use super::link::LinkId;
use super::turns::Turns;
use crate::apply::Cuts;
use crate::dag::founding;
use crate::event::Founding;
use crate::fault::Fault;
use crate::identity::{Certificate, SecretKey};
use crate::runtime::{Runtime, Signer, invites, way_in};
use crate::schema;
use crate::sync::{Host, Proof, Transcript, credential};

/// A home's runtime with its scope's key, which a node needs for as long as it is up: it proves to
/// each peer that it may be served, and signs what its user does. The person's long-term key is
/// not here.
pub struct Seat {
    /// The kernel.
    pub runtime: Runtime,
    /// The home's own signing key.
    pub scope: SecretKey,
    /// The person's word that it is theirs.
    pub certificate: Certificate,
}

impl Seat {
    /// The runtime, and what its events are signed with.
    pub fn parts(&mut self) -> (&mut Runtime, Signer<'_>) {
        (&mut self.runtime, Signer { scope: &self.scope, certificate: &self.certificate })
    }

    /// The home as it is now, for the session of a connection; `node` is where it is reached.
    pub(super) fn view<'s>(
        &'s self,
        node: &'s PeerAddress,
        turns: (&'s Turns, LinkId),
    ) -> Result<View<'s>, Fault> {
        Ok(View { snapshot: self.runtime.read()?, seat: self, node, turns })
    }
}

/// What is committed in a home at one instant.
pub(super) struct View<'s> {
    snapshot: Box<dyn Snapshot>,
    seat: &'s Seat,
    node: &'s PeerAddress,
    turns: (&'s Turns, LinkId),
}

impl Host for View<'_> {
    fn snapshot(&self, topic: TopicId) -> Result<Option<&dyn Snapshot>, Fault> {
        let has = self.snapshot.get(schema::TOPICS, topic.as_ref())?.is_some();
        Ok(has.then_some(&*self.snapshot))
    }

    fn cuts(&self, topic: &Founding) -> Result<Arc<Cuts>, Fault> {
        self.seat.runtime.cuts_of(&*self.snapshot, topic)
    }

    fn times_judged(&self, topic: TopicId) -> u64 {
        self.seat.runtime.times_judged(topic)
    }

    fn prove(&self, transcript: &Transcript) -> Result<Option<Proof>, Fault> {
        let (topic, scope) = (transcript.topic, self.seat.scope.public());
        let way = way_in(&*self.snapshot, topic)?;
        let way = way.map(|chain| (chain, self.seat.certificate.clone()));
        let found = match way {
            // Until the topic has come nobody here can tell whether an earlier join was accepted.
            Some((chain, certificate)) if invites(&chain, scope) => Some((chain, certificate)),
            way => {
                let own = (scope, self.seat.certificate.person());
                credential(&*self.snapshot, topic, own)?.or(way)
            }
        };
        Ok(found.map(|found| Proof::member(found, &self.seat.scope, transcript)))
    }

    fn receives_beside(&self, topic: TopicId) -> bool {
        let (turns, link) = self.turns;
        turns.receives_beside(topic, link)
    }

    fn peers(&self, topic: TopicId) -> Vec<PeerAddress> {
        // Who has an author's apps need not know each other: there each speaks for itself alone.
        if founding(&*self.snapshot, topic).is_ok_and(|topic| topic.author().is_some()) {
            return vec![self.node.clone()];
        }
        let known = self.seat.runtime.peers_of(topic).unwrap_or_else(|error| {
            tracing::error!(%topic, %error, "a topic's peers were not read");
            Vec::new()
        });
        // Who cannot be reached from elsewhere is of no use to others.
        let all = [self.node.clone()].into_iter().chain(known);
        all.filter(|peer| !peer.addresses.is_empty()).collect()
    }
}
