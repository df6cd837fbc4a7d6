//! Invariants of the strict layer: whatever is read would have been written so.

use proptest::prelude::*;

use super::{CodecError, Fault, Reader, Writer};

fn reader(bytes: &[u8]) -> Reader<'_> {
    Reader::new("a test", bytes, 1 << 10).unwrap()
}

fn fault<T: std::fmt::Debug>(result: Result<T, CodecError>) -> Fault {
    match result {
        Err(CodecError::Malformed { fault, .. }) => fault,
        other => panic!("malformed is expected, not {other:?}"),
    }
}

#[test]
fn numbers_have_one_form() {
    // Each value of RFC 8949 appendix A, and every longer way to write it.
    let shortest: [(u64, &[u8]); 8] = [
        (0, &[0]),
        (23, &[0x17]),
        (24, &[0x18, 24]),
        (100, &[0x18, 100]),
        (1000, &[0x19, 3, 0xe8]),
        (1_000_000, &[0x1a, 0, 0x0f, 0x42, 0x40]),
        (1_000_000_000_000, &[0x1b, 0, 0, 0, 0xe8, 0xd4, 0xa5, 0x10, 0]),
        (u64::MAX, &[0x1b, 255, 255, 255, 255, 255, 255, 255, 255]),
    ];
    for (n, bytes) in shortest {
        assert_eq!(reader(bytes).u64(), Ok(n));
        let mut w = Writer::new();
        w.u64(n);
        assert_eq!(w.into_bytes(), bytes);
        let be = n.to_be_bytes();
        for (head, len) in [(0x18, 1), (0x19, 2), (0x1a, 4), (0x1b, 8)] {
            let long = [&[head], &be[8 - len..]].concat();
            if long.len() > bytes.len() && be[..8 - len].iter().all(|b| *b == 0) {
                assert_eq!(fault(reader(&long).u64()), Fault::NotShortest, "{long:?}");
            }
        }
    }
}

#[test]
fn other_types_tags_and_indefinite_lengths_are_refused() {
    let not_numbers: [&[u8]; 8] =
        [&[0x20], &[0x40], &[0x80], &[0xc0, 0], &[0xf6], &[0xf9, 0, 0], &[0x1c], &[0x1f]];
    for bytes in not_numbers {
        assert_eq!(fault(reader(bytes).u64()), Fault::Type { want: "an unsigned integer" });
    }
    let indefinite_bytes = [0x5f, 0x41, 1, 0xff];
    let indefinite_text = [0x7f, 0x61, 65, 0xff];
    let indefinite_array = [0x9f, 1, 0xff];
    assert!(matches!(fault(reader(&indefinite_bytes).bytes("x", 9)), Fault::Type { .. }));
    assert!(matches!(fault(reader(&indefinite_text).text("x", 9)), Fault::Type { .. }));
    assert!(matches!(fault(reader(&indefinite_array).array("x", 0, 9)), Fault::Type { .. }));
    assert!(matches!(fault(reader(&[0xf8, 0x15]).bool()), Fault::Type { .. }));
    assert!(matches!(fault(reader(&[0xc2, 0x41, 1]).bytes("x", 9)), Fault::Type { .. }));
    assert!(matches!(fault(reader(&[0xf7]).option(|r| r.u64())), Fault::Type { .. }));
}

#[test]
fn lengths_are_shortest_and_within_their_limits() {
    assert_eq!(fault(reader(&[0x58, 1, 0]).bytes("x", 9)), Fault::NotShortest);
    assert_eq!(fault(reader(&[0x78, 1, 65]).text("x", 9)), Fault::NotShortest);
    assert_eq!(fault(reader(&[0x98, 1, 0]).array("x", 0, 9)), Fault::NotShortest);
    let long = Fault::Length { field: "x", min: 0, max: 1, got: 2 };
    assert_eq!(fault(reader(&[0x42, 0, 0]).bytes("x", 1)), long);
    assert_eq!(fault(reader(&[0x62, 65, 65]).text("x", 1)), long);
    assert_eq!(fault(reader(&[0x82, 0, 0]).list("x", 1, |r| r.u64())), long);
    assert_eq!(
        fault(reader(&[0x41, 0]).fixed::<2>("x")),
        Fault::Length { field: "x", min: 2, max: 2, got: 1 }
    );
    let gigantic = [0x9b, 255, 255, 255, 255, 255, 255, 255, 255];
    assert_eq!(fault(reader(&gigantic).list("x", usize::MAX, |r| r.u64())), Fault::Truncated);
    assert_eq!(fault(reader(&[0x61, 0xff]).text("x", 1)), Fault::Utf8 { field: "x" });
    assert_eq!(fault(Reader::new("a test", &[0; 3], 2)), Fault::TooLarge { max: 2, got: 3 });
}

#[test]
fn a_set_ascends_strictly_and_nothing_follows_the_end() {
    for unsorted in [[0x82, 1, 1], [0x82, 2, 1]] {
        assert_eq!(
            fault(reader(&unsorted).ascending("x", 9, |r| r.u64())),
            Fault::Order { field: "x" }
        );
    }
    assert_eq!(fault(reader(&[0, 0]).finish()), Fault::Trailing { count: 2 });
    assert_eq!(
        fault(reader(&[0x1b, 0, 0, 0, 1, 0, 0, 0, 0]).u32("x")),
        Fault::Value { field: "x", got: 1 << 32 }
    );
}

#[test]
fn the_version_is_told_before_the_shape_is_judged() {
    let mut later = Writer::new();
    later.array(7).u64(2).text("a shape of the future");
    let error = reader(&later.into_bytes()).versioned("x", 1, 2).unwrap_err();
    assert_eq!(error, CodecError::UpdateNeeded { what: "a test", field: "version", found: 2 });
    assert!(error.is_update_needed());
    assert!(matches!(fault(reader(&[0x83, 1]).versioned("x", 1, 2)), Fault::Length { .. }));
}

/// A shape that uses every item there is.
type All = (u64, bool, Vec<u8>, String, Option<u32>, Vec<u64>);

fn write(value: &All) -> Vec<u8> {
    let mut w = Writer::new();
    w.array(6).u64(value.0).bool(value.1).bytes(&value.2).text(&value.3);
    w.option(value.4, |w, n| {
        w.u64(n.into());
    });
    w.list(value.5.iter(), |w, n| {
        w.u64(*n);
    });
    w.into_bytes()
}

fn read(bytes: &[u8]) -> Result<All, CodecError> {
    let mut r = reader(bytes);
    r.fields("all", 6)?;
    let value = (
        r.u64()?,
        r.bool()?,
        r.bytes("bytes", 300)?.to_vec(),
        r.text("text", 300)?.to_owned(),
        r.option(|r| r.u32("option"))?,
        r.list("list", 300, |r| r.u64())?,
    );
    r.finish()?;
    Ok(value)
}

fn all() -> impl Strategy<Value = All> {
    let bytes = prop::collection::vec(any::<u8>(), 0..300);
    let list = prop::collection::vec(any::<u64>(), 0..30);
    (any::<u64>(), any::<bool>(), bytes, ".{0,60}", any::<Option<u32>>(), list)
}

proptest! {
    #[test]
    fn what_is_written_is_read(value in all()) {
        prop_assert_eq!(read(&write(&value)), Ok(value));
    }

    #[test]
    fn what_is_read_after_any_change_re_encodes_to_itself(
        value in all(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..4u8), 1..4),
    ) {
        let mut bytes = write(&value);
        for (at, byte, change) in changes {
            if bytes.is_empty() {
                break;
            }
            let at = at.index(bytes.len());
            match change {
                0 => bytes[at] = byte,
                1 => bytes.insert(at, byte),
                2 => drop(bytes.remove(at)),
                _ => bytes.truncate(at),
            }
        }
        if let Ok(value) = read(&bytes) {
            prop_assert_eq!(write(&value), bytes);
        }
    }

    #[test]
    fn random_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
        if let Ok(value) = read(&bytes) {
            prop_assert_eq!(write(&value), bytes);
        }
    }
}
