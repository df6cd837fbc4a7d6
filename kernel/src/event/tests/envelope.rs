//! The envelope: one byte form, and no event without a valid signature.

use myrhiza_kernel_api::limits::{EVENT_BYTES, PARENTS, PAYLOAD_BYTES};
use myrhiza_kernel_api::{EventId, PublicKey, TopicId};
use proptest::prelude::*;

use super::world;
use crate::codec::{Canonical, CodecError, Fault, Writer};
use crate::event::{Body, BodyError, Event, Header, Kind, UnverifiedEvent};
use crate::event::{verify_all, verify_all_on};
use crate::identity::{SecretKey, SignatureError};

fn header(key: &SecretKey) -> Header {
    world::header(TopicId([7; 32]), key)
}

fn event(seed: u8, payload: &[u8]) -> Event {
    let key = SecretKey::from_seed(&[seed; 32]);
    world::sign(header(&key), payload, &key)
}

fn fault(bytes: &[u8]) -> Fault {
    match UnverifiedEvent::decode(bytes) {
        Err(CodecError::Malformed { fault, .. }) => fault,
        other => panic!("malformed is expected, not {other:?}"),
    }
}

/// A body written item by item, so that any of them can be wrong.
struct Raw {
    version: u64,
    fields: usize,
    parents: Vec<EventId>,
    kind: u64,
    payload: usize,
}

const RAW: Raw = Raw { version: 1, fields: 11, parents: vec![], kind: 1, payload: 3 };

fn raw(raw: &Raw) -> Vec<u8> {
    let mut w = Writer::new();
    w.array(2).array(raw.fields).u64(raw.version).bytes([7; 32]).bytes([8; 32]).u64(1);
    w.bytes([9; 32]).list(raw.parents.iter(), |w, parent| {
        w.bytes(parent);
    });
    w.u64(0).u64(0).u64(raw.kind).u64(0).bytes(vec![0; raw.payload]).bytes([0; 64]);
    w.into_bytes()
}

#[test]
fn what_is_signed_decodes_verifies_and_re_encodes_to_itself() {
    let event = event(1, b"hello");
    let bytes = event.to_bytes();
    let read = UnverifiedEvent::decode(&bytes).unwrap().verify().unwrap();
    assert_eq!(read, event);
    assert_eq!(read.header(), event.header());
    assert_eq!(read.payload(), b"hello");
    assert_eq!(read.to_bytes(), bytes);
    assert_eq!(Event::decode_stored(event.id(), &bytes).unwrap(), event);
}

#[test]
fn a_later_version_or_kind_is_told_as_update_needed_whatever_its_shape() {
    let update = |field, found| Err(CodecError::UpdateNeeded { what: "an event", field, found });
    assert!(UnverifiedEvent::decode(&raw(&RAW)).is_ok());
    assert_eq!(UnverifiedEvent::decode(&raw(&Raw { version: 2, ..RAW })), update("version", 2));
    assert_eq!(
        UnverifiedEvent::decode(&raw(&Raw { version: 2, fields: 12, ..RAW })),
        update("version", 2)
    );
    assert_eq!(UnverifiedEvent::decode(&raw(&Raw { kind: 7, ..RAW })), update("kind", 7));
    assert_eq!(
        UnverifiedEvent::decode(&raw(&Raw { kind: u64::MAX, ..RAW })),
        update("kind", u64::MAX)
    );
}

#[test]
fn events_over_their_limits_are_refused_when_made_and_when_read() {
    let key = SecretKey::from_seed(&[1; 32]);
    let ids: Vec<_> = (0..=PARENTS as u8).map(|n| EventId([n; 32])).collect();
    let with = |parents: &[EventId]| Header { parents: parents.to_vec(), ..header(&key) };

    assert!(Body::new(with(&ids[1..]), &[]).is_ok());
    assert_eq!(Body::new(with(&ids), &[]), Err(BodyError::Parents(PARENTS + 1)));
    let many = Raw { parents: ids.clone(), ..RAW };
    let too_many =
        Fault::Length { field: "parents", min: 0, max: PARENTS, got: PARENTS as u64 + 1 };
    assert_eq!(fault(&raw(&many)), too_many);

    for parents in [vec![ids[1], ids[0]], vec![ids[1], ids[1]]] {
        assert_eq!(Body::new(with(&parents), &[]), Err(BodyError::ParentOrder));
        assert_eq!(fault(&raw(&Raw { parents, ..RAW })), Fault::Order { field: "parents" });
    }

    let over = PAYLOAD_BYTES + 1;
    assert_eq!(Body::new(header(&key), &vec![0; over]), Err(BodyError::Payload(over)));
    let too_long = Fault::Length { field: "payload", min: 0, max: PAYLOAD_BYTES, got: over as u64 };
    assert_eq!(fault(&raw(&Raw { payload: over, ..RAW })), too_long);
    let gigantic = vec![0; EVENT_BYTES + 1];
    assert_eq!(fault(&gigantic), Fault::TooLarge { max: EVENT_BYTES, got: EVENT_BYTES + 1 });

    let full = Body::new(with(&ids[1..]), &vec![0; PAYLOAD_BYTES]).unwrap();
    let full = Event::sign(full, &key).unwrap();
    assert_eq!(UnverifiedEvent::decode(&full.to_bytes()).unwrap().verify(), Ok(full));
}

#[test]
fn every_truncation_and_every_appendix_is_refused() {
    let bytes = event(1, b"hello").to_bytes();
    for len in 0..bytes.len() {
        assert!(UnverifiedEvent::decode(&bytes[..len]).is_err(), "{len} bytes");
    }
    assert_eq!(fault(&[&bytes[..], &[0]].concat()), Fault::Trailing { count: 1 });
    assert_eq!(fault(&raw(&Raw { fields: 12, ..RAW })), {
        Fault::Length { field: "body", min: 11, max: 11, got: 12 }
    });
}

#[test]
fn only_the_author_can_sign_and_no_byte_can_change_under_the_signature() {
    let (author, other) = (SecretKey::from_seed(&[1; 32]), SecretKey::from_seed(&[2; 32]));
    let body = Body::new(header(&author), b"hello").unwrap();
    assert_eq!(
        Event::sign(body.clone(), &other),
        Err(BodyError::Signer { scope: author.public(), key: other.public() })
    );
    let bytes = Event::sign(body, &author).unwrap().to_bytes();
    for at in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[at] ^= 1;
        let outcome = UnverifiedEvent::decode(&changed).map(UnverifiedEvent::verify);
        assert!(!matches!(outcome, Ok(Ok(_))), "byte {at}");
    }
}

#[test]
fn a_second_signature_of_a_body_is_the_same_event() {
    let event = event(1, b"hello");
    let mut again = UnverifiedEvent::decode(&event.to_bytes()).unwrap();
    again.signature.0[0] ^= 1;
    assert_eq!(again.id(), event.id());
    assert_eq!(again.clone().assume_verified(), event);
    assert_eq!(again.verify().map_err(|_| ()), Err(()));
}

#[test]
fn a_genesis_event_is_of_the_topic_it_founds() {
    let (founding, event) = world::found(crate::event::payload::Admission::Open);
    assert_eq!(event.topic(), TopicId(event.id().0));
    assert_eq!(founding.topic(), event.topic());
}

#[test]
fn verdicts_of_a_batch_are_those_of_each_event_however_it_is_shared_out() {
    let mut events: Vec<_> = (0..40u8)
        .map(|n| UnverifiedEvent::decode(&event(n % 4, &[n]).to_bytes()).unwrap())
        .collect();
    events[7].signature = events[8].signature;
    events[20].signature.0[63] |= 0xf0;
    let small_order = Header { scope: PublicKey([0; 32]), ..events[0].body().header().clone() };
    events[30].body = Body::new(small_order, &[]).unwrap();
    let single: Vec<_> = events.iter().cloned().map(UnverifiedEvent::verify).collect();
    assert_eq!(single[7], Err(SignatureError::Mismatch));
    assert_eq!(single[20], Err(SignatureError::ScalarRange));
    assert_eq!(single[30], Err(SignatureError::KeySmallOrder));
    assert_eq!(single.iter().filter(|v| v.is_err()).count(), 3);
    assert_eq!(verify_all(events.clone()), single);
    for shares in [0, 1, 2, 3, 40, 100] {
        let threaded = verify_all_on(events.clone(), shares, |jobs| {
            std::thread::scope(|scope| {
                for job in jobs {
                    scope.spawn(job);
                }
            });
        });
        assert_eq!(threaded, single, "{shares} shares");
    }
    assert_eq!(verify_all_on(events, 3, |jobs| drop(jobs)), single, "jobs that never ran");
}

fn headers() -> impl Strategy<Value = Header> {
    let ids = || any::<[u8; 32]>().prop_map(EventId);
    let parents = prop::collection::btree_set(ids(), 0..8);
    let kinds = prop::sample::select(Kind::ALL);
    let numbers = (any::<u64>(), any::<u64>(), any::<u32>(), any::<u32>());
    (any::<[u8; 32]>(), any::<u8>(), prop::option::of(ids()), parents, kinds, numbers).prop_map(
        |(topic, key, prev, parents, kind, (seq, hlc, generation, variant))| Header {
            topic: TopicId(topic),
            scope: SecretKey::from_seed(&[key; 32]).public(),
            seq,
            prev,
            parents: parents.into_iter().collect(),
            hlc,
            generation,
            kind,
            variant,
        },
    )
}

proptest! {
    #[test]
    fn what_is_encoded_decodes_to_itself(
        header in headers(),
        payload in prop::collection::vec(any::<u8>(), 0..300),
        signature in any::<[u8; 64]>(),
    ) {
        let body = Body::new(header.clone(), &payload).unwrap();
        let event = UnverifiedEvent { body, signature: signature.into() };
        let bytes = event.to_bytes();
        let read = UnverifiedEvent::decode(&bytes).unwrap();
        prop_assert_eq!(&read, &event);
        prop_assert_eq!(read.body().header(), &header);
        prop_assert_eq!(read.body().payload(), &payload[..]);
    }

    #[test]
    fn whatever_decodes_after_changes_re_encodes_to_itself(
        header in headers(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..4u8), 1..4),
    ) {
        let body = Body::new(header, b"payload").unwrap();
        let mut bytes = UnverifiedEvent { body, signature: [1; 64].into() }.to_bytes();
        for (at, byte, change) in changes {
            let at = at.index(bytes.len().max(1)).min(bytes.len().saturating_sub(1));
            match change {
                _ if bytes.is_empty() => {}
                0 => bytes[at] = byte,
                1 => bytes.insert(at, byte),
                2 => drop(bytes.remove(at)),
                _ => bytes.truncate(at),
            }
        }
        if let Ok(event) = UnverifiedEvent::decode(&bytes) {
            prop_assert_eq!(event.to_bytes(), bytes);
        }
    }
}
