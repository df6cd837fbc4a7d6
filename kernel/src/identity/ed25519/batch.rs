//! Many signatures by one equation, and which are wrong when it fails.
//!
//! `Σ zᵢ·(Sᵢ·B − Rᵢ − kᵢ·Aᵢ)` vanishes (is torsion) if each term does, and but with negligible
//! probability only then, provided nobody can choose signatures after the coefficients z. They are
//! therefore hashed from the whole batch, S included: leaving it out lets an author shift errors
//! between two signatures so that they cancel. Being a hash, they are also the same every time.

use std::collections::BTreeMap;
use std::iter::once;

use curve25519_dalek::constants::ED25519_BASEPOINT_POINT;
use curve25519_dalek::edwards::EdwardsPoint;
use curve25519_dalek::scalar::Scalar;
use curve25519_dalek::traits::VartimeMultiscalarMul;
use myrhiza_kernel_api::PublicKey;
use sha2::{Digest, Sha512};

use super::SignatureError;
use super::claim::{Claim, vanishes};

/// Separates the coefficients' hash from every other use of SHA-512.
const TAG: &[u8] = b"myrhiza v1 ed25519 batch";
/// Ranges this short are checked signature by signature once they are known to hold a bad one.
const LEAF: usize = 4;

/// The verdict of each claim: exactly that of [`Claim::check`].
pub fn verify_batch(claims: &[Claim<'_>]) -> Vec<Result<(), SignatureError>> {
    match claims {
        [] => Vec::new(),
        [one] => vec![one.check()],
        _ => {
            let mut verdicts = vec![Ok(()); claims.len()];
            let coefficients = coefficients(claims);
            let total = residue(claims, &coefficients);
            if !vanishes(&total) {
                // Past this many bad ranges, bisecting costs more than checking the rest singly.
                let mut bad_ranges = (claims.len() / 64).max(4);
                bisect(claims, &coefficients, total, &mut verdicts, &mut bad_ranges);
            }
            verdicts
        }
    }
}

/// 128-bit coefficients, two from each half of `SHA-512(seed ‖ counter)`, the seed being the hash
/// of tag, count, and for each signature SHA-512(R ‖ A ‖ M) and S.
fn coefficients(claims: &[Claim<'_>]) -> Vec<Scalar> {
    let mut hasher =
        Sha512::new().chain_update(TAG).chain_update((claims.len() as u64).to_le_bytes());
    for claim in claims {
        hasher.update(claim.digest);
        hasher.update(claim.s.as_bytes());
    }
    let seed = hasher.finalize();
    let mut coefficients = Vec::with_capacity(claims.len().next_multiple_of(4));
    for counter in 0u64.. {
        if coefficients.len() >= claims.len() {
            break;
        }
        let block = Sha512::new().chain_update(seed).chain_update(counter.to_le_bytes()).finalize();
        let (words, _) = block.as_chunks::<16>();
        coefficients.extend(words.iter().map(|word| Scalar::from(u128::from_le_bytes(*word))));
    }
    coefficients.truncate(claims.len());
    coefficients
}

/// `−Σ zᵢ·(Sᵢ·B − Rᵢ − kᵢ·Aᵢ)`, the terms of each key merged. The sign does not matter.
fn residue(claims: &[Claim<'_>], coefficients: &[Scalar]) -> EdwardsPoint {
    let mut base = Scalar::ZERO;
    let mut keys: BTreeMap<&PublicKey, (Scalar, &EdwardsPoint)> = BTreeMap::new();
    for (claim, z) in claims.iter().zip(coefficients) {
        base -= z * claim.s;
        let term = keys.entry(&claim.key.bytes).or_insert((Scalar::ZERO, &claim.key.minus_a));
        term.0 -= z * claim.k;
    }
    let (key_scalars, key_points): (Vec<Scalar>, Vec<&EdwardsPoint>) = keys.into_values().unzip();
    EdwardsPoint::vartime_multiscalar_mul(
        once(&base).chain(&key_scalars).chain(coefficients),
        once(&ED25519_BASEPOINT_POINT).chain(key_points).chain(claims.iter().map(|claim| &claim.r)),
    )
}

/// Settles the verdicts of a range whose residue, `total`, does not vanish.
///
/// The coefficients stay the same, so the right half's residue is `total` less the left one's.
fn bisect(
    claims: &[Claim<'_>],
    coefficients: &[Scalar],
    total: EdwardsPoint,
    verdicts: &mut [Result<(), SignatureError>],
    bad_ranges: &mut usize,
) {
    if claims.len() <= LEAF || *bad_ranges == 0 {
        *bad_ranges = bad_ranges.saturating_sub(1);
        for (verdict, claim) in verdicts.iter_mut().zip(claims) {
            *verdict = claim.check();
        }
        return;
    }
    let middle = claims.len() / 2;
    let (left_claims, right_claims) = claims.split_at(middle);
    let (left_coefficients, right_coefficients) = coefficients.split_at(middle);
    let (left_verdicts, right_verdicts) = verdicts.split_at_mut(middle);
    let left = residue(left_claims, left_coefficients);
    let right = total - left;
    if !vanishes(&left) {
        bisect(left_claims, left_coefficients, left, left_verdicts, bad_ranges);
    }
    if !vanishes(&right) {
        bisect(right_claims, right_coefficients, right, right_verdicts, bad_ranges);
    }
}
