//! How another home of a member comes by a topic: its ticket says how its person came in, which is what
//! it shows to peers until it has come in itself. That is kept here, of this home alone.

use myrhiza_kernel_api::limits::INVITATION_CHAIN;
use myrhiza_kernel_api::{Snapshot, TopicId};

use super::{Ambient, Membership, Runtime, RuntimeError, Signer, TopicRecord};
use crate::codec::{Canonical as _, CodecError, Reader, Writer};
use crate::event::Ticket;
use crate::event::payload::Link;
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

fn keep(overlay: &mut Overlay, topic: TopicId, chain: &[Link]) {
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

impl Runtime {
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
        let bad = |cause| RuntimeError::BadInput { what: "the ticket", cause };
        if person != signer.person() {
            return Err(bad(format!("it is for homes of {}", names::person(&person))));
        }
        let mut overlay = Overlay::new(self.read()?);
        match TopicRecord::load(&overlay, id) {
            Ok(record) => {
                record.check_named(id, name)?;
                match self.membership(id, signer.scope.public(), person)? {
                    Membership::Member => {
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
                // First, since peers may be met as soon as the topic is there.
                keep(&mut overlay, id, chain);
                self.store.commit(overlay.into_batch())?;
                let genesis = std::slice::from_ref(ticket.genesis());
                self.enter(name, genesis, ticket.peers(), ambient.now_ms)?;
            }
            Err(error) => return Err(error),
        }
        Ok(id)
    }
}
