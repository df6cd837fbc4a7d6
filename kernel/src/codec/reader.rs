//! The one way bytes are read.

use minicbor::Decoder;
use minicbor::decode::Error;

use super::{CodecError, Fault};

/// Reads items in order, refusing any form [`super::Writer`] does not produce.
#[derive(Debug)]
pub struct Reader<'b> {
    what: &'static str,
    decoder: Decoder<'b>,
}

/// Bytes the head of an item with this number (value or length) has in its shortest form.
const fn head_bytes(n: u64) -> usize {
    match n {
        0..=0x17 => 1,
        0x18..=0xff => 2,
        0x100..=0xffff => 3,
        0x1_0000..=0xffff_ffff => 5,
        _ => 9,
    }
}

impl<'b> Reader<'b> {
    /// A reader of `what`, an article and a noun for errors.
    ///
    /// # Errors
    /// [`Fault::TooLarge`] if there are more than `max` bytes.
    pub fn new(what: &'static str, bytes: &'b [u8], max: usize) -> Result<Self, CodecError> {
        let reader = Self { what, decoder: Decoder::new(bytes) };
        match bytes.len() {
            got if got > max => Err(reader.malformed(0, Fault::TooLarge { max, got })),
            _ => Ok(reader),
        }
    }

    /// Bytes consumed so far.
    pub fn position(&self) -> usize {
        self.decoder.position()
    }

    /// The bytes consumed since `start`, a former [`Self::position`].
    pub fn consumed_since(&self, start: usize) -> &'b [u8] {
        self.decoder.input().get(start..self.position()).unwrap_or_default()
    }

    /// An error about the item that started at `at`.
    #[cold]
    pub fn malformed(&self, at: usize, fault: Fault) -> CodecError {
        CodecError::Malformed { what: self.what, at, fault }
    }

    #[cold]
    fn refused(&self, at: usize, error: &Error, want: &'static str) -> CodecError {
        let fault = if error.is_end_of_input() { Fault::Truncated } else { Fault::Type { want } };
        self.malformed(at, fault)
    }

    /// Refuses the item from `at` to here, less `content` bytes, if its head is longer than `n` needs.
    #[inline]
    fn shortest(&self, at: usize, content: usize, n: u64) -> Result<(), CodecError> {
        if self.position() - at - content == head_bytes(n) {
            Ok(())
        } else {
            Err(self.malformed(at, Fault::NotShortest))
        }
    }

    /// An array's length between `min` and `max`.
    ///
    /// # Errors
    /// [`CodecError`]
    #[inline]
    pub fn array(
        &mut self,
        field: &'static str,
        min: usize,
        max: usize,
    ) -> Result<usize, CodecError> {
        const WANT: &str = "an array";
        let at = self.position();
        let got = match self.decoder.array() {
            Ok(Some(got)) => got,
            Ok(None) => return Err(self.malformed(at, Fault::Type { want: WANT })),
            Err(e) => return Err(self.refused(at, &e, WANT)),
        };
        self.shortest(at, 0, got)?;
        match usize::try_from(got) {
            Ok(len) if (min..=max).contains(&len) => Ok(len),
            _ => Err(self.malformed(at, Fault::Length { field, min, max, got })),
        }
    }

    /// The head of an array of exactly `len` items.
    ///
    /// # Errors
    /// [`CodecError`]
    #[inline]
    pub fn fields(&mut self, what: &'static str, len: usize) -> Result<(), CodecError> {
        self.array(what, len, len).map(drop)
    }

    /// The head of an array of `len` items, the first of which is the number `known`: how every
    /// versioned thing starts. The version is looked at before the length.
    ///
    /// # Errors
    /// [`CodecError::UpdateNeeded`] for another version; else [`CodecError`].
    #[inline]
    pub fn versioned(
        &mut self,
        what: &'static str,
        known: u64,
        len: usize,
    ) -> Result<(), CodecError> {
        let at = self.position();
        let got = self.array(what, 1, usize::MAX)?;
        let version = self.u64()?;
        if version != known {
            return Err(self.update_needed("version", version));
        }
        if got != len {
            let got = got as u64;
            return Err(self.malformed(at, Fault::Length { field: what, min: len, max: len, got }));
        }
        Ok(())
    }

    /// An error that tells of a later version.
    #[cold]
    pub fn update_needed(&self, field: &'static str, found: u64) -> CodecError {
        CodecError::UpdateNeeded { what: self.what, field, found }
    }

    /// An unsigned integer.
    ///
    /// # Errors
    /// [`CodecError`]
    #[inline]
    pub fn u64(&mut self) -> Result<u64, CodecError> {
        let at = self.position();
        let n = match self.decoder.u64() {
            Ok(n) => n,
            Err(e) => return Err(self.refused(at, &e, "an unsigned integer")),
        };
        self.shortest(at, 0, n)?;
        Ok(n)
    }

    /// An unsigned integer below 2^32.
    ///
    /// # Errors
    /// [`CodecError`]
    #[inline]
    pub fn u32(&mut self, field: &'static str) -> Result<u32, CodecError> {
        let at = self.position();
        let got = self.u64()?;
        u32::try_from(got).map_err(|_| self.malformed(at, Fault::Value { field, got }))
    }

    /// A boolean.
    ///
    /// # Errors
    /// [`CodecError`]
    #[inline]
    pub fn bool(&mut self) -> Result<bool, CodecError> {
        let at = self.position();
        self.decoder.bool().map_err(|e| self.refused(at, &e, "true or false"))
    }

    /// A byte string of at most `max` bytes, borrowed from the input.
    ///
    /// # Errors
    /// [`CodecError`]
    #[inline]
    pub fn bytes(&mut self, field: &'static str, max: usize) -> Result<&'b [u8], CodecError> {
        let at = self.position();
        let bytes = match self.decoder.bytes() {
            Ok(bytes) => bytes,
            Err(e) => return Err(self.refused(at, &e, "a byte string")),
        };
        let got = bytes.len() as u64;
        self.shortest(at, bytes.len(), got)?;
        if bytes.len() > max {
            return Err(self.malformed(at, Fault::Length { field, min: 0, max, got }));
        }
        Ok(bytes)
    }

    /// A byte string of exactly `N` bytes: an id, a key, a signature.
    ///
    /// # Errors
    /// [`CodecError`]
    #[inline]
    pub fn fixed<const N: usize>(&mut self, field: &'static str) -> Result<[u8; N], CodecError> {
        let at = self.position();
        let bytes = self.bytes(field, usize::MAX)?;
        bytes.try_into().map_err(|_| {
            let got = bytes.len() as u64;
            self.malformed(at, Fault::Length { field, min: N, max: N, got })
        })
    }

    /// A text string of at most `max` bytes, borrowed from the input.
    ///
    /// # Errors
    /// [`CodecError`]
    pub fn text(&mut self, field: &'static str, max: usize) -> Result<&'b str, CodecError> {
        let at = self.position();
        let text = self.decoder.str().map_err(|e| {
            if e.is_end_of_input() || e.is_type_mismatch() {
                self.refused(at, &e, "a text string")
            } else {
                self.malformed(at, Fault::Utf8 { field })
            }
        })?;
        let got = text.len() as u64;
        self.shortest(at, text.len(), got)?;
        if text.len() > max {
            return Err(self.malformed(at, Fault::Length { field, min: 0, max, got }));
        }
        Ok(text)
    }

    /// `None` for null, else what `some` reads.
    ///
    /// # Errors
    /// [`CodecError`]
    #[inline]
    pub fn option<T>(
        &mut self,
        some: impl FnOnce(&mut Self) -> Result<T, CodecError>,
    ) -> Result<Option<T>, CodecError> {
        const NULL: u8 = 0xf6;
        let at = self.position();
        if self.decoder.input().get(at) == Some(&NULL) {
            self.decoder.set_position(at + 1);
            return Ok(None);
        }
        some(self).map(Some)
    }

    /// A list of at most `max` of what `each` reads.
    ///
    /// # Errors
    /// [`CodecError`]
    #[inline]
    pub fn list<T>(
        &mut self,
        field: &'static str,
        max: usize,
        mut each: impl FnMut(&mut Self) -> Result<T, CodecError>,
    ) -> Result<Vec<T>, CodecError> {
        let len = self.array(field, 0, max)?;
        // An item has at least a byte, so a short input cannot reserve for a long list.
        let left = self.decoder.input().len() - self.position();
        let mut items = Vec::with_capacity(len.min(left));
        for _ in 0..len {
            items.push(each(self)?);
        }
        Ok(items)
    }

    /// Like [`Self::list`], for a set: items must ascend strictly.
    ///
    /// # Errors
    /// [`Fault::Order`], or as [`Self::list`].
    #[inline]
    pub fn ascending<T: Ord>(
        &mut self,
        field: &'static str,
        max: usize,
        each: impl FnMut(&mut Self) -> Result<T, CodecError>,
    ) -> Result<Vec<T>, CodecError> {
        self.sorted(field, max, each, |a, b| a < b)
    }

    /// Like [`Self::list`], for a map: the items' keys must ascend strictly.
    ///
    /// # Errors
    /// [`Fault::Order`], or as [`Self::list`].
    #[inline]
    pub fn ascending_by<T, K: Ord>(
        &mut self,
        field: &'static str,
        max: usize,
        each: impl FnMut(&mut Self) -> Result<T, CodecError>,
        key: impl Fn(&T) -> K,
    ) -> Result<Vec<T>, CodecError> {
        self.sorted(field, max, each, |a, b| key(a) < key(b))
    }

    #[inline]
    fn sorted<T>(
        &mut self,
        field: &'static str,
        max: usize,
        each: impl FnMut(&mut Self) -> Result<T, CodecError>,
        below: impl Fn(&T, &T) -> bool,
    ) -> Result<Vec<T>, CodecError> {
        let at = self.position();
        let items = self.list(field, max, each)?;
        if items.is_sorted_by(below) {
            Ok(items)
        } else {
            Err(self.malformed(at, Fault::Order { field }))
        }
    }

    /// Ends reading.
    ///
    /// # Errors
    /// [`Fault::Trailing`] if bytes are left.
    #[inline]
    pub fn finish(self) -> Result<(), CodecError> {
        let at = self.position();
        match self.decoder.input().len() - at {
            0 => Ok(()),
            count => Err(self.malformed(at, Fault::Trailing { count })),
        }
    }
}
