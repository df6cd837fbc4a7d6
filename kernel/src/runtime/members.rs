//! Who belongs to a topic: more scopes of a member, and the ends of scopes and members.

use myrhiza_kernel_api::{EventId, PublicKey, TopicId};

use super::author::Draft;
use super::{Ambient, Authored, Runtime, RuntimeError, Signer, TopicRecord};
use crate::apply::{Facts, Member};
use crate::codec::Canonical;
use crate::dag::Graph;
use crate::event::Kind;
use crate::event::payload::{Cut, Cuts, Delegate, Remove, Revoke};
use crate::identity::SecretKey;
use crate::state::Overlay;

impl Runtime {
    /// Brings this home's scope into a topic its person is a member of already.
    ///
    /// # Errors
    /// [`RuntimeError::BadInput`] if they are no member.
    pub fn delegate(
        &mut self,
        topic: TopicId,
        signer: Signer<'_>,
        ambient: &mut Ambient<'_>,
    ) -> Result<Authored, RuntimeError> {
        let overlay = Overlay::new(self.read()?);
        let record = TopicRecord::load(&overlay, topic)?;
        let topic = Self::topic(&overlay, topic)?;
        let member = member(&Facts::new(&overlay, topic.topic()), signer.person())?;
        let payload = Delegate { certificate: signer.certificate.clone() }.to_bytes();
        let parents = vec![member.joined];
        let draft = Draft { kind: Kind::Delegate, variant: 0, payload, parents };
        self.author(overlay, &topic, record, signer, ambient, draft)
    }

    /// Ends scopes of the person whose key it is, from what this home has seen of them on.
    ///
    /// # Errors
    /// [`RuntimeError::NotAccepted`], [`RuntimeError::NotAMember`]
    pub fn revoke(
        &mut self,
        topic: TopicId,
        person: &SecretKey,
        scopes: &[PublicKey],
        signer: Signer<'_>,
        ambient: &mut Ambient<'_>,
    ) -> Result<Authored, RuntimeError> {
        let overlay = Overlay::new(self.read()?);
        let record = TopicRecord::load(&overlay, topic)?;
        let topic = Self::topic(&overlay, topic)?;
        let graph = Graph::new(&overlay, topic.topic());
        let (cuts, parents) = cuts_here(graph, scopes)?;
        let payload = Revoke::sign(person, topic.topic(), signer.scope.public(), cuts).to_bytes();
        let draft = Draft { kind: Kind::Revoke, variant: 0, payload, parents };
        self.author(overlay, &topic, record, signer, ambient, draft)
    }

    /// Ends a person's membership, from what this home has seen of them on.
    ///
    /// # Errors
    /// [`RuntimeError::BadInput`] if they are no member, [`RuntimeError::NotAccepted`] if this
    /// person does not stand above them.
    pub fn remove_person(
        &mut self,
        topic: TopicId,
        person: PublicKey,
        signer: Signer<'_>,
        ambient: &mut Ambient<'_>,
    ) -> Result<Authored, RuntimeError> {
        let overlay = Overlay::new(self.read()?);
        let record = TopicRecord::load(&overlay, topic)?;
        let topic = Self::topic(&overlay, topic)?;
        let (graph, facts) =
            (Graph::new(&overlay, topic.topic()), Facts::new(&overlay, topic.topic()));
        let member = member(&facts, person)?;
        let (cuts, mut parents) = cuts_here(graph, &facts.scopes_of(person)?)?;
        parents.push(member.joined);
        let payload = Remove::new(person, cuts).to_bytes();
        let draft = Draft { kind: Kind::Remove, variant: 0, payload, parents };
        self.author(overlay, &topic, record, signer, ambient, draft)
    }
}

fn member(facts: &Facts<'_>, person: PublicKey) -> Result<Member, RuntimeError> {
    facts.member(person)?.ok_or_else(|| RuntimeError::BadInput {
        what: "the person",
        cause: format!("{person} is no member of this topic"),
    })
}

/// Cuts of scopes behind their last events here, and those events, which a cut has to name as
/// parents.
fn cuts_here(graph: Graph<'_>, scopes: &[PublicKey]) -> Result<(Cuts, Vec<EventId>), RuntimeError> {
    let mut cuts = Cuts::default();
    let mut parents = Vec::new();
    for scope in scopes {
        let last = graph.last_of(*scope)?.map(|node| node.place.id);
        parents.extend(last);
        cuts.scopes.push(Cut { scope: *scope, last });
    }
    Ok((cuts, parents))
}
