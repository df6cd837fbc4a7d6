//! What one sends to let another into a topic.

use myrhiza_kernel_api::limits::INVITATION_CHAIN;
use myrhiza_kernel_api::transport::ADDRESSES;
use myrhiza_kernel_api::{PeerAddress, Signature};
use zeroize::Zeroizing;

use super::payload::{
    Admission, ChainError, Invitation, InvitationError, Join, Link, verify_invitation,
};
use super::{AdmissionError, Event, Founding, UnverifiedEvent};
use crate::armour::{Armour, ArmourError};
use crate::codec::{Canonical, CodecError, Reader, Writer};
use crate::hash::Context;
use crate::identity::{Certificate, SecretKey, SignatureError};

/// What a ticket's text starts with, before the `1`.
const PREFIX: &str = "myrticket";
/// Longest ticket, in bytes: the longest chain and the most addresses fit.
const MAX_BYTES: usize = 48 << 10;
pub(super) const ARMOUR: Armour =
    Armour { prefix: PREFIX, checksum: Context::TicketChecksum, max_bytes: MAX_BYTES };

/// A topic's genesis, the way in where one is needed, and peers that have the topic. A value of this
/// type holds together: everything in it was checked, but for where the peers are, which is advice.
///
/// Layout: `[1, genesis event, null or [[link..], invitation, secret], [peer..]]`. As text:
/// `myrticket1`, then that and a 4-byte hash of it in bech32's alphabet.
#[derive(Clone, Debug)]
pub struct Ticket {
    genesis: Event,
    founding: Founding,
    invite: Option<Invite>,
    peers: Vec<PeerAddress>,
}

/// The way into a topic of invitations.
#[derive(Clone, Debug)]
struct Invite {
    /// From the founder to the issuer; empty if the founder issued.
    chain: Vec<Link>,
    invitation: Invitation,
    secret: SecretKey,
}

/// Why a text is no ticket, or a ticket cannot be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TicketError {
    /// It is something else.
    #[error("this is no ticket: a ticket starts with `{PREFIX}1`")]
    Prefix,
    /// It has characters that tickets do not have, or was changed or cut off.
    #[error("the ticket is misspelled or cut off: copy it again, whole")]
    Damaged,
    /// It is not encoded as a ticket.
    #[error(transparent)]
    Codec(#[from] CodecError),
    /// Its genesis event is not by its author.
    #[error("the ticket's genesis event is not valid: {0}")]
    Genesis(#[from] SignatureError),
    /// Its genesis event founds nothing.
    #[error(transparent)]
    Founding(#[from] AdmissionError),
    /// The topic is for invited people, and the ticket has no invitation; or the other way round.
    #[error("the ticket {}", match .0 {
        Admission::Open => "carries an invitation to an open topic, which needs none",
        Admission::Invite => "carries no invitation, and this topic needs one",
        Admission::Author => "is of an author's topic, which nobody joins",
    })]
    Way(Admission),
    /// The chain to the invitation's issuer does not hold.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// The invitation does not hold.
    #[error(transparent)]
    Invitation(#[from] InvitationError),
    /// Its secret is not the invitation's.
    #[error("the ticket's secret does not belong to its invitation")]
    Secret,
}

impl Ticket {
    /// Most peers that a ticket names.
    pub const PEERS: usize = 8;

    /// A ticket to an open topic.
    ///
    /// # Errors
    /// [`TicketError`]
    pub fn open(genesis: Event) -> Result<Self, TicketError> {
        Self::checked(genesis, None)
    }

    /// A ticket for an invitation. `chain` is the issuer's own, empty for the founder.
    ///
    /// # Errors
    /// [`TicketError`]
    pub fn invite(
        genesis: Event,
        chain: Vec<Link>,
        invitation: Invitation,
        secret: SecretKey,
    ) -> Result<Self, TicketError> {
        Self::checked(genesis, Some(Invite { chain, invitation, secret }))
    }

    fn checked(genesis: Event, invite: Option<Invite>) -> Result<Self, TicketError> {
        let founding = Founding::of(&genesis)?;
        match (&invite, founding.genesis().admission) {
            (None, Admission::Open) => {}
            (Some(invite), Admission::Invite) => invite.check(&founding)?,
            (_, admission) => return Err(TicketError::Way(admission)),
        }
        Ok(Self { genesis, founding, invite, peers: Vec::new() })
    }

    /// The same with peers to reach first, in place of those it had. Of more than [`Self::PEERS`] the
    /// first are taken, and of each the first [`ADDRESSES`] addresses.
    #[must_use]
    pub fn with_peers(mut self, mut peers: Vec<PeerAddress>) -> Self {
        peers.truncate(Self::PEERS);
        peers.iter_mut().for_each(|peer| peer.addresses.truncate(ADDRESSES));
        self.peers = peers;
        self
    }

    /// The genesis event.
    pub const fn genesis(&self) -> &Event {
        &self.genesis
    }

    /// What it fixes.
    pub const fn founding(&self) -> &Founding {
        &self.founding
    }

    /// The invitation, where the topic needs one.
    pub fn invitation(&self) -> Option<&Invitation> {
        self.invite.as_ref().map(|invite| &invite.invitation)
    }

    /// Peers that have the topic, says who made the ticket; with none it still lets in.
    pub fn peers(&self) -> &[PeerAddress] {
        &self.peers
    }

    /// The payload of the join event that a certified scope makes of this ticket.
    pub fn join(&self, acceptor: Certificate) -> Join {
        match &self.invite {
            None => Join::Open(acceptor),
            Some(Invite { chain, invitation, secret }) => {
                let link = Link::accept(invitation.clone(), acceptor, secret);
                Join::Invited(chain.iter().cloned().chain([link]).collect())
            }
        }
    }

    /// Signs a statement with the one-time secret, as whoever holds the ticket; with the chain to
    /// the invitation's issuer, and the invitation. None for an open topic.
    pub fn sign(
        &self,
        context: Context,
        statement: &[&[u8]],
    ) -> Option<(Vec<Link>, Invitation, Signature)> {
        let Invite { chain, invitation, secret } = self.invite.as_ref()?;
        Some((chain.clone(), invitation.clone(), secret.sign(context, statement)))
    }

    /// The text to send. It carries the secret: whoever reads it can enter.
    pub fn to_text(&self) -> Zeroizing<String> {
        let mut w = Writer::with_capacity(MAX_BYTES);
        w.array(4).u64(1).raw(&self.genesis.to_bytes());
        w.option(self.invite.as_ref(), |w, invite| {
            w.array(3).list(invite.chain.iter(), |w, link| link.write(w));
            invite.invitation.write(w);
            w.bytes(invite.secret.to_seed());
        });
        w.list(self.peers.iter(), |w, peer| peer.write(w));
        ARMOUR.to_text(w.into_bytes())
    }

    /// Reads a ticket and checks everything in it, blanks around it aside.
    ///
    /// # Errors
    /// [`TicketError`]
    pub fn parse(text: &str) -> Result<Self, TicketError> {
        match ARMOUR.read(text) {
            Ok(bytes) => Self::read(&bytes),
            Err(ArmourError::Prefix) => Err(TicketError::Prefix),
            Err(ArmourError::Damaged) => Err(TicketError::Damaged),
        }
    }

    fn read(bytes: &[u8]) -> Result<Self, TicketError> {
        let mut r = Reader::new("a ticket", bytes, MAX_BYTES)?;
        r.versioned("ticket", 1, 4)?;
        let genesis = UnverifiedEvent::read(&mut r)?;
        let invite = r.option(|r| {
            r.fields("invite", 3)?;
            let chain = r.list("chain", INVITATION_CHAIN - 1, Link::read)?;
            let invitation = Invitation::read(r)?;
            let secret = SecretKey::from_seed(&Zeroizing::new(r.fixed("secret")?));
            Ok(Invite { chain, invitation, secret })
        })?;
        let peers = r.list("peers", Self::PEERS, PeerAddress::read)?;
        r.finish()?;
        Ok(Self { peers, ..Self::checked(genesis.verify()?, invite)? })
    }
}

impl Invite {
    /// Checks that a join by it will be admitted, whoever accepts.
    fn check(&self, founding: &Founding) -> Result<(), TicketError> {
        let Self { chain, invitation, .. } = self;
        verify_invitation(founding.topic(), founding.founder(), chain, invitation).map_err(
            |error| match error {
                ChainError::Invitation { link, cause } if link == chain.len() => cause.into(),
                error => TicketError::Chain(error),
            },
        )?;
        if self.secret.public() == self.invitation.key() {
            Ok(())
        } else {
            Err(TicketError::Secret)
        }
    }
}
