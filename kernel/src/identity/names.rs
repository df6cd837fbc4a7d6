//! The names people see: bech32m (BIP 350), with a prefix that says what is named.

use std::fmt;

use bech32::primitives::decode::{CheckedHrpstring, UncheckedHrpstring};
use bech32::{Bech32m, Hrp};
use myrhiza_kernel_api::{BundleId, EventId, PublicKey, TopicId};

/// What a name is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Naming {
    /// A person's long-term key.
    Person,
    /// A scope's key.
    Scope,
    /// A topic.
    Topic,
    /// An event.
    Event,
    /// A bundle.
    Bundle,
}

/// Why a text is no name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NameError {
    /// The prefix is of another kind of name.
    #[error("{text:?} is the name of {found}, the name of {wanted} starts with `{}1`", .wanted.prefix())]
    OtherKind {
        /// The text.
        text: String,
        /// What it names.
        found: Naming,
        /// What was to be named.
        wanted: Naming,
    },
    /// No name starts like this.
    #[error("{text:?} does not start with `{}1` as the name of {wanted} does", .wanted.prefix())]
    Prefix {
        /// The text.
        text: String,
        /// What was to be named.
        wanted: Naming,
    },
    /// The text has upper and lower case, or a character that names do not have.
    #[error("{text:?} has characters that names do not have: copy it again, all in one case")]
    Characters {
        /// The text.
        text: String,
    },
    /// The checksum says that it was changed.
    #[error("{text:?} is misspelled or cut off: its checksum does not fit")]
    Checksum {
        /// The text.
        text: String,
    },
    /// The checksum holds, but over something else than 32 bytes.
    #[error("{text:?} is well-formed but too long or too short to name {wanted}")]
    Length {
        /// The text.
        text: String,
        /// What was to be named.
        wanted: Naming,
    },
}

impl Naming {
    /// Every kind of name.
    pub const ALL: &[Self] = &[Self::Person, Self::Scope, Self::Topic, Self::Event, Self::Bundle];

    /// What a name of this kind starts with, before the `1`.
    pub const fn prefix(self) -> &'static str {
        match self {
            Self::Person => "myr",
            Self::Scope => "myrscope",
            Self::Topic => "myrtopic",
            Self::Event => "myrevent",
            Self::Bundle => "myrbundle",
        }
    }

    /// The name of 32 bytes.
    pub fn name(self, bytes: &[u8; 32]) -> String {
        // Prefix and length are constants within bech32's limits, so this cannot fail.
        bech32::encode::<Bech32m>(Hrp::parse_unchecked(self.prefix()), bytes).unwrap_or_default()
    }

    /// The 32 bytes that a text names.
    ///
    /// # Errors
    /// [`NameError`]
    pub fn parse(self, text: &str) -> Result<[u8; 32], NameError> {
        let wanted = self;
        let to_owned = || text.to_owned();
        let Some((prefix, _)) = text.rsplit_once('1') else {
            return Err(NameError::Prefix { text: to_owned(), wanted });
        };
        match Self::ALL.iter().find(|kind| kind.prefix().eq_ignore_ascii_case(prefix)) {
            Some(found) if *found == wanted => {}
            Some(found) => {
                return Err(NameError::OtherKind { text: to_owned(), found: *found, wanted });
            }
            None => return Err(NameError::Prefix { text: to_owned(), wanted }),
        }
        if UncheckedHrpstring::new(text).is_err() {
            return Err(NameError::Characters { text: to_owned() });
        }
        let checked = CheckedHrpstring::new::<Bech32m>(text)
            .map_err(|_| NameError::Checksum { text: to_owned() })?;
        let bytes: Vec<u8> = checked.byte_iter().collect();
        match bytes.try_into() {
            Ok(bytes) if checked.validate_segwit_padding().is_ok() => Ok(bytes),
            _ => Err(NameError::Length { text: to_owned(), wanted }),
        }
    }
}

impl fmt::Display for Naming {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Person => "a person",
            Self::Scope => "a scope",
            Self::Topic => "a topic",
            Self::Event => "an event",
            Self::Bundle => "a bundle",
        })
    }
}

macro_rules! shorthands {
    ($($kind:ident $name:ident $parse:ident $id:ident;)*) => {$(
        #[doc = concat!("The name of this ", stringify!($name), ".")]
        pub fn $name(id: &$id) -> String {
            Naming::$kind.name(id.as_bytes())
        }

        #[doc = concat!("The ", stringify!($name), " of this name.")]
        ///
        /// # Errors
        /// [`NameError`]
        pub fn $parse(text: &str) -> Result<$id, NameError> {
            Naming::$kind.parse(text).map($id)
        }
    )*};
}

shorthands! {
    Person person parse_person PublicKey;
    Scope scope parse_scope PublicKey;
    Topic topic parse_topic TopicId;
    Event event parse_event EventId;
    Bundle bundle parse_bundle BundleId;
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn prefixes_are_pinned_and_none_is_taken_for_another() {
        let prefixes: Vec<_> = Naming::ALL.iter().map(|kind| kind.prefix()).collect();
        assert_eq!(prefixes, ["myr", "myrscope", "myrtopic", "myrevent", "myrbundle"]);
        let name = topic(&TopicId([7; 32]));
        assert!(name.starts_with("myrtopic1"), "{name}");
        assert_eq!(parse_topic(&name), Ok(TopicId([7; 32])));
        assert_eq!(parse_topic(&name.to_uppercase()), Ok(TopicId([7; 32])));
        let (found, wanted) = (Naming::Topic, Naming::Person);
        assert_eq!(
            parse_person(&name),
            Err(NameError::OtherKind { text: name.clone(), found, wanted })
        );
    }

    #[test]
    fn each_mistake_is_told_apart() {
        let name = person(&PublicKey([7; 32]));
        let text = |text: &str| text.to_owned();
        let parse = |text: &str| parse_person(text).unwrap_err();
        let wanted = Naming::Person;
        assert_eq!(parse("garden"), NameError::Prefix { text: text("garden"), wanted });
        assert_eq!(parse(""), NameError::Prefix { text: text(""), wanted });
        assert_eq!(parse("btc1qqqq"), NameError::Prefix { text: text("btc1qqqq"), wanted });
        let mixed = name.replacen('m', "M", 1);
        assert_eq!(parse(&mixed), NameError::Characters { text: mixed.clone() });
        let odd = format!("{}b", &name[..name.len() - 1]);
        assert_eq!(parse(&odd), NameError::Characters { text: odd.clone() });
        let cut = &name[..name.len() - 1];
        assert_eq!(parse(cut), NameError::Checksum { text: text(cut) });
        let short = bech32::encode::<Bech32m>(Hrp::parse_unchecked("myr"), &[7; 31]).unwrap();
        assert_eq!(parse(&short), NameError::Length { text: short.clone(), wanted });
        // The older checksum, which lets q be inserted before a final p.
        let old = bech32::encode::<bech32::Bech32>(Hrp::parse_unchecked("myr"), &[7; 32]).unwrap();
        assert_eq!(parse(&old), NameError::Checksum { text: old.clone() });
    }

    proptest! {
        #[test]
        fn names_are_read_back_and_no_single_change_is(
            id: [u8; 32],
            at in 4..62usize,
            to in prop::sample::select(b"qpzry9x8gf2tvdw0s3jn54khce6mua7l".to_vec()),
        ) {
            let name = person(&PublicKey(id));
            prop_assert_eq!(parse_person(&name), Ok(PublicKey(id)));
            let mut changed = name.clone().into_bytes();
            changed[at] = to;
            let changed = String::from_utf8(changed).unwrap();
            prop_assert_eq!(parse_person(&changed).is_ok(), changed == name);
        }

        #[test]
        fn any_text_is_answered(text in "\\PC{0,80}") {
            let _ = parse_bundle(&text);
        }
    }
}
