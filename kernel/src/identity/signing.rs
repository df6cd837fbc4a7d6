//! What is signed: always a 32-byte hash made for one use, so that no signature serves two.

use myrhiza_kernel_api::{Hash, PublicKey, Signature};

use super::ed25519::{SignatureError, VerifyingKey};
use crate::hash::{Context, derive};

/// The message that a signature of `statement` (concatenated parts) for one use is over.
pub fn signed_message(context: Context, statement: &[&[u8]]) -> Hash {
    derive(context, statement)
}

/// Checks what [`super::SecretKey::sign`] made.
///
/// # Errors
/// [`SignatureError`]
pub fn verify(
    key: &PublicKey,
    context: Context,
    statement: &[&[u8]],
    signature: &Signature,
) -> Result<(), SignatureError> {
    VerifyingKey::new(key)?.verify(signed_message(context, statement).as_bytes(), signature)
}
