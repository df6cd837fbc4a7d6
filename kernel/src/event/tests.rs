//! Invariants of the envelope.

use myrhiza_kernel_api::{EventId, TopicId};

use super::*;
use crate::identity::{SecretKey, SignatureError};

fn header(key: &SecretKey) -> Header {
    Header {
        topic: TopicId([7; 32]),
        scope: key.public(),
        seq: 3,
        prev: Some(EventId([1; 32])),
        parents: vec![EventId([1; 32]), EventId([2; 32])],
        hlc: 1 << 40,
        generation: 0,
        kind: Kind::App,
        variant: 5,
    }
}

fn event(seed: u8, payload: &[u8]) -> Event {
    let key = SecretKey::from_seed(&[seed; 32]);
    Event::sign(Body::new(header(&key), payload).unwrap(), &key).unwrap()
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
fn verdicts_of_a_batch_are_those_of_each_event_however_it_is_shared_out() {
    let mut events: Vec<_> = (0..40u8)
        .map(|n| UnverifiedEvent::decode(&event(n % 4, &[n]).to_bytes()).unwrap())
        .collect();
    events[7].signature = events[8].signature;
    events[20].signature.0[63] |= 0xf0;
    let single: Vec<_> = events.iter().cloned().map(UnverifiedEvent::verify).collect();
    assert_eq!(single[7], Err(SignatureError::Mismatch));
    assert_eq!(single[20], Err(SignatureError::ScalarRange));
    assert_eq!(single.iter().filter(|v| v.is_err()).count(), 2);
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
