//! What a home signs with.

use zeroize::Zeroizing;

use super::{Certificate, NameTooLong, ScopeKind, SecretKey};
use crate::codec::{Canonical, CodecError, Reader, Writer};

/// A person's long-term key, their home's own device key, and what binds the two.
///
/// Layout: `[1, person seed, device seed, certificate]`.
#[derive(Clone, Debug)]
pub struct Keys {
    person: SecretKey,
    device: SecretKey,
    certificate: Certificate,
}

/// The contents of a key file contradict each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the keys do not belong together: restore the file from a backup")]
pub struct Mismatched;

/// Longest encoding.
const MAX_BYTES: usize = Certificate::MAX_BYTES + 128;

impl Keys {
    /// Certifies a device key under a person's; `name` is what they call the device.
    ///
    /// # Errors
    /// [`NameTooLong`]
    pub fn new(person: SecretKey, device: SecretKey, name: &str) -> Result<Self, NameTooLong> {
        let certificate = Certificate::issue(&person, device.public(), ScopeKind::Device, name)?;
        Ok(Self { person, device, certificate })
    }

    /// The long-term key.
    pub const fn person(&self) -> &SecretKey {
        &self.person
    }

    /// The device key, the author of this home's events.
    pub const fn device(&self) -> &SecretKey {
        &self.device
    }

    /// The person's word for the device key.
    pub const fn certificate(&self) -> &Certificate {
        &self.certificate
    }

    /// The encoding, secret as it is.
    pub(super) fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        // With room for all of it, growing leaves no copy behind.
        let mut w = Writer::with_capacity(MAX_BYTES);
        w.array(4).u64(1).bytes(self.person.to_seed()).bytes(self.device.to_seed());
        self.certificate.write(&mut w);
        Zeroizing::new(w.into_bytes())
    }

    pub(super) fn from_bytes(bytes: &[u8]) -> Result<Result<Self, Mismatched>, CodecError> {
        let mut r = Reader::new("a key file", bytes, MAX_BYTES)?;
        r.versioned("key file", 1, 4)?;
        let person = SecretKey::from_seed(&Zeroizing::new(r.fixed("person seed")?));
        let device = SecretKey::from_seed(&Zeroizing::new(r.fixed("device seed")?));
        let certificate = Certificate::read(&mut r)?;
        r.finish()?;
        let belongs = certificate.person() == person.public()
            && certificate.scope() == device.public()
            && certificate.verify().is_ok();
        let keys = Self { person, device, certificate };
        Ok(if belongs { Ok(keys) } else { Err(Mismatched) })
    }
}
