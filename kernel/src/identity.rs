//! Keys, what they sign, and what binds a device's key to a person.
//!
//! A *person* is a long-term key. Each of their homes signs with a *scope* of its own, certified by
//! the person. Layouts: `docs/spec/identity.md`; the signature rule: `docs/spec/signatures.md`.

mod certificate;
mod device;
pub mod ed25519;
mod keys;
pub mod names;
pub mod sealed;
mod secret;
mod signing;

pub use certificate::{Certificate, NameTooLong, ScopeKind};
pub use device::{DeviceAnswer, DeviceRequest, DeviceTextError};
pub use ed25519::SignatureError;
pub use keys::{Keys, Mismatched};
pub use secret::SecretKey;
pub use signing::{signed_message, verify};

#[cfg(test)]
mod tests;
