//! A record as it is sent.
//!
//! - A bucket: `00`, then each key (height ‖ id, 40 bytes); the leaves follow from the keys.
//! - An inner record: its bytes; or, towards who hinted at children that are the same here: `02`,
//!   the bitmap of all children, that of those that follow, then these as in a record. The others
//!   are what who hinted has.
//!
use myrhiza_kernel_api::Hash;

use super::hints::{Hint, HintChild};
use super::{LOG_KEY_BYTES, LogKey, Record};
use crate::state::trie::log_leaf;
use crate::state::trie::record::{Child, Children, Leaf};

const TAG_BUCKET: u8 = 0;
const TAG_SHORT: u8 = 2;

/// What a peer sent.
pub(super) enum Sent {
    Inner(Box<Children>),
    Leaves(Vec<LogKey>),
}

/// What to send for a record to who hinted that.
pub(super) fn encode(stored: &[u8], record: &Record<'_>, hint: &Hint) -> Vec<u8> {
    match (record, hint) {
        (Record::Bucket(leaves), _) => bucket(leaves.iter().map(|leaf| leaf.key)),
        (Record::Inner(children), Hint::Inner(hinted)) => {
            short(children, hinted).unwrap_or_else(|| stored.to_vec())
        }
        (Record::Inner(_), _) => stored.to_vec(),
    }
}

/// An inner record without the children that are as hinted, if there are any.
fn short(children: &Children, hinted: &[Option<HintChild>; 16]) -> Option<Vec<u8>> {
    let (mut all, mut sent, mut rest) = (0u16, 0u16, Vec::new());
    for (nibble, (child, hinted)) in children.iter().zip(hinted).enumerate() {
        let Some(child) = child else { continue };
        all |= 1 << nibble;
        if !hinted.as_ref().is_some_and(|hinted| hinted.is_of(child)) {
            sent |= 1 << nibble;
            rest.extend(child.hash.0);
            rest.extend(child.count.to_be_bytes());
        }
    }
    let bytes = || [&[TAG_SHORT][..], &all.to_be_bytes(), &sent.to_be_bytes(), &rest].concat();
    (sent != all).then(bytes)
}

/// Puts a short record together with the children that are here; `None` if it is none.
fn complete(rest: &[u8], here: &Children) -> Option<Vec<u8>> {
    let (all, rest) = rest.split_first_chunk()?;
    let (sent, mut rest) = rest.split_first_chunk()?;
    let (all, sent) = (u16::from_be_bytes(*all), u16::from_be_bytes(*sent));
    let mut children: Children = [None; 16];
    for (nibble, child) in children.iter_mut().enumerate().filter(|(n, _)| all >> n & 1 == 1) {
        *child = here[nibble];
        if sent >> nibble & 1 == 1 {
            let (hash, after) = rest.split_first_chunk()?;
            let (count, after) = after.split_first_chunk()?;
            let (hash, count) = (Hash(*hash), u64::from_be_bytes(*count));
            *child = Some(Child { hash, count });
            rest = after;
        }
    }
    (rest.is_empty() && sent & !all == 0).then(|| Record::Inner(Box::new(children)).encode())
}

/// Whether a record is one that was put together with what is here: if it is not what it should
/// be, it need not be a lie.
pub(super) fn is_short(sent: &[u8]) -> bool {
    sent.first() == Some(&TAG_SHORT)
}

fn bucket<'k>(keys: impl Iterator<Item = &'k [u8]>) -> Vec<u8> {
    let mut out = vec![TAG_BUCKET];
    keys.for_each(|key| out.extend_from_slice(key));
    out
}

/// Reads what was sent, with what a record above says of it; `None` if it is no record. `here` are
/// the children this side has there, if any.
pub(super) fn decode(sent: &[u8], here: Option<&Children>) -> Option<(Sent, Child)> {
    if let Some((&TAG_SHORT, rest)) = sent.split_first() {
        let whole = complete(rest, here?)?;
        return match whole.first() {
            Some(&TAG_SHORT) => None,
            _ => decode(&whole, None),
        };
    }
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
