//! [IDENTITY-1] to [IDENTITY-3]: certificates, names and signed messages, as published.

use myrhiza_kernel_api::PublicKey;
use serde_json::json;

use super::*;
use crate::codec::{Canonical, CodecError};
use crate::hash::Context;
use crate::vectors::{hex, published, unhex};

fn certificate(name: &str) -> Certificate {
    let device = SecretKey::from_seed(&[2; 32]).public();
    let person = SecretKey::from_seed(&[1; 32]);
    Certificate::issue(&person, device, ScopeKind::Device, name).unwrap()
}

#[test]
fn a_certificate_is_the_persons_word_with_one_byte_form() {
    let certificate = certificate("laptop");
    assert_eq!(certificate.verify(), Ok(()));
    let bytes = certificate.to_bytes();
    assert_eq!(Certificate::from_bytes(&bytes).as_ref(), Ok(&certificate));
    for at in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[at] ^= 1;
        let verdict = Certificate::from_bytes(&changed).map(|read| read.verify());
        assert!(!matches!(verdict, Ok(Ok(()))), "byte {at}");
    }
}

#[test]
fn names_of_scopes_are_bounded_in_bytes() {
    let person = SecretKey::from_seed(&[1; 32]);
    let issue = |name: &str| {
        Certificate::issue(&person, PublicKey([2; 32]), ScopeKind::Behavior, name).is_ok()
    };
    assert!(issue(""));
    assert!(issue(&"é".repeat(32)));
    assert!(!issue(&"é".repeat(33)));
    let mut long = certificate(&"x".repeat(64)).to_bytes();
    let at = long.windows(2).position(|pair| pair == [0x78, 64]).unwrap();
    long[at + 1] = 65;
    long.insert(at + 2, b'x');
    assert!(matches!(Certificate::from_bytes(&long), Err(CodecError::Malformed { .. })));
}

#[test]
fn a_signature_for_one_use_is_none_for_another() {
    let key = SecretKey::from_seed(&[1; 32]);
    let signature = key.sign(Context::EventSignature, &[b"statement"]);
    let check = |context| verify(&key.public(), context, &[b"statement"], &signature);
    assert_eq!(check(Context::EventSignature), Ok(()));
    assert_eq!(check(Context::CertificateSignature), Err(SignatureError::Mismatch));
}

#[test]
fn keys_are_what_the_source_of_randomness_gives_and_failure_is_passed_on() {
    let key = SecretKey::generate(|seed| {
        seed.fill(7);
        Ok::<_, ()>(())
    });
    assert_eq!(key.unwrap().public(), SecretKey::from_seed(&[7; 32]).public());
    assert_eq!(SecretKey::generate(|_| Err("no entropy")).unwrap_err(), "no entropy");
}

#[test]
fn the_published_vectors_are_what_this_code_does() {
    let certificate = certificate("laptop");
    let bytes = certificate.to_bytes();
    let named = [7; 32];
    let names: Vec<_> = names::Naming::ALL
        .iter()
        .map(
            |kind| json!({ "kind": kind.prefix(), "bytes": hex(named), "name": kind.name(&named) }),
        )
        .collect();
    let statement = &bytes[1..bytes.len() - 66];
    let now = json!({
        "certificate": {
            "person_seed": hex([1; 32]),
            "scope_seed": hex([2; 32]),
            "statement": hex(statement),
            "message": signed_message(Context::CertificateSignature, &[statement]).to_string(),
            "certificate": hex(&bytes),
        },
        "names": names,
    });
    let published = published("identity", &now);
    let read = Certificate::from_bytes(&unhex(&published["certificate"]["certificate"])).unwrap();
    assert_eq!(read.verify(), Ok(()));
}
