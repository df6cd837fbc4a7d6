//! A member's word that whoever holds a one-time secret may enter.

use myrhiza_kernel_api::{PublicKey, Signature, TopicId};

use crate::codec::{Canonical, CodecError, Reader, Writer};
use crate::hash::Context;
use crate::identity::{Certificate, SecretKey, SignatureError, verify};

/// A self-contained certificate from one of the issuer's scopes to a one-time key.
///
/// Layout: `[[1, topic, key, uses, may_invite, expiry, issuer certificate], signature]`; signed, by
/// the issuer's scope, is the inner array.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invitation {
    topic: TopicId,
    key: PublicKey,
    terms: Terms,
    issuer: Certificate,
    signature: Signature,
}

/// What an invitation allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
    /// How many may enter by it; 0 for any number. Counted in the fold.
    pub uses: u32,
    /// Whether those who enter by it may invite in turn.
    pub may_invite: bool,
    /// Hybrid logical clock after which it should not be used, 0 for none. Compared with a clock
    /// the joiner claims, so it is advice.
    pub expiry: u64,
}

/// Why an invitation cannot be issued or does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvitationError {
    /// The key that is to sign is not the one the certificate is for.
    #[error("the invitation's issuer is scope {scope}, it cannot be signed by {key}")]
    Signer {
        /// The certified scope.
        scope: PublicKey,
        /// The key that was to sign.
        key: PublicKey,
    },
    /// The issuer's certificate is not by the person it names.
    #[error("the certificate of the invitation's issuer is not valid: {0}")]
    Issuer(#[source] SignatureError),
    /// The invitation is not by the scope it names.
    #[error("the invitation is not signed by its issuer: {0}")]
    Forged(#[source] SignatureError),
}

impl Invitation {
    /// Invites the holder of the secret half of `key`.
    ///
    /// # Errors
    /// [`InvitationError::Signer`] if `scope` is not the key that `issuer` certifies.
    pub fn issue(
        topic: TopicId,
        key: PublicKey,
        terms: Terms,
        issuer: Certificate,
        scope: &SecretKey,
    ) -> Result<Self, InvitationError> {
        if scope.public() != issuer.scope() {
            return Err(InvitationError::Signer { scope: issuer.scope(), key: scope.public() });
        }
        let mut invitation =
            Self { topic, key, terms, issuer, signature: Signature([0; Signature::LEN]) };
        let statement = invitation.statement();
        invitation.signature = scope.sign(Context::InvitationSignature, &[&statement]);
        Ok(invitation)
    }

    /// The topic it is for.
    pub const fn topic(&self) -> TopicId {
        self.topic
    }

    /// The public half of the one-time secret; what names this invitation.
    pub const fn key(&self) -> PublicKey {
        self.key
    }

    /// What it allows.
    pub const fn terms(&self) -> Terms {
        self.terms
    }

    /// The scope that invites, and its person.
    pub const fn issuer(&self) -> &Certificate {
        &self.issuer
    }

    /// Checks both signatures.
    ///
    /// # Errors
    /// [`InvitationError::Issuer`], [`InvitationError::Forged`]
    pub fn verify(&self) -> Result<(), InvitationError> {
        self.issuer.verify().map_err(InvitationError::Issuer)?;
        let statement = self.statement();
        verify(&self.issuer.scope(), Context::InvitationSignature, &[&statement], &self.signature)
            .map_err(InvitationError::Forged)
    }

    fn statement(&self) -> Vec<u8> {
        let mut w = Writer::with_capacity(384);
        w.array(7).u64(1).bytes(self.topic).bytes(self.key).u64(self.terms.uses.into());
        w.bool(self.terms.may_invite).u64(self.terms.expiry);
        self.issuer.write(&mut w);
        w.into_bytes()
    }
}

impl Canonical for Invitation {
    const WHAT: &'static str = "an invitation";
    const MAX_BYTES: usize = 512;

    fn write(&self, w: &mut Writer) {
        w.array(2).raw(&self.statement()).bytes(self.signature);
    }

    fn read(r: &mut Reader<'_>) -> Result<Self, CodecError> {
        r.fields("invitation", 2)?;
        r.versioned("invitation statement", 1, 7)?;
        let topic = TopicId(r.fixed("topic")?);
        let key = PublicKey(r.fixed("key")?);
        let terms = Terms { uses: r.u32("uses")?, may_invite: r.bool()?, expiry: r.u64()? };
        let issuer = Certificate::read(r)?;
        let signature = Signature(r.fixed("signature")?);
        Ok(Self { topic, key, terms, issuer, signature })
    }
}
