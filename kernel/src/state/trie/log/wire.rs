//! A record as it is sent. An inner record: its bytes. A bucket: its tag, then each key (height ‖
//! id, 40 bytes); the leaves follow from the keys.

use super::{LOG_KEY_BYTES, LogKey, Record};
use crate::state::trie::log_leaf;
use crate::state::trie::record::{Child, Children, Leaf};

const TAG_BUCKET: u8 = 0;

/// What a peer sent.
pub(super) enum Sent {
    Inner(Box<Children>),
    Leaves(Vec<LogKey>),
}

/// What to send for a record.
pub(super) fn encode(stored: &[u8], record: &Record<'_>) -> Vec<u8> {
    match record {
        Record::Inner(_) => stored.to_vec(),
        Record::Bucket(leaves) => bucket(leaves.iter().map(|leaf| leaf.key)),
    }
}

fn bucket<'k>(keys: impl Iterator<Item = &'k [u8]>) -> Vec<u8> {
    let mut out = vec![TAG_BUCKET];
    keys.for_each(|key| out.extend_from_slice(key));
    out
}

/// Reads what was sent, with what a record above says of it; `None` if it is no record.
pub(super) fn decode(sent: &[u8]) -> Option<(Sent, Child)> {
    if let Some((&TAG_BUCKET, keys)) = sent.split_first() {
        let (keys, []) = keys.as_chunks::<LOG_KEY_BYTES>() else { return None };
        let summary = summary(keys.iter().map(|key| &key[..]));
        // The strict reader is the judge of order and number.
        let keys = keys.iter().map(|key| LogKey::read(key)).collect::<Option<_>>()?;
        return Some((Sent::Leaves(keys), summary?));
    }
    match Record::decode(sent)? {
        Record::Bucket(_) => None,
        inner @ Record::Inner(_) => {
            let summary = inner.summary(sent);
            let Record::Inner(children) = inner else { return None };
            Some((Sent::Inner(children), summary))
        }
    }
}

/// What a record above says of a bucket with these keys; `None` if there is no such bucket.
pub(super) fn summary<'k>(keys: impl Iterator<Item = &'k [u8]>) -> Option<Child> {
    let leaves = keys.map(|key| Leaf { key, hash: log_leaf(key) }).collect();
    let bytes = Record::Bucket(leaves).encode();
    Some(Record::decode(&bytes)?.summary(&bytes))
}
