//! What exports hold: see each test's name. `docs/spec/vectors/export.json` is written by `BLESS=1`.

use myrhiza_kernel_api::{EventId, Hash, TopicId};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::bundle::{Bundle, BundleError, Manifest, Source, pack};
use crate::codec;
use crate::event::{Body, Event, Header};
use crate::identity::SecretKey;
use crate::vectors::{hex, published};

const ROOT: Hash = Hash([9; 32]);

fn key() -> SecretKey {
    SecretKey::from_seed(&[1; 32])
}

fn event(topic: TopicId, kind: crate::event::Kind, seq: u64, payload: &[u8]) -> Event {
    let (scope, parents) = (key().public(), Vec::new());
    let prev = (seq > 0).then_some(EventId([2; 32]));
    let header =
        Header { topic, scope, seq, prev, parents, hlc: 0, generation: 0, kind, variant: 0 };
    Event::sign(Body::new(header, payload).unwrap(), &key()).unwrap()
}

fn genesis() -> Event {
    event(Header::NO_TOPIC, crate::event::Kind::Genesis, 0, b"a topic")
}

fn app(seq: u64, payload: &[u8]) -> Event {
    event(TopicId(genesis().id().0), crate::event::Kind::App, seq, payload)
}

fn a_bundle() -> Bundle {
    let toml = "[app]\nname = 'x'\nversion = '0.0.0'\n[kernel]\nmajor = 1\nminor = 0\n\
                [components]\nstate-apply = 'a.wasm'\n";
    let manifest: Manifest = Source::parse(toml.as_bytes(), &["state-apply"]).unwrap().manifest;
    pack(manifest, [("state-apply".into(), b"code".to_vec())].into()).unwrap().sign(&key())
}

/// Two events to a chunk: each payload is more than half of what a chunk takes.
fn large(seq: u64) -> Event {
    app(seq, &vec![seq as u8; CHUNK_BYTES / 2 + 1])
}

fn file(bundles: &[&Bundle], events: &[Event]) -> Vec<u8> {
    let mut writer = Writer::new(&genesis(), bundles);
    let mut out = Vec::new();
    for event in events {
        writer.event(&event.to_bytes());
        out.extend(writer.take());
    }
    out.extend(writer.finish(&ROOT));
    out
}

fn read_in_pieces(bytes: &[u8], piece: usize) -> Result<Vec<Item>, ExportError> {
    let (mut reader, mut items) = (Reader::new(), Vec::new());
    for piece in bytes.chunks(piece.max(1)) {
        reader.push(piece);
        while let Some(item) = reader.next_item()? {
            items.push(item);
        }
    }
    reader.finish().map(|()| items)
}

fn read(bytes: &[u8]) -> Result<Vec<Item>, ExportError> {
    read_in_pieces(bytes, bytes.len())
}

fn ids(items: &[Item]) -> Vec<EventId> {
    let events = items.iter().flat_map(|item| match item {
        Item::Opening(opening) => vec![opening.genesis.id()],
        Item::Events(events) => events.iter().map(|event| event.id()).collect(),
        _ => Vec::new(),
    });
    events.collect()
}

/// [EXPORT-2]
#[test]
fn what_is_written_is_read_in_order() {
    let events: Vec<_> = (1..=5).map(large).collect();
    let bytes = file(&[&a_bundle()], &events);
    let items = read(&bytes).unwrap();
    let want: Vec<_> = [genesis()].iter().chain(&events).map(Event::id).collect();
    assert_eq!(ids(&items), want);
    assert_eq!(items.len(), 1 + 1 + 3 + 1, "opening, bundle, 2 + 2 + 1 events, ending");
    assert_eq!(items[1], Item::Bundle(Box::new(a_bundle())));
    assert_eq!(items[5], Item::Ending(Ending { events: 6, log_root: ROOT }));
    let Item::Opening(opening) = &items[0] else { panic!("{:?}", items[0]) };
    assert_eq!(opening.topic(), TopicId(genesis().id().0));
    assert_eq!(bytes, file(&[&a_bundle()], &events), "equal sets make equal files");
}

#[test]
fn a_topic_of_its_genesis_alone_is_a_file() {
    let items = read(&file(&[], &[])).unwrap();
    assert_eq!(items.len(), 2);
    assert_eq!(ids(&items), [genesis().id()]);
}

/// [EXPORT-1]
#[test]
fn a_flipped_byte_at_every_position_and_a_cut_at_every_length_is_refused() {
    let whole = file(&[&a_bundle()], &[app(1, b"one"), app(2, b"two")]);
    for at in 0..whole.len() {
        let mut bytes = whole.clone();
        bytes[at] ^= 0x11;
        assert!(read(&bytes).is_err(), "byte {at}");
        let cut = read(&whole[..at]).unwrap_err();
        assert!(matches!(cut, ExportError::Truncated(_)), "cut to {at}: {cut}");
    }
}

#[test]
fn damage_is_told_by_chunk_and_events_before_it() {
    let events: Vec<_> = (1..=5).map(large).collect();
    let whole = file(&[], &events);
    let mut bytes = whole.clone();
    let third = app(3, b"").header().seq;
    let at = bytes.windows(64).position(|w| w == [third as u8; 64]).unwrap();
    bytes[at] ^= 1;
    match read(&bytes) {
        Err(ExportError::Damaged(place)) => assert_eq!((place.chunk, place.events), (2, 3)),
        other => panic!("{other:?}"),
    }
    match read(&whole[..at]) {
        Err(ExportError::Truncated(place)) => assert_eq!((place.chunk, place.events), (2, 3)),
        other => panic!("{other:?}"),
    }
}

/// [EXPORT-1]
#[test]
fn a_chunk_moved_left_out_or_doubled_is_refused() {
    let whole = file(&[], &[large(1), large(2), large(3), large(4)]);
    let (mut chunks, mut at) = (Vec::new(), MAGIC.len());
    while at < whole.len() {
        let length: [u8; 4] = whole[at + 1..at + HEAD_BYTES].try_into().unwrap();
        let end = at + HEAD_BYTES + u32::from_be_bytes(length) as usize + Hash::LEN;
        chunks.push(&whole[at..end]);
        at = end;
    }
    assert_eq!(chunks.len(), 4);
    let put = |order: &[usize]| {
        let parts: Vec<_> = order.iter().map(|i| chunks[*i]).collect();
        read(&[MAGIC.as_slice(), &parts.concat()].concat())
    };
    assert!(put(&[0, 1, 2, 3]).is_ok());
    for order in [&[0, 2, 1, 3][..], &[0, 1, 3], &[0, 1, 1, 2, 3], &[1, 2, 3], &[0, 0, 1, 2, 3]] {
        assert!(put(order).is_err(), "{order:?}");
    }
    let trailing = [whole.as_slice(), b"x"].concat();
    assert_eq!(read(&trailing), Err(ExportError::Trailing { byte: whole.len() as u64 }));
}

/// A file of rightly sealed chunks with any content; the opening is this topic's unless given.
fn sealed(chunks: &[(Kind, Vec<u8>)]) -> Vec<u8> {
    let mut writer = match chunks {
        [(Kind::Opening, _), ..] => Writer::empty(),
        _ => Writer::new(&genesis(), &[]),
    };
    for (kind, body) in chunks {
        writer.chunk(*kind, body);
    }
    writer.take()
}

fn list(events: &[Vec<u8>]) -> (Kind, Vec<u8>) {
    let mut w = codec::Writer::new();
    w.list(events.iter(), |w, event| {
        w.bytes(event);
    });
    (Kind::Events, w.into_bytes())
}

fn opening_of(version: u64, genesis: &Event, bundles: u64) -> (Kind, Vec<u8>) {
    let mut w = codec::Writer::new();
    w.array(3).u64(version).bytes(genesis.to_bytes()).u64(bundles);
    (Kind::Opening, w.into_bytes())
}

fn ending_of(events: u64) -> (Kind, Vec<u8>) {
    let mut w = codec::Writer::new();
    w.array(2).u64(events).bytes(ROOT);
    (Kind::Ending, w.into_bytes())
}

/// Every refusal that is not damage, with what its error says.
fn refused() -> Vec<(&'static str, Vec<u8>, &'static str)> {
    let foreign = event(TopicId([5; 32]), crate::event::Kind::App, 0, b"elsewhere");
    let mut bad_bundle = a_bundle().to_bytes();
    *bad_bundle.last_mut().unwrap() ^= 1;
    let opening = |bundles| opening_of(1, &genesis(), bundles);
    let mut huge = MAGIC.to_vec();
    huge.extend([Kind::Opening as u8, 0xff, 0xff, 0xff, 0xff]);
    vec![
        ("other magic", b"MYRTOPIQ".to_vec(), "not an exported topic"),
        ("later version", sealed(&[opening_of(2, &genesis(), 0)]), "update needed"),
        ("no genesis first", sealed(&[opening_of(1, &app(0, b""), 0)]), "is of topic"),
        (
            "another kind first",
            sealed(&[opening_of(1, &event(Header::NO_TOPIC, crate::event::Kind::App, 0, b""), 0)]),
            "no genesis",
        ),
        (
            "event of another topic",
            sealed(&[list(&[app(1, b"").to_bytes(), foreign.to_bytes()])]),
            "event 2 of the export",
        ),
        ("event that is none", sealed(&[list(&[b"\x80".to_vec()])]), "event 1 of the export"),
        ("chunk without events", sealed(&[list(&[])]), "a chunk without events"),
        (
            "wrong count",
            sealed(&[list(&[app(1, b"").to_bytes()]), ending_of(3)]),
            "says it has 3 events and has 2",
        ),
        (
            "bundle not announced",
            sealed(&[(Kind::Bundle, a_bundle().to_bytes())]),
            "where another belongs",
        ),
        (
            "bundle announced and missing",
            sealed(&[opening(1), ending_of(1)]),
            "where another belongs",
        ),
        (
            "bundle forged",
            sealed(&[opening(1), (Kind::Bundle, bad_bundle)]),
            "a bundle in the export",
        ),
        ("too many bundles", sealed(&[opening(BUNDLES as u64 + 1)]), "`bundles` cannot be 65537"),
        ("length beyond all limits", huge, "too long a chunk"),
        (
            "trailing bytes in a chunk",
            sealed(&[(Kind::Ending, [ending_of(1).1, vec![0]].concat())]),
            "follow its end",
        ),
    ]
}

/// [EXPORT-3]
#[test]
fn every_refusal_says_what_is_wrong() {
    for (name, bytes, want) in refused() {
        let error = read(&bytes).unwrap_err();
        assert!(error.to_string().contains(want), "{name}: {error}");
        let bundle = matches!(&error, ExportError::Bundle { source, .. } if matches!(source, BundleError::Signature { .. }));
        assert_eq!(bundle, name == "bundle forged");
    }
}

#[test]
fn a_reader_that_failed_fails_again() {
    let mut reader = Reader::new();
    reader.push(b"something else");
    let first = reader.next_item();
    reader.push(&file(&[], &[]));
    assert_eq!(reader.next_item(), first);
    assert_eq!(reader.finish(), Err(ExportError::NotAnExport));
}

proptest! {
    #[test]
    fn the_pieces_a_file_comes_in_do_not_matter(piece in 1..2000_usize, count in 0..6_u64) {
        let events: Vec<_> = (1..=count).map(|seq| app(seq, &[0; 200])).collect();
        let bytes = file(&[&a_bundle()], &events);
        prop_assert_eq!(read_in_pieces(&bytes, piece), read(&bytes));
    }

    #[test]
    fn no_bytes_make_a_reader_fail_otherwise_than_by_an_error(
        at in 0..1000_usize, junk in proptest::collection::vec(any::<u8>(), 1..9), cut in 0..9_usize,
    ) {
        let whole = file(&[&a_bundle()], &[app(1, b"one")]);
        let at = at.min(whole.len());
        let mut bytes = whole.clone();
        bytes.splice(at..(at + cut).min(whole.len()), junk);
        prop_assert!(bytes == whole || read(&bytes).is_err());
    }
}

#[test]
fn the_published_vectors_are_what_this_code_does() {
    let events = [app(1, b"one"), app(2, b"two")];
    let accepted =
        [("genesis alone", file(&[], &[])), ("bundle and events", file(&[&a_bundle()], &events))];
    let accepted = accepted.map(|(name, bytes)| {
        let ids: Vec<_> = ids(&read(&bytes).unwrap()).iter().map(ToString::to_string).collect();
        json!({"name": name, "file": hex(&bytes), "topic": ids[0], "events": ids, "log_root": ROOT.to_string()})
    });
    let refused = refused().into_iter().map(|(name, bytes, _)| {
        json!({"name": name, "file": hex(&bytes), "error": read(&bytes).unwrap_err().to_string()})
    });
    let now = json!({"accepted": accepted, "refused": refused.collect::<Vec<Value>>()});
    published("export", &now);
}

/// [EXPORT-2] The specification repeats these numbers.
#[test]
fn limits_are_pinned() {
    let kinds = [Kind::Opening, Kind::Bundle, Kind::Events, Kind::Ending];
    assert_eq!(kinds.map(Kind::max_bytes), [1_056_832, 64 << 20, 1_131_529, 64]);
    assert_eq!((BUNDLES, CHUNK_BYTES, CHUNK_EVENTS), (65_536, 65_536, 1024));
}
