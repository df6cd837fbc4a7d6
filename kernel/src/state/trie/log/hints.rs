//! What the one who looks has below a place, in few bytes.
//!
//! Layout: levels (u8), then the place itself, at that level:
//!
//! - at level 0: nothing;
//! - where there is no inner record: `00`;
//! - else which children there are (`01`: all sixteen; `02`, then a bitmap (u16): those), the first
//!   [`HASH_BYTES`] of each one's hash, then each child a level lower.
//!
//! Hints choose what is answered and decide nothing: two hashes that start alike cost a question.

use super::{Address, LogTrie, Place, StateError, Subtree};
use crate::state::trie::record::Child;

/// Bytes of a hash in a hint.
const HASH_BYTES: usize = 3;
/// Most levels, which no log of a size that exists has.
const LEVELS: u8 = 16;
/// What stands at a place.
const NOTHING: u8 = 0;
const ALL: u8 = 1;
const SOME: u8 = 2;
/// Longest hints of one place, in bytes.
pub const HINT_BYTES: usize = 10 << 10;

impl LogTrie<'_> {
    /// Hints of what is below a place, over as many levels as fit `budget` bytes.
    ///
    /// # Errors
    /// [`StateError`]
    pub fn hints(&self, at: Address, budget: usize) -> Result<Vec<u8>, StateError> {
        let budget = budget.min(HINT_BYTES);
        let mut best = vec![0];
        for levels in 1..=LEVELS {
            let mut hints = vec![levels];
            if !self.hint(at.0, levels, budget, &mut hints)? || hints.len() > budget {
                break;
            }
            let all = best.len() == hints.len();
            best = hints;
            if all {
                break;
            }
        }
        Ok(best)
    }

    /// Appends one place; false if there is no room.
    fn hint(
        &self,
        place: Place,
        level: u8,
        budget: usize,
        out: &mut Vec<u8>,
    ) -> Result<bool, StateError> {
        if level == 0 {
            return Ok(true);
        }
        let Some(Subtree::Inner(children)) = self.load(place)? else {
            out.push(NOTHING);
            return Ok(true);
        };
        let there = || children.iter().enumerate().filter_map(|(n, child)| Some((n, (*child)?)));
        let bitmap = there().fold(0u16, |bitmap, (nibble, _)| bitmap | 1 << nibble);
        if bitmap == u16::MAX {
            out.push(ALL);
        } else {
            out.push(SOME);
            out.extend(bitmap.to_be_bytes());
        }
        for (_, child) in there() {
            out.extend(child.hash.0.iter().take(HASH_BYTES));
        }
        for (nibble, _) in there() {
            if out.len() > budget || !self.hint(place.child(nibble), level - 1, budget, out)? {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// The hints of one place, read.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Hint {
    /// Nothing is said: go no further.
    Unknown,
    /// They have no inner record there: everything below is of use.
    Nothing,
    /// What they have, by nibble.
    Inner(Box<[Option<HintChild>; 16]>),
}

/// What is hinted of a child.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct HintChild {
    /// The start of its hash.
    hash: [u8; HASH_BYTES],
    pub(super) below: Hint,
}

impl HintChild {
    /// Whether it may be this one.
    pub(super) fn is_of(&self, child: &Child) -> bool {
        child.hash.0.starts_with(&self.hash)
    }
}

impl Hint {
    /// Reads hints; `None` if they are not exactly that.
    pub(super) fn decode(bytes: &[u8]) -> Option<Self> {
        let (levels, mut rest) = bytes.split_first()?;
        if *levels > LEVELS || bytes.len() > HINT_BYTES {
            return None;
        }
        let hint = Self::read(*levels, &mut rest)?;
        rest.is_empty().then_some(hint)
    }

    fn read(level: u8, rest: &mut &[u8]) -> Option<Self> {
        if level == 0 {
            return Some(Self::Unknown);
        }
        let (what, after) = rest.split_first()?;
        *rest = after;
        let bitmap = match *what {
            NOTHING => return Some(Self::Nothing),
            ALL => u16::MAX,
            SOME => {
                let (bitmap, after) = rest.split_first_chunk()?;
                *rest = after;
                u16::from_be_bytes(*bitmap)
            }
            _ => return None,
        };
        // Each has one form.
        if *what == SOME && matches!(bitmap, 0 | u16::MAX) {
            return None;
        }
        let mut children: Box<[Option<HintChild>; 16]> = Box::default();
        let there = |nibble: usize| bitmap >> nibble & 1 == 1;
        for (_, child) in children.iter_mut().enumerate().filter(|(n, _)| there(*n)) {
            let (hash, after) = rest.split_first_chunk()?;
            *rest = after;
            *child = Some(HintChild { hash: *hash, below: Self::Unknown });
        }
        for child in children.iter_mut().flatten() {
            child.below = Self::read(level - 1, rest)?;
        }
        Some(Self::Inner(children))
    }
}
