use myrhiza_kernel_api::PublicKey;

use crate::apply::Randomness;
use crate::identity::{Certificate, SecretKey};

/// What the kernel has none of itself.
pub struct Ambient<'a> {
    /// Milliseconds since 1970.
    pub now_ms: u64,
    /// A cryptographically secure source of randomness.
    pub random: &'a mut dyn FnMut(&mut [u8]),
}

impl Ambient<'_> {
    pub(super) fn bytes(&mut self) -> [u8; 32] {
        let mut bytes = [0; 32];
        (self.random)(&mut bytes);
        bytes
    }

    /// A source of its own for a component, seeded from this one.
    pub(super) fn fork(&mut self) -> Box<dyn Randomness> {
        let mut stream = blake3::Hasher::new_keyed(&self.bytes()).finalize_xof();
        Box::new(move |bytes: &mut [u8]| stream.fill(bytes))
    }
}

/// Who acts: this home's scope, unsealed for one call.
#[derive(Clone, Copy)]
pub struct Signer<'a> {
    /// The home's own signing key.
    pub scope: &'a SecretKey,
    /// The person's word that it is theirs.
    pub certificate: &'a Certificate,
}

impl Signer<'_> {
    /// The person.
    pub fn person(&self) -> PublicKey {
        self.certificate.person()
    }
}
