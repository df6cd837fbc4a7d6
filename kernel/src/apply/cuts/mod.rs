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
//! - Of whom a person let in, their own word no longer decides once they are removed: that of who
//!   removed them does.

mod access;
mod branches;
mod cut;
mod judge;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use myrhiza_kernel_api::{EventId, Hash, PublicKey};

use branches::Branches;
pub(super) use cut::Cut;
use cut::Last;
use judge::Decoded;

use crate::dag::Graph;
use crate::event::payload::{Join, Link, Payload};
use crate::event::{Body, Founding, Kind};
use crate::fault::Fault;
use crate::hash::{Context, derive};

/// The cuts in force in a topic.
#[derive(Clone, Debug, Default)]
pub struct Cuts {
    /// By event.
    all: BTreeMap<EventId, Arc<Cut>>,
    /// By the person whose scopes end.
    of_person: BTreeMap<PublicKey, Vec<Arc<Cut>>>,
    /// By the person on whose authority they are.
    by_person: BTreeMap<PublicKey, Vec<Arc<Cut>>>,
    /// All `revoke` and `remove` events of the log, also those that do not count.
    decoded: Decoded,
    branches: Branches,
    ends: Arc<Mutex<Ends>>,
}

/// By person and scope: what all cuts of it recognise, once it was asked for.
type Ends = BTreeMap<(PublicKey, PublicKey), Option<Last>>;

impl Cuts {
    fn add(&mut self, cut: Arc<Cut>) {
        self.of_person.entry(cut.of).or_default().push(Arc::clone(&cut));
        self.by_person.entry(cut.by()).or_default().push(Arc::clone(&cut));
        self.all.insert(cut.event, cut);
        self.ends = Arc::default();
    }

    /// True if there is none, which is the case of nearly every topic.
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// How many events of the log cut, those that do not count included.
    pub fn events(&self) -> usize {
        self.decoded.len()
    }

    /// What tells these cuts from others: over each cut's event and authority, ascending by event.
    /// What an event cuts is fixed by its id.
    pub fn digest(&self) -> Hash {
        let parts: Vec<_> =
            self.all.iter().flat_map(|(event, cut)| [event.0, cut.by().0]).collect();
        let parts: Vec<_> = parts.iter().map(|part| &part[..]).collect();
        derive(Context::DriftCuts, &parts)
    }

    /// Whether a scope of `person` has ended: what it makes from now on is void.
    pub fn ends(&self, person: PublicKey, scope: PublicKey) -> bool {
        self.of_person.get(&person).into_iter().flatten().any(|cut| cut.last(scope).is_some())
    }

    /// Whether a `remove` event counts.
    pub(super) fn counts(&self, remove: EventId) -> bool {
        self.all.contains_key(&remove)
    }

    /// True if all of `other` is in force here too. An event's id fixes what it cuts, but not on
    /// whose authority: of a scope that several people certify, who its author is depends on which
    /// introduction stands.
    pub(super) fn include(&self, other: &Self) -> bool {
        let same = |(event, cut): (&EventId, &Arc<Cut>)| {
            self.all.get(event).is_some_and(|own| own.by() == cut.by())
        };
        other.all.iter().all(same)
    }

    /// Whether a person is removed, wherever that sorts.
    fn removed(&self, person: PublicKey) -> bool {
        self.of_person.get(&person).into_iter().flatten().any(|cut| cut.removes())
    }

    /// True if somebody is removed here who had a word in `other` on whom they let in.
    pub(super) fn silence(&self, other: &Self) -> bool {
        let mut persons = other.of_person.keys();
        persons.any(|person| !other.removed(*person) && self.removed(*person))
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
        if let Some(last) = self.end(graph, person, header.scope)?
            && !self.branches.recognise(graph, event, last)?
        {
            return Ok(true);
        }
        match Payload::decode(event) {
            Ok(Payload::Join(join)) if header.kind == Kind::Join => {
                Ok(self.join_void(topic, &join))
            }
            _ => Ok(false),
        }
    }

    /// The last event that every cut of a scope of `person` recognises; `None` where there is none.
    /// However many cut it, an event is then compared with one.
    fn end(
        &self,
        graph: Graph<'_>,
        person: PublicKey,
        scope: PublicKey,
    ) -> Result<Option<Last>, Fault> {
        let known = |ends: &Ends| ends.get(&(person, scope)).copied();
        // Whoever panicked meanwhile has left whole entries only.
        let known = known(&self.ends.lock().unwrap_or_else(PoisonError::into_inner));
        if let Some(known) = known {
            return Ok(known);
        }
        let mut end = None;
        for cut in self.of_person.get(&person).into_iter().flatten() {
            end = match (end, cut.last(scope)) {
                (Some(one), Some(other)) => Some(self.branches.common(graph, one, other)?),
                (one, other) => one.or(other),
            };
        }
        self.ends.lock().unwrap_or_else(PoisonError::into_inner).insert((person, scope), end);
        Ok(end)
    }

    /// Whether a link of a join's chain is by an invitation that was cut and does not recognise its
    /// acceptor.
    pub(super) fn join_void(&self, topic: &Founding, join: &Join) -> bool {
        let chain = join.chain();
        let void = |(depth, link): (usize, &Link)| {
            let (invitation, acceptor) = (link.invitation.key(), link.acceptor.scope());
            let issuer = link.invitation.issuer();
            let removed = self.removed(issuer.person());
            let heard = |cut: &&Cut| !removed || cut.removes() || cut.by() != issuer.person();
            let by = |person| self.by_person.get(&person).into_iter().flatten().map(|cut| &**cut);
            let with_scope = self.of_person.get(&issuer.person()).into_iter().flatten();
            let with_scope = with_scope.map(|cut| &**cut);
            let with_scope = with_scope.filter(|cut| cut.last(issuer.scope()).is_some());
            let above: BTreeSet<_> = chain[..=depth]
                .iter()
                .map(|at| at.invitation.issuer().person())
                .chain([topic.founder()])
                .collect();
            let alone = above.into_iter().flat_map(by);
            let alone = alone.filter(|cut| cut.acceptors(invitation).is_some());
            let mut cuts = with_scope.chain(alone).filter(heard);
            cuts.any(|cut| !cut.recognises_acceptor(invitation, acceptor))
        };
        chain.iter().enumerate().any(void)
    }
}
