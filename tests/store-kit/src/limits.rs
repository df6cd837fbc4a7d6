//! What a store takes, what it refuses, and reads that ask for what cannot be there.

use std::ops::Bound;

use myrhiza_kernel_api::store::{KEY_BYTES, VALUE_BYTES};
use myrhiza_kernel_api::{Keyspace, StoreError, WriteBatch, WriteFault};

use crate::Subject;
use crate::subject::{A, ALL, all, get, puts, scan};

pub(crate) fn up_to(subject: &Subject) {
    let store = subject.fresh().store;
    let (longest, largest) = (vec![0xff; KEY_BYTES], vec![0xab; VALUE_BYTES]);
    store.commit(puts(A, &[(&[0], &largest), (&longest, &largest), (b"empty", b"")])).unwrap();
    let snapshot = store.snapshot().unwrap();
    assert!(get(&*snapshot, A, &[0]) == Some(largest.clone()));
    assert!(get(&*snapshot, A, &longest) == Some(largest));
    assert_eq!(get(&*snapshot, A, b"empty"), Some(vec![]), "an empty value is not an absent one");
    assert_eq!(get(&*snapshot, A, b"absent"), None);
    assert_eq!(all(&*snapshot, A).len(), 3);
}

pub(crate) fn beyond(subject: &Subject) {
    let store = subject.fresh().store;
    let foreign = Keyspace { index: 3, name: "d" };
    let misnamed = Keyspace { index: 0, name: "d" };
    let cases = [
        (A, vec![], 0, WriteFault::Key(0)),
        (A, vec![1; KEY_BYTES + 1], 0, WriteFault::Key(KEY_BYTES + 1)),
        (A, vec![1], VALUE_BYTES + 1, WriteFault::Value(VALUE_BYTES + 1)),
        (foreign, vec![1], 0, WriteFault::Keyspace),
        (misnamed, vec![1], 0, WriteFault::Keyspace),
    ];
    for (keyspace, key, len, want) in cases {
        let mut batch = WriteBatch::new();
        batch.put(keyspace, key, vec![0; len]);
        match store.commit(batch) {
            Err(StoreError::Refused { fault, .. }) => assert_eq!(fault, want),
            other => panic!("{want}: {other:?}"),
        }
    }
    let mut batch = WriteBatch::new();
    batch.delete(A, *b"");
    assert!(matches!(store.commit(batch), Err(StoreError::Refused { .. })), "a delete too");
    assert_eq!(all(&*store.snapshot().unwrap(), A), []);
}

pub(crate) fn reads(subject: &Subject) {
    let store = subject.fresh().store;
    store.commit(puts(A, &[(b"b", b"1"), (b"c", b"2")])).unwrap();
    let snapshot = store.snapshot().unwrap();
    let long = vec![b'b'; 2000];
    for key in [&b""[..], &long] {
        assert_eq!(get(&*snapshot, A, key), None);
        for reverse in [false, true] {
            let count = |range| scan(&*snapshot, A, range, reverse, usize::MAX).len();
            let above = usize::from(key.len() == 2000);
            assert_eq!(count((Bound::Included(key), Bound::Unbounded)), 2 - above);
            assert_eq!(count((Bound::Excluded(key), Bound::Unbounded)), 2 - above);
            assert_eq!(count((Bound::Unbounded, Bound::Included(key))), above);
            assert_eq!(count((Bound::Unbounded, Bound::Excluded(key))), above);
            assert_eq!(count((Bound::Excluded(key), Bound::Excluded(key))), 0);
            assert_eq!(count((Bound::Included(key), Bound::Included(key))), 0);
        }
    }
    for reverse in [false, true] {
        let count = |range| scan(&*snapshot, A, range, reverse, usize::MAX).len();
        assert_eq!(count((Bound::Included(&b"c"[..]), Bound::Included(&b"b"[..]))), 0);
        assert_eq!(count((Bound::Included(&b"b"[..]), Bound::Excluded(&b"b"[..]))), 0);
        assert_eq!(count((Bound::Excluded(&b"b"[..]), Bound::Included(&b"b"[..]))), 0);
        assert_eq!(count((Bound::Included(&b"b"[..]), Bound::Included(&b"b"[..]))), 1);
    }
    let foreign = Keyspace { index: 9, name: "z" };
    assert_eq!(get(&*snapshot, foreign, b"b"), None);
    assert_eq!(scan(&*snapshot, foreign, ALL, false, usize::MAX), []);
}
