//! How state values and event payloads are written: deterministic CBOR (RFC 8949, section 4.2.1),
//! decoded strictly.
//!
//! A value has exactly one encoding, and bytes that are not that encoding do not decode: heads
//! are shortest, lengths definite, nothing follows. There are no floats and no maps.
//!
//! | type | as |
//! |---|---|
//! | `u16`, `u32`, `u64`, `i16`, `i32`, `i64` | integer |
//! | `bool` | `true`, `false` |
//! | `String` | text |
//! | `Vec<u8>`, `[u8; N]`, ids | byte string (so `u8` is no number here) |
//! | `Vec<T>` | array |
//! | `Option<T>` | array of none or one |
//! | tuples, structs | array of the fields |
//! | enums | array of the variant's number and its fields |

const UNSIGNED: u8 = 0;
const NEGATIVE: u8 = 1;
const BYTES: u8 = 2;
const TEXT: u8 = 3;
const ARRAY: u8 = 4;
const FALSE: u8 = 0xf4;
const TRUE: u8 = 0xf5;

/// Bytes that are not the one encoding of a value of the type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Malformed;

/// A type that can be a state value or a part of a payload; derive it.
pub trait Codec: Sized {
    /// Appends the value.
    fn encode(&self, to: &mut Encoder);
    /// Takes a value off the front.
    ///
    /// # Errors
    /// [`Malformed`]
    fn decode(from: &mut Decoder<'_>) -> Result<Self, Malformed>;

    /// The value's bytes.
    fn to_bytes(&self) -> Vec<u8> {
        let mut to = Encoder::default();
        self.encode(&mut to);
        to.0
    }

    /// The value whose bytes these are.
    ///
    /// # Errors
    /// [`Malformed`], also if something follows.
    fn from_bytes(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut from = Decoder::new(bytes);
        let value = Self::decode(&mut from)?;
        from.end()?;
        Ok(value)
    }
}

/// Bytes being written.
#[derive(Default)]
pub struct Encoder(Vec<u8>);

impl Encoder {
    /// The bytes so far.
    pub fn into_bytes(self) -> Vec<u8> {
        self.0
    }

    /// The head of an array of so many items, which follow.
    pub fn array(&mut self, length: u64) {
        self.head(ARRAY, length);
    }

    fn head(&mut self, major: u8, n: u64) {
        let major = major << 5;
        match n {
            0..24 => self.0.push(major | n as u8),
            24..0x100 => self.0.extend([major | 24, n as u8]),
            0x100..0x1_0000 => {
                self.0.push(major | 25);
                self.0.extend((n as u16).to_be_bytes());
            }
            0x1_0000..0x1_0000_0000 => {
                self.0.push(major | 26);
                self.0.extend((n as u32).to_be_bytes());
            }
            _ => {
                self.0.push(major | 27);
                self.0.extend(n.to_be_bytes());
            }
        }
    }

    fn bytes(&mut self, major: u8, bytes: &[u8]) {
        self.head(major, bytes.len() as u64);
        self.0.extend_from_slice(bytes);
    }
}

/// Bytes being read.
pub struct Decoder<'a>(&'a [u8]);

impl<'a> Decoder<'a> {
    /// Reads from the front of `bytes`.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// That nothing is left.
    ///
    /// # Errors
    /// [`Malformed`] if something is.
    pub fn end(&self) -> Result<(), Malformed> {
        if self.0.is_empty() { Ok(()) } else { Err(Malformed) }
    }

    /// The length of an array, whose items follow.
    ///
    /// # Errors
    /// [`Malformed`]
    pub fn array(&mut self) -> Result<u64, Malformed> {
        self.expect(ARRAY)
    }

    /// That an array of so many items follows.
    ///
    /// # Errors
    /// [`Malformed`]
    pub fn array_of(&mut self, length: u64) -> Result<(), Malformed> {
        if self.array()? == length { Ok(()) } else { Err(Malformed) }
    }

    fn take(&mut self, length: u64) -> Result<&'a [u8], Malformed> {
        let length = usize::try_from(length).map_err(|_| Malformed)?;
        let (taken, rest) = self.0.split_at_checked(length).ok_or(Malformed)?;
        self.0 = rest;
        Ok(taken)
    }

    fn head(&mut self) -> Result<(u8, u64), Malformed> {
        let first = self.take(1)?[0];
        let (n, least) = match first & 0x1f {
            n @ 0..24 => (u64::from(n), 0),
            n @ 24..28 => {
                let bytes = self.take(1 << (n - 24))?;
                let n = bytes.iter().fold(0, |n, byte| n << 8 | u64::from(*byte));
                // What a head of half the size could have held is not the shortest.
                (n, if bytes.len() == 1 { 24 } else { 1 << (bytes.len() * 4) })
            }
            _ => return Err(Malformed),
        };
        if n < least { Err(Malformed) } else { Ok((first >> 5, n)) }
    }

    fn expect(&mut self, major: u8) -> Result<u64, Malformed> {
        match self.head()? {
            (found, n) if found == major => Ok(n),
            _ => Err(Malformed),
        }
    }

    fn bytes(&mut self, major: u8) -> Result<&'a [u8], Malformed> {
        let length = self.expect(major)?;
        self.take(length)
    }
}

macro_rules! unsigned {
    ($($int:ty)*) => {$(
        impl Codec for $int {
            fn encode(&self, to: &mut Encoder) {
                to.head(UNSIGNED, u64::from(*self));
            }
            fn decode(from: &mut Decoder<'_>) -> Result<Self, Malformed> {
                from.expect(UNSIGNED)?.try_into().map_err(|_| Malformed)
            }
        }
    )*};
}
unsigned! { u16 u32 u64 }

macro_rules! signed {
    ($($int:ty)*) => {$(
        impl Codec for $int {
            fn encode(&self, to: &mut Encoder) {
                // CBOR writes a negative n as -1 - n, which is !n.
                let n = i64::from(*self);
                if n < 0 { to.head(NEGATIVE, !n as u64) } else { to.head(UNSIGNED, n as u64) }
            }
            fn decode(from: &mut Decoder<'_>) -> Result<Self, Malformed> {
                let (major, n) = from.head()?;
                let n = i64::try_from(n).map_err(|_| Malformed)?;
                let n = match major {
                    UNSIGNED => n,
                    NEGATIVE => !n,
                    _ => return Err(Malformed),
                };
                n.try_into().map_err(|_| Malformed)
            }
        }
    )*};
}
signed! { i16 i32 i64 }

impl Codec for bool {
    fn encode(&self, to: &mut Encoder) {
        to.0.push(if *self { TRUE } else { FALSE });
    }
    fn decode(from: &mut Decoder<'_>) -> Result<Self, Malformed> {
        match from.take(1)?[0] {
            TRUE => Ok(true),
            FALSE => Ok(false),
            _ => Err(Malformed),
        }
    }
}

impl Codec for String {
    fn encode(&self, to: &mut Encoder) {
        to.bytes(TEXT, self.as_bytes());
    }
    fn decode(from: &mut Decoder<'_>) -> Result<Self, Malformed> {
        match str::from_utf8(from.bytes(TEXT)?) {
            Ok(text) => Ok(text.into()),
            Err(_) => Err(Malformed),
        }
    }
}

impl Codec for Vec<u8> {
    fn encode(&self, to: &mut Encoder) {
        to.bytes(BYTES, self);
    }
    fn decode(from: &mut Decoder<'_>) -> Result<Self, Malformed> {
        from.bytes(BYTES).map(Into::into)
    }
}

impl<const N: usize> Codec for [u8; N] {
    fn encode(&self, to: &mut Encoder) {
        to.bytes(BYTES, self);
    }
    fn decode(from: &mut Decoder<'_>) -> Result<Self, Malformed> {
        from.bytes(BYTES)?.try_into().map_err(|_| Malformed)
    }
}

impl<T: Codec> Codec for Vec<T> {
    fn encode(&self, to: &mut Encoder) {
        to.array(self.len() as u64);
        self.iter().for_each(|item| item.encode(to));
    }
    fn decode(from: &mut Decoder<'_>) -> Result<Self, Malformed> {
        let length = from.array()?;
        // Every item takes a byte at least, so a claimed length cannot make this loop long.
        if length > from.0.len() as u64 {
            return Err(Malformed);
        }
        let mut items = Vec::new();
        for _ in 0..length {
            items.push(T::decode(from)?);
        }
        Ok(items)
    }
}

impl<T: Codec> Codec for Option<T> {
    fn encode(&self, to: &mut Encoder) {
        to.array(self.is_some().into());
        if let Some(value) = self {
            value.encode(to);
        }
    }
    fn decode(from: &mut Decoder<'_>) -> Result<Self, Malformed> {
        match from.array()? {
            0 => Ok(None),
            1 => T::decode(from).map(Some),
            _ => Err(Malformed),
        }
    }
}

macro_rules! tuple {
    ($($length:literal: $($field:ident)*;)*) => {$(
        impl<$($field: Codec),*> Codec for ($($field,)*) {
            fn encode(&self, to: &mut Encoder) {
                #[expect(non_snake_case, reason = "a type's name serves its value")]
                let ($($field,)*) = self;
                to.array($length);
                $($field.encode(to);)*
            }
            fn decode(from: &mut Decoder<'_>) -> Result<Self, Malformed> {
                from.array_of($length)?;
                Ok(($($field::decode(from)?,)*))
            }
        }
    )*};
}
tuple! { 2: A B; 3: A B C; 4: A B C D; }

impl Codec for () {
    fn encode(&self, to: &mut Encoder) {
        to.array(0);
    }
    fn decode(from: &mut Decoder<'_>) -> Result<Self, Malformed> {
        from.array_of(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    type Everything = (Vec<(i64, String)>, Option<Option<u16>>, bool, (Vec<u8>, [u8; 3], u64));

    #[test]
    fn examples_of_rfc_8949_appendix_a() {
        for (n, bytes) in [
            (0, &[0x00][..]),
            (23, &[0x17]),
            (24, &[0x18, 0x18]),
            (1000, &[0x19, 0x03, 0xe8]),
            (1_000_000, &[0x1a, 0x00, 0x0f, 0x42, 0x40]),
            (1_000_000_000_000, &[0x1b, 0, 0, 0, 0xe8, 0xd4, 0xa5, 0x10, 0]),
            (-1, &[0x20]),
            (-100, &[0x38, 0x63]),
            (-1000, &[0x39, 0x03, 0xe7]),
        ] {
            assert_eq!(i64::to_bytes(&n), bytes, "{n}");
            assert_eq!(i64::from_bytes(bytes), Ok(n));
        }
        assert_eq!(String::from("ü").to_bytes(), [0x62, 0xc3, 0xbc]);
        assert_eq!(vec![1u32, 2, 3].to_bytes(), [0x83, 1, 2, 3]);
    }

    #[test]
    fn what_is_not_the_one_encoding_is_refused() {
        for bytes in [
            &[][..],
            &[0x18, 0x17],
            &[0x19, 0x00, 0xff],
            &[0x1a, 0x00, 0x00, 0xff, 0xff],
            &[0x1b, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff],
            &[0x1c],
            &[0x00, 0x00],
            &[0x1b, 0x80, 0, 0, 0, 0, 0, 0, 0],
            &[0xf5],
        ] {
            assert_eq!(i64::from_bytes(bytes), Err(Malformed), "{bytes:02x?}");
        }
        assert_eq!(String::from_bytes(&[0x61, 0xff]), Err(Malformed));
        assert_eq!(Vec::<u8>::from_bytes(&[0x5f, 0x41, 0, 0xff]), Err(Malformed));
        assert_eq!(
            Vec::<u32>::from_bytes(&[0x9b, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0]),
            Err(Malformed)
        );
        assert_eq!(u16::from_bytes(&[0x1a, 0, 1, 0, 0]), Err(Malformed));
    }

    proptest! {
        #[test]
        fn a_value_is_what_its_bytes_say(value: Everything) {
            prop_assert_eq!(Everything::from_bytes(&value.to_bytes()), Ok(value));
        }

        #[test]
        fn bytes_that_decode_are_the_encoding_of_what_they_decode_to(
            value: Everything, at: prop::sample::Index, byte: u8,
        ) {
            let mut bytes = value.to_bytes();
            let at = at.index(bytes.len());
            bytes[at] = byte;
            if let Ok(decoded) = Everything::from_bytes(&bytes) {
                prop_assert_eq!(decoded.to_bytes(), bytes);
            }
        }
    }
}
