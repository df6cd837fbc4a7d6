//! [IDENTITY-1] to [IDENTITY-3], [IDENTITY-6], [IDENTITY-7]: certificates, names, signed messages, how a
//! device is certified and a node's key, as published.

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
fn a_request_and_its_answer_are_read_back_and_nothing_changed_is() {
    let device = SecretKey::from_seed(&[2; 32]);
    let request = DeviceRequest::sign(&device, "laptop").unwrap();
    let answer = DeviceAnswer::new(certificate("laptop"));
    let (asked, answered) = (request.to_text(), answer.to_text());
    assert!(asked.starts_with("myrrequest1") && answered.starts_with("myranswer1"));
    assert_eq!(DeviceRequest::parse(&format!(" {}\n", asked.to_uppercase())), Ok(request.clone()));
    assert_eq!(DeviceAnswer::parse(&answered), Ok(answer.clone()));
    assert_eq!(DeviceAnswer::parse(&answered.replace('q', "\r\n q")), Ok(answer));
    assert_eq!((request.scope(), request.name()), (device.public(), "laptop"));
    assert!(DeviceRequest::sign(&device, &"x".repeat(65)).is_err());

    let other = DeviceRequest::parse(&answered).unwrap_err();
    let (what, prefix) = ("a device's request", "myrrequest");
    assert_eq!(other, DeviceTextError::Prefix { what, prefix });
    let cut = DeviceRequest::parse(&asked[..asked.len() - 1]).unwrap_err();
    assert_eq!(cut, DeviceTextError::Damaged { what });
    for at in [1, 40, request.to_bytes().len() - 1] {
        let mut bytes = request.to_bytes();
        bytes[at] ^= 1;
        let changed = DeviceRequest::from_bytes(&bytes).map(|request| request.to_text());
        assert!(changed.is_err() || DeviceRequest::parse(&changed.unwrap()).is_err(), "{at}");
    }
    let person = SecretKey::from_seed(&[1; 32]);
    let behavior = Certificate::issue(&person, device.public(), ScopeKind::Behavior, "x").unwrap();
    let answer = DeviceAnswer::new(behavior).to_text();
    assert_eq!(DeviceAnswer::parse(&answer), Err(DeviceTextError::Kind));
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
        "device": {
            "request": DeviceRequest::sign(&SecretKey::from_seed(&[2; 32]), "laptop").unwrap().to_text(),
            "answer": DeviceAnswer::new(certificate).to_text(),
        },
        "node": {
            "scope_seed": hex([2; 32]),
            "transport_seed": hex(*SecretKey::from_seed(&[2; 32]).transport_seed()),
        },
        "names": names,
    });
    let published = published("identity", &now);
    let read = Certificate::from_bytes(&unhex(&published["certificate"]["certificate"])).unwrap();
    assert_eq!(read.verify(), Ok(()));
    let text = |what: &str| published["device"][what].as_str().unwrap().to_owned();
    assert_eq!(DeviceRequest::parse(&text("request")).unwrap().scope(), read.scope());
    assert_eq!(DeviceAnswer::parse(&text("answer")).unwrap().certificate(), &read);
}
