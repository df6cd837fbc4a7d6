//! Who belongs to a topic: more scopes of a member, and the ends of scopes and members.

use myrhiza_kernel_api::{EventId, PublicKey, TopicId, limits};

use super::author::Draft;
use super::open::Opened;
use super::{Ambient, Authored, Runtime, RuntimeError, Signer, Subject};
use crate::apply::{Facts, Member};
use crate::codec::Canonical;
use crate::dag::Graph;
use crate::event::payload::{Cut, CutList, Delegate, InvitationCut, Payload, Remove, Revoke};
use crate::event::{Kind, Ticket};
use crate::identity::{Certificate, SecretKey};

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
        let opened = self.open(topic)?;
        let member = member(&opened, signer.person())?;
        let payload = Delegate { certificate: signer.certificate.clone() }.to_bytes();
        let parents = vec![member.joined];
        let draft = Draft { kind: Kind::Delegate, variant: 0, payload, parents };
        self.author(opened, signer, ambient, draft)
    }

    /// Ends scopes of the person whose key it is, from what this home has seen of them on. Those
    /// who joined by their invitations stay; of more than one event can name, those it does not
    /// name fall.
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
        let opened = self.open(topic)?;
        let (cuts, parents) = cuts_here(&opened, person.public(), Some(scopes))?;
        let payload = Revoke::sign(person, topic, signer.scope.public(), cuts).to_bytes();
        let draft = Draft { kind: Kind::Revoke, variant: 0, payload, parents };
        self.author(opened, signer, ambient, draft)
    }

    /// Ends an invitation of the person whose key it is: those who came in by it, as far as this home
    /// has seen, stay, and nobody else comes in.
    ///
    /// # Errors
    /// [`RuntimeError::NotAccepted`], [`RuntimeError::NotAMember`]
    pub fn end_invitation(
        &mut self,
        topic: TopicId,
        person: &SecretKey,
        invitation: PublicKey,
        signer: Signer<'_>,
        ambient: &mut Ambient<'_>,
    ) -> Result<Authored, RuntimeError> {
        let opened = self.open(topic)?;
        let mut acceptors = Facts::new(&opened.overlay, topic).acceptors(invitation)?;
        acceptors.truncate(ACCEPTORS_BYTES / ITEM_BYTES);
        let cut = InvitationCut { invitation, acceptors };
        let cuts = CutList { invitations: vec![cut], ..CutList::default() };
        let payload = Revoke::sign(person, topic, signer.scope.public(), cuts).to_bytes();
        let draft = Draft { kind: Kind::Revoke, variant: 0, payload, parents: Vec::new() };
        self.author(opened, signer, ambient, draft)
    }

    /// Whether a ticket that invites lets nobody in any more because it was ended, or who made it was, as
    /// far as this home has seen. One that is spent was not ended.
    ///
    /// # Errors
    /// [`RuntimeError::NoTopic`]
    pub fn is_ended(&self, ticket: &Ticket) -> Result<bool, RuntimeError> {
        let id = ticket.founding().topic();
        let Opened { overlay, topic, .. } = Opened::load(self, id)?;
        let Some(invitation) = ticket.invitation() else { return Ok(false) };
        let cuts = self.cuts_of(&overlay, &topic)?;
        let graph = Graph::new(&overlay, id);
        Ok(cuts.ends_invitation(graph, &topic, ticket.chain(), invitation)?)
    }

    /// Ends a person's membership, from what this home has seen of them on. Those whom they invited
    /// stay; of more than one event can name, those it does not name fall.
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
        let opened = self.open(topic)?;
        let member = member(&opened, person)?;
        let (mut cuts, mut parents) = cuts_here(&opened, person, None)?;
        cuts.invitations.extend(ways_in(&opened, person)?);
        parents.push(member.joined);
        let payload = Remove::new(person, cuts).to_bytes();
        let draft = Draft { kind: Kind::Remove, variant: 0, payload, parents };
        self.author(opened, signer, ambient, draft)
    }
}

fn member(opened: &Opened, person: PublicKey) -> Result<Member, RuntimeError> {
    let facts = Facts::new(&opened.overlay, opened.topic.topic());
    facts.member(person)?.ok_or_else(|| RuntimeError::BadInput {
        what: Subject::Person,
        cause: format!("{person} is no member of this topic"),
    })
}

/// The spent invitations a person came in by, with all who accepted them: they end too, or who was
/// removed would use the same ticket under another key and, sorting earlier, take their own place.
/// One that still lets people in is left: it is not that person's alone.
fn ways_in(opened: &Opened, person: PublicKey) -> Result<Vec<InvitationCut>, RuntimeError> {
    let (reader, topic) = (&opened.overlay, opened.topic.topic());
    let (graph, facts) = (Graph::new(reader, topic), Facts::new(reader, topic));
    let (mut ways, mut room) = (Vec::new(), WAY_IN_ACCEPTORS);
    for scope in facts.scopes_of(person)? {
        for place in graph.entries(scope)? {
            let event = graph.event(place)?;
            if let Ok(Payload::Join(join)) = Payload::decode(event.body())
                && join.certificate().map(Certificate::person) == Some(person)
                && let Some(link) = join.chain().last()
            {
                let (invitation, uses) = (link.invitation.key(), link.invitation.terms().uses);
                let acceptors = facts.acceptors(invitation)?;
                let spent = uses != 0 && acceptors.len() >= uses as usize;
                if spent && acceptors.len() <= room {
                    room -= acceptors.len();
                    ways.push(InvitationCut { invitation, acceptors });
                }
            }
        }
    }
    Ok(ways)
}

/// Most acceptors of all such invitations together, which fit beside [`ACCEPTORS_BYTES`]: a person
/// who came in by many large ones must not be too large to remove. One that does not fit is left.
const WAY_IN_ACCEPTORS: usize = 512;
/// Bytes of a cut's payload for those who stand by the invitations that end with its scopes.
const ACCEPTORS_BYTES: usize = limits::PAYLOAD_BYTES - (64 << 10);
/// Bytes an invitation, or an acceptor, takes at most.
const ITEM_BYTES: usize = 40;

/// CutList of scopes of a person (`None`: of all they have) behind their last events here, with those
/// who joined by the scopes' invitations; and those last events, which a cut has to name as parents.
fn cuts_here(
    opened: &Opened,
    person: PublicKey,
    scopes: Option<&[PublicKey]>,
) -> Result<(CutList, Vec<EventId>), RuntimeError> {
    let (reader, topic) = (&opened.overlay, opened.topic.topic());
    let (graph, facts) = (Graph::new(reader, topic), Facts::new(reader, topic));
    let mut cuts = CutList::default();
    let mut parents = Vec::new();
    for scope in scopes.map_or_else(|| facts.scopes_of(person), |scopes| Ok(scopes.to_vec()))? {
        let last = graph.last_of(scope, person)?.map(|node| node.place.id);
        parents.extend(last);
        cuts.scopes.push(Cut { scope, last });
    }
    let mut room = ACCEPTORS_BYTES / ITEM_BYTES;
    for (scope, invitation) in facts.invitations_of(person)? {
        let ended = scopes.is_none_or(|scopes| scopes.contains(&scope));
        if !ended || room == 0 || cuts.invitations.len() == limits::INVITATION_CUTS {
            continue;
        }
        room -= 1;
        let mut acceptors = facts.acceptors(invitation)?;
        acceptors.truncate(room.min(limits::RECOGNISED_ACCEPTORS));
        room -= acceptors.len();
        cuts.invitations.push(InvitationCut { invitation, acceptors });
    }
    Ok((cuts, parents))
}
