//! A batch is seen whole or not at all, and of several writes to one key the last counts.

use myrhiza_kernel_api::WriteBatch;

use crate::Subject;
use crate::subject::{A, B, C, all, get, puts};

pub(crate) fn seen_whole(subject: &Subject) {
    let store = subject.fresh().store;
    let mut batch = WriteBatch::new();
    for n in 0..1000u16 {
        batch.put(A, n.to_be_bytes(), *b"a");
        batch.put(B, n.to_le_bytes(), *b"b");
    }
    store.commit(batch).unwrap();
    let snapshot = store.snapshot().unwrap();
    assert_eq!((all(&*snapshot, A).len(), all(&*snapshot, B).len()), (1000, 1000));

    let mut batch = WriteBatch::new();
    (0..1000u16).for_each(|n| batch.delete(A, n.to_be_bytes()));
    store.commit(batch).unwrap();
    assert_eq!(all(&*store.snapshot().unwrap(), A), []);
}

pub(crate) fn refused_leaves_nothing(subject: &Subject) {
    let store = subject.fresh().store;
    store.commit(puts(A, &[(b"k", b"old")])).unwrap();
    let mut batch = puts(A, &[(b"k", b"new"), (b"l", b"new")]);
    batch.put(B, *b"", *b"an empty key is refused");
    batch.put(C, *b"m", *b"new");
    store.commit(batch).unwrap_err();
    let snapshot = store.snapshot().unwrap();
    assert_eq!(all(&*snapshot, A), [(b"k".to_vec(), b"old".to_vec())]);
    assert_eq!((all(&*snapshot, B), all(&*snapshot, C)), (vec![], vec![]));
    store.commit(puts(A, &[(b"k", b"new")])).unwrap();
    assert_eq!(get(&*store.snapshot().unwrap(), A, b"k").as_deref(), Some(&b"new"[..]));
}

pub(crate) fn last_write_counts(subject: &Subject) {
    let store = subject.fresh().store;
    for round in 0..2 {
        let mut batch = puts(A, &[(b"put put", b"1"), (b"put delete", b"1")]);
        batch.delete(A, *b"delete put");
        batch.put(A, *b"delete put", *b"2");
        batch.delete(A, *b"put delete");
        batch.put(A, *b"put put", *b"2");
        batch.put(B, *b"put delete", *b"another keyspace's");
        store.commit(batch).unwrap();
        let snapshot = store.snapshot().unwrap();
        let want = [(b"delete put".to_vec(), b"2".to_vec()), (b"put put".to_vec(), b"2".to_vec())];
        assert_eq!(all(&*snapshot, A), want, "round {round}");
        assert_eq!(all(&*snapshot, B).len(), 1);
    }
}

pub(crate) fn nothing_to_do(subject: &Subject) {
    let store = subject.fresh().store;
    store.commit(WriteBatch::new()).unwrap();
    let mut batch = WriteBatch::new();
    batch.delete(A, *b"not there");
    store.commit(batch).unwrap();
    assert_eq!(all(&*store.snapshot().unwrap(), A), []);
}

pub(crate) fn keyspaces_apart(subject: &Subject) {
    let store = subject.fresh().store;
    let mut batch = WriteBatch::new();
    for (keyspace, value) in [(A, b"a"), (B, b"b"), (C, b"c")] {
        batch.put(keyspace, *b"k", *value);
    }
    store.commit(batch).unwrap();
    let mut batch = WriteBatch::new();
    batch.delete(B, *b"k");
    store.commit(batch).unwrap();
    let snapshot = store.snapshot().unwrap();
    let values = [A, B, C].map(|keyspace| get(&*snapshot, keyspace, b"k"));
    assert_eq!(values, [Some(b"a".to_vec()), None, Some(b"c".to_vec())]);
}
