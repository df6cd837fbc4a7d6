//! What an app asks of its user's device: submitted with a token, completed with an outcome.

use crate::limits;

/// Something that a person has to answer or agree to.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Operation {
    /// `prompt.choose-submit`
    Choose {
        /// What is asked.
        question: String,
        /// At least two.
        choices: Vec<String>,
    },
    /// `prompt.ask-submit`
    Ask {
        /// What is asked.
        question: String,
        /// What the text is at first.
        value: String,
    },
    /// `clipboard-write.write-submit`
    Copy {
        /// What is put on the clipboard.
        text: String,
    },
    /// `file-picker.pick-submit`
    Pick {
        /// A media type, a group of them (`image/*`) or an ending (`.csv`).
        kind: String,
    },
    /// `navigate.open-submit`
    Open {
        /// An `https` address.
        address: String,
    },
    /// `push.subscribe-submit`
    Subscribe {
        /// The server's public key.
        server_key: Vec<u8>,
    },
}

/// Why an operation was not taken. The numbers are those of the interfaces' `refusal`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Refusal {
    /// [`limits::OPEN_OPERATIONS`] are open.
    WouldBlock = 0,
    /// It follows nothing that the user did.
    Unprompted = 1,
    /// The manifest does not declare it, or not this.
    Undeclared = 2,
    /// An argument is empty, too long, or not what it has to be.
    Argument = 3,
}

/// What became of an operation.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Outcome {
    /// The user said no.
    Declined,
    /// It cannot be done here, and why, for people.
    Unavailable(String),
    /// Copied, or opened.
    Done,
    /// Which of the choices, from 0.
    Chosen(u32),
    /// The user's text.
    Text(String),
    /// The user's file.
    File {
        /// Its name, without folders.
        name: String,
        /// What is in it.
        bytes: Vec<u8>,
    },
    /// A push subscription, as JSON.
    Subscribed(String),
}

impl Operation {
    /// The interface it is of, which is also the capability that permits it where one has to.
    pub fn interface(&self) -> &'static str {
        match self {
            Self::Choose { .. } | Self::Ask { .. } => "prompt",
            Self::Copy { .. } => "clipboard-write",
            Self::Pick { .. } => "file-picker",
            Self::Open { .. } => "navigate",
            Self::Subscribe { .. } => "push",
        }
    }

    /// Whether its arguments are within the limits.
    pub fn fits(&self) -> bool {
        let text = |text: &String, most| (1..=most).contains(&text.len());
        match self {
            Self::Choose { question, choices } => {
                text(question, limits::PROMPT_BYTES)
                    && (2..=limits::PROMPT_CHOICES).contains(&choices.len())
                    && choices.iter().all(|choice| text(choice, limits::PROMPT_BYTES))
            }
            Self::Ask { question, value } => {
                text(question, limits::PROMPT_BYTES) && value.len() <= limits::PROMPT_BYTES
            }
            Self::Copy { text: copied } => text(copied, limits::CLIPBOARD_BYTES),
            Self::Pick { kind } => text(kind, limits::SCOPE_BYTES),
            Self::Open { address } => text(address, limits::ADDRESS_BYTES),
            // An uncompressed point.
            Self::Subscribe { server_key } => {
                server_key.len() == limits::PUSH_KEY_BYTES && server_key.first() == Some(&4)
            }
        }
    }

    /// Whether this can have become of it.
    pub fn takes(&self, outcome: &Outcome) -> bool {
        match (self, outcome) {
            (_, Outcome::Declined) => true,
            (_, Outcome::Unavailable(why)) => why.len() <= limits::PROMPT_BYTES,
            (Self::Copy { .. } | Self::Open { .. }, Outcome::Done) => true,
            (Self::Choose { choices, .. }, Outcome::Chosen(index)) => {
                usize::try_from(*index).is_ok_and(|index| index < choices.len())
            }
            (Self::Ask { .. }, Outcome::Text(text)) => text.len() <= limits::PROMPT_BYTES,
            (Self::Pick { .. }, Outcome::File { name, bytes }) => {
                let plain = !name.contains(['/', '\\', '\0']);
                let named = (1..=limits::FILE_NAME_BYTES).contains(&name.len());
                plain && named && bytes.len() <= limits::FILE_BYTES
            }
            (Self::Subscribe { .. }, Outcome::Subscribed(json)) => {
                json.len() <= limits::SUBSCRIPTION_BYTES
            }
            _ => false,
        }
    }
}

impl Outcome {
    /// Whether the user said yes.
    pub fn is_yes(&self) -> bool {
        !matches!(self, Self::Declined | Self::Unavailable(_))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_operation_takes_only_what_can_become_of_it() {
        let choose =
            Operation::Choose { question: "?".into(), choices: vec!["a".into(), "b".into()] };
        assert!(choose.fits() && choose.takes(&Outcome::Chosen(1)));
        assert!(choose.takes(&Outcome::Declined) && !choose.takes(&Outcome::Chosen(2)));
        assert!(!choose.takes(&Outcome::Done) && !choose.takes(&Outcome::Text(String::new())));
        let pick = Operation::Pick { kind: ".csv".into() };
        let file = |name: &str, len| Outcome::File { name: name.into(), bytes: vec![0; len] };
        assert!(pick.takes(&file("a.csv", limits::FILE_BYTES)));
        assert!(!pick.takes(&file("a.csv", limits::FILE_BYTES + 1)));
        assert!(!pick.takes(&file("../a.csv", 1)) && !pick.takes(&file("", 1)));
        let copy = Operation::Copy { text: "x".repeat(limits::CLIPBOARD_BYTES) };
        assert!(copy.fits() && copy.takes(&Outcome::Done) && !copy.takes(&file("a", 0)));
        assert!(!Operation::Copy { text: "x".repeat(limits::CLIPBOARD_BYTES + 1) }.fits());
        assert!(!Operation::Choose { question: "?".into(), choices: vec!["a".into()] }.fits());
        assert!(!Operation::Subscribe { server_key: vec![3; 65] }.fits());
    }
}
