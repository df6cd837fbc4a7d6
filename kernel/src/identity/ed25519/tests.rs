//! Invariants of the signature rule.
//!
//! Crafted cases take each point from the whole of a class: with and without torsion, of small
//! order, in every encoding there is. The oracle is ed25519-zebra (ZIP 215), which accepts exactly
//! the signatures with clauses 1 and 4 of the rule.

mod crafted;
mod vectors;

use std::ops::RangeInclusive;

use myrhiza_kernel_api::{PublicKey, Signature};
use proptest::prelude::*;

use super::*;
use crate::identity::SecretKey;
use crafted::Case;

/// The single verdict.
fn single(case: &Case) -> Result<(), SignatureError> {
    VerifyingKey::new(&case.key)?.verify(&case.message, &case.signature)
}

/// The verdicts of one batch over all cases that get as far as the equation.
fn batched(cases: &[Case]) -> Vec<Result<(), SignatureError>> {
    let keys: Vec<_> = cases.iter().map(|case| VerifyingKey::new(&case.key)).collect();
    let claims: Vec<_> = keys
        .iter()
        .zip(cases)
        .map(|(key, case)| match key {
            Ok(key) => Claim::new(key, &case.message, &case.signature),
            Err(error) => Err(*error),
        })
        .collect();
    let formed: Vec<_> = claims.iter().flatten().cloned().collect();
    let mut equations = verify_batch(&formed).into_iter();
    claims.into_iter().map(|claim| claim.and_then(|_| equations.next().unwrap())).collect()
}

fn zebra_accepts(case: &Case) -> bool {
    ed25519_zebra::VerificationKey::try_from(case.key.0).is_ok_and(|key| {
        key.verify(&ed25519_zebra::Signature::from(case.signature.0), &case.message).is_ok()
    })
}

/// Clauses 2 and 3 by their definition: encodings that points encode to, and `[8]A ≠ 0`.
fn well_formed_points(case: &Case) -> bool {
    let round_trip = |bytes: &[u8]| {
        let bytes: [u8; 32] = bytes.try_into().unwrap();
        let point = curve25519_dalek::edwards::CompressedEdwardsY(bytes).decompress()?;
        (point.compress().0 == bytes).then_some(point)
    };
    round_trip(&case.key.0).is_some_and(|a| !a.is_small_order())
        && round_trip(&case.signature.0[..32]).is_some()
}

#[test]
fn crafted_cases_are_accepted_exactly_where_the_rule_says() {
    let cases = crafted::all();
    assert!(cases.len() > 900, "{} cases", cases.len());
    let mut accepted = 0;
    for case in &cases {
        let expected = zebra_accepts(case) && well_formed_points(case);
        assert_eq!(single(case).is_ok(), expected, "{case:?}");
        accepted += usize::from(expected);
    }
    assert!((100..cases.len() - 100).contains(&accepted), "{accepted} accepted");
}

#[test]
fn torsion_in_key_and_signature_changes_no_verdict() {
    for case in crafted::with_torsion() {
        assert_eq!(single(&case), Ok(()), "{case:?}");
    }
}

#[test]
fn malleable_forms_are_refused_by_the_clause_they_break() {
    let key = SecretKey::from_seed(&[1; 32]);
    let good = Case::sign(&key, b"message");
    assert_eq!(single(&good), Ok(()));
    let with = |change: fn(&mut Case)| {
        let mut case = good.clone();
        change(&mut case);
        single(&case)
    };
    // S + L, and S with a high bit.
    assert_eq!(single(&crafted::plus_order(&good)), Err(SignatureError::ScalarRange));
    assert_eq!(with(|c| c.signature.0[63] |= 0x20), Err(SignatureError::ScalarRange));
    assert!(with(|c| c.signature.0[0] ^= 1).is_err());
    assert_eq!(with(|c| c.signature.0[32] ^= 1), Err(SignatureError::Mismatch));
    assert_eq!(with(|c| c.message.push(0)), Err(SignatureError::Mismatch));
    assert_eq!(with(|c| c.key.0 = [0; 32]), Err(SignatureError::KeySmallOrder));
    assert_eq!(with(|c| c.key.0 = [0xff; 32]), Err(SignatureError::KeyEncoding));
    assert_eq!(with(|c| c.signature.0[..32].fill(0xff)), Err(SignatureError::PointEncoding));
    assert_eq!(with(|c| c.signature.0 = [0; 64]), Err(SignatureError::Mismatch));
}

/// [SIGNATURE-2]
#[test]
fn errors_cannot_be_shifted_between_signatures_of_a_batch() {
    // S1 + d and S2 − d: a batch with equal coefficients, or ones that do not depend on S, is blind.
    let key = SecretKey::from_seed(&[1; 32]);
    for d in 1..50 {
        let pair = crafted::shifted_pair(&key, d);
        assert_eq!(batched(&pair), [Err(SignatureError::Mismatch); 2], "shift {d}");
    }
}

/// Good and bad signatures by several authors, `bad` of them bad.
fn mixture(total: usize, bad: impl Iterator<Item = usize>) -> Vec<Case> {
    let mut cases: Vec<_> = (0..total)
        .map(|n| {
            let key = SecretKey::from_seed(&[(n % 5) as u8; 32]);
            Case::sign(&key, &(n as u64).to_le_bytes())
        })
        .collect();
    for n in bad {
        cases[n].message.push(1);
    }
    cases
}

#[test]
fn bisection_finds_exactly_the_bad_ones_wherever_and_however_many() {
    for total in [1, 2, 3, 4, 5, 8, 9, 33, 100] {
        for bad in 0..total.min(34) {
            let cases = mixture(total, std::iter::once(bad));
            assert_eq!(batched(&cases), cases.iter().map(single).collect::<Vec<_>>());
        }
        let all_bad = mixture(total, 0..total);
        assert_eq!(batched(&all_bad), vec![Err(SignatureError::Mismatch); total]);
    }
    assert_eq!(batched(&[]), []);
}

/// Of how many signatures a random batch is made.
const BATCH: RangeInclusive<usize> = 1..=60;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn single_batched_and_shuffled_verdicts_agree(
        picks in prop::collection::vec(any::<prop::sample::Index>(), BATCH),
        good in 0..60usize,
    ) {
        let pool = crafted::all();
        let mut cases = mixture(good, std::iter::empty());
        for (n, pick) in picks.iter().enumerate() {
            let at = (n * 7) % (cases.len() + 1);
            cases.insert(at, pick.get(&pool).clone());
        }
        let expected: Vec<_> = cases.iter().map(single).collect();
        prop_assert_eq!(batched(&cases), expected);
    }

    #[test]
    fn any_flipped_bit_is_refused_as_zebra_refuses_it(
        seed in any::<[u8; 32]>(),
        message in prop::collection::vec(any::<u8>(), 0..100),
        bit in 0..512usize,
    ) {
        let mut case = Case::sign(&SecretKey::from_seed(&seed), &message);
        prop_assert_eq!(single(&case), Ok(()));
        case.signature.0[bit / 8] ^= 1 << (bit % 8);
        prop_assert!(single(&case).is_err());
        prop_assert!(!zebra_accepts(&case));
    }

    #[test]
    fn random_bytes_never_panic(key in any::<[u8; 32]>(), signature in any::<[u8; 64]>()) {
        let case = Case { key: PublicKey(key), message: vec![], signature: Signature(signature) };
        prop_assert_eq!(single(&case).is_ok(), zebra_accepts(&case) && well_formed_points(&case));
    }
}
