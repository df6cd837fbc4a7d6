//! Who may be served the log of a topic for invited people.

use myrhiza_kernel_api::limits::INVITATION_CHAIN;
use myrhiza_kernel_api::{PublicKey, Signature, Snapshot, TopicId};

use super::Transcript;
use crate::apply::{Cuts, Facts, Verdict, read_verdict};
use crate::codec::{Canonical, CodecError, Reader, Writer};
use crate::dag::Graph;
use crate::event::payload::{
    ChainError, Invitation, Link, Payload, verify_chain, verify_invitation,
};
use crate::event::{Founding, Ticket};
use crate::fault::Fault;
use crate::hash::Context;
use crate::identity::{Certificate, SecretKey, SignatureError, verify};
use crate::order::Place;

/// A peer's proof that it is let in. It stands on its own, so that who has nothing but the genesis
/// can check it.
///
/// Layout: `[0, [link..], certificate, signature]` for a member's scope, `[1, [link..], invitation,
/// signature]` for an invited one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Proof {
    /// A scope of a member.
    Member {
        /// How the person came in; empty for the founder.
        chain: Vec<Link>,
        /// The scope, any of that person's.
        certificate: Certificate,
        /// By the scope.
        signature: Signature,
    },
    /// Who holds an invitation's one-time secret.
    Invited {
        /// How the issuer came in; empty for the founder.
        chain: Vec<Link>,
        /// The invitation.
        invitation: Invitation,
        /// By the secret.
        signature: Signature,
    },
}

/// Why a peer is not let in.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NotAdmitted {
    /// The signature is not over this connection and topic, or the certificate is not the person's.
    #[error("the proof is forged: {0}")]
    Forged(#[from] SignatureError),
    /// The invitations do not lead from the founder there.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// The certificate is another person's than the chain lets in.
    #[error("the scope's person is {found}, the invitations let in {expected}")]
    Person {
        /// Whom the chain lets in.
        expected: PublicKey,
        /// Whom the certificate names.
        found: PublicKey,
    },
    /// An invitation has no uses left.
    #[error("the invitation is spent; ask for another one")]
    Spent,
    /// The scope, the person or the invitation was ended.
    #[error("the scope, its person or their invitation was ended; ask to be invited again")]
    Ended,
}

impl NotAdmitted {
    /// True if no honest peer sends such a proof.
    pub const fn is_forged(&self) -> bool {
        !matches!(self, Self::Spent | Self::Ended)
    }
}

impl Proof {
    /// Proves that a scope is a member's; [`credential`] finds what leads to it.
    pub fn member(
        (chain, certificate): (Vec<Link>, Certificate),
        scope: &SecretKey,
        transcript: &Transcript,
    ) -> Self {
        let signature = scope.sign(Context::SyncMemberSignature, &[&transcript.to_bytes()]);
        Self::Member { chain, certificate, signature }
    }

    /// Proves that this ticket's invitation is held. None for an open topic's, which needs none.
    pub fn invited(ticket: &Ticket, transcript: &Transcript) -> Option<Self> {
        let signed = ticket.sign(Context::SyncInvitedSignature, &[&transcript.to_bytes()]);
        let (chain, invitation, signature) = signed?;
        Some(Self::Invited { chain, invitation, signature })
    }

    /// Checks everything that stays as it is: signatures and chain.
    pub(super) fn verify(
        &self,
        topic: &Founding,
        transcript: &Transcript,
    ) -> Result<(), NotAdmitted> {
        let (id, founder, said) = (topic.topic(), topic.founder(), transcript.to_bytes());
        match self {
            Self::Member { chain, certificate, signature } => {
                let scope = certificate.scope();
                verify(&scope, Context::SyncMemberSignature, &[&said], signature)?;
                certificate.verify()?;
                let expected = match &chain[..] {
                    [] => founder,
                    links => verify_chain(id, founder, links)?.person,
                };
                let found = certificate.person();
                let same = expected == found;
                if same { Ok(()) } else { Err(NotAdmitted::Person { expected, found }) }
            }
            Self::Invited { chain, invitation, signature } => {
                let key = invitation.key();
                verify(&key, Context::SyncInvitedSignature, &[&said], signature)?;
                Ok(verify_invitation(id, founder, chain, invitation)?)
            }
        }
    }

    /// Whether what was verified still lets in, by the cuts in force now.
    pub(super) fn stands(
        &self,
        home: &dyn Snapshot,
        topic: &Founding,
        cuts: &Cuts,
    ) -> Result<Result<(), NotAdmitted>, Fault> {
        let graph = Graph::new(home, topic.topic());
        let ended = match self {
            Self::Member { chain, certificate, .. } => {
                cuts.ends(certificate.person(), certificate.scope())
                    || cuts.ends_chain(graph, topic, chain)?
            }
            // Who came in by it meanwhile and was ended may be this peer.
            Self::Invited { chain, invitation, .. } => {
                cuts.ends_invitation(graph, topic, chain, invitation)?
                    || cuts.ends_acceptor(home, topic.topic(), invitation.key())?
            }
        };
        Ok(if ended { Err(NotAdmitted::Ended) } else { Ok(()) })
    }

    /// Whether an invitation on the way has uses left for whom it lets in. Asked once: who is in
    /// does not use it again.
    pub(super) fn unspent(
        &self,
        home: &dyn Snapshot,
        topic: TopicId,
    ) -> Result<Result<(), NotAdmitted>, Fault> {
        let facts = Facts::new(home, topic);
        let spent = |invitation: &Invitation| {
            let most = invitation.terms().uses;
            Ok::<_, Fault>(most != 0 && facts.uses(invitation.key())? >= most)
        };
        let (Self::Member { chain, .. } | Self::Invited { chain, .. }) = self;
        for Link { invitation, acceptor, .. } in chain {
            if !facts.accepted(invitation.key(), acceptor.scope())? && spent(invitation)? {
                return Ok(Err(NotAdmitted::Spent));
            }
        }
        match self {
            Self::Invited { invitation, .. } if spent(invitation)? => Ok(Err(NotAdmitted::Spent)),
            _ => Ok(Ok(())),
        }
    }
}

/// How a person's scope came into a topic, by the log: what [`Proof::member`] shows. None if it did not. Of
/// several attempts it is the one that was accepted, or the last where that is not known.
///
/// # Errors
/// [`Fault`]
pub fn credential(
    home: &dyn Snapshot,
    topic: TopicId,
    (scope, person): (PublicKey, PublicKey),
) -> Result<Option<(Vec<Link>, Certificate)>, Fault> {
    let (graph, mut last) = (Graph::new(home, topic), None);
    for place in graph.entries(scope)? {
        let Some(found) = entered(&graph, place)? else { continue };
        if found.1.person() != person {
            continue;
        }
        let ruling = read_verdict(home, topic, place)?;
        if ruling.is_some_and(|ruling| ruling.verdict == Verdict::Accept) {
            return Ok(Some(found));
        }
        last = Some(found);
    }
    Ok(last)
}

/// How an event that enters lets its scope in.
fn entered(graph: &Graph<'_>, place: Place) -> Result<Option<(Vec<Link>, Certificate)>, Fault> {
    let event = graph.event(place)?;
    let Ok(payload) = Payload::decode(event.body()) else { return Ok(None) };
    let Some(certificate) = payload.certificate().cloned() else { return Ok(None) };
    let parents = match payload {
        Payload::Delegate(_) => event.header().parents.clone(),
        _ => vec![place.id],
    };
    for parent in parents {
        let event = graph.event(graph.known(parent)?.place)?;
        match Payload::decode(event.body()) {
            Ok(Payload::Join(join)) if person(&join) == Some(certificate.person()) => {
                return Ok(Some((join.chain().to_vec(), certificate)));
            }
            Ok(Payload::Genesis(genesis)) if genesis.founder.person() == certificate.person() => {
                return Ok(Some((Vec::new(), certificate)));
            }
            _ => {}
        }
    }
    Ok(None)
}

fn person(join: &crate::event::payload::Join) -> Option<PublicKey> {
    join.certificate().map(Certificate::person)
}

impl Canonical for Proof {
    const WHAT: &'static str = "a proof";
    const MAX_BYTES: usize = INVITATION_CHAIN * Link::MAX_BYTES + Invitation::MAX_BYTES + 128;

    fn write(&self, w: &mut Writer) {
        w.array(4);
        match self {
            Self::Member { chain, certificate, signature } => {
                w.u64(0).list(chain.iter(), |w, link| link.write(w));
                certificate.write(w);
                w.bytes(signature);
            }
            Self::Invited { chain, invitation, signature } => {
                w.u64(1).list(chain.iter(), |w, link| link.write(w));
                invitation.write(w);
                w.bytes(signature);
            }
        }
    }

    fn read(r: &mut Reader<'_>) -> Result<Self, CodecError> {
        r.fields("proof", 4)?;
        match r.u64()? {
            0 => Ok(Self::Member {
                chain: r.list("chain", INVITATION_CHAIN, Link::read)?,
                certificate: Certificate::read(r)?,
                signature: Signature(r.fixed("signature")?),
            }),
            1 => Ok(Self::Invited {
                chain: r.list("chain", INVITATION_CHAIN - 1, Link::read)?,
                invitation: Invitation::read(r)?,
                signature: Signature(r.fixed("signature")?),
            }),
            got => Err(r.update_needed("proof", got)),
        }
    }
}
