//! What one sends to let another into a topic.

use bech32::primitives::decode::{CheckedHrpstring, UncheckedHrpstring};
use bech32::{Hrp, NoChecksum};
use myrhiza_kernel_api::Signature;
use myrhiza_kernel_api::limits::INVITATION_CHAIN;
use zeroize::Zeroizing;

use super::payload::{
    Admission, ChainError, Invitation, InvitationError, Join, Link, verify_invitation,
};
use super::{AdmissionError, Event, Founding, UnverifiedEvent};
use crate::codec::{Canonical, CodecError, Reader, Writer};
use crate::hash::{Context, derive};
use crate::identity::{Certificate, SecretKey, SignatureError};

/// What a ticket's text starts with, before the `1`.
const PREFIX: &str = "myrticket";
/// Bytes of the checksum at the end.
const CHECKSUM: usize = 4;
/// Longest ticket, in bytes.
const MAX_BYTES: usize = 16 << 10;

/// A topic's genesis and, where one is needed, the way in. A value of this type holds together:
/// everything in it was checked.
///
/// Layout: `[1, genesis event, null or [[link..], invitation, secret]]`. As text: `myrticket1`, then
/// that and a 4-byte hash of it in bech32's alphabet.
#[derive(Clone, Debug)]
pub struct Ticket {
    genesis: Event,
    founding: Founding,
    invite: Option<Invite>,
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
        Ok(Self { genesis, founding, invite })
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
        w.array(3).u64(1).raw(&self.genesis.to_bytes());
        w.option(self.invite.as_ref(), |w, invite| {
            w.array(3).list(invite.chain.iter(), |w, link| link.write(w));
            invite.invitation.write(w);
            w.bytes(invite.secret.to_seed());
        });
        let mut bytes = Zeroizing::new(w.into_bytes());
        let checksum = checksum(&bytes);
        bytes.extend_from_slice(&checksum);
        // The prefix is a constant and there is no longest text, so this cannot fail.
        let text = bech32::encode::<NoChecksum>(Hrp::parse_unchecked(PREFIX), &bytes);
        Zeroizing::new(text.unwrap_or_default())
    }

    /// Reads a ticket and checks everything in it, blanks around it aside.
    ///
    /// # Errors
    /// [`TicketError`]
    pub fn parse(text: &str) -> Result<Self, TicketError> {
        let text = text.trim();
        let starts = text.get(..PREFIX.len()).is_some_and(|s| s.eq_ignore_ascii_case(PREFIX));
        if !starts || text.as_bytes().get(PREFIX.len()) != Some(&b'1') {
            return Err(TicketError::Prefix);
        }
        // Five bits a character.
        if text.len() > PREFIX.len() + 1 + MAX_BYTES * 8 / 5 {
            return Err(TicketError::Damaged);
        }
        let damaged = |_| TicketError::Damaged;
        let unchecked = UncheckedHrpstring::new(text).map_err(damaged)?;
        let checked: CheckedHrpstring<'_> = unchecked.remove_checksum::<NoChecksum>();
        checked.validate_segwit_padding().map_err(|_| TicketError::Damaged)?;
        let bytes: Zeroizing<Vec<u8>> = Zeroizing::new(checked.byte_iter().collect());
        match bytes.split_last_chunk::<CHECKSUM>() {
            Some((ticket, sum)) if *sum == checksum(ticket) => Self::read(ticket),
            _ => Err(TicketError::Damaged),
        }
    }

    fn read(bytes: &[u8]) -> Result<Self, TicketError> {
        let mut r = Reader::new("a ticket", bytes, MAX_BYTES)?;
        r.versioned("ticket", 1, 3)?;
        let genesis = UnverifiedEvent::read(&mut r)?;
        let invite = r.option(|r| {
            r.fields("invite", 3)?;
            let chain = r.list("chain", INVITATION_CHAIN - 1, Link::read)?;
            let invitation = Invitation::read(r)?;
            let secret = SecretKey::from_seed(&Zeroizing::new(r.fixed("secret")?));
            Ok(Invite { chain, invitation, secret })
        })?;
        r.finish()?;
        Self::checked(genesis.verify()?, invite)
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

pub(super) fn checksum(ticket: &[u8]) -> [u8; CHECKSUM] {
    let [a, b, c, d, ..] = derive(Context::TicketChecksum, &[ticket]).0;
    [a, b, c, d]
}
