//! The 32-byte names of people, events and topics.

use crate::codec::{Codec, Decoder, Encoder, Malformed};
use crate::key::Key;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub [u8; 32]);

        impl $name {
            /// The first eight hexadecimal digits, for people to tell a few apart by.
            pub fn short(&self) -> String {
                let digit = |n: u8| char::from(if n < 10 { b'0' + n } else { b'a' + n - 10 });
                self.0[..4].iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
            }
        }

        impl Codec for $name {
            fn encode(&self, to: &mut Encoder) {
                self.0.encode(to);
            }
            fn decode(from: &mut Decoder<'_>) -> Result<Self, Malformed> {
                Codec::decode(from).map(Self)
            }
        }

        impl Key for $name {
            fn write(&self, to: &mut Vec<u8>) {
                self.0.write(to);
            }
            fn read(from: &mut &[u8]) -> Option<Self> {
                Key::read(from).map(Self)
            }
        }
    )*};
}

ids! {
    /// A person: their long-term key, the same on all their devices.
    Person;
    /// A signing key: of one device or behavior of a person.
    Scope;
    /// An event.
    EventId;
    /// A topic.
    TopicId;
    /// A BLAKE3 digest.
    Hash;
}
