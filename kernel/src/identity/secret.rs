//! A private key and the only things done with it.

use std::fmt;

use ed25519_dalek::{Signer, SigningKey};
use myrhiza_kernel_api::{PublicKey, Signature};
use zeroize::Zeroizing;

use super::signing::signed_message;
use crate::hash::{Context, derive};

/// An Ed25519 private key (the 32-byte seed of RFC 8032 §5.1.5). Wiped when dropped, never printed.
#[derive(Clone)]
pub struct SecretKey(SigningKey);

impl SecretKey {
    /// Length of the seed in bytes.
    pub const LEN: usize = 32;

    /// A new key of random bytes, which `fill` must take from a cryptographically secure source.
    ///
    /// # Errors
    /// What `fill` returns.
    pub fn generate<E>(fill: impl FnOnce(&mut [u8]) -> Result<(), E>) -> Result<Self, E> {
        let mut seed = Zeroizing::new([0; Self::LEN]);
        fill(seed.as_mut_slice())?;
        Ok(Self::from_seed(&seed))
    }

    /// The key of a seed.
    pub fn from_seed(seed: &[u8; Self::LEN]) -> Self {
        Self(SigningKey::from_bytes(seed))
    }

    /// The seed, to be sealed or put into a ticket, in memory that is wiped.
    pub fn to_seed(&self) -> Zeroizing<[u8; Self::LEN]> {
        Zeroizing::new(self.0.to_bytes())
    }

    /// The seed of the key that a home with this scope is known by in the network. It is another
    /// key, so that nothing the network signs is ever an event.
    pub fn transport_seed(&self) -> Zeroizing<[u8; Self::LEN]> {
        Zeroizing::new(derive(Context::TransportSeed, &[&*self.to_seed()]).0)
    }

    /// The public half.
    pub fn public(&self) -> PublicKey {
        PublicKey(self.0.verifying_key().to_bytes())
    }

    /// Signs a statement for one use; [`super::verify`] is the counterpart.
    pub fn sign(&self, context: Context, statement: &[&[u8]]) -> Signature {
        Signature(self.0.sign(signed_message(context, statement).as_bytes()).to_bytes())
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretKey(…)")
    }
}
