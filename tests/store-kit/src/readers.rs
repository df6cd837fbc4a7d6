//! Readers on other threads see what one on the writer's sees.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use myrhiza_kernel_api::WriteBatch;

use crate::Subject;
use crate::subject::{A, B, all};

pub(crate) fn whole_beside_a_writer(subject: &Subject) {
    const KEYS: u8 = 40;
    let store = subject.fresh().store;
    let write = |round: u8| {
        let mut batch = WriteBatch::new();
        for key in 1..=KEYS {
            let keyspace = if key % 2 == 0 { A } else { B };
            batch.put(keyspace, [key], [round].repeat(200));
        }
        store.commit(batch).unwrap();
    };
    write(0);
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        for _reader in 0..3 {
            scope.spawn(|| {
                let mut last = 0;
                while !done.load(Ordering::Relaxed) {
                    let snapshot = store.snapshot().unwrap();
                    let mut entries = all(&*snapshot, A);
                    entries.extend(all(&*snapshot, B));
                    assert_eq!(entries.len(), usize::from(KEYS));
                    let round = entries[0].1[0];
                    assert!(entries.iter().all(|(_, value)| *value == [round].repeat(200)));
                    assert!(round >= last, "a later snapshot sees at least as much");
                    last = round;
                }
            });
        }
        (1..=100).for_each(write);
        done.store(true, Ordering::Relaxed);
    });
}
