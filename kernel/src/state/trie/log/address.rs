use super::{LogKey, Path, Place};

/// Most nibbles of a log's path: the number of the height's, these, and the id's.
const NIBBLES: usize = 1 + 16 + 64;

/// The place of a record of a log's trie, as peers name it. Ordered as the log is; what is above
/// comes before what is below it.
///
/// Layout: depth (u8, the number of nibbles), then the nibbles, two a byte, the last byte padded
/// with a zero nibble.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Address(pub(in crate::state::trie) Place);

impl Address {
    /// Where every trie begins.
    pub const ROOT: Self = Self(Place::ROOT);
    /// Longest encoding, in bytes.
    pub const MAX_BYTES: usize = 1 + NIBBLES.div_ceil(2);

    /// The encoding.
    pub fn to_bytes(self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(8);
        self.0.address(&mut bytes);
        bytes
    }

    /// Reads an encoding; `None` if it is not exactly one.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (depth, nibbles) = bytes.split_first()?;
        let depth = usize::from(*depth);
        if depth > NIBBLES || nibbles.len() != depth.div_ceil(2) {
            return None;
        }
        let nibble = |at: usize| {
            let byte = nibbles.get(at / 2).copied().unwrap_or(0);
            usize::from(if at.is_multiple_of(2) { byte >> 4 } else { byte & 0xf })
        };
        let padded = depth.is_multiple_of(2) || nibble(depth) == 0;
        let path = (0..depth).fold(Path::ROOT, |path, at| path.with(at, nibble(at)));
        padded.then_some(Self(Place { path, depth }))
    }

    /// Whether everything below comes after that event.
    pub fn is_after(&self, key: LogKey) -> bool {
        key.path() < self.0.path
    }
}
