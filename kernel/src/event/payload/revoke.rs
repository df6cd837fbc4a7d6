//! A member ends scopes or invitations of their own.

use myrhiza_kernel_api::limits::PAYLOAD_BYTES;
use myrhiza_kernel_api::{PublicKey, Signature, TopicId};

use super::CutList;
use crate::codec::{Canonical, CodecError, Reader, Writer};
use crate::hash::Context;
use crate::identity::{SecretKey, SignatureError, verify};

/// Carries the long-term key's signature, so that a stolen device alone can revoke nothing.
///
/// Layout: `[1, person, cuts, invitation cuts, signature]`. The signature is over topic, author
/// scope and `[person, cuts, invitation cuts]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revoke {
    person: PublicKey,
    cuts: CutList,
    signature: Signature,
}

impl Revoke {
    /// Signs cuts, which are sorted first, to be published by the scope `author`.
    pub fn sign(person: &SecretKey, topic: TopicId, author: PublicKey, mut cuts: CutList) -> Self {
        cuts.sort();
        let statement = statement(person.public(), &cuts);
        let signature =
            person.sign(Context::RevocationSignature, &[&topic.0, &author.0, &statement]);
        Self { person: person.public(), cuts, signature }
    }

    /// Who revokes: it is their word whoever carries it.
    pub const fn person(&self) -> PublicKey {
        self.person
    }

    /// What ends.
    pub const fn cuts(&self) -> &CutList {
        &self.cuts
    }

    /// Checks the person's signature for the event's topic and author.
    ///
    /// # Errors
    /// [`SignatureError`]
    pub fn verify(&self, topic: TopicId, author: PublicKey) -> Result<(), SignatureError> {
        let statement = statement(self.person, &self.cuts);
        let parts: [&[u8]; 3] = [&topic.0, &author.0, &statement];
        verify(&self.person, Context::RevocationSignature, &parts, &self.signature)
    }
}

fn statement(person: PublicKey, cuts: &CutList) -> Vec<u8> {
    let mut w = Writer::new();
    w.array(3).bytes(person);
    cuts.write(&mut w);
    w.into_bytes()
}

impl Canonical for Revoke {
    const WHAT: &'static str = "a revoke payload";
    const MAX_BYTES: usize = PAYLOAD_BYTES;

    fn write(&self, w: &mut Writer) {
        w.array(5).u64(1).bytes(self.person);
        self.cuts.write(w);
        w.bytes(self.signature);
    }

    fn read(r: &mut Reader<'_>) -> Result<Self, CodecError> {
        r.versioned("revoke", 1, 5)?;
        let person = PublicKey(r.fixed("person")?);
        let cuts = CutList::read(r)?;
        let signature = Signature(r.fixed("signature")?);
        Ok(Self { person, cuts, signature })
    }
}
