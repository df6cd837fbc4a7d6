//! Signatures no honest signer makes.

use curve25519_dalek::constants::{ED25519_BASEPOINT_POINT, EIGHT_TORSION};
use curve25519_dalek::edwards::EdwardsPoint;
use curve25519_dalek::scalar::Scalar;
use myrhiza_kernel_api::{PublicKey, Signature};
use sha2::{Digest, Sha512};

use crate::identity::SecretKey;

/// Something to verify.
#[derive(Clone, Debug)]
pub(super) struct Case {
    pub(super) key: PublicKey,
    pub(super) message: Vec<u8>,
    pub(super) signature: Signature,
}

impl Case {
    /// An honest signature, by ed25519-dalek.
    pub(super) fn sign(key: &SecretKey, message: &[u8]) -> Self {
        use ed25519_dalek::Signer;
        let signing = ed25519_dalek::SigningKey::from_bytes(&key.to_seed());
        let signature = Signature(signing.sign(message).to_bytes());
        Self { key: key.public(), message: message.to_vec(), signature }
    }

    fn assemble(key: [u8; 32], r: [u8; 32], s: Scalar, message: &[u8]) -> Self {
        let mut signature = [0; 64];
        signature[..32].copy_from_slice(&r);
        signature[32..].copy_from_slice(s.as_bytes());
        Self { key: PublicKey(key), message: message.to_vec(), signature: Signature(signature) }
    }
}

/// A point as (secret scalar, encoding): the point is scalar·B plus any torsion.
#[derive(Clone, Copy)]
struct Encoded {
    scalar: Scalar,
    bytes: [u8; 32],
}

fn scalar(n: u64) -> Scalar {
    Scalar::from_bytes_mod_order_wide(&Sha512::digest(n.to_le_bytes()).into())
}

fn challenge(r: &[u8; 32], a: &[u8; 32], message: &[u8]) -> Scalar {
    let digest = Sha512::new().chain_update(r).chain_update(a).chain_update(message).finalize();
    Scalar::from_bytes_mod_order_wide(&digest.into())
}

/// The fourteen encodings of the eight points of small order, canonical or not.
fn small_order() -> Vec<Encoded> {
    let mut encodings: Vec<[u8; 32]> = EIGHT_TORSION.iter().map(|p| p.compress().0).collect();
    // y = 0, 1 and −1, with y + p where that fits into 255 bits, and both sign bits.
    let p_plus = |n: u8| {
        let mut bytes = [0xff; 32];
        bytes[0] = 0xed + n;
        bytes[31] = 0x7f;
        bytes
    };
    let mut one = [0; 32];
    one[0] = 1;
    let mut minus_one = p_plus(0);
    minus_one[0] = 0xec;
    for base in [[0; 32], one, minus_one, p_plus(0), p_plus(1)] {
        for sign in [0, 0x80] {
            let mut bytes = base;
            bytes[31] |= sign;
            if !encodings.contains(&bytes) {
                encodings.push(bytes);
            }
        }
    }
    assert_eq!(encodings.len(), 14);
    encodings.into_iter().map(|bytes| Encoded { scalar: Scalar::ZERO, bytes }).collect()
}

/// A point of the prime-order group, with each of the eight torsion points added.
fn mixed_order(n: u64) -> Vec<Encoded> {
    let scalar = scalar(n);
    EIGHT_TORSION
        .iter()
        .map(|torsion| {
            let point: EdwardsPoint = scalar * ED25519_BASEPOINT_POINT + torsion;
            Encoded { scalar, bytes: point.compress().0 }
        })
        .collect()
}

/// A signature whose equation holds up to torsion.
fn solve(a: Encoded, r: Encoded, message: &[u8]) -> Case {
    let k = challenge(&r.bytes, &a.bytes, message);
    Case::assemble(a.bytes, r.bytes, r.scalar + k * a.scalar, message)
}

/// Every class of key with every class of R, each solved, off by one, and with S + L.
pub(super) fn all() -> Vec<Case> {
    let keys = [small_order(), mixed_order(1)].concat();
    let rs = [small_order(), mixed_order(2)].concat();
    let mut cases = Vec::new();
    for a in &keys {
        for r in &rs {
            let solved = solve(*a, *r, b"crafted");
            let mut off = solved.clone();
            off.message.push(0);
            cases.push(plus_order(&solved));
            cases.push(off);
            cases.push(solved);
        }
    }
    cases
}

/// A named case of each kind, for the specification.
pub(super) fn chosen() -> Vec<(String, Case)> {
    let (small, a, r) = (small_order(), mixed_order(1), mixed_order(2));
    let honest = Case::sign(&SecretKey::from_seed(&[1; 32]), b"message");
    let with = |change: fn(&mut Case)| {
        let mut case = honest.clone();
        change(&mut case);
        case
    };
    let mut cases = vec![
        ("honest".to_owned(), honest.clone()),
        ("another message".to_owned(), with(|c| c.message.push(0))),
        ("another key".to_owned(), with(|c| c.key = SecretKey::from_seed(&[2; 32]).public())),
        ("S + L".to_owned(), plus_order(&honest)),
        ("S with a high bit".to_owned(), with(|c| c.signature.0[63] |= 0x80)),
        ("S off by one".to_owned(), with(|c| c.signature.0[32] ^= 1)),
        ("A is no point".to_owned(), with(|c| c.key.0 = [2; 32])),
        ("R is no point".to_owned(), with(|c| c.signature.0[..32].fill(2))),
        ("all zero".to_owned(), with(|c| (c.key.0, c.signature.0) = ([0; 32], [0; 64]))),
    ];
    for (n, torsion) in a.iter().enumerate() {
        cases.push((format!("A with torsion point {n}"), solve(*torsion, r[0], b"torsion")));
    }
    for (n, torsion) in r.iter().enumerate() {
        cases.push((format!("R with torsion point {n}"), solve(a[0], *torsion, b"torsion")));
    }
    cases.push(("torsion in A and in R".into(), solve(a[3], r[5], b"torsion")));
    for (n, encoding) in small.iter().enumerate() {
        cases.push((format!("A of small order, encoding {n}"), solve(*encoding, r[0], b"small")));
        cases.push((format!("R of small order, encoding {n}"), solve(a[0], *encoding, b"small")));
    }
    cases
}

/// Valid signatures with torsion in A, in R, and in both: all are accepted.
pub(super) fn with_torsion() -> Vec<Case> {
    let rs = [small_order()[..8].to_vec(), mixed_order(2)].concat();
    let pairs = mixed_order(1).into_iter().flat_map(|a| rs.iter().map(move |r| (a, *r)));
    pairs.map(|(a, r)| solve(a, r, b"torsion")).collect()
}

/// The same signature with S + L, which does not fit below L.
pub(super) fn plus_order(case: &Case) -> Case {
    // L = 2^252 + 27742317777372353535851937790883648493, little-endian.
    let order: [u8; 32] = [
        0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde,
        0x14, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
    ];
    let mut case = case.clone();
    let mut carry = 0u16;
    for (byte, add) in case.signature.0[32..].iter_mut().zip(order) {
        let sum = u16::from(*byte) + u16::from(add) + carry;
        *byte = sum as u8;
        carry = sum >> 8;
    }
    case
}

/// Two honest signatures with S shifted from one to the other.
pub(super) fn shifted_pair(key: &SecretKey, d: u64) -> [Case; 2] {
    let shift = |case: Case, by: Scalar| {
        let s = case.signature.0[32..].try_into().unwrap();
        let s = Scalar::from_canonical_bytes(s).unwrap() + by;
        let r = case.signature.0[..32].try_into().unwrap();
        Case::assemble(case.key.0, r, s, &case.message)
    };
    let (one, two) = (Case::sign(key, b"one"), Case::sign(key, b"two"));
    [shift(one, Scalar::from(d)), shift(two, -Scalar::from(d))]
}
