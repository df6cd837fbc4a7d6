//! Keys order bytewise, and every read agrees with an ordered map.

use std::collections::BTreeMap;
use std::ops::{Bound, ControlFlow};

use myrhiza_kernel_api::store::encloses;
use myrhiza_kernel_api::{StoreExt, WriteBatch};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use crate::Subject;
use crate::subject::{A, ALL, B, get, puts, scan};

/// Keys that meet, neighbours, and keys with bytes at either end.
fn key() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        vec(prop_oneof![Just(0u8), Just(1), Just(0x7f), Just(0x80), Just(0xff)], 1..4),
        (0..300u16).prop_map(|n| n.to_be_bytes().to_vec()),
        (any::<u8>(), 1..=511usize).prop_map(|(byte, len)| vec![byte; len]),
    ]
}

fn bound() -> impl Strategy<Value = Bound<Vec<u8>>> {
    prop_oneof![
        Just(Bound::Unbounded),
        key().prop_map(Bound::Included),
        key().prop_map(Bound::Excluded)
    ]
}

type Writes = Vec<(Vec<u8>, Option<Vec<u8>>)>;

fn writes() -> impl Strategy<Value = Writes> {
    let value = prop_oneof![
        4 => vec(any::<u8>(), 0..20).prop_map(Some),
        1 => (0..9000usize).prop_map(|len| Some(vec![7; len])),
        2 => Just(None),
    ];
    vec((key(), value), 0..40)
}

pub(crate) fn agrees_with_a_model(subject: &Subject) {
    let scans = vec((bound(), bound(), any::<bool>(), 1..30usize), 1..12);
    let strategy = (vec(writes(), 1..5), scans, vec(key(), 4));
    // No file of regressions: a kit runs in other people's source trees.
    let config = Config { cases: 48, failure_persistence: None, ..Config::default() };
    let ran = TestRunner::new(config).run(&strategy, |(batches, scans, keys)| {
        let fresh = subject.fresh();
        let mut model = BTreeMap::new();
        for writes in batches {
            let mut batch = WriteBatch::new();
            for (key, value) in writes {
                match value {
                    Some(value) => {
                        batch.put(A, key.clone(), value.clone());
                        model.insert(key, value);
                    }
                    None => {
                        batch.delete(A, key.clone());
                        model.remove(&key);
                    }
                }
            }
            fresh.store.commit(batch).unwrap();
        }
        let snapshot = fresh.store.snapshot().unwrap();
        for key in keys.iter().chain(model.keys()) {
            prop_assert_eq!(get(&*snapshot, A, key), model.get(key).cloned());
        }
        for (from, to, reverse, limit) in scans {
            let range = (from.as_ref().map(Vec::as_slice), to.as_ref().map(Vec::as_slice));
            let mut want = Vec::new();
            if encloses(range) {
                let entries = model.range::<[u8], _>(range);
                want.extend(entries.map(|(key, value)| (key.clone(), value.clone())));
            }
            if reverse {
                want.reverse();
            }
            want.truncate(limit);
            prop_assert_eq!(scan(&*snapshot, A, range, reverse, limit), want);
        }
        Ok(())
    });
    if let Err(failure) = ran {
        panic!("{failure}");
    }
}

pub(crate) fn bytewise(subject: &Subject) {
    let store = subject.fresh().store;
    let keys: [&[u8]; 8] =
        [&[0], &[0, 0], &[0, 1], &[1], &[0x7f, 0xff], &[0x80], &[0xff], &[0xff, 0]];
    // One batch each, from both ends, so that no order of arrival helps.
    for n in [7, 0, 6, 1, 5, 2, 4, 3] {
        store.commit(puts(A, &[(keys[n], &[n as u8])])).unwrap();
    }
    let snapshot = store.snapshot().unwrap();
    let values = |reverse| -> Vec<u8> {
        scan(&*snapshot, A, ALL, reverse, usize::MAX).iter().map(|(_, value)| value[0]).collect()
    };
    assert_eq!(values(false), [0, 1, 2, 3, 4, 5, 6, 7]);
    assert_eq!(values(true), [7, 6, 5, 4, 3, 2, 1, 0]);
}

pub(crate) fn prefixes(subject: &Subject) {
    let store = subject.fresh().store;
    let keys: [&[u8]; 7] = [b"a", b"ab", b"abc", b"b", &[0xfe, 0xff], &[0xff], &[0xff, 0xff, 1]];
    let entries: Vec<_> = keys.iter().map(|key| (*key, &b"v"[..])).collect();
    store.commit(puts(B, &entries)).unwrap();
    let snapshot = store.snapshot().unwrap();
    let with = |prefix: &[u8], limit| -> Vec<Vec<u8>> {
        let found = snapshot.prefix(B, prefix, limit).unwrap();
        found.into_iter().map(|(key, _)| key).collect()
    };
    assert_eq!(with(b"", 99), keys);
    assert_eq!(with(b"a", 99), keys[..3]);
    assert_eq!(with(b"a", 2), keys[..2]);
    assert_eq!(with(&[0xff], 99), keys[5..]);
    assert_eq!(with(&[0xfe, 0xff], 99), keys[4..5]);
    assert_eq!(with(b"c", 99), Vec::<Vec<u8>>::new());
}

pub(crate) fn ends_when_told(subject: &Subject) {
    let store = subject.fresh().store;
    store.commit(puts(A, &[(b"1", b"x"), (b"2", b"y"), (b"3", b"z")])).unwrap();
    let snapshot = store.snapshot().unwrap();
    let mut visited = Vec::new();
    let mut visit = |key: &[u8], _: &[u8]| {
        // A read of the same snapshot while it is scanned.
        visited.push((key.to_vec(), get(&*snapshot, A, b"3")));
        if key == b"2" { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    snapshot.scan(A, ALL, false, &mut visit).unwrap();
    let z = Some(b"z".to_vec());
    assert_eq!(visited, [(b"1".to_vec(), z.clone()), (b"2".to_vec(), z)]);
}
