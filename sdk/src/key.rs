//! How keys of a [`Map`](crate::Map) are written: in bytes that sort as the keys do.
//!
//! | type | as |
//! |---|---|
//! | `u8` to `u64` | big-endian |
//! | `i16` to `i64` | big-endian with the sign bit flipped |
//! | `bool` | 0 or 1 |
//! | `[u8; N]`, ids | as they are |
//! | `String`, `Vec<u8>` | every 0 as 0 255, then 0 1 |
//! | tuples | one after the other |
//!
//! No key is the beginning of another of its type, so tuples sort by their parts.

/// A type that can be a key of a `Map` or `Set`.
pub trait Key: Sized {
    /// Appends the key.
    fn write(&self, to: &mut Vec<u8>);
    /// Takes a key off the front; `None` if that is not what is there.
    fn read(from: &mut &[u8]) -> Option<Self>;
}

fn take<const N: usize>(from: &mut &[u8]) -> Option<[u8; N]> {
    let (taken, rest) = from.split_first_chunk()?;
    *from = rest;
    Some(*taken)
}

macro_rules! int {
    ($($int:ty, $flip:expr;)*) => {$(
        impl Key for $int {
            fn write(&self, to: &mut Vec<u8>) {
                to.extend((*self ^ $flip).to_be_bytes());
            }
            fn read(from: &mut &[u8]) -> Option<Self> {
                Some(Self::from_be_bytes(take(from)?) ^ $flip)
            }
        }
    )*};
}
int! { u8, 0; u16, 0; u32, 0; u64, 0; i16, i16::MIN; i32, i32::MIN; i64, i64::MIN; }

impl Key for bool {
    fn write(&self, to: &mut Vec<u8>) {
        to.push((*self).into());
    }
    fn read(from: &mut &[u8]) -> Option<Self> {
        match take(from)? {
            [0] => Some(false),
            [1] => Some(true),
            _ => None,
        }
    }
}

impl<const N: usize> Key for [u8; N] {
    fn write(&self, to: &mut Vec<u8>) {
        to.extend(self);
    }
    fn read(from: &mut &[u8]) -> Option<Self> {
        take(from)
    }
}

impl Key for Vec<u8> {
    fn write(&self, to: &mut Vec<u8>) {
        write_escaped(self, to);
    }
    fn read(from: &mut &[u8]) -> Option<Self> {
        let mut bytes = Vec::new();
        loop {
            match take(from)? {
                [0] => match take(from)? {
                    [1] => return Some(bytes),
                    [255] => bytes.push(0),
                    _ => return None,
                },
                [byte] => bytes.push(byte),
            }
        }
    }
}

impl Key for String {
    fn write(&self, to: &mut Vec<u8>) {
        write_escaped(self.as_bytes(), to);
    }
    fn read(from: &mut &[u8]) -> Option<Self> {
        String::from_utf8(Vec::read(from)?).ok()
    }
}

fn write_escaped(bytes: &[u8], to: &mut Vec<u8>) {
    for byte in bytes {
        to.push(*byte);
        if *byte == 0 {
            to.push(255);
        }
    }
    to.extend([0, 1]);
}

macro_rules! tuple {
    ($($($field:ident)*;)*) => {$(
        impl<$($field: Key),*> Key for ($($field,)*) {
            fn write(&self, to: &mut Vec<u8>) {
                #[expect(non_snake_case, reason = "a type's name serves its value")]
                let ($($field,)*) = self;
                $($field.write(to);)*
            }
            fn read(from: &mut &[u8]) -> Option<Self> {
                Some(($($field::read(from)?,)*))
            }
        }
    )*};
}
tuple! { A B; A B C; A B C D; }

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn bytes(key: &impl Key) -> Vec<u8> {
        let mut to = Vec::new();
        key.write(&mut to);
        to
    }

    /// Short strings over a few characters, so that prefixes and zeros are common.
    fn text() -> impl Strategy<Value = String> {
        proptest::collection::vec(prop::sample::select(vec!['\0', '\u{1}', 'a', 'ÿ']), 0..4)
            .prop_map(|chars| chars.into_iter().collect())
    }

    fn key() -> impl Strategy<Value = (String, i32, Vec<u8>, (bool, u64))> {
        let blob = proptest::collection::vec(prop::sample::select(vec![0, 1, 255]), 0..4);
        (text(), any::<i32>(), blob, any::<(bool, u64)>())
    }

    proptest! {
        #[test]
        fn keys_sort_as_their_bytes_do(a in key(), b in key()) {
            prop_assert_eq!(a.cmp(&b), bytes(&a).cmp(&bytes(&b)));
        }

        #[test]
        fn a_key_is_read_back_and_what_follows_is_left(key in key()) {
            let mut written = bytes(&key);
            written.push(7);
            let mut from = &written[..];
            prop_assert_eq!(Key::read(&mut from), Some(key));
            prop_assert_eq!(from, &[7]);
        }
    }

    #[test]
    fn bytes_that_are_no_key_are_not_read() {
        assert_eq!(String::read(&mut &b"abc"[..]), None);
        assert_eq!(String::read(&mut &b"abc\0\x02"[..]), None);
        assert_eq!(u32::read(&mut &[1, 2, 3][..]), None);
        assert_eq!(bool::read(&mut &[2][..]), None);
    }
}
