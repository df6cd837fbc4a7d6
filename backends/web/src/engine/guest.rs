//! A component's memory, and values in it.
//!
//! Values are checked, copied and placed in the order in which Wasmtime does it. Sums are made in 64
//! bits, so none wraps.

use std::cell::Cell;

use js_sys::WebAssembly::Memory;

use super::js::{Bytes, Core};
use super::stop::{Ends, Stop};

/// A live component, as its host functions and its caller see it.
pub(super) struct Guest {
    /// None where no value needs one.
    memory: Option<Bytes>,
    /// What makes room, by the index of the core function.
    reallocs: Vec<(usize, Core)>,
    /// Whether it may call its imports.
    may_leave: Cell<bool>,
}

/// Where an area for a value is, in memory.
#[derive(Clone, Copy)]
pub(super) struct Layout {
    pub(super) size: u32,
    pub(super) align: u32,
}

/// A pointer and a length; the same for a string.
pub(super) const LIST: Layout = Layout { size: 8, align: 4 };
/// A discriminant, and nothing or the number of a case.
pub(super) const KEPT: Layout = Layout { size: 2, align: 1 };
/// A discriminant, and 64 bits or the number of a case.
pub(super) const SUBMITTED: Layout = Layout { size: 16, align: 8 };
/// A discriminant and a list.
pub(super) const OPTION: Layout = Layout { size: 12, align: 4 };

impl Guest {
    pub(super) fn new(memory: Option<&Memory>, reallocs: Vec<(usize, Core)>) -> Self {
        Self { memory: memory.map(Bytes::of), reallocs, may_leave: Cell::new(true) }
    }

    /// Whether the component may call its imports.
    pub(super) fn may_leave(&self) -> bool {
        self.may_leave.get()
    }

    /// Runs code of the component's that may not call its imports.
    pub(super) fn kept_in<T>(&self, run: impl FnOnce() -> T) -> T {
        let before = self.may_leave.replace(false);
        let result = run();
        self.may_leave.set(before);
        result
    }

    fn memory(&self) -> Ends<&Bytes> {
        self.memory.as_ref().ok_or(Stop::Breach)
    }

    /// Checks that an area lies in memory and is aligned.
    pub(super) fn area(&self, at: u32, layout: Layout) -> Ends<()> {
        self.list(at, 1, layout)
    }

    /// Checks that a list does.
    pub(super) fn list(&self, at: u32, len: u32, element: Layout) -> Ends<()> {
        let end = u64::from(at) + u64::from(len) * u64::from(element.size);
        let fits = end <= self.memory()?.size();
        if fits && at.is_multiple_of(element.align) { Ok(()) } else { Err(Stop::Breach) }
    }

    /// The bytes of a list or string.
    pub(super) fn bytes(&self, at: u32, len: u32) -> Ends<Vec<u8>> {
        // Room for what is not there is not made.
        self.list(at, len, Layout { size: 1, align: 1 })?;
        let mut copied = vec![0; len as usize];
        if self.memory()?.load(at, &mut copied) { Ok(copied) } else { Err(Stop::Breach) }
    }

    /// The bytes of an area.
    pub(super) fn load<const N: usize>(&self, at: u32) -> Ends<[u8; N]> {
        let mut loaded = [0; N];
        if self.memory()?.load(at, &mut loaded) { Ok(loaded) } else { Err(Stop::Breach) }
    }

    /// Writes into an area.
    pub(super) fn store(&self, at: u32, bytes: &[u8]) -> Ends<()> {
        if self.memory()?.store(at, bytes) { Ok(()) } else { Err(Stop::Breach) }
    }

    /// Room for a value, from the component's own realloc.
    pub(super) fn realloc(&self, realloc: Option<usize>, align: u32, size: u32) -> Ends<u32> {
        let realloc = self.reallocs.iter().find(|(index, _)| Some(*index) == realloc);
        let (_, realloc) = realloc.ok_or(Stop::Breach)?;
        let at = self.kept_in(|| realloc.word_with4([0, 0, align, size])).map_err(Stop::Thrown)?;
        self.list(at, size, Layout { size: 1, align })?;
        Ok(at)
    }

    /// Puts bytes where the component's realloc says: a pointer and a length, as they are passed.
    pub(super) fn put(&self, realloc: Option<usize>, bytes: &[u8]) -> Ends<[u32; 2]> {
        let len = u32::try_from(bytes.len()).map_err(|_| Stop::Breach)?;
        let at = self.realloc(realloc, 1, len)?;
        self.store(at, bytes)?;
        Ok([at, len])
    }
}

/// The word at a place in loaded bytes, little-endian.
pub(super) fn word(bytes: &[u8], at: usize) -> u32 {
    let four = bytes.get(at..at + 4).and_then(|four| four.try_into().ok());
    u32::from_le_bytes(four.unwrap_or_default())
}

/// A pointer and a length as they lie in memory.
pub(super) fn pair([at, len]: [u32; 2]) -> [u8; 8] {
    (u64::from(len) << 32 | u64::from(at)).to_le_bytes()
}
