//! Fork proofs: nothing but equivocation makes one.

use myrhiza_kernel_api::TopicId;

use super::world::{first, found, header, member, sign};
use crate::codec::{Canonical, CodecError};
use crate::event::payload::Admission;
use crate::event::{Event, Fork, ForkProof, ForkProofError, Header, Kind};
use crate::identity::SignatureError;

const TOPIC: TopicId = TopicId([7; 32]);

fn event(payload: &[u8], change: impl FnOnce(&mut Header)) -> Event {
    let device = member(1).device;
    let mut header = header(TOPIC, &device);
    change(&mut header);
    sign(header, payload, &device)
}

#[test]
fn two_events_with_one_number_are_a_proof_with_one_byte_form() {
    let (one, other) = (event(b"one", |_| ()), event(b"other", |_| ()));
    let proof = ForkProof::new(&one, &other).unwrap();
    assert_eq!(ForkProof::new(&other, &one).as_ref(), Ok(&proof));
    let read = ForkProof::from_bytes(&proof.to_bytes()).unwrap();
    let fork = Fork { topic: TOPIC, scope: member(1).device.public(), seq: 1 };
    assert_eq!(read.verify(), Ok(fork));
    assert_eq!(read, proof);
}

#[test]
fn events_that_differ_in_number_topic_or_author_prove_nothing() {
    let one = event(b"one", |_| ());
    let unrelated = Err(ForkProofError::Unrelated);
    assert_eq!(ForkProof::new(&one, &event(b"two", |h| h.seq = 2)), unrelated);
    assert_eq!(ForkProof::new(&one, &event(b"two", |h| h.topic.0[0] = 0)), unrelated);
    let other = member(2).device;
    assert_eq!(ForkProof::new(&one, &sign(header(TOPIC, &other), b"two", &other)), unrelated);
    assert_eq!(ForkProof::new(&one, &one), Err(ForkProofError::Order));
}

#[test]
fn founding_two_topics_is_no_fork_but_a_second_first_event_is() {
    let (_, open) = found(Admission::Open);
    let (_, closed) = found(Admission::Invite);
    assert_eq!(open.header().scope, closed.header().scope);
    assert_eq!(ForkProof::new(&open, &closed), Err(ForkProofError::Unrelated));
    let device = member(1).device;
    let second = sign(first(open.topic(), &device, Kind::Join), b"", &device);
    let proof = ForkProof::new(&open, &second).unwrap();
    assert_eq!(proof.verify().unwrap().topic, open.topic());
}

#[test]
fn a_swapped_doubled_or_forged_pair_is_refused() {
    let (one, other) = (event(b"one", |_| ()), event(b"other", |_| ()));
    let (small, great) = if one.id() < other.id() { (one, other) } else { (other, one) };
    let pair = |a: &Event, b: &Event| [&[0x83, 1], &a.to_bytes()[..], &b.to_bytes()].concat();
    let verify = |bytes: &[u8]| ForkProof::from_bytes(bytes).unwrap().verify();
    assert!(verify(&pair(&small, &great)).is_ok());
    assert_eq!(verify(&pair(&great, &small)), Err(ForkProofError::Order));
    assert_eq!(verify(&pair(&small, &small)), Err(ForkProofError::Order));
    let mut forged = pair(&small, &great);
    let last = forged.len() - 1;
    forged[last] ^= 1;
    assert!(matches!(verify(&forged), Err(ForkProofError::Signature(_))));
    let mut forged = pair(&small, &great);
    let first_signature = 2 + small.to_bytes().len() - 64;
    forged[first_signature + 40] ^= 1;
    let mismatch = ForkProofError::Signature(SignatureError::Mismatch);
    assert_eq!(verify(&forged), Err(mismatch));
    let mut later = pair(&small, &great);
    later[1] = 2;
    assert!(matches!(ForkProof::from_bytes(&later), Err(CodecError::UpdateNeeded { .. })));
}
