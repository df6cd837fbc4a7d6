//! From the founder to a joiner, one accepted invitation at a time.

use myrhiza_kernel_api::limits::INVITATION_CHAIN;
use myrhiza_kernel_api::{PublicKey, Signature, TopicId};

use super::{Invitation, InvitationError};
use crate::codec::{Canonical, CodecError, Reader, Writer};
use crate::hash::Context;
use crate::identity::{Certificate, SecretKey, SignatureError, verify};

/// An invitation and who accepted it.
///
/// Layout: `[invitation, acceptor certificate, acceptance]`. The acceptance is by the invitation's
/// one-time secret over topic and acceptor scope, so nothing seen on the log can be reused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// The invitation.
    pub invitation: Invitation,
    /// The scope that entered by it, and its person.
    pub acceptor: Certificate,
    /// By the invitation's one-time secret.
    pub acceptance: Signature,
}

/// What a chain shows of the last acceptor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Invited {
    /// Who enters.
    pub person: PublicKey,
    /// Whether they may invite in turn.
    pub may_invite: bool,
}

/// Why a chain of invitations does not lead from the founder to the joiner. Links are counted
/// from 0, the founder's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ChainError {
    /// No link at all, or more than allowed.
    #[error("a chain has 1 to {INVITATION_CHAIN} invitations, this one {0}")]
    Length(usize),
    /// The invitation of a link does not hold.
    #[error("invitation {link} of the chain: {cause}")]
    Invitation {
        /// The link.
        link: usize,
        /// What is wrong.
        cause: InvitationError,
    },
    /// The invitation of a link is for another topic.
    #[error("invitation {link} of the chain is for topic {topic}")]
    ForeignTopic {
        /// The link.
        link: usize,
        /// The topic it is for.
        topic: TopicId,
    },
    /// The issuer of a link is not the person that the link before let in, or the founder.
    #[error(
        "invitation {link} of the chain is by {issuer}, not by {expected} as the chain demands"
    )]
    Broken {
        /// The link.
        link: usize,
        /// Who issued it.
        issuer: PublicKey,
        /// Who had to.
        expected: PublicKey,
    },
    /// The issuer of a link was let in without the right to invite.
    #[error("invitation {link} of the chain is by a person who may not invite")]
    MayNotInvite {
        /// The link.
        link: usize,
    },
    /// The acceptor's certificate is not by the person it names.
    #[error("the certificate of acceptor {link} of the chain is not valid: {cause}")]
    Acceptor {
        /// The link.
        link: usize,
        /// What is wrong.
        cause: SignatureError,
    },
    /// The acceptance is not by the invitation's secret for this topic and scope.
    #[error("the acceptance of invitation {link} of the chain is not valid: {cause}")]
    Acceptance {
        /// The link.
        link: usize,
        /// What is wrong.
        cause: SignatureError,
    },
    /// A person accepts who is in the chain already.
    #[error("acceptor {link} of the chain is above themselves in it")]
    Cycle {
        /// The link.
        link: usize,
    },
}

impl Link {
    /// Accepts an invitation as a certified scope. `secret` is the invitation's.
    pub fn accept(invitation: Invitation, acceptor: Certificate, secret: &SecretKey) -> Self {
        let (topic, scope) = (invitation.topic(), acceptor.scope());
        let acceptance = secret.sign(Context::AcceptanceSignature, &[&topic.0, &scope.0]);
        Self { invitation, acceptor, acceptance }
    }
}

/// Checks a whole chain, signatures included, from the founder to the last acceptor. That the
/// acceptors consent shows in that each issued the next invitation, and the last signs the event.
///
/// # Errors
/// [`ChainError`]
pub fn verify_chain(
    topic: TopicId,
    founder: PublicKey,
    chain: &[Link],
) -> Result<Invited, ChainError> {
    if chain.is_empty() || chain.len() > INVITATION_CHAIN {
        return Err(ChainError::Length(chain.len()));
    }
    let (mut expected, mut may_invite) = (founder, true);
    let mut ancestors = Vec::with_capacity(chain.len());
    for (link, Link { invitation, acceptor, acceptance }) in chain.iter().enumerate() {
        if invitation.topic() != topic {
            return Err(ChainError::ForeignTopic { link, topic: invitation.topic() });
        }
        let issuer = invitation.issuer().person();
        if issuer != expected {
            return Err(ChainError::Broken { link, issuer, expected });
        }
        if !may_invite {
            return Err(ChainError::MayNotInvite { link });
        }
        ancestors.push(issuer);
        if ancestors.contains(&acceptor.person()) {
            return Err(ChainError::Cycle { link });
        }
        invitation.verify().map_err(|cause| ChainError::Invitation { link, cause })?;
        acceptor.verify().map_err(|cause| ChainError::Acceptor { link, cause })?;
        let accepted: [&[u8]; 2] = [&topic.0, &acceptor.scope().0];
        verify(&invitation.key(), Context::AcceptanceSignature, &accepted, acceptance)
            .map_err(|cause| ChainError::Acceptance { link, cause })?;
        (expected, may_invite) = (acceptor.person(), invitation.terms().may_invite);
    }
    Ok(Invited { person: expected, may_invite })
}

/// Checks an invitation that is yet to be accepted, with the accepted ones from the founder to its
/// issuer: that a join by it will be admitted, whoever accepts.
///
/// # Errors
/// [`ChainError`]; the invitation counts as the chain's next link.
pub fn verify_invitation(
    topic: TopicId,
    founder: PublicKey,
    chain: &[Link],
    invitation: &Invitation,
) -> Result<(), ChainError> {
    let link = chain.len();
    if link >= INVITATION_CHAIN {
        return Err(ChainError::Length(link + 1));
    }
    let (expected, may_invite) = if chain.is_empty() {
        (founder, true)
    } else {
        let issuer = verify_chain(topic, founder, chain)?;
        (issuer.person, issuer.may_invite)
    };
    let issuer = invitation.issuer().person();
    if invitation.topic() != topic {
        return Err(ChainError::ForeignTopic { link, topic: invitation.topic() });
    }
    if issuer != expected {
        return Err(ChainError::Broken { link, issuer, expected });
    }
    if !may_invite {
        return Err(ChainError::MayNotInvite { link });
    }
    invitation.verify().map_err(|cause| ChainError::Invitation { link, cause })
}

impl Canonical for Link {
    const WHAT: &'static str = "a link of an invitation chain";
    const MAX_BYTES: usize = Invitation::MAX_BYTES + Certificate::MAX_BYTES + 128;

    fn write(&self, w: &mut Writer) {
        w.array(3);
        self.invitation.write(w);
        self.acceptor.write(w);
        w.bytes(self.acceptance);
    }

    fn read(r: &mut Reader<'_>) -> Result<Self, CodecError> {
        r.fields("link", 3)?;
        let invitation = Invitation::read(r)?;
        let acceptor = Certificate::read(r)?;
        let acceptance = Signature(r.fixed("acceptance")?);
        Ok(Self { invitation, acceptor, acceptance })
    }
}
