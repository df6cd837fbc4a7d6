//! The two kinds of record, and their bytes: what is stored, hashed and sent as a proof.
//!
//! - bucket: `0`, then each leaf, ascending by key: length of the key (u16), key, leaf hash;
//! - inner: `1`, a bitmap of the children there are (u16, bit 0 the child under nibble 0), then
//!   each, ascending: its record's hash, the leaves under it (u64).
//!
//! Numbers are big-endian. A subtree of up to [`BUCKET`] leaves is a bucket, a larger one is an
//! inner record, so the leaves alone decide every record.

use myrhiza_kernel_api::{Hash, limits};

use crate::hash::{Context, derive};

/// Most leaves of a bucket.
pub(super) const BUCKET: usize = 16;
/// Longest key: a side and the longest key of a state map.
pub(super) const KEY_BYTES: usize = 1 + limits::STATE_KEY_BYTES;

const TAG_BUCKET: u8 = 0;
const TAG_INNER: u8 = 1;

/// A key of the trie and the hash of what it stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Leaf<'a> {
    pub(super) key: &'a [u8],
    pub(super) hash: Hash,
}

/// What an inner record says of a subtree: the hash of its record, and its leaves' number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Child {
    pub(super) hash: Hash,
    pub(super) count: u64,
}

/// By nibble.
pub(super) type Children = [Option<Child>; 16];

/// A record, read strictly: bytes that read are the only bytes of what they say.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Record<'a> {
    Bucket(Vec<Leaf<'a>>),
    Inner(Box<Children>),
}

impl<'a> Record<'a> {
    /// Reads a record; `None` if it is not exactly one in its one form.
    pub(super) fn decode(bytes: &'a [u8]) -> Option<Self> {
        match bytes.split_first()? {
            (&TAG_BUCKET, rest) => decode_bucket(rest).map(Record::Bucket),
            (&TAG_INNER, rest) => decode_inner(rest).map(Record::Inner),
            _ => None,
        }
    }

    /// The bytes.
    pub(super) fn encode(&self) -> Vec<u8> {
        match self {
            Record::Bucket(leaves) => {
                let mut out = Vec::with_capacity(
                    leaves.iter().map(|leaf| 2 + leaf.key.len() + Hash::LEN).sum::<usize>() + 1,
                );
                out.push(TAG_BUCKET);
                for leaf in leaves {
                    out.extend((leaf.key.len() as u16).to_be_bytes());
                    out.extend(leaf.key);
                    out.extend(leaf.hash.0);
                }
                out
            }
            Record::Inner(children) => {
                let there = children.iter().enumerate().filter(|(_, child)| child.is_some());
                let bitmap = there.fold(0u16, |bitmap, (nibble, _)| bitmap | 1 << nibble);
                let mut out = Vec::with_capacity(3 + 16 * (Hash::LEN + 8));
                out.push(TAG_INNER);
                out.extend(bitmap.to_be_bytes());
                for child in children.iter().flatten() {
                    out.extend(child.hash.0);
                    out.extend(child.count.to_be_bytes());
                }
                out
            }
        }
    }

    /// Leaves under the record. (A decoded one's fit a u64.)
    pub(super) fn count(&self) -> u64 {
        match self {
            Record::Bucket(leaves) => leaves.len() as u64,
            Record::Inner(children) => total(children).unwrap_or(u64::MAX),
        }
    }

    /// What an inner record above says of this one, given its bytes.
    pub(super) fn summary(&self, bytes: &[u8]) -> Child {
        let context = match self {
            Record::Bucket(_) => Context::TrieBucket,
            Record::Inner(_) => Context::TrieInner,
        };
        Child { hash: derive(context, &[bytes]), count: self.count() }
    }
}

/// Leaves under an inner record, if they fit a u64.
pub(super) fn total(children: &Children) -> Option<u64> {
    children.iter().flatten().try_fold(0u64, |sum, child| sum.checked_add(child.count))
}

fn decode_bucket(mut rest: &[u8]) -> Option<Vec<Leaf<'_>>> {
    let mut leaves = Vec::with_capacity(BUCKET);
    let mut before: &[u8] = &[];
    while !rest.is_empty() {
        let (len, after) = rest.split_first_chunk()?;
        let (key, after) = after.split_at_checked(u16::from_be_bytes(*len).into())?;
        let (hash, after) = after.split_first_chunk()?;
        // An empty key is refused by the first comparison: it is not above nothing.
        if key <= before || key.len() > KEY_BYTES || leaves.len() == BUCKET {
            return None;
        }
        leaves.push(Leaf { key, hash: Hash(*hash) });
        (before, rest) = (key, after);
    }
    Some(leaves)
}

fn decode_inner(rest: &[u8]) -> Option<Box<Children>> {
    let (bitmap, mut rest) = rest.split_first_chunk()?;
    let bitmap = u16::from_be_bytes(*bitmap);
    let mut children = Box::new([None; 16]);
    for (nibble, child) in children.iter_mut().enumerate() {
        if bitmap >> nibble & 1 == 1 {
            let (hash, after) = rest.split_first_chunk()?;
            let (count, after) = after.split_first_chunk()?;
            let count = u64::from_be_bytes(*count);
            if count == 0 {
                return None;
            }
            *child = Some(Child { hash: Hash(*hash), count });
            rest = after;
        }
    }
    let more_than_a_bucket = total(&children)? > BUCKET as u64;
    (rest.is_empty() && more_than_a_bucket).then_some(children)
}

#[cfg(test)]
mod tests {
    use proptest::collection::{btree_map, vec};
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_written_reads_back(leaves in btree_map(vec(any::<u8>(), 1..9), any::<[u8; 32]>(), 0..=BUCKET)) {
            let leaves = leaves.iter().map(|(key, hash)| Leaf { key, hash: Hash(*hash) });
            let bucket = Record::Bucket(leaves.collect());
            let bytes = bucket.encode();
            prop_assert_eq!(Record::decode(&bytes), Some(bucket));
        }

        #[test]
        fn what_reads_is_written_the_same(bytes in vec(any::<u8>(), 0..120), tag in 0..3u8, small: bool) {
            let mut bytes = [vec![tag], bytes].concat();
            if small && bytes.len() > 3 {
                // A short key or a bitmap with one child, so that some of them do read.
                bytes[1] = 0;
                bytes[2] = 1;
            }
            if let Some(record) = Record::decode(&bytes) {
                prop_assert_eq!(record.encode(), bytes);
            }
        }
    }

    #[test]
    fn other_forms_of_a_record_are_refused() {
        let (one, many) = (Some(Child { hash: Hash([1; 32]), count: 1 }), 20);
        let bad = |children: Children| {
            Record::decode(&Record::Inner(Box::new(children)).encode()).is_none()
        };
        let mut children = [None; 16];
        assert!(bad(children), "no child");
        children[3] = one;
        assert!(bad(children), "fits a bucket");
        children[4] = Some(Child { hash: Hash([2; 32]), count: u64::MAX });
        assert!(bad(children), "more leaves than a u64");
        children[4] = Some(Child { hash: Hash([2; 32]), count: many });
        assert!(!bad(children));
        children[5] = Some(Child { hash: Hash([2; 32]), count: 0 });
        assert!(bad(children), "an empty child");

        let leaf = |key| Leaf { key, hash: Hash([3; 32]) };
        let bad = |leaves| Record::decode(&Record::Bucket(leaves).encode()).is_none();
        assert!(bad(vec![leaf(b"")]), "empty key");
        assert!(bad(vec![leaf(b"b"), leaf(b"a")]), "descending");
        assert!(bad(vec![leaf(b"a"), leaf(b"a")]), "twice");
        assert!(bad(vec![leaf(&[0; KEY_BYTES + 1])]), "long key");
        let keys: Vec<_> = (0..17u8).map(|n| [n + 1]).collect();
        assert!(bad(keys.iter().map(|key| leaf(key)).collect()), "seventeen leaves");
    }
}
