//! When a commit returns, its batch survives whatever happens to the process.

use myrhiza_kernel_api::{Snapshot, Store, WriteBatch};

use crate::Subject;
use crate::subject::{A, B, C, all, get, puts};

/// Entries of one batch beside its number.
const ENTRIES: u64 = 30;

pub(crate) fn reopened(subject: &Subject) {
    let folder = subject.folder().unwrap();
    for round in 0..4u8 {
        let store = subject.open(&folder.path);
        let snapshot = store.snapshot().unwrap();
        assert_eq!(all(&*snapshot, A).len(), usize::from(round));
        assert_eq!(get(&*snapshot, B, b"round"), round.checked_sub(1).map(|last| vec![last]));
        store.commit(puts(A, &[(&[round], &[round].repeat(5000))])).unwrap();
        store.commit(puts(B, &[(b"round", &[round])])).unwrap();
    }
}

/// Commits up to so many batches, each with the number after the last that is there, and tells each
/// number when it is committed, until it hears false.
pub fn write_batches(store: &dyn Store, most: u64, mut tell: impl FnMut(u64) -> bool) {
    let last = last(&*store.snapshot().unwrap());
    for n in last + 1..=last + most {
        let mut batch = WriteBatch::new();
        batch.put(A, *b"last", n.to_be_bytes());
        batch.put(B, n.to_be_bytes(), *b"");
        for (key, value) in (0..ENTRIES).map(|e| entry(n, e)) {
            batch.put(C, key, value);
        }
        store.commit(batch).unwrap();
        if !tell(n) {
            break;
        }
    }
}

/// The last batch that is there. It, all before it and nothing else is there in whole.
///
/// # Panics
/// If that is not so.
pub fn assert_batches(store: &dyn Store) -> u64 {
    let snapshot = store.snapshot().unwrap();
    let last = last(&*snapshot);
    let batches: Vec<u64> = all(&*snapshot, B).iter().map(|(key, _)| number(key)).collect();
    assert_eq!(batches, (1..=last).collect::<Vec<_>>(), "batches without a gap");
    let entries = all(&*snapshot, C);
    let mut want: Vec<_> =
        (1..=last).flat_map(|n| (0..ENTRIES).map(move |e| entry(n, e))).collect();
    want.sort();
    assert!(entries == want, "a batch is there in part");
    last
}

fn last(snapshot: &dyn Snapshot) -> u64 {
    get(snapshot, A, b"last").map_or(0, |last| number(&last))
}

/// Scattered over the keyspace, so that a batch touches many pages; some values need several.
fn entry(batch: u64, entry: u64) -> (Vec<u8>, Vec<u8>) {
    let key = [(entry * 7919 % 256) as u8].into_iter().chain(batch.to_be_bytes());
    let len = if entry == 0 { 9000 } else { 100 };
    (key.chain([entry as u8]).collect(), vec![batch as u8; len])
}

fn number(bytes: &[u8]) -> u64 {
    u64::from_be_bytes(bytes.try_into().unwrap())
}
