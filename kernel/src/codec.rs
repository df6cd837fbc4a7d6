//! Strict deterministic CBOR (RFC 8949 §4.2.1) for everything that reaches a peer or the disk.
//!
//! Only fixed-position arrays, unsigned integers, byte and text strings, booleans and null are
//! used. [`Reader`] refuses whatever [`Writer`] would not have written (longer forms of a number
//! or length, indefinite lengths, tags, trailing bytes), so bytes that decode re-encode to
//! themselves by construction. Rules: `docs/spec/README.md`.

mod reader;
mod writer;

pub use reader::Reader;
pub use writer::Writer;

/// A type with one byte form.
pub trait Canonical: Sized {
    /// What errors call it, with its article: "an event".
    const WHAT: &'static str;
    /// Longest encoding that is looked at, in bytes.
    const MAX_BYTES: usize;

    /// Appends the encoding.
    fn write(&self, w: &mut Writer);

    /// Reads one value; what follows it is left.
    ///
    /// # Errors
    /// [`CodecError`]
    fn read(r: &mut Reader<'_>) -> Result<Self, CodecError>;

    /// The encoding.
    fn to_bytes(&self) -> Vec<u8> {
        let mut w = Writer::new();
        self.write(&mut w);
        w.into_bytes()
    }

    /// The value that has exactly these bytes as its encoding.
    ///
    /// # Errors
    /// [`CodecError`]
    fn from_bytes(bytes: &[u8]) -> Result<Self, CodecError> {
        let mut r = Reader::new(Self::WHAT, bytes, Self::MAX_BYTES)?;
        let value = Self::read(&mut r)?;
        r.finish()?;
        Ok(value)
    }
}

/// Why bytes were not decoded.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CodecError {
    /// The bytes are of a later version of the protocol than this program knows. No misbehaviour.
    #[error("{what} has {field} {found}, which this version does not know: update needed")]
    UpdateNeeded {
        /// What was decoded.
        what: &'static str,
        /// Which field tells (its version or its kind).
        field: &'static str,
        /// The field's value.
        found: u64,
    },
    /// The bytes are no encoding of the thing.
    #[error("{what} is malformed at byte {at}: {fault}")]
    Malformed {
        /// What was decoded.
        what: &'static str,
        /// Where the offending item starts.
        at: usize,
        /// What is wrong there.
        fault: Fault,
    },
}

impl CodecError {
    /// True where a later version of the program would know what to do.
    pub const fn is_update_needed(&self) -> bool {
        matches!(self, Self::UpdateNeeded { .. })
    }
}

/// What is wrong with an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// More bytes in all than are looked at.
    #[error("it has {got} bytes, at most {max} are allowed")]
    TooLarge {
        /// The limit.
        max: usize,
        /// The bytes there are.
        got: usize,
    },
    /// The bytes end inside an item.
    #[error("it is cut off")]
    Truncated,
    /// Bytes follow the encoding.
    #[error("{count} bytes follow its end")]
    Trailing {
        /// How many.
        count: usize,
    },
    /// A number or length is written longer than needed.
    #[error("a number or length is not in its shortest form")]
    NotShortest,
    /// An item is of another type, is tagged or has an indefinite length.
    #[error("{want} of definite length and without tag is expected")]
    Type {
        /// What should be there.
        want: &'static str,
    },
    /// A string or array is too short or too long.
    #[error("`{field}` has length {got}, {min} to {max} is allowed")]
    Length {
        /// The field.
        field: &'static str,
        /// Least length.
        min: usize,
        /// Greatest length.
        max: usize,
        /// The length found.
        got: u64,
    },
    /// A number is outside what its field allows.
    #[error("`{field}` cannot be {got}")]
    Value {
        /// The field.
        field: &'static str,
        /// The number found.
        got: u64,
    },
    /// The items of a list do not ascend strictly.
    #[error("`{field}` are not strictly ascending")]
    Order {
        /// The field.
        field: &'static str,
    },
    /// A text has not the form its field demands.
    #[error("`{field}` is not in its form")]
    Form {
        /// The field.
        field: &'static str,
    },
    /// A text is not UTF-8.
    #[error("`{field}` is not UTF-8")]
    Utf8 {
        /// The field.
        field: &'static str,
    },
}

#[cfg(test)]
mod tests;
