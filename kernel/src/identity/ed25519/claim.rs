//! One signature: everything but the equation, then the equation.

use curve25519_dalek::edwards::EdwardsPoint;
use curve25519_dalek::scalar::Scalar;
use curve25519_dalek::traits::IsIdentity;
use myrhiza_kernel_api::{PublicKey, Signature};
use sha2::{Digest, Sha512};

use super::SignatureError;
use super::point::decode;

/// A public key that satisfies the rule, decompressed. Worth keeping where one key signed much.
#[derive(Clone, Debug)]
pub struct VerifyingKey {
    pub(super) bytes: PublicKey,
    pub(super) minus_a: EdwardsPoint,
}

impl VerifyingKey {
    /// Checks the clauses of the rule that concern the key alone.
    ///
    /// # Errors
    /// [`SignatureError::KeyEncoding`], [`SignatureError::KeySmallOrder`]
    pub fn new(key: &PublicKey) -> Result<Self, SignatureError> {
        let a = decode(key.as_bytes()).ok_or(SignatureError::KeyEncoding)?;
        if a.is_small_order() {
            return Err(SignatureError::KeySmallOrder);
        }
        Ok(Self { bytes: *key, minus_a: -a })
    }

    /// The key's encoding.
    pub const fn public(&self) -> &PublicKey {
        &self.bytes
    }

    /// Checks one signature.
    ///
    /// # Errors
    /// [`SignatureError`]
    pub fn verify(&self, message: &[u8], signature: &Signature) -> Result<(), SignatureError> {
        Claim::new(self, message, signature)?.check()
    }
}

/// A signature that passed every check but the equation. The message is only in it as a hash.
#[derive(Clone, Debug)]
pub struct Claim<'k> {
    pub(super) key: &'k VerifyingKey,
    pub(super) r: EdwardsPoint,
    pub(super) s: Scalar,
    pub(super) k: Scalar,
    /// SHA-512(R ‖ A ‖ M), of which `k` is the residue.
    pub(super) digest: [u8; 64],
}

impl<'k> Claim<'k> {
    /// Checks the clauses of the rule that concern the signature's form.
    ///
    /// # Errors
    /// [`SignatureError::ScalarRange`], [`SignatureError::PointEncoding`]
    pub fn new(
        key: &'k VerifyingKey,
        message: &[u8],
        signature: &Signature,
    ) -> Result<Self, SignatureError> {
        let (r_bytes, s_bytes) = halves(signature);
        let s = Option::<Scalar>::from(Scalar::from_canonical_bytes(s_bytes))
            .ok_or(SignatureError::ScalarRange)?;
        let r = decode(&r_bytes).ok_or(SignatureError::PointEncoding)?;
        let digest: [u8; 64] = Sha512::new()
            .chain_update(r_bytes)
            .chain_update(key.bytes)
            .chain_update(message)
            .finalize()
            .into();
        Ok(Self { key, r, s, k: Scalar::from_bytes_mod_order_wide(&digest), digest })
    }

    /// The equation, for this signature alone.
    ///
    /// # Errors
    /// [`SignatureError::Mismatch`]
    pub fn check(&self) -> Result<(), SignatureError> {
        let expected_r =
            EdwardsPoint::vartime_double_scalar_mul_basepoint(&self.k, &self.key.minus_a, &self.s);
        if vanishes(&(expected_r - self.r)) { Ok(()) } else { Err(SignatureError::Mismatch) }
    }
}

/// Whether a point is nothing but torsion: `[8]P = 0`.
pub(super) fn vanishes(point: &EdwardsPoint) -> bool {
    point.mul_by_cofactor().is_identity()
}

fn halves(signature: &Signature) -> ([u8; 32], [u8; 32]) {
    let (mut r, mut s) = ([0; 32], [0; 32]);
    r.copy_from_slice(&signature.0[..32]);
    s.copy_from_slice(&signature.0[32..]);
    (r, s)
}
