//! Where a key stands in a trie: a string of nibbles, compared as bytes.

use myrhiza_kernel_api::{EventId, Hash};

use super::Shape;
use crate::hash::{Context, derive};

/// Bytes of a path: 81 nibbles for the longest of the log.
const PATH_BYTES: usize = 41;
/// Bytes of a log key: height (u64, big-endian) and event id.
pub(super) const LOG_KEY_BYTES: usize = 8 + EventId::LEN;

/// The nibbles of one key, padded with zeros. No path of a shape is a prefix of another's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Path([u8; PATH_BYTES]);

impl Path {
    /// The start of every path.
    pub(super) const ROOT: Self = Self([0; PATH_BYTES]);

    /// The path of a key, or `None` if the shape has no such key.
    pub(super) fn of(shape: Shape, key: &[u8]) -> Option<Self> {
        match shape {
            Shape::State => Some(Self::of_state(key)),
            Shape::Log => Some(Self::of_log(key.try_into().ok()?)),
        }
    }

    /// 64 nibbles: the hash of the key.
    pub(super) fn of_state(key: &[u8]) -> Self {
        let mut path = Self::ROOT;
        let (nibbles, _) = path.0.split_at_mut(Hash::LEN);
        nibbles.copy_from_slice(derive(Context::StatePath, &[key]).as_bytes());
        path
    }

    /// The number of significant nibbles of the height less one, these nibbles, then the id's 64.
    ///
    /// It orders as `height ‖ id` does, without the chain of single children that the leading
    /// zeros of a u64 would be.
    pub(super) fn of_log(key: &[u8; LOG_KEY_BYTES]) -> Self {
        let (height, id) = key.split_at(8);
        let height = height.iter().fold(0u64, |height, byte| height << 8 | u64::from(*byte));
        let significant = height.max(1).ilog2() as usize / 4 + 1;
        let mut path = Self::ROOT.with(0, significant - 1);
        for n in 0..significant {
            path = path.with(1 + n, (height >> (4 * (significant - 1 - n))) as usize & 0xf);
        }
        // The id's bytes are whole ones of the path, or halves of two.
        let (odd, at) = (significant.is_multiple_of(2), significant.div_ceil(2));
        let (_, rest) = path.0.split_at_mut(at);
        if odd {
            let mut half = rest.first().copied().unwrap_or(0);
            for (byte, to) in id.iter().chain(&[0]).zip(rest) {
                *to = half | byte >> 4;
                half = byte << 4;
            }
        } else {
            rest.iter_mut().zip(id).for_each(|(to, byte)| *to = *byte);
        }
        path
    }

    /// The nibble at `depth`; 0 past the end.
    pub(super) fn nibble(&self, depth: usize) -> usize {
        let byte = self.0.get(depth / 2).copied().unwrap_or(0);
        usize::from(if depth.is_multiple_of(2) { byte >> 4 } else { byte & 0xf })
    }

    /// This path with another nibble at `depth`.
    pub(super) fn with(mut self, depth: usize, nibble: usize) -> Self {
        if let Some(byte) = self.0.get_mut(depth / 2) {
            let nibble = nibble as u8 & 0xf;
            *byte = match depth.is_multiple_of(2) {
                true => *byte & 0x0f | nibble << 4,
                false => *byte & 0xf0 | nibble,
            };
        }
        self
    }
}

/// Where a record stands: the first `depth` nibbles of a path. Ordered by path, what is above
/// before what is below it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    pub(super) path: Path,
    pub(super) depth: usize,
}

impl Place {
    /// Where every trie begins.
    pub(super) const ROOT: Self = Self { path: Path::ROOT, depth: 0 };

    /// The place under `nibble`.
    pub(super) fn child(&self, nibble: usize) -> Self {
        Self { path: self.path.with(self.depth, nibble), depth: self.depth + 1 }
    }

    /// The place above with so many nibbles.
    pub(super) fn up_to(&self, depth: usize) -> Self {
        let path = (depth..self.depth).fold(self.path, |path, at| path.with(at, 0));
        Self { path, depth: depth.min(self.depth) }
    }

    /// Whether a path goes through here.
    pub(super) fn is_on(&self, path: &Path) -> bool {
        (0..self.depth).all(|depth| path.nibble(depth) == self.path.nibble(depth))
    }

    /// Appends the address: the depth (u8), then the nibbles, two a byte, the last byte padded
    /// with zero.
    pub(super) fn address(&self, out: &mut Vec<u8>) {
        let Self { path, depth } = self;
        out.push(*depth as u8);
        out.extend(path.0.iter().take(depth / 2));
        if !depth.is_multiple_of(2) {
            out.push((path.nibble(depth - 1) as u8) << 4);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn log_key(height: u64, id: [u8; 32]) -> Vec<u8> {
        [&height.to_be_bytes()[..], &id].concat()
    }

    /// Heights of every length.
    fn height() -> impl Strategy<Value = u64> {
        (any::<u64>(), 0..64u32).prop_map(|(height, shift)| height >> shift)
    }

    proptest! {
        #[test]
        fn log_paths_order_as_height_and_id(
            a in (height(), any::<[u8; 32]>()), b in (height(), any::<[u8; 32]>()),
        ) {
            let (a, b) = (log_key(a.0, a.1), log_key(b.0, b.1));
            let path = |key: &[u8]| Path::of(Shape::Log, key).unwrap();
            prop_assert_eq!(path(&a).cmp(&path(&b)), a.cmp(&b));
        }
    }

    #[test]
    fn a_log_path_is_length_height_and_id() {
        let path = Path::of(Shape::Log, &log_key(0x1a2, [0xbc; 32])).unwrap();
        let nibbles: Vec<_> = (0..6).map(|depth| path.nibble(depth)).collect();
        assert_eq!(nibbles, [2, 1, 0xa, 2, 0xb, 0xc]);
        assert_eq!(Path::of(Shape::Log, &log_key(0, [0; 32])), Some(Path::ROOT));
        assert_eq!(Path::of(Shape::Log, &[0; 39]), None);
    }

    #[test]
    fn an_address_is_the_depth_and_the_nibbles_above() {
        let path = Path::ROOT.with(0, 0xa).with(1, 0xb).with(2, 0xc);
        let address = |depth| {
            let mut out = Vec::new();
            Place { path, depth }.address(&mut out);
            out
        };
        assert_eq!(address(0), [0]);
        assert_eq!(address(1), [1, 0xa0]);
        assert_eq!(address(2), [2, 0xab]);
        assert_eq!(address(3), [3, 0xab, 0xc0]);
    }
}
