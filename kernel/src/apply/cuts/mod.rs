//! Which events are void: what `revoke` and `remove` events cut off.
//!
//! Cuts are a function of the event *set*, so a cut reaches events wherever they sort and
//! back-dating gains nothing:
//!
//! - A `revoke` is the person's own signed word about their own scopes and invitations. It counts
//!   whoever carries it and whatever else is cut.
//! - A `remove` counts if its event is not void itself and its author is the founder or stands
//!   above the removed person in the chain of the join it names. Removes are judged by the depth
//!   of their author in the invitation tree and then by place, so nobody can undo the remove of
//!   somebody above them.
//! - A cut names the last recognised event of a scope: that event and its ancestors by `prev`
//!   stand, every other event of the scope is void. With several cuts, what one of them does not
//!   recognise is void. A remove cuts every scope of the person; one it does not name entirely.
//! - What a scope signed outside the log ends with it: of the invitations by a scope that is cut,
//!   only those acceptors stand whom the cut names. Nothing else dates an invitation.
//! - An invitation can be cut alone, by its issuer or by who stands above; it too names the
//!   acceptors who stand.

mod branches;
mod cut;
mod judge;

use std::collections::BTreeMap;
use std::sync::Arc;

use myrhiza_kernel_api::{EventId, PublicKey};

use branches::Branches;
pub(super) use cut::Cut;
use cut::Last;

use crate::dag::Graph;
use crate::event::payload::{Join, Link, Payload};
use crate::event::{Body, Founding, Kind};
use crate::fault::Fault;

/// The cuts in force in a topic.
#[derive(Clone, Debug, Default)]
pub struct Cuts {
    /// By event.
    all: BTreeMap<EventId, Arc<Cut>>,
    /// By the person whose scopes end.
    of_person: BTreeMap<PublicKey, Vec<Arc<Cut>>>,
    /// By the invitations they name.
    of_invitation: BTreeMap<PublicKey, Vec<Arc<Cut>>>,
    branches: Branches,
}

impl Cuts {
    fn add(&mut self, cut: Cut) {
        let cut = Arc::new(cut);
        self.of_person.entry(cut.of).or_default().push(Arc::clone(&cut));
        for invitation in cut.invitations() {
            self.of_invitation.entry(invitation).or_default().push(Arc::clone(&cut));
        }
        self.all.insert(cut.event, cut);
    }

    /// True if there is none, which is the case of nearly every topic.
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// Whether a scope of `person` has ended: what it makes from now on is void.
    pub fn end(&self, person: PublicKey, scope: PublicKey) -> bool {
        self.of_scope(person, scope).next().is_some()
    }

    /// Whether a `remove` event counts.
    pub(super) fn counts(&self, remove: EventId) -> bool {
        self.all.contains_key(&remove)
    }

    /// True if all of `other` is in force here too. An event's id fixes what it cuts.
    pub(super) fn include(&self, other: &Self) -> bool {
        other.all.keys().all(|event| self.all.contains_key(event))
    }

    /// The cuts in force here and not in `other`.
    pub(super) fn beyond<'a>(&'a self, other: &'a Self) -> impl Iterator<Item = &'a Cut> {
        let new = self.all.iter().filter(|(event, _)| !other.all.contains_key(*event));
        new.map(|(_, cut)| &**cut)
    }

    /// Whether an event of a scope of `person` is void.
    ///
    /// # Errors
    /// [`Fault`]
    pub fn void(
        &self,
        graph: Graph<'_>,
        topic: &Founding,
        event: &Body,
        person: PublicKey,
    ) -> Result<bool, Fault> {
        if self.is_empty() {
            return Ok(false);
        }
        let header = event.header();
        for (_, last) in self.of_scope(person, header.scope) {
            if !self.branches.recognise(graph, event, last)? {
                return Ok(true);
            }
        }
        match Payload::decode(event) {
            Ok(Payload::Join(join)) if header.kind == Kind::Join => {
                Ok(self.join_void(topic, &join))
            }
            _ => Ok(false),
        }
    }

    /// The cuts of a scope of `person`, each with the last event it recognises.
    pub(super) fn of_scope(
        &self,
        person: PublicKey,
        scope: PublicKey,
    ) -> impl Iterator<Item = (&Cut, Last)> {
        let cuts = self.of_person.get(&person).into_iter().flatten();
        cuts.filter_map(move |cut| Some((&**cut, cut.last(scope)?)))
    }

    /// Whether a link of a join's chain is by an invitation that was cut and does not recognise its
    /// acceptor.
    pub(super) fn join_void(&self, topic: &Founding, join: &Join) -> bool {
        let chain = join.chain();
        let void = |(depth, link): (usize, &Link)| {
            let (invitation, acceptor) = (link.invitation.key(), link.acceptor.scope());
            let issuer = link.invitation.issuer();
            let may_cut = |cut: &Cut| {
                cut.by() == topic.founder()
                    || chain[..=depth].iter().any(|at| at.invitation.issuer().person() == cut.by())
            };
            let with_scope = self.of_scope(issuer.person(), issuer.scope()).map(|(cut, _)| cut);
            let alone = self.of_invitation.get(&invitation).into_iter().flatten();
            let alone = alone.map(|cut| &**cut).filter(|cut| may_cut(cut));
            with_scope.chain(alone).any(|cut| !cut.recognises_acceptor(invitation, acceptor))
        };
        chain.iter().enumerate().any(void)
    }
}
