//! A proof that a key has a leaf under a root, or has none.
//!
//! The bytes: version (1), then the records from the root down to the one that decides, each after
//! its length (u16, big-endian). The last is the bucket on the key's path, or an inner record
//! without a child there.

use myrhiza_kernel_api::{EventId, Hash, Snapshot};

use super::path::{Path, Place};
use super::record::{Child, Record};
use super::{StateError, Trie, log_key, log_leaf};

const VERSION: u8 = 1;

/// Why bytes are no proof for a key under a root.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProofError {
    /// A later version.
    #[error("the proof has version {0}, this program reads version {VERSION}: update needed")]
    Version(u8),
    /// Not a list of records, or records missing or left over.
    #[error("the proof is damaged; ask for it again")]
    Malformed,
    /// A record is not the one the record above it, or the root, names.
    #[error("the proof does not belong to this root; ask for it again, or compare roots")]
    Root,
}

impl Trie {
    /// The proof for `key` (side ‖ key, or height ‖ id), whether it is there or not. Its size
    /// grows with the logarithm of the number of leaves: about 3 kB for a million.
    ///
    /// # Errors
    /// [`StateError`]
    pub fn prove(&self, from: &dyn Snapshot, key: &[u8]) -> Result<Vec<u8>, StateError> {
        let path = Path::of(self.shape, key);
        let path = path.ok_or_else(|| self.damaged("was asked for a key of another size"))?;
        let mut proof = vec![VERSION];
        let mut add = |bytes: &[u8]| {
            proof.extend((bytes.len() as u16).to_be_bytes());
            proof.extend(bytes);
        };
        let mut place = Place::ROOT;
        match self.load(from, place)? {
            None => add(&Record::Bucket(Vec::new()).encode()),
            Some(root) => {
                let mut bytes = root;
                loop {
                    add(&bytes);
                    let nibble = path.nibble(place.depth);
                    match self.decode(&bytes)? {
                        Record::Inner(children) if children[nibble].is_some() => {
                            place = place.child(nibble);
                            bytes = self.load_named(from, place)?;
                        }
                        _ => break,
                    }
                }
            }
        }
        Ok(proof)
    }
}

/// The leaf of `key` (side ‖ key) in the state with this root, or `None` if it has none. To check
/// a value, compare with [`super::state_leaf`].
///
/// # Errors
/// [`ProofError`]: nothing is proved.
pub fn verify_state(root: Hash, key: &[u8], proof: &[u8]) -> Result<Option<Hash>, ProofError> {
    verify(root, Path::of_state(key), key, proof)
}

/// Whether an event is in the log with this root.
///
/// # Errors
/// [`ProofError`]: nothing is proved.
pub fn verify_log(root: Hash, height: u64, id: EventId, proof: &[u8]) -> Result<bool, ProofError> {
    let key = log_key(height, id);
    Ok(verify(root, Path::of_log(&key), &key, proof)? == Some(log_leaf(&key)))
}

fn verify(root: Hash, path: Path, key: &[u8], proof: &[u8]) -> Result<Option<Hash>, ProofError> {
    let (version, mut rest) = proof.split_first().ok_or(ProofError::Malformed)?;
    if *version != VERSION {
        return Err(ProofError::Version(*version));
    }
    let mut named: Option<Child> = None;
    for depth in 0.. {
        let (bytes, after) = split_record(rest).ok_or(ProofError::Malformed)?;
        let record = Record::decode(bytes).ok_or(ProofError::Malformed)?;
        let child = record.summary(bytes);
        if named.map_or(child.hash != root, |named| child != named) {
            return Err(ProofError::Root);
        }
        rest = after;
        let decided = match record {
            Record::Inner(children) => match children[path.nibble(depth)] {
                None => None,
                below => {
                    named = below;
                    continue;
                }
            },
            Record::Bucket(leaves) => leaves.iter().find(|l| l.key == key).map(|l| l.hash),
        };
        return if rest.is_empty() { Ok(decided) } else { Err(ProofError::Malformed) };
    }
    Err(ProofError::Malformed)
}

fn split_record(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (len, rest) = bytes.split_first_chunk()?;
    rest.split_at_checked(u16::from_be_bytes(*len).into())
}
