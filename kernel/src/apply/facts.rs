//! The kernel's part of a topic's state: members, scopes, invitations. Guests cannot write it and
//! read it only through `topic-info`; one root covers it and the guests' part.
//!
//! | key | value |
//! |---|---|
//! | `a ‖ invitation ‖ scope` | nothing: acceptances counted as uses |
//! | `d ‖ person ‖ scope` | nothing: the person's scopes |
//! | `i ‖ invitation` | how often it was used (u32, big-endian) |
//! | `j ‖ invitation ‖ place` | nothing: the joins whose chain holds it |
//! | `m ‖ person` | inviter ‖ id of the event that made them a member |
//! | `s ‖ scope ‖ introduction` | person ‖ kind (1 byte) ‖ name |
//! | `p ‖ bundle` | id of the notice by which it was published |
//! | `t ‖ scope` | hybrid logical clock of the author's last word by that scope (u64) |
//! | `u` | generation (u32) ‖ bundle: what is in force, once there was an upgrade |
//! | `v ‖ person ‖ scope ‖ invitation` | nothing: the scope's invitations that were used |
//! | `w ‖ bundle` | id of the notice by which it was withdrawn |

mod notices;

use std::ops::{Bound, ControlFlow};

use myrhiza_kernel_api::limits::INTRODUCTIONS;
use myrhiza_kernel_api::store::{Entries, prefix_end};
use myrhiza_kernel_api::{BundleId, EventId, PublicKey, Snapshot, TopicId};

use crate::dag::Graph;
use crate::event::Founding;
use crate::event::payload::Link;
use crate::fault::Fault;
use crate::identity::Certificate;
use crate::order::Place;
use crate::state::{Overlay, StateMap};

/// A member of a topic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Member {
    /// Their long-term key.
    pub person: PublicKey,
    /// Who invited them; the founder, and who joined an open topic, themselves.
    pub inviter: PublicKey,
    /// The event that made them a member.
    pub joined: EventId,
}

/// A signing key of a topic, resolved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScopeRecord {
    /// Whose it is.
    pub person: PublicKey,
    /// 0 a device, 1 a behavior.
    pub kind: u8,
    /// What the person calls it.
    pub name: String,
}

impl ScopeRecord {
    /// What a certificate says.
    pub fn of(certificate: &Certificate) -> Self {
        Self {
            person: certificate.person(),
            kind: certificate.kind().number() as u8,
            name: certificate.name().into(),
        }
    }

    fn read(value: &[u8]) -> Result<Self, Fault> {
        let read = || {
            let (person, rest) = value.split_first_chunk::<32>()?;
            let (kind, name) = rest.split_first()?;
            let name = String::from_utf8(name.to_vec()).ok()?;
            Some(Self { person: PublicKey(*person), kind: *kind, name })
        };
        read().ok_or_else(|| damaged("scope"))
    }
}

/// The bundle events are folded through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InForce {
    /// It.
    pub bundle: BundleId,
    /// Upgrades between the topic's first bundle and it.
    pub generation: u32,
}

impl InForce {
    /// The bundle in force where `reader` sees the topic folded to.
    ///
    /// # Errors
    /// [`Fault`]
    pub fn of(reader: &dyn Snapshot, topic: &Founding) -> Result<Self, Fault> {
        let first = Self { bundle: topic.genesis().bundle, generation: 0 };
        Ok(Facts::new(reader, topic.topic()).upgraded()?.unwrap_or(first))
    }
}

/// Reads of the kernel's part of the state.
#[derive(Clone, Copy)]
pub struct Facts<'a> {
    reader: &'a dyn Snapshot,
    map: StateMap,
    topic: TopicId,
}

impl<'a> Facts<'a> {
    /// The facts of a topic, as `reader` sees them.
    pub fn new(reader: &'a dyn Snapshot, topic: TopicId) -> Self {
        Self { reader, map: StateMap::kernel(topic), topic }
    }

    /// The member with that key.
    ///
    /// # Errors
    /// [`Fault`]
    pub fn member(&self, person: PublicKey) -> Result<Option<Member>, Fault> {
        let found = self.map.get(self.reader, &member_key(person))?;
        found.map(|value| read_member(person, &value)).transpose()
    }

    /// Up to `limit` members above `after`, ascending by key.
    ///
    /// # Errors
    /// [`Fault`]
    pub fn members(&self, after: Option<PublicKey>, limit: usize) -> Result<Vec<Member>, Fault> {
        let mut members: Vec<Result<Member, Fault>> = Vec::new();
        if limit == 0 {
            return Ok(Vec::new());
        }
        let from = after.map(member_key);
        let from = from.as_deref().map_or(Bound::Included(&b"m"[..]), Bound::Excluded);
        self.map.scan(
            self.reader,
            (from, Bound::Excluded(&b"n"[..])),
            false,
            &mut |key, value| {
                let person = key.get(1..).and_then(PublicKey::from_slice);
                let member = person.map(|person| read_member(person, value));
                members.push(member.unwrap_or_else(|| Err(damaged("member's key"))));
                if members.len() < limit {
                    ControlFlow::Continue(())
                } else {
                    ControlFlow::Break(())
                }
            },
        )?;
        members.into_iter().collect()
    }

    /// Whose a scope is by that introduction, if it was accepted.
    ///
    /// # Errors
    /// [`Fault`]
    pub fn introduced(
        &self,
        scope: PublicKey,
        introduction: EventId,
    ) -> Result<Option<ScopeRecord>, Fault> {
        let key = key(b's', &[scope.as_ref(), introduction.as_ref()]);
        self.map.get(self.reader, &key)?.map(|value| ScopeRecord::read(&value)).transpose()
    }

    /// Whose an event is: what the accepted one says of the introductions on its chain, of which
    /// `entry` is the last.
    ///
    /// # Errors
    /// [`Fault`]
    pub fn author(&self, entry: EventId) -> Result<Option<ScopeRecord>, Fault> {
        let graph = Graph::new(self.reader, self.topic);
        for node in graph.entries_of_chain(entry)? {
            if let Some(record) = self.introduced(node.scope, node.place.id)? {
                return Ok(Some(record));
            }
        }
        Ok(None)
    }

    /// Whose a scope is by all its accepted introductions: of one person, unless somebody else holds
    /// its key too. [`INTRODUCTIONS`] of them at most.
    ///
    /// # Errors
    /// [`Fault`]
    pub fn claims(&self, scope: PublicKey) -> Result<Vec<ScopeRecord>, Fault> {
        let rows = self.rows(&key(b's', &[scope.as_ref()]), INTRODUCTIONS)?;
        rows.into_iter().map(|(_, value)| ScopeRecord::read(&value)).collect()
    }

    /// Whether a scope came in as that person's.
    ///
    /// # Errors
    /// [`Fault`]
    pub fn is_of(&self, scope: PublicKey, person: PublicKey) -> Result<bool, Fault> {
        let key = key(b'd', &[person.as_ref(), scope.as_ref()]);
        Ok(self.map.get(self.reader, &key)?.is_some())
    }

    /// The scopes of a person, ascending.
    ///
    /// # Errors
    /// [`Fault`]
    pub fn scopes_of(&self, person: PublicKey) -> Result<Vec<PublicKey>, Fault> {
        self.keys_below(&key(b'd', &[person.as_ref()]), "scope")
    }

    /// How often an invitation was used.
    ///
    /// # Errors
    /// [`Fault`]
    pub fn uses(&self, invitation: PublicKey) -> Result<u32, Fault> {
        let key = key(b'i', &[invitation.as_ref()]);
        let found = self.map.get(self.reader, &key)?;
        let read = |value: &[u8]| value.try_into().ok().map(u32::from_be_bytes);
        let uses = found.map(|value| read(&value).ok_or_else(|| damaged("invitation")));
        Ok(uses.transpose()?.unwrap_or(0))
    }

    /// Whether a scope's acceptance of an invitation is counted among its uses.
    ///
    /// # Errors
    /// [`Fault`]
    pub fn accepted(&self, invitation: PublicKey, scope: PublicKey) -> Result<bool, Fault> {
        let key = key(b'a', &[invitation.as_ref(), scope.as_ref()]);
        Ok(self.map.get(self.reader, &key)?.is_some())
    }

    /// The scopes whose acceptance of an invitation is counted, ascending.
    ///
    /// # Errors
    /// [`Fault`]
    pub fn acceptors(&self, invitation: PublicKey) -> Result<Vec<PublicKey>, Fault> {
        self.keys_below(&key(b'a', &[invitation.as_ref()]), "acceptance")
    }

    /// The accepted joins whose chain holds the invitation, in canonical order.
    ///
    /// # Errors
    /// [`Fault`]
    pub fn joins(&self, invitation: PublicKey) -> Result<Vec<Place>, Fault> {
        let tails = self.tails(&key(b'j', &[invitation.as_ref()]))?;
        let place = |tail: Vec<u8>| Place::from_bytes(&tail).ok_or_else(|| damaged("join"));
        tails.into_iter().map(place).collect()
    }

    /// The invitations of a person that were used, with the scope that issued each, ascending.
    ///
    /// # Errors
    /// [`Fault`]
    pub fn invitations_of(&self, person: PublicKey) -> Result<Vec<(PublicKey, PublicKey)>, Fault> {
        let tails = self.tails(&key(b'v', &[person.as_ref()]))?;
        let read = |tail: Vec<u8>| {
            let (scope, invitation) = tail.split_first_chunk::<32>()?;
            Some((PublicKey(*scope), PublicKey::from_slice(invitation)?))
        };
        tails.into_iter().map(|tail| read(tail).ok_or_else(|| damaged("invitation"))).collect()
    }

    /// The bundle in force, if it is not the topic's first.
    ///
    /// # Errors
    /// [`Fault`]
    pub fn upgraded(&self) -> Result<Option<InForce>, Fault> {
        let read = |value: &[u8]| {
            let (generation, bundle) = value.split_first_chunk()?;
            let generation = u32::from_be_bytes(*generation);
            Some(InForce { bundle: BundleId::from_slice(bundle)?, generation })
        };
        let found = self.map.get(self.reader, b"u")?;
        found.map(|value| read(&value).ok_or_else(|| damaged("bundle in force"))).transpose()
    }

    /// The public keys that follow `prefix`, ascending.
    fn keys_below(&self, prefix: &[u8], what: &str) -> Result<Vec<PublicKey>, Fault> {
        let read = |tail: Vec<u8>| PublicKey::from_slice(&tail).ok_or_else(|| damaged(what));
        self.tails(prefix)?.into_iter().map(read).collect()
    }

    /// What follows `prefix` in the keys that start with it, ascending.
    fn tails(&self, prefix: &[u8]) -> Result<Vec<Vec<u8>>, Fault> {
        Ok(self.rows(prefix, usize::MAX)?.into_iter().map(|(tail, _)| tail).collect())
    }

    /// What follows `prefix` in the keys that start with it, ascending, with their values; `limit` of
    /// them at most, one at least.
    fn rows(&self, prefix: &[u8], limit: usize) -> Result<Entries, Fault> {
        let end = prefix_end(prefix);
        let to = end.as_deref().map_or(Bound::Unbounded, Bound::Excluded);
        let mut rows = Vec::new();
        let range = (Bound::Included(prefix), to);
        self.map.scan(self.reader, range, false, &mut |key, value| {
            rows.push((key.get(prefix.len()..).unwrap_or_default().to_vec(), value.to_vec()));
            if rows.len() < limit { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        })?;
        Ok(rows)
    }
}

/// Writes of the kernel's part of the state: only the kernel's rules make them.
pub(super) struct FactsMut<'a> {
    overlay: &'a mut Overlay,
    map: StateMap,
}

impl<'a> FactsMut<'a> {
    pub(super) fn new(overlay: &'a mut Overlay, topic: TopicId) -> Self {
        Self { overlay, map: StateMap::kernel(topic) }
    }

    pub(super) fn put_member(&mut self, member: Member) {
        let value = [member.inviter.0, member.joined.0].concat();
        self.map.set(self.overlay, &member_key(member.person), value);
    }

    /// What an introduction says of a scope.
    pub(super) fn put_scope(
        &mut self,
        scope: PublicKey,
        introduction: EventId,
        record: &ScopeRecord,
    ) {
        let value = [record.person.as_ref(), &[record.kind], record.name.as_bytes()].concat();
        let introduced = key(b's', &[scope.as_ref(), introduction.as_ref()]);
        self.map.set(self.overlay, &introduced, value);
        let listed = key(b'd', &[record.person.as_ref(), scope.as_ref()]);
        self.map.set(self.overlay, &listed, []);
    }

    pub(super) fn put_use(&mut self, invitation: PublicKey, scope: PublicKey, uses: u32) {
        let counted = key(b'a', &[invitation.as_ref(), scope.as_ref()]);
        self.map.set(self.overlay, &counted, []);
        let key = key(b'i', &[invitation.as_ref()]);
        self.map.set(self.overlay, &key, uses.to_be_bytes());
    }

    /// A join that shows a link of its chain.
    pub(super) fn put_link(&mut self, link: &Link, place: Place) {
        let (invitation, issuer) = (link.invitation.key(), link.invitation.issuer());
        let joined = key(b'j', &[invitation.as_ref(), &place.to_bytes()]);
        self.map.set(self.overlay, &joined, []);
        let (person, scope) = (issuer.person(), issuer.scope());
        let issued = key(b'v', &[person.as_ref(), scope.as_ref(), invitation.as_ref()]);
        self.map.set(self.overlay, &issued, []);
    }

    pub(super) fn put_in_force(&mut self, in_force: InForce) {
        let value = [&in_force.generation.to_be_bytes()[..], in_force.bundle.as_ref()].concat();
        self.map.set(self.overlay, b"u", value);
    }

    pub(super) fn delete_member(&mut self, person: PublicKey) {
        self.map.delete(self.overlay, &member_key(person));
    }
}

fn key(kind: u8, parts: &[&[u8]]) -> Vec<u8> {
    let mut key = vec![kind];
    parts.iter().for_each(|part| key.extend_from_slice(part));
    key
}

fn member_key(person: PublicKey) -> Vec<u8> {
    key(b'm', &[person.as_ref()])
}

fn read_member(person: PublicKey, value: &[u8]) -> Result<Member, Fault> {
    let (inviter, joined) = value.split_first_chunk::<32>().ok_or_else(|| damaged("member"))?;
    let joined = EventId::from_slice(joined).ok_or_else(|| damaged("member"))?;
    Ok(Member { person, inviter: PublicKey(*inviter), joined })
}

fn damaged(what: &str) -> Fault {
    Fault::damaged(format!("a {what} in the kernel's part of the state"), "bad layout")
}
