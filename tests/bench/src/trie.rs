//! Stores on disk with a trie of a wanted size and nothing else.

use std::ops::Range;

use myrhiza_kernel::schema;
use myrhiza_kernel::state::trie::{Change, Trie};
use myrhiza_kernel::state::{Overlay, StateMap};
use myrhiza_kernel_api::{EventId, Snapshot, Store, TopicId};
use myrhiza_store_lmdb::{LmdbStore, MAP_BYTES};

/// The one topic of a [`Home`].
pub const TOPIC: TopicId = TopicId([0x5a; 32]);

/// A store over LMDB in a folder that goes with it.
pub struct Home {
    /// The store.
    pub store: LmdbStore,
    _folder: tempfile::TempDir,
}

impl Home {
    /// A home without anything.
    pub fn empty() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = LmdbStore::open(folder.path(), schema::ALL, MAP_BYTES).unwrap();
        Self { store, _folder: folder }
    }

    /// A home with that many keys of state, and the trie over them.
    pub fn with_state(keys: u32) -> Self {
        let home = Self::empty();
        home.in_batches(keys, |overlay, range| {
            range.clone().for_each(|n| set(overlay, n, 0));
            let changed = range.map(trie_key);
            Trie::update_state(TOPIC, overlay, changed).unwrap();
        });
        home
    }

    /// A home with the trie over a log of that many events, two at each height.
    pub fn with_log(events: u32) -> Self {
        let home = Self::empty();
        home.in_batches(events, |overlay, range| {
            let changes = range.map(|n| Change::log(u64::from(n / 2), event(n))).collect();
            Trie::log(TOPIC).apply(overlay, changes).unwrap();
        });
        home
    }

    fn in_batches(&self, total: u32, fill: impl Fn(&mut Overlay, Range<u32>)) {
        const BATCH: u32 = 100_000;
        for from in (0..total).step_by(BATCH as usize) {
            let mut overlay = self.overlay();
            fill(&mut overlay, from..total.min(from + BATCH));
            self.store.commit(overlay.into_batch()).unwrap();
        }
    }

    /// A view of what is committed.
    pub fn snapshot(&self) -> Box<dyn Snapshot> {
        self.store.snapshot().unwrap()
    }

    /// An overlay above what is committed.
    pub fn overlay(&self) -> Overlay {
        Overlay::new(self.snapshot())
    }
}

/// The guest key number `n`.
pub fn key(n: u32) -> Vec<u8> {
    format!("item/{n:08}").into_bytes()
}

/// The same as the trie is keyed.
pub fn trie_key(n: u32) -> Vec<u8> {
    [&[1], &*key(n)].concat()
}

/// Sets key number `n` to a value of 16 bytes.
pub fn set(overlay: &mut Overlay, n: u32, value: u64) {
    StateMap::guest(TOPIC).set(overlay, &key(n), [value.to_be_bytes(); 2].concat());
}

/// An id as a hash would be: spread, and the same each time.
pub fn event(n: u32) -> EventId {
    let mut id = [0; 32];
    for (at, word) in id.chunks_exact_mut(8).enumerate() {
        word.copy_from_slice(&scatter(u64::from(n) * 4 + at as u64).to_be_bytes());
    }
    EventId(id)
}

/// A bijection of numbers without visible order (the finaliser of SplitMix64).
pub fn scatter(n: u64) -> u64 {
    let n = n.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let n = (n ^ n >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let n = (n ^ n >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    n ^ n >> 31
}
