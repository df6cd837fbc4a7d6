use myrhiza_kernel_api::{PublicKey, TopicId};

use super::open::Opened;
use super::parts::whole;
use super::ways::{untried, way_in};
use super::{Runtime, RuntimeError};
use crate::apply::{Facts, Member, Verdict, read_verdict};
use crate::dag::Graph;
use crate::event::Founding;
use crate::event::payload::{Admission, Link};

/// How a scope of a person stands in a topic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Membership {
    /// It may act.
    Member,
    /// It is not in, and may come in: the person is a member by another scope. See
    /// [`Runtime::take_part`].
    Elsewhere,
    /// The person was a member and was removed.
    Removed,
    /// The person is a member, and this scope of theirs was ended.
    Revoked,
    /// It asked to come in, and that was rejected, for the reason given.
    Rejected(String),
    /// It is not in, and will be let in: its ticket says that the person is a member or is invited, and
    /// the topic has yet to come.
    Awaited,
    /// It never came in.
    Outside,
    /// Nobody can tell: the topic is not folded.
    Unknown,
}

impl Runtime {
    /// How a scope of a person stands in a topic, by all that this home has of it.
    ///
    /// # Errors
    /// [`RuntimeError::NoTopic`]
    pub fn membership(
        &self,
        topic: TopicId,
        scope: PublicKey,
        person: PublicKey,
    ) -> Result<Membership, RuntimeError> {
        let Opened { overlay, record, topic } = Opened::load(self, topic)?;
        if !record.settled() {
            return Ok(Membership::Unknown);
        }
        let id = topic.topic();
        let facts = Facts::new(&overlay, id);
        let is_member = facts.member(person)?.is_some();
        let ended = self.cuts_of(&overlay, &topic)?.ends(person, scope);
        // Also before it ever came in: it will not.
        if is_member && ended {
            return Ok(Membership::Revoked);
        }
        if facts.is_of(scope, person)? {
            return Ok(if is_member { Membership::Member } else { Membership::Removed });
        }
        if is_member {
            return Ok(Membership::Elsewhere);
        }
        if facts.scopes_of(person)?.is_empty() && untried(&overlay, id, scope)?.is_some() {
            return Ok(Membership::Awaited);
        }
        let Some(last) = Graph::new(&overlay, id).entries(scope)?.pop() else {
            // The way is this home's own; of other persons' scopes it says nothing.
            let has_way =
                way_in(&overlay, id)?.is_some_and(|chain| leads_to(&topic, &chain, person));
            return Ok(match has_way {
                true if facts.scopes_of(person)?.is_empty() => Membership::Awaited,
                true => Membership::Removed,
                false => Membership::Outside,
            });
        };
        let ruling = read_verdict(&overlay, id, last)?;
        let ruling = ruling.filter(|ruling| ruling.verdict != Verdict::Accept);
        Ok(ruling.map_or(Membership::Outside, |ruling| Membership::Rejected(ruling.reason)))
    }

    /// Whether a scope has something to show to peers of a topic, by which they let it in: what it entered
    /// with, or a ticket that waits. Without, nobody shares the topic with it.
    ///
    /// # Errors
    /// [`RuntimeError::NoTopic`]
    pub fn has_way_in(&self, topic: TopicId, scope: PublicKey) -> Result<bool, RuntimeError> {
        let Opened { overlay, topic, .. } = Opened::load(self, topic)?;
        let id = topic.topic();
        Ok(topic.genesis().admission != Admission::Invite
            || way_in(&overlay, id)?.is_some()
            || !Graph::new(&overlay, id).entries(scope)?.is_empty())
    }

    /// The members of a topic, ascending by key; none where it is not folded.
    ///
    /// # Errors
    /// [`RuntimeError::NoTopic`], [`RuntimeError::Busy`]
    pub fn members(&self, topic: TopicId) -> Result<Vec<Member>, RuntimeError> {
        let Opened { overlay, topic, .. } = Opened::load(self, topic)?;
        whole(&overlay, topic.topic())?;
        Ok(Facts::new(&overlay, topic.topic()).members(None, usize::MAX)?)
    }
}

/// Whether a chain of invitations is how that person came in.
fn leads_to(topic: &Founding, chain: &[Link], person: PublicKey) -> bool {
    chain.last().map_or(topic.founder(), |link| link.acceptor.person()) == person
}
