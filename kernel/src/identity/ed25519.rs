//! The one rule that says which Ed25519 signatures are valid.
//!
//! For a key A, a message M and a signature R ‖ S:
//!
//! 1. S < L, the order of the base point B;
//! 2. A and R are canonical encodings of points;
//! 3. A is not of small order;
//! 4. `[8](S·B − R − k·A) = 0`, k = SHA-512(R ‖ A ‖ M) mod L.
//!
//! The cofactor 8 is what lets the equation be summed over many signatures without changing what
//! is accepted, so single and batched verification decide the same set. The verification functions
//! of ed25519-dalek decide other sets (its batch one at random) and are used nowhere.

mod batch;
mod claim;
mod point;

pub use batch::verify_batch;
pub use claim::{Claim, VerifyingKey};

/// Which clause of the rule a signature breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SignatureError {
    /// Clause 2, for A.
    #[error("the public key is not the canonical encoding of a point")]
    KeyEncoding,
    /// Clause 3.
    #[error("the public key is of small order, so its signatures prove nothing")]
    KeySmallOrder,
    /// Clause 1.
    #[error("the signature's S is not below the group order (a malleable form)")]
    ScalarRange,
    /// Clause 2, for R.
    #[error("the signature's R is not the canonical encoding of a point")]
    PointEncoding,
    /// Clause 4.
    #[error("the signature is not by this key over these bytes")]
    Mismatch,
}

#[cfg(test)]
mod tests;
