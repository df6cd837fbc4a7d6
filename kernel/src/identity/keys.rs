//! What a home signs with.

use zeroize::Zeroizing;

use super::{Certificate, NameTooLong, ScopeKind, SecretKey};
use crate::codec::{Canonical, CodecError, Reader, Writer};

/// A home's own device key, the person's word for it, and in one of their homes at least the
/// person's long-term key. A home that still waits for its certificate has the device key alone.
///
/// Layout: `[1, person seed or null, device seed, certificate or null]`.
#[derive(Clone, Debug)]
pub struct Keys {
    person: Option<SecretKey>,
    device: SecretKey,
    certificate: Option<Certificate>,
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
        Ok(Self { person: Some(person), device, certificate: Some(certificate) })
    }

    /// A device that nobody has certified yet.
    pub const fn uncertified(device: SecretKey) -> Self {
        Self { person: None, device, certificate: None }
    }

    /// The same device with its certificate, in a home without the long-term key.
    ///
    /// # Errors
    /// [`Mismatched`] if the certificate is not a person's for this device.
    pub fn certified(self, certificate: Certificate) -> Result<Self, Mismatched> {
        Self { certificate: Some(certificate), ..self }.checked()
    }

    /// The long-term key, if this home has it.
    pub const fn person(&self) -> Option<&SecretKey> {
        self.person.as_ref()
    }

    /// The device key, the author of this home's events.
    pub const fn device(&self) -> &SecretKey {
        &self.device
    }

    /// The person's word for the device key, once they have given it.
    pub const fn certificate(&self) -> Option<&Certificate> {
        self.certificate.as_ref()
    }

    fn checked(self) -> Result<Self, Mismatched> {
        let of_person = |certificate: &Certificate| {
            self.person.as_ref().is_none_or(|person| certificate.person() == person.public())
        };
        let belongs = match &self.certificate {
            Some(certificate) => {
                of_person(certificate)
                    && certificate.scope() == self.device.public()
                    && certificate.verify().is_ok()
            }
            None => self.person.is_none(),
        };
        if belongs { Ok(self) } else { Err(Mismatched) }
    }

    /// The encoding, secret as it is.
    pub(super) fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        // With room for all of it, growing leaves no copy behind.
        let mut w = Writer::with_capacity(MAX_BYTES);
        w.array(4).u64(1).option(self.person.as_ref(), |w, person| {
            w.bytes(person.to_seed());
        });
        w.bytes(self.device.to_seed());
        w.option(self.certificate.as_ref(), |w, certificate| certificate.write(w));
        Zeroizing::new(w.into_bytes())
    }

    pub(super) fn from_bytes(bytes: &[u8]) -> Result<Result<Self, Mismatched>, CodecError> {
        let mut r = Reader::new("a key file", bytes, MAX_BYTES)?;
        r.versioned("key file", 1, 4)?;
        let seed = |r: &mut Reader<'_>, what| {
            Ok::<_, CodecError>(SecretKey::from_seed(&Zeroizing::new(r.fixed(what)?)))
        };
        let person = r.option(|r| seed(r, "person seed"))?;
        let device = seed(&mut r, "device seed")?;
        let certificate = r.option(Certificate::read)?;
        r.finish()?;
        Ok(Self { person, device, certificate }.checked())
    }
}
