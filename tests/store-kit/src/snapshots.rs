//! A snapshot sees exactly the batches committed before it was taken, for as long as it lives.

#[cfg(not(target_arch = "wasm32"))]
use std::thread;

use crate::Subject;
use crate::subject::{A, all, get, puts};

pub(crate) fn sees_what_was_before(subject: &Subject) {
    let store = subject.fresh().store;
    let nothing = store.snapshot().unwrap();
    store.commit(puts(A, &[(b"k", b"1"), (b"gone", b"1")])).unwrap();
    let one = store.snapshot().unwrap();
    let mut batch = puts(A, &[(b"k", b"2"), (b"new", b"2")]);
    batch.delete(A, *b"gone");
    store.commit(batch).unwrap();
    let two = store.snapshot().unwrap();

    assert_eq!(all(&*nothing, A), []);
    let before = [(b"gone".to_vec(), b"1".to_vec()), (b"k".to_vec(), b"1".to_vec())];
    assert_eq!(all(&*one, A), before);
    assert_eq!(get(&*one, A, b"new"), None);
    let after = [(b"k".to_vec(), b"2".to_vec()), (b"new".to_vec(), b"2".to_vec())];
    assert_eq!(all(&*two, A), after);
}

pub(crate) fn outlives_its_store(subject: &Subject) {
    let fresh = subject.fresh();
    fresh.store.commit(puts(A, &[(b"k", b"v")])).unwrap();
    let snapshot = fresh.store.snapshot().unwrap();
    drop(fresh.store);
    let read = move || get(&*snapshot, A, b"k");
    #[cfg(not(target_arch = "wasm32"))]
    let read = move || thread::spawn(read).join().unwrap();
    assert_eq!(read().as_deref(), Some(&b"v"[..]));
}

pub(crate) fn many_at_once(subject: &Subject) {
    let store = subject.fresh().store;
    let mut snapshots = Vec::new();
    for n in 0..200u8 {
        store.commit(puts(A, &[(b"k", &[n])])).unwrap();
        snapshots.push(store.snapshot().unwrap());
    }
    for (n, snapshot) in snapshots.iter().enumerate() {
        assert_eq!(get(&**snapshot, A, b"k"), Some(vec![n as u8]));
    }
}
