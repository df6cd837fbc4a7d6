//! What one sends to let another into a topic.

use myrhiza_kernel_api::limits::INVITATION_CHAIN;
use myrhiza_kernel_api::transport::ADDRESSES;
use myrhiza_kernel_api::{PeerAddress, PublicKey, Signature};
use zeroize::Zeroizing;

use super::payload::{
    Admission, ChainError, Invitation, InvitationError, Join, Link, verify_chain, verify_invitation,
};
use super::{AdmissionError, Event, Founding, UnverifiedEvent};
use crate::armour::{Armour, ArmourError};
use crate::codec::{Canonical, CodecError, Fault, Reader, Writer};
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
/// Layout: `[1, genesis event, null or [[link..], invitation, secret] or [[link..]], [peer..]]`. As
/// text: `myrticket1`, then that and a 4-byte hash of it in bech32's alphabet.
#[derive(Clone, Debug)]
pub struct Ticket {
    genesis: Event,
    founding: Founding,
    way: Way,
    peers: Vec<PeerAddress>,
}

/// The way into a topic.
#[derive(Clone, Debug)]
enum Way {
    /// Everybody may come in.
    Open,
    /// By an invitation.
    Invited {
        /// From the founder to the issuer; empty if the founder issued.
        chain: Vec<Link>,
        invitation: Box<Invitation>,
        secret: SecretKey,
    },
    /// For more homes of a person who is in. Nothing in it is secret.
    Devices {
        /// How the person came in; empty for the founder.
        chain: Vec<Link>,
        person: PublicKey,
    },
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
        Admission::Open => "carries a way into an open topic, which needs none",
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
        Self::checked(genesis, Admission::Open, |_| Ok(Way::Open))
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
        Self::checked(genesis, Admission::Invite, |founding| {
            check_invitation(founding, &chain, &invitation, &secret)?;
            Ok(Way::Invited { chain, invitation: Box::new(invitation), secret })
        })
    }

    /// A ticket for more homes of a person who is a member of a topic by invitation. `chain` is how
    /// they came in, empty for the founder.
    ///
    /// # Errors
    /// [`TicketError`]
    pub fn devices(genesis: Event, chain: Vec<Link>) -> Result<Self, TicketError> {
        Self::checked(genesis, Admission::Invite, |founding| {
            let person = match &chain[..] {
                [] => founding.founder(),
                links => verify_chain(founding.topic(), founding.founder(), links)?.person,
            };
            Ok(Way::Devices { chain, person })
        })
    }

    fn checked(
        genesis: Event,
        admission: Admission,
        way: impl FnOnce(&Founding) -> Result<Way, TicketError>,
    ) -> Result<Self, TicketError> {
        let founding = Founding::of(&genesis)?;
        if founding.genesis().admission != admission {
            return Err(TicketError::Way(founding.genesis().admission));
        }
        let way = way(&founding)?;
        Ok(Self { genesis, founding, way, peers: Vec::new() })
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

    /// The invitation, where it lets in by one.
    pub fn invitation(&self) -> Option<&Invitation> {
        match &self.way {
            Way::Invited { invitation, .. } => Some(invitation),
            Way::Open | Way::Devices { .. } => None,
        }
    }

    /// How who made it came in.
    pub(crate) fn chain(&self) -> &[Link] {
        match &self.way {
            Way::Invited { chain, .. } | Way::Devices { chain, .. } => chain,
            Way::Open => &[],
        }
    }

    /// Whose homes it is for, where it is for more homes of a member; with how that person came in.
    pub fn person(&self) -> Option<(PublicKey, &[Link])> {
        match &self.way {
            Way::Devices { chain, person } => Some((*person, chain)),
            Way::Open | Way::Invited { .. } => None,
        }
    }

    /// Peers that have the topic, says who made the ticket; with none it still lets in.
    pub fn peers(&self) -> &[PeerAddress] {
        &self.peers
    }

    /// The payload of the join event that a certified scope makes of this ticket. None of one for more
    /// homes of a member, who come in by a delegate once they have the topic.
    pub fn join(&self, acceptor: Certificate) -> Option<Join> {
        match &self.way {
            Way::Open => Some(Join::Open(acceptor)),
            Way::Invited { chain, invitation, secret } => {
                let link = Link::accept((**invitation).clone(), acceptor, secret);
                Some(Join::Invited(chain.iter().cloned().chain([link]).collect()))
            }
            Way::Devices { .. } => None,
        }
    }

    /// Signs a statement with the one-time secret, as whoever holds the ticket; with the chain to
    /// the invitation's issuer, and the invitation. None where there is no invitation.
    pub fn sign(
        &self,
        context: Context,
        statement: &[&[u8]],
    ) -> Option<(Vec<Link>, Invitation, Signature)> {
        let Way::Invited { chain, invitation, secret } = &self.way else { return None };
        Some((chain.clone(), (**invitation).clone(), secret.sign(context, statement)))
    }

    /// The text to send. With an invitation it carries the secret: whoever reads it can enter.
    pub fn to_text(&self) -> Zeroizing<String> {
        let mut w = Writer::with_capacity(MAX_BYTES);
        w.array(4).u64(1).raw(&self.genesis.to_bytes());
        let way = (!matches!(self.way, Way::Open)).then_some(&self.way);
        w.option(way, |w, way| match way {
            Way::Open => {}
            Way::Invited { chain, invitation, secret } => {
                w.array(3).list(chain.iter(), |w, link| link.write(w));
                invitation.write(w);
                w.bytes(secret.to_seed());
            }
            Way::Devices { chain, .. } => {
                w.array(1).list(chain.iter(), |w, link| link.write(w));
            }
        });
        w.list(self.peers.iter(), |w, peer| peer.write(w));
        ARMOUR.to_text(w.into_bytes())
    }

    /// Reads a ticket and checks everything in it, white space aside.
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
        let way = r.option(|r| {
            let (at, items) = (r.position(), r.array("way", 1, 3)?);
            if items == 2 {
                let fault = Fault::Length { field: "way", min: 1, max: 3, got: 2 };
                return Err(r.malformed(at, fault));
            }
            let chain = r.list("chain", INVITATION_CHAIN, Link::read)?;
            if items == 1 {
                return Ok((chain, None));
            }
            let invitation = Invitation::read(r)?;
            let secret = SecretKey::from_seed(&Zeroizing::new(r.fixed("secret")?));
            Ok((chain, Some((invitation, secret))))
        })?;
        let peers = r.list("peers", Self::PEERS, PeerAddress::read)?;
        r.finish()?;
        let genesis = genesis.verify()?;
        let ticket = match way {
            None => Self::open(genesis),
            Some((chain, None)) => Self::devices(genesis, chain),
            Some((chain, Some((invitation, secret)))) => {
                Self::invite(genesis, chain, invitation, secret)
            }
        };
        Ok(Self { peers, ..ticket? })
    }
}

/// Checks that a join by an invitation will be admitted, whoever accepts.
fn check_invitation(
    founding: &Founding,
    chain: &[Link],
    invitation: &Invitation,
    secret: &SecretKey,
) -> Result<(), TicketError> {
    verify_invitation(founding.topic(), founding.founder(), chain, invitation).map_err(
        |error| match error {
            ChainError::Invitation { link, cause } if link == chain.len() => cause.into(),
            error => TicketError::Chain(error),
        },
    )?;
    if secret.public() == invitation.key() { Ok(()) } else { Err(TicketError::Secret) }
}
