//! The bytes of messages, and every number.

use myrhiza_kernel_api::BundleId;
use proptest::prelude::*;

use super::*;
use crate::sync::message::Message;
use crate::sync::{Offence, limits};

/// [SYNC-12] The specification repeats these numbers.
#[test]
fn limits_are_pinned() {
    use limits::*;
    assert_eq!((BATCH_BYTES, BATCH_EVENTS, WINDOW, MESSAGE_BYTES), (262_144, 1024, 6, 1_328_137));
    assert_eq!((TOPICS, WALKS, PLACES, HINT_BYTES), (4096, 4, 128, 10_240));
    assert_eq!(
        (ANSWER_BYTES, RECORDS, ROUNDS, FRONTIER, FOUND),
        (65_536, 1536, 1024, 16_384, 8192)
    );
    assert_eq!((IDS, WANTED, QUEUED, PULLS, HEARD), (1024, 4096, 16_384, 32, 1024));
    assert_eq!((SMALL_LOG, SMALL_SHARE, FRUITLESS), (16, 16, 3));
    assert_eq!((GREETING_MS, ANSWER_MS, REST_MS, PAUSE_MS), (10_000, 60_000, 60_000, 1000));
    assert_eq!((THROTTLE_POINTS, CLOSE_POINTS, FORGIVEN_POINTS), (500, 1000, 20));
    let points: Vec<_> = Offence::ALL.iter().map(|offence| offence.points()).collect();
    assert_eq!(points, [400, 200, 600, 600, 100, 400, 10, 10, 200, 1000]);
    assert_eq!(HINT_BYTES, crate::state::trie::HINT_BYTES);
}

proptest! {
    #[test]
    fn bytes_that_read_are_written_the_same(mut bytes in proptest::collection::vec(any::<u8>(), 2..60), kind in 0..18u8, items in 1..7u8) {
        (bytes[0], bytes[1]) = (0x80 + items, kind);
        if let Ok(message) = Message::from_bytes(&bytes) {
            prop_assert_eq!(message.to_bytes(), bytes);
        }
    }
}

/// [SYNC-2]
#[test]
fn every_message_of_an_exchange_reads_back() {
    let (world, events) = random_topic(5, 200);
    let pipe = exchanged(&world, &events[..120], &[&events[..60], &events[90..]].concat());
    for (_, message) in pipe.flights.iter().flatten() {
        assert_eq!(Message::from_bytes(&message.to_bytes()).as_ref(), Ok(message));
    }
}

/// [SYNC-14]
#[test]
fn a_bundle_is_wanted_of_a_topic_or_of_none() {
    let bundle = BundleId([7; 32]);
    let id = [&[0x58, 32][..], &[7; 32]].concat();
    for (topic, n) in [(Some(5), 5), (None, 0xf6)] {
        let wanted = [&[0x83, 17, n][..], &id].concat();
        let lacking = [&[0x84, 18, n][..], &id, &[0xf6]].concat();
        for (message, bytes) in [
            (Message::BundleWanted { topic, bundle }, wanted),
            (Message::Bundle { topic, bundle, blob: None }, lacking),
        ] {
            assert_eq!(message.to_bytes(), bytes);
            assert_eq!(Message::from_bytes(&bytes), Ok(message));
        }
    }
}
