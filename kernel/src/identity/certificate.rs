//! A person's word that a key is one of their scopes.

use myrhiza_kernel_api::limits::NAME_BYTES;
use myrhiza_kernel_api::{PublicKey, Signature};

use super::{SecretKey, SignatureError, verify};
use crate::codec::{Canonical, CodecError, Reader, Writer};
use crate::hash::Context;

/// Whose a scope is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ScopeKind {
    /// A home: one person's device.
    Device,
    /// An instance of a behavior on some home.
    Behavior,
}

impl ScopeKind {
    /// Its number in encodings and in `event.scope-kind`.
    pub const fn number(self) -> u32 {
        match self {
            Self::Device => 0,
            Self::Behavior => 1,
        }
    }
}

/// `scope` acts for `person`, said by `person`. The scope's own consent is that it signs the event
/// this is carried in.
///
/// Layout: `[[1, scope, kind, name, person], signature]`; signed is the inner array.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate {
    scope: PublicKey,
    kind: ScopeKind,
    name: String,
    person: PublicKey,
    signature: Signature,
}

/// A scope's name is longer than [`NAME_BYTES`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the name has {} bytes, choose one of at most {NAME_BYTES}", name.len())]
pub struct NameTooLong {
    /// The name.
    pub name: String,
}

impl Certificate {
    /// Certifies a scope of this person. `name` is for people ("laptop").
    ///
    /// # Errors
    /// [`NameTooLong`]
    pub fn issue(
        person: &SecretKey,
        scope: PublicKey,
        kind: ScopeKind,
        name: &str,
    ) -> Result<Self, NameTooLong> {
        let name = name.to_owned();
        if name.len() > NAME_BYTES {
            return Err(NameTooLong { name });
        }
        let mut certificate =
            Self { scope, kind, name, person: person.public(), signature: Signature([0; 64]) };
        certificate.signature =
            person.sign(Context::CertificateSignature, &[&certificate.statement()]);
        Ok(certificate)
    }

    /// A key's word for itself: scope and person are one, without a name.
    pub(crate) fn of_itself(key: &SecretKey) -> Self {
        let (scope, person) = (key.public(), key.public());
        let (name, signature) = (String::new(), Signature([0; Signature::LEN]));
        let mut certificate = Self { scope, kind: ScopeKind::Device, name, person, signature };
        certificate.signature =
            key.sign(Context::CertificateSignature, &[&certificate.statement()]);
        certificate
    }

    /// The certified key.
    pub const fn scope(&self) -> PublicKey {
        self.scope
    }

    /// Whose the scope is.
    pub const fn kind(&self) -> ScopeKind {
        self.kind
    }

    /// What the person calls it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Who certifies.
    pub const fn person(&self) -> PublicKey {
        self.person
    }

    /// Checks the person's signature.
    ///
    /// # Errors
    /// [`SignatureError`]
    pub fn verify(&self) -> Result<(), SignatureError> {
        let statement = self.statement();
        verify(&self.person, Context::CertificateSignature, &[&statement], &self.signature)
    }

    fn statement(&self) -> Vec<u8> {
        let mut w = Writer::new();
        w.array(5).u64(1).bytes(self.scope).u64(self.kind.number().into());
        w.text(&self.name).bytes(self.person);
        w.into_bytes()
    }
}

impl Canonical for Certificate {
    const WHAT: &'static str = "a certificate";
    const MAX_BYTES: usize = 256;

    fn write(&self, w: &mut Writer) {
        w.array(2).raw(&self.statement()).bytes(self.signature);
    }

    fn read(r: &mut Reader<'_>) -> Result<Self, CodecError> {
        r.fields("certificate", 2)?;
        r.versioned("certificate statement", 1, 5)?;
        let scope = PublicKey(r.fixed("scope")?);
        let kind = match r.u64()? {
            0 => ScopeKind::Device,
            1 => ScopeKind::Behavior,
            got => return Err(r.update_needed("scope kind", got)),
        };
        let name = r.text("name", NAME_BYTES)?.to_owned();
        let person = PublicKey(r.fixed("person")?);
        let signature = Signature(r.fixed("signature")?);
        Ok(Self { scope, kind, name, person, signature })
    }
}
