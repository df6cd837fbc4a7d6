//! Newtypes for everything that is a fixed number of bytes, made by one macro.
//!
//! They order and compare as bytes, print as lower-case hex and parse from it. The bech32m names
//! people see are made by the kernel's `identity` module.

use std::fmt;
use std::str::FromStr;

/// Why a text is not an id.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ParseIdError {
    /// The text has another length than twice the id's bytes.
    #[error("{what} is {want} hexadecimal digits, this has {got}")]
    Length {
        /// The kind of id.
        what: &'static str,
        /// Digits wanted.
        want: usize,
        /// Characters found.
        got: usize,
    },
    /// A character is not a hexadecimal digit.
    #[error("{what} is written in hexadecimal digits, not with {found:?}")]
    Digit {
        /// The kind of id.
        what: &'static str,
        /// The first character that is none.
        found: char,
    },
}

/// Writes bytes as lower-case hex.
pub fn fmt_hex(bytes: &[u8], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    bytes.iter().try_for_each(|b| write!(f, "{b:02x}"))
}

/// Reads exactly `N` bytes of hex, either case.
pub fn parse_hex<const N: usize>(what: &'static str, text: &str) -> Result<[u8; N], ParseIdError> {
    let mut out = [0; N];
    if let Some(found) = text.chars().find(|c| !c.is_ascii_hexdigit()) {
        return Err(ParseIdError::Digit { what, found });
    }
    if text.len() != 2 * N {
        return Err(ParseIdError::Length { what, want: 2 * N, got: text.len() });
    }
    for (byte, pair) in out.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
        let digit = |c: u8| (c as char).to_digit(16).unwrap_or(0) as u8;
        *byte = digit(pair[0]) << 4 | digit(pair[1]);
    }
    Ok(out)
}

macro_rules! bytes_newtype {
    ($($(#[$doc:meta])* $name:ident [$len:literal] $what:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub [u8; $len]);

        impl $name {
            /// Length in bytes.
            pub const LEN: usize = $len;

            /// The bytes.
            pub const fn as_bytes(&self) -> &[u8; $len] {
                &self.0
            }

            /// From a slice of exactly [`Self::LEN`] bytes.
            pub fn from_slice(bytes: &[u8]) -> Option<Self> {
                Some(Self(bytes.try_into().ok()?))
            }
        }

        impl AsRef<[u8]> for $name {
            fn as_ref(&self) -> &[u8] {
                &self.0
            }
        }

        impl From<[u8; $len]> for $name {
            fn from(bytes: [u8; $len]) -> Self {
                Self(bytes)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt_hex(&self.0, f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "("))?;
                fmt_hex(&self.0[..4], f)?;
                f.write_str("…)")
            }
        }

        impl FromStr for $name {
            type Err = ParseIdError;
            fn from_str(text: &str) -> Result<Self, ParseIdError> {
                parse_hex($what, text).map(Self)
            }
        }
    )*};
}

bytes_newtype! {
    /// A BLAKE3 digest whose use has no type of its own (a root, a record's hash).
    Hash[32] "a hash";
    /// Identity of an event: the hash of its body.
    EventId[32] "an event id";
    /// Identity of a topic: the id of its genesis event.
    TopicId[32] "a topic id";
    /// Identity of a bundle: the hash of its canonical manifest and component hashes.
    BundleId[32] "a bundle id";
    /// Identity of a component's bytes.
    ComponentId[32] "a component id";
    /// Identity of an app through all its versions: the hash of its name for itself and its author.
    LineageId[32] "a lineage id";
    /// An Ed25519 public key: of a person, of a scope or of an invitation.
    PublicKey[32] "a public key";
    /// An Ed25519 signature (R ‖ S).
    Signature[64] "a signature";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hex_round_trips_and_names_what_is_wrong() {
        let id = EventId([0xab; 32]);
        assert_eq!(id.to_string().parse::<EventId>(), Ok(id));
        assert_eq!(
            "ab".parse::<EventId>(),
            Err(ParseIdError::Length { what: "an event id", want: 64, got: 2 })
        );
        assert_eq!(
            "zz".repeat(32).parse::<TopicId>(),
            Err(ParseIdError::Digit { what: "a topic id", found: 'z' })
        );
        assert_eq!(format!("{id:?}"), "EventId(abababab…)");
    }
}
