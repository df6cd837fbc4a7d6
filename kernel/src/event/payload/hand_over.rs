//! An author's word that an app goes on under another author's key.

use myrhiza_kernel_api::{LineageId, PublicKey, Signature};

use crate::codec::{Canonical, CodecError, Reader, Writer};
use crate::hash::Context;
use crate::identity::{SecretKey, SignatureError, verify};

/// By the author who hands over. To whom shows in what it stands before: the next hand-over, or the
/// bundle.
///
/// Layout: `[author, signature]`. The signature is over lineage and next author's key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HandOver {
    author: PublicKey,
    signature: Signature,
}

impl HandOver {
    /// Hands the app of that lineage over to `next`.
    pub fn sign(author: &SecretKey, lineage: LineageId, next: PublicKey) -> Self {
        let parts: [&[u8]; 2] = [&lineage.0, &next.0];
        let signature = author.sign(Context::HandOverSignature, &parts);
        Self { author: author.public(), signature }
    }

    /// Who hands over.
    pub const fn author(&self) -> PublicKey {
        self.author
    }

    /// Checks that it is a hand-over of the app of that lineage to `next`.
    ///
    /// # Errors
    /// [`SignatureError`]
    pub fn verify(&self, lineage: LineageId, next: PublicKey) -> Result<(), SignatureError> {
        let parts: [&[u8]; 2] = [&lineage.0, &next.0];
        verify(&self.author, Context::HandOverSignature, &parts, &self.signature)
    }
}

impl Canonical for HandOver {
    const WHAT: &'static str = "a hand-over";
    const MAX_BYTES: usize = 128;

    fn write(&self, w: &mut Writer) {
        w.array(2).bytes(self.author).bytes(self.signature);
    }

    fn read(r: &mut Reader<'_>) -> Result<Self, CodecError> {
        r.fields("hand-over", 2)?;
        let author = PublicKey(r.fixed("author")?);
        Ok(Self { author, signature: Signature(r.fixed("signature")?) })
    }
}
