//! Power that fails at any moment, from the making of the file on, takes nothing that was acknowledged.
#![allow(clippy::unwrap_used)]

mod disk;

use std::cell::Cell;
use std::sync::{Arc, Mutex};

use disk::{Disk, get, open, put};
use myrhiza_kernel_api::Store;

/// A chain of numbers, so that a failing cut can be made again.
fn numbers(seed: u64) -> impl FnMut() -> u64 {
    let state = Cell::new(seed);
    move || {
        // SplitMix64.
        state.set(state.get().wrapping_add(0x9e37_79b9_7f4a_7c15));
        let mut z = state.get();
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}

#[test]
fn power_that_fails_takes_nothing_acknowledged() {
    for seed in 0..400 {
        let mut next = numbers(seed);
        let (moment, bits) = (next() % 200, next());
        let disk = Disk::with_room(u64::MAX);
        let cut = Arc::new(Mutex::new(None));
        let acknowledged = Arc::new(Mutex::new(0));
        arm(&disk, moment, bits, &cut, &acknowledged);
        let store = open(&disk);
        for n in 1..20 {
            put(&store, n).unwrap();
            *acknowledged.lock().unwrap() = n;
        }
        let (left, acknowledged) = cut.lock().unwrap().take().unwrap();
        let store = open(&left);
        let snapshot = store.snapshot().unwrap();
        for n in 1..=acknowledged {
            assert_eq!(get(&*snapshot, n), Some(n as u8), "seed {seed}: {n} of {acknowledged}");
        }
        // One more may be there, in whole, and none after it.
        let _ = get(&*snapshot, acknowledged + 1);
        assert_eq!(get(&*snapshot, acknowledged + 2), None, "seed {seed}");
        put(&store, 100).unwrap();
    }
}

type Cut = Arc<Mutex<Option<(Disk, u32)>>>;

/// Has the power fail before the write that comes after so many more.
fn arm(disk: &Disk, moment: u64, bits: u64, cut: &Cut, acknowledged: &Arc<Mutex<u32>>) {
    let (of, cut, acknowledged) = (disk.clone(), Arc::clone(cut), Arc::clone(acknowledged));
    disk.at_the_next_write(move || {
        if moment > 0 {
            return arm(&of, moment - 1, bits, &cut, &acknowledged);
        }
        let mut next = numbers(bits);
        let left = of.after_power_failed(|| next().is_multiple_of(2));
        *cut.lock().unwrap() = Some((left, *acknowledged.lock().unwrap()));
    });
}
