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
mod author;
mod branches;
mod cut;
mod judge;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use myrhiza_kernel_api::{EventId, Hash, PublicKey};

use access::Acceptors;
use branches::Branches;
pub(super) use cut::Cut;
use cut::Last;
pub(super) use judge::index_candidate;
use judge::{Authors, Decoded};

use crate::dag::{Graph, Node};
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
    authors: Authors,
    branches: Branches,
    ends: Arc<Mutex<Ends>>,
    acceptors: Arc<Mutex<Acceptors>>,
    /// Once it was asked for.
    digest: OnceLock<Hash>,
}

/// By person and scope: what all cuts of it recognise, once it was asked for.
type Ends = BTreeMap<(PublicKey, PublicKey), Option<Last>>;

impl Cuts {
    fn add(&mut self, cut: Arc<Cut>) {
        self.of_person.entry(cut.of).or_default().push(Arc::clone(&cut));
        self.by_person.entry(cut.by()).or_default().push(Arc::clone(&cut));
        self.all.insert(cut.event, cut);
        self.ends = Arc::default();
        self.acceptors = Arc::default();
        self.digest = OnceLock::new();
    }

    /// Those that end scopes of a person.
    fn ending(&self, person: PublicKey) -> impl Iterator<Item = &Cut> {
        self.of_person.get(&person).into_iter().flatten().map(|cut| &**cut)
    }

    /// Those on a person's authority.
    fn made_by(&self, person: PublicKey) -> impl Iterator<Item = &Cut> {
        self.by_person.get(&person).into_iter().flatten().map(|cut| &**cut)
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
        *self.digest.get_or_init(|| {
            let parts: Vec<_> =
                self.all.iter().flat_map(|(event, cut)| [event.0, cut.by().0]).collect();
            let parts: Vec<_> = parts.iter().map(|part| &part[..]).collect();
            derive(Context::DriftCuts, &parts)
        })
    }

    /// Whether a scope of `person` has ended: what it makes from now on is void.
    pub fn ends(&self, person: PublicKey, scope: PublicKey) -> bool {
        self.ending(person).any(|cut| cut.last(scope).is_some())
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
        self.ending(person).any(Cut::removes)
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
        if self.is_behind_end(graph, (event.id(), header.scope, header.seq), person)? {
            return Ok(true);
        }
        match header.kind {
            Kind::Join => self.payload_void(graph, topic, event),
            _ => Ok(false),
        }
    }

    /// The same of an event that is in the log.
    fn node_void(
        &self,
        graph: Graph<'_>,
        topic: &Founding,
        node: &Node,
        person: PublicKey,
    ) -> Result<bool, Fault> {
        if self.is_empty() {
            return Ok(false);
        }
        if self.is_behind_end(graph, (node.place.id, node.scope, node.seq), person)? {
            return Ok(true);
        }
        match node.kind {
            Kind::Join => self.payload_void(graph, topic, graph.event(node.place)?.body()),
            _ => Ok(false),
        }
    }

    /// Whether an event of a person's scope is not recognised by what ends that.
    fn is_behind_end(
        &self,
        graph: Graph<'_>,
        (id, scope, seq): (EventId, PublicKey, u64),
        person: PublicKey,
    ) -> Result<bool, Fault> {
        match self.end(graph, person, scope)? {
            Some(last) => Ok(!self.branches.recognise(graph, (id, scope, seq), last)?),
            None => Ok(false),
        }
    }

    fn payload_void(&self, graph: Graph<'_>, topic: &Founding, join: &Body) -> Result<bool, Fault> {
        match Payload::decode(join) {
            Ok(Payload::Join(join)) => self.join_void(graph, topic, &join),
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
        for cut in self.ending(person) {
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
    pub(super) fn join_void(
        &self,
        graph: Graph<'_>,
        topic: &Founding,
        join: &Join,
    ) -> Result<bool, Fault> {
        self.chain_void(graph, topic, join.chain())
    }

    fn chain_void(
        &self,
        graph: Graph<'_>,
        topic: &Founding,
        chain: &[Link],
    ) -> Result<bool, Fault> {
        // The founder is above everybody.
        let mut above = BTreeSet::from([topic.founder()]);
        for link in chain {
            above.insert(link.invitation.issuer().person());
            if self.link_void(graph, link, &above)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Whether a link is, below these persons.
    fn link_void(
        &self,
        graph: Graph<'_>,
        link: &Link,
        above: &BTreeSet<PublicKey>,
    ) -> Result<bool, Fault> {
        let (invitation, acceptor) = (link.invitation.key(), link.acceptor.scope());
        let issuer = link.invitation.issuer();
        let removed = self.removed(issuer.person());
        let heard = |cut: &&Cut| !removed || cut.removes() || cut.by() != issuer.person();
        let of_issuer = self.ending(issuer.person()).filter(heard);
        for cut in of_issuer.filter(|cut| cut.last(issuer.scope()).is_some()) {
            if !cut.recognises_acceptor(graph, invitation, acceptor)? {
                return Ok(true);
            }
        }
        for cut in above.iter().flat_map(|person| self.made_by(*person)).filter(heard) {
            if cut.names(graph, invitation)?
                && !cut.recognises_acceptor(graph, invitation, acceptor)?
            {
                return Ok(true);
            }
        }
        Ok(false)
    }
}
