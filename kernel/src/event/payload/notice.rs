//! What an author says of their bundles, in their own topic.

use myrhiza_kernel_api::limits::WITHDRAWAL_BYTES;
use myrhiza_kernel_api::{BundleId, PublicKey, Signature};

use crate::bundle::SignedManifest;
use crate::codec::{Canonical, CodecError, Reader, Writer};
use crate::hash::Context;
use crate::identity::{SecretKey, SignatureError, verify};

/// Whatever it says, it also says that its author knew of nothing else at the event's clock.
///
/// Layout: `[1, 0, signed manifest]`, `[1, 1, withdrawal]` or `[1, 2, null]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice {
    /// A bundle is there for everybody.
    Published(Box<SignedManifest>),
    /// Nobody is to go on with a bundle.
    Withdrawn(Withdrawal),
    /// There is no news.
    Current,
}

/// An author's word that nobody is to go on with a bundle. It is for ever.
///
/// It carries the long-term key's signature, so that a stolen device alone can withdraw nothing.
///
/// Layout: `[bundle, reason, successor or null, signature]`; signed are the first three, as an array.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Withdrawal {
    bundle: BundleId,
    reason: String,
    successor: Option<BundleId>,
    signature: Signature,
}

/// Why an author's topic does not take a notice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NoticeError {
    /// A bundle of somebody else.
    #[error("the bundle is by {found}, and this topic is of {author}'s bundles")]
    Author {
        /// Whose topic it is.
        author: PublicKey,
        /// Whose bundle.
        found: PublicKey,
    },
    /// A manifest or withdrawal that the author did not sign.
    #[error("it is not signed by the author: {0}")]
    Signature(#[from] SignatureError),
}

/// A reason is longer than [`WITHDRAWAL_BYTES`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the reason has {0} bytes, at most {WITHDRAWAL_BYTES} are allowed: shorten it")]
pub struct ReasonTooLong(pub usize);

impl Withdrawal {
    /// Withdraws a bundle, in favour of another one if there is one.
    ///
    /// # Errors
    /// [`ReasonTooLong`]
    pub fn sign(
        author: &SecretKey,
        bundle: BundleId,
        reason: &str,
        successor: Option<BundleId>,
    ) -> Result<Self, ReasonTooLong> {
        if reason.len() > WITHDRAWAL_BYTES {
            return Err(ReasonTooLong(reason.len()));
        }
        let signature = Signature([0; Signature::LEN]);
        let mut withdrawal = Self { bundle, reason: reason.into(), successor, signature };
        let statement = withdrawal.statement();
        withdrawal.signature = author.sign(Context::WithdrawalSignature, &[&statement]);
        Ok(withdrawal)
    }

    /// The bundle.
    pub const fn bundle(&self) -> BundleId {
        self.bundle
    }

    /// Why, for people.
    pub fn reason(&self) -> &str {
        &self.reason
    }

    /// The bundle to go on with.
    pub const fn successor(&self) -> Option<BundleId> {
        self.successor
    }

    /// Checks that it is the author's word.
    ///
    /// # Errors
    /// [`SignatureError`]
    pub fn verify(&self, author: PublicKey) -> Result<(), SignatureError> {
        let statement = self.statement();
        verify(&author, Context::WithdrawalSignature, &[&statement], &self.signature)
    }

    fn statement(&self) -> Vec<u8> {
        let mut w = Writer::new();
        w.array(3);
        self.write_statement(&mut w);
        w.into_bytes()
    }

    fn write_statement(&self, w: &mut Writer) {
        w.bytes(self.bundle).text(&self.reason).option(self.successor, |w, bundle| {
            w.bytes(bundle);
        });
    }
}

impl Notice {
    /// Checks that it is the author's, of a bundle of theirs. Of whose bundle a withdrawal speaks does
    /// not show: who has a bundle asks its own author's topic.
    ///
    /// # Errors
    /// [`NoticeError`]
    pub fn verify(&self, author: PublicKey) -> Result<(), NoticeError> {
        match self {
            Self::Published(manifest) if manifest.author() != author => {
                Err(NoticeError::Author { author, found: manifest.author() })
            }
            Self::Published(manifest) => Ok(manifest.verify()?),
            Self::Withdrawn(withdrawal) => Ok(withdrawal.verify(author)?),
            Self::Current => Ok(()),
        }
    }
}

impl Canonical for Notice {
    const WHAT: &'static str = "a notice payload";
    const MAX_BYTES: usize = SignedManifest::MAX_BYTES + WITHDRAWAL_BYTES;

    fn write(&self, w: &mut Writer) {
        w.array(3).u64(1);
        match self {
            Self::Published(manifest) => {
                w.u64(0);
                manifest.write(w);
            }
            Self::Withdrawn(withdrawal) => {
                w.u64(1).array(4);
                withdrawal.write_statement(w);
                w.bytes(withdrawal.signature);
            }
            Self::Current => {
                w.u64(2).option(None::<()>, |_, ()| {});
            }
        }
    }

    fn read(r: &mut Reader<'_>) -> Result<Self, CodecError> {
        r.versioned("notice", 1, 3)?;
        match r.u64()? {
            0 => SignedManifest::read(r).map(|manifest| Self::Published(Box::new(manifest))),
            1 => {
                r.fields("withdrawal", 4)?;
                let bundle = BundleId(r.fixed("bundle")?);
                let reason = r.text("reason", WITHDRAWAL_BYTES)?.to_owned();
                let successor = r.option(|r| r.fixed("successor").map(BundleId))?;
                let signature = Signature(r.fixed("signature")?);
                Ok(Self::Withdrawn(Withdrawal { bundle, reason, successor, signature }))
            }
            2 => {
                r.option(|r| Err::<(), _>(r.update_needed("no news", 0)))?;
                Ok(Self::Current)
            }
            got => Err(r.update_needed("notice", got)),
        }
    }
}
