//! What a home that has yet to come in shows to peers, from its ticket: how its person came in, of
//! another home of a member; or the invitation, of one that was in the topic before and makes its join
//! only once it has all that it made there. That is kept here, of this home alone.

use myrhiza_kernel_api::limits::INVITATION_CHAIN;
use myrhiza_kernel_api::{PublicKey, Snapshot, TopicId};

use super::author::Draft;
use super::leave::is_behind;
use super::topics::Entrance;
use super::{Ambient, Authored, Membership, Runtime, RuntimeError, Signer, Subject, TopicRecord};
use crate::codec::{Canonical as _, CodecError, Reader, Writer};
use crate::dag::Graph;
use crate::event::payload::{Join, Link, Payload};
use crate::event::{Kind, Ticket};
use crate::fault::Fault;
use crate::identity::names;
use crate::schema;
use crate::state::Overlay;

/// Longest of what is kept, in bytes.
const MAX_BYTES: usize = INVITATION_CHAIN * Link::MAX_BYTES + 8;

/// Under `way` ‖ topic. Layout: `[link..]`.
fn key(topic: TopicId) -> Vec<u8> {
    [b"way", topic.as_ref()].concat()
}

pub(super) fn keep(overlay: &mut Overlay, topic: TopicId, chain: &[Link]) {
    let mut w = Writer::new();
    w.list(chain.iter(), |w, link| link.write(w));
    overlay.put(schema::HOME, key(topic), w.into_bytes());
}

/// Forgets it, as when the topic is left.
pub(super) fn forget(overlay: &mut Overlay, topic: TopicId) {
    overlay.delete(schema::HOME, key(topic));
}

/// How this home's person came into a topic, says the ticket that brought the topic here.
///
/// # Errors
/// [`Fault`]
pub(crate) fn way_in(reader: &dyn Snapshot, topic: TopicId) -> Result<Option<Vec<Link>>, Fault> {
    let Some(bytes) = reader.get(schema::HOME, &key(topic))? else { return Ok(None) };
    let read = || -> Result<Vec<Link>, CodecError> {
        let mut r = Reader::new("a way into a topic", &bytes, MAX_BYTES)?;
        let chain = r.list("chain", INVITATION_CHAIN, Link::read)?;
        r.finish()?;
        Ok(chain)
    };
    let damaged = |cause| Fault::damaged(format!("the way into topic {topic}"), cause);
    read().map(Some).map_err(damaged)
}

/// Whether it is an invitation to this very scope, and not how a person came in by another.
pub(crate) fn invites(chain: &[Link], scope: PublicKey) -> bool {
    chain.last().is_some_and(|link| link.acceptor.scope() == scope)
}

/// Whether an invitation is one by which a scope is to come in or has tried to.
pub(super) fn is_tried(
    reader: &dyn Snapshot,
    topic: TopicId,
    scope: PublicKey,
    invitation: PublicKey,
) -> Result<bool, Fault> {
    let is_by = |chain: &[Link]| {
        chain.last().is_some_and(|link| {
            link.invitation.key() == invitation && link.acceptor.scope() == scope
        })
    };
    let graph = Graph::new(reader, topic);
    for place in graph.entries(scope)? {
        if let Ok(Payload::Join(join)) = Payload::decode(graph.event(place)?.body())
            && is_by(join.chain())
        {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The invitation by which a scope is to come in and has not tried to yet.
pub(super) fn untried(
    reader: &dyn Snapshot,
    topic: TopicId,
    scope: PublicKey,
) -> Result<Option<Vec<Link>>, Fault> {
    let Some(chain) = way_in(reader, topic)? else { return Ok(None) };
    let Some(link) = chain.last().filter(|_| invites(&chain, scope)) else { return Ok(None) };
    let tried = is_tried(reader, topic, scope, link.invitation.key())?;
    Ok((!tried).then_some(chain))
}

impl Runtime {
    /// Makes the join of a ticket that was kept until the topic has come, if this home needs one.
    pub(super) fn join_as_kept(
        &mut self,
        topic: TopicId,
        signer: Signer<'_>,
        ambient: &mut Ambient<'_>,
    ) -> Result<Option<Authored>, RuntimeError> {
        let reader = self.read()?;
        let Some(chain) = untried(&*reader, topic, signer.scope.public())? else { return Ok(None) };
        if is_behind(&*reader, topic)? {
            return Ok(None);
        }
        let opened = self.open(topic)?;
        let payload = Join::Invited(chain).to_bytes();
        let draft = Draft { kind: Kind::Join, variant: 0, payload, parents: Vec::new() };
        self.author(opened, signer, ambient, draft).map(Some)
    }

    /// A topic has come: a peer had the same events. Whether this home is in is known now, and with a
    /// ticket that was kept for it, it comes in. Returns whether that is to be tried again, since nobody
    /// can tell without the topic's app, or before it is folded.
    ///
    /// # Errors
    /// [`RuntimeError::Fault`]
    pub fn arrived(
        &mut self,
        topic: TopicId,
        signer: Signer<'_>,
        now_ms: u64,
    ) -> Result<bool, RuntimeError> {
        let scope = signer.scope.public();
        self.settle_own(topic)?;
        match way_in(&*self.read()?, topic)? {
            Some(chain) if invites(&chain, scope) => {}
            _ => return Ok(false),
        }
        // Nothing that is made here takes chance.
        let mut ambient = Ambient { now_ms, random: &mut |_| {} };
        match self.take_part(topic, signer, &mut ambient) {
            // What is kept then is of no use: another ticket is.
            Ok(_) | Err(RuntimeError::NotAccepted(_)) => {}
            Err(RuntimeError::Busy { .. }) => return Ok(true),
            Err(error) => return Err(error),
        }
        match self.membership(topic, scope, signer.person())? {
            Membership::Unknown => return Ok(true),
            Membership::Awaited if is_behind(&*self.read()?, topic)? => {}
            _ => {
                let mut overlay = Overlay::new(self.read()?);
                forget(&mut overlay, topic);
                self.store.commit(overlay.into_batch())?;
            }
        }
        Ok(false)
    }

    /// Takes in a topic by a ticket for more homes of this person. Where the topic is here already, this
    /// home comes into it if it can; else it does so with the first thing it does, once the topic has
    /// come ([`Runtime::take_part`]).
    pub(super) fn join_as_device(
        &mut self,
        ticket: &Ticket,
        name: Option<&str>,
        signer: Signer<'_>,
        ambient: &mut Ambient<'_>,
    ) -> Result<TopicId, RuntimeError> {
        let id = ticket.founding().topic();
        let (person, chain) = ticket.person().unwrap_or((signer.person(), &[]));
        let bad = |cause| RuntimeError::BadInput { what: Subject::Ticket, cause };
        if person != signer.person() {
            return Err(bad(format!("it is for homes of {}", names::person(&person))));
        }
        let mut overlay = Overlay::new(self.read()?);
        match TopicRecord::load(&overlay, id) {
            Ok(record) => {
                record.check_named(id, name)?;
                match self.membership(id, signer.scope.public(), person)? {
                    Membership::Member => {
                        self.remember_named(id, ticket.peers())?;
                        return Err(RuntimeError::HaveTopic { topic: id, name: record.name });
                    }
                    Membership::Revoked | Membership::Removed => {
                        return Err(bad("this home, or its person, was ended in the topic".into()));
                    }
                    _ => {}
                }
                self.remember_with(&mut overlay, id, ticket.peers())?;
                keep(&mut overlay, id, chain);
                self.store.commit(overlay.into_batch())?;
                self.take_part(id, signer, ambient)?;
            }
            Err(RuntimeError::NoTopic { .. }) => {
                let name = name.unwrap_or(&ticket.founding().genesis().name);
                self.check_name(name)?;
                let events = std::slice::from_ref(ticket.genesis());
                let (peers, way) = (ticket.peers(), Some(chain));
                self.enter(&Entrance { name, events, peers, way }, ambient.now_ms)?;
            }
            Err(error) => return Err(error),
        }
        Ok(id)
    }
}
