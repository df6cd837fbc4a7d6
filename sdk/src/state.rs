//! Typed state: a name in the topic's map of bytes, and what lives under it.
//!
//! Each is a constant that holds nothing but its name, so it costs what is read and written,
//! never what there is:
//!
//! ```
//! use myrhiza_sdk::prelude::*;
//!
//! const TITLE: Cell<String> = Cell::new("title");
//! const SCORES: Map<Person, u64> = Map::new("scores");
//!
//! fn score(cx: &mut impl ApplyContext, points: u64) -> Option<()> {
//!     let person = cx.person();
//!     let score = SCORES.get(cx, &person).unwrap_or_default();
//!     SCORES.set(cx, &person, &score.checked_add(points)?);
//!     Some(())
//! }
//! ```
//!
//! A cell is stored under its name, an entry of a map, set or list under the name, a zero byte and
//! the key ([`crate::key`]); values as in [`crate::codec`]. Two things must not share a name. A key
//! of more than 384 bytes, name included, or a value of more than 1 MiB traps, so bound what
//! people may send.

mod cell;
mod entries;
mod list;
mod map;
mod set;

pub use cell::Cell;
pub use entries::Entries;
pub use list::List;
pub use map::Map;
pub use set::Set;

use crate::codec::Codec;
use crate::fault::fault;

/// Most bytes of a key, name included; a bound of a scan has no more either.
pub(crate) const KEY_BYTES: usize = 384;

/// A name, checked when the app is compiled.
#[derive(Clone, Copy)]
struct Name(&'static str);

impl Name {
    const fn new(name: &'static str) -> Self {
        let bytes = name.as_bytes();
        assert!(!bytes.is_empty() && bytes.len() <= 64, "a name of state has 1 to 64 bytes");
        let mut i = 0;
        while i < bytes.len() {
            assert!(bytes[i] != 0, "a name of state has no zero byte");
            i += 1;
        }
        Self(name)
    }

    /// Where the entries under it begin: everything below it and above nothing else.
    fn entries(self) -> Vec<u8> {
        let mut key = Vec::with_capacity(self.0.len() + 40);
        key.extend_from_slice(self.0.as_bytes());
        key.push(0);
        key
    }
}

fn value<T: Codec>(bytes: &[u8]) -> T {
    match T::from_bytes(bytes) {
        Ok(value) => value,
        Err(_) => fault("a value in the state is not of the type that reads it"),
    }
}
