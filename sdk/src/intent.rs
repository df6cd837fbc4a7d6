//! What a user asks for: a list of words, from a command line or from a view's button.

use std::slice::Iter;

use crate::event::Reject;

/// What a user can ask for: an enum that derives this.
///
/// The first word is the variant's name in kebab case; each field takes a word, and a `Vec`, which
/// must be last, all that are left. What does not parse is refused with what to write instead.
///
/// ```
/// use myrhiza_sdk::{Intent, Refusal};
///
/// #[derive(Debug, PartialEq, Intent)]
/// enum Wish {
///     AddOption { text: String },
///     Vote { index: u32 },
/// }
///
/// let words = |text: &str| text.split(' ').map(String::from).collect::<Vec<_>>();
/// assert_eq!(Wish::parse(&words("vote 2")), Ok(Wish::Vote { index: 2 }));
/// assert_eq!(
///     Wish::parse(&words("vote")),
///     Err(Refusal::from("INDEX is missing; write: vote INDEX"))
/// );
/// ```
pub trait Intent: Sized {
    /// How each is written.
    const USAGES: &'static [Usage];
    /// What the words ask for.
    ///
    /// # Errors
    /// [`Refusal`] that says what to write.
    fn parse(words: &[String]) -> Result<Self, Refusal>;
    /// The words that ask for it.
    fn to_words(&self) -> Vec<String>;
}

/// Why nothing is proposed, and what the user can do instead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal(pub String);

impl From<&str> for Refusal {
    fn from(text: &str) -> Self {
        Self(text.into())
    }
}

impl From<String> for Refusal {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl From<Reject> for Refusal {
    fn from(reject: Reject) -> Self {
        Self(reject.into_reason())
    }
}

/// How one intent is written.
pub struct Usage {
    /// Its first word.
    pub verb: &'static str,
    /// The words after it.
    pub slots: &'static [Slot],
}

/// A place for a word.
pub struct Slot {
    name: &'static str,
    rest: bool,
}

impl Slot {
    /// The place of a field, which has a name or is called by its type.
    pub const fn of<T: Word>(name: Option<&'static str>) -> Self {
        Self { name: if let Some(name) = name { name } else { T::HINT }, rest: T::REST }
    }
}

impl Usage {
    fn text(&self) -> String {
        let mut text = String::from(self.verb);
        for slot in self.slots {
            text.push(' ');
            text.push_str(slot.name);
            text.push_str(if slot.rest { ".." } else { "" });
        }
        text
    }

    fn refuse(&self, parts: &[&str]) -> Refusal {
        Refusal([&parts.concat(), "; write: ", &self.text()].concat())
    }
}

/// A type that a field of an intent can have.
pub trait Word: Sized {
    /// What a field without a name is called in a usage.
    const HINT: &'static str;
    /// Whether it takes all words that are left.
    const REST: bool = false;
    /// Reads it off the words.
    ///
    /// # Errors
    /// [`BadWord`]
    fn read(words: &mut Iter<'_, String>) -> Result<Self, BadWord>;
    /// Appends its words.
    fn write(&self, words: &mut Vec<String>);
}

/// What is wrong with a word.
pub enum BadWord {
    /// There is none.
    Missing,
    /// It is something else than what is told here.
    Not(String, String),
}

/// The words after the verb.
pub struct Words<'a> {
    usage: &'static Usage,
    left: Iter<'a, String>,
}

impl<'a> Words<'a> {
    #[doc(hidden)]
    pub fn new(usage: &'static Usage, words: &'a [String]) -> Self {
        Self { usage, left: words.iter() }
    }

    #[doc(hidden)]
    pub fn next<T: Word>(&mut self, place: usize) -> Result<T, Refusal> {
        let name = self.usage.slots.get(place).map_or("", |slot| slot.name);
        T::read(&mut self.left).map_err(|bad| match bad {
            BadWord::Missing => self.usage.refuse(&[name, " is missing"]),
            BadWord::Not(word, what) => {
                self.usage.refuse(&[name, " is ", &what, ", not `", &word, "`"])
            }
        })
    }

    #[doc(hidden)]
    pub fn end(mut self) -> Result<(), Refusal> {
        match self.left.next() {
            None => Ok(()),
            Some(word) => Err(self.usage.refuse(&["`", word, "` is too much"])),
        }
    }
}

#[doc(hidden)]
pub fn verb<I: Intent>(words: &[String]) -> Result<(&str, &[String]), Refusal> {
    match words.split_first() {
        Some((verb, words)) => Ok((verb, words)),
        None => Err(Refusal(["nothing is asked for; ", &choices::<I>()].concat())),
    }
}

#[doc(hidden)]
pub fn unknown<I: Intent>(verb: &str) -> Refusal {
    Refusal(["there is no `", verb, "`; ", &choices::<I>()].concat())
}

fn choices<I: Intent>() -> String {
    let usages: Vec<_> = I::USAGES.iter().map(Usage::text).collect();
    // A component that takes presses may take other words than an event has.
    ["what can be asked for: ", &usages.join(", "), "; and what the view shows"].concat()
}

macro_rules! number {
    ($($int:ty)*) => {$(
        impl Word for $int {
            const HINT: &'static str = "N";
            fn read(words: &mut Iter<'_, String>) -> Result<Self, BadWord> {
                let word = words.next().ok_or(BadWord::Missing)?;
                word.parse().map_err(|_| {
                    let (least, most) = (Self::MIN.to_string(), Self::MAX.to_string());
                    let what = ["a whole number from ", &least, " to ", &most].concat();
                    BadWord::Not(word.clone(), what)
                })
            }
            fn write(&self, words: &mut Vec<String>) {
                words.push(self.to_string());
            }
        }
    )*};
}
number! { u8 u16 u32 u64 i16 i32 i64 }

impl Word for String {
    const HINT: &'static str = "TEXT";
    fn read(words: &mut Iter<'_, String>) -> Result<Self, BadWord> {
        words.next().cloned().ok_or(BadWord::Missing)
    }
    fn write(&self, words: &mut Vec<String>) {
        words.push(self.clone());
    }
}

impl<T: Word> Word for Vec<T> {
    const HINT: &'static str = T::HINT;
    const REST: bool = true;
    fn read(words: &mut Iter<'_, String>) -> Result<Self, BadWord> {
        let mut items = Vec::new();
        while words.len() > 0 {
            items.push(T::read(words)?);
        }
        Ok(items)
    }
    fn write(&self, words: &mut Vec<String>) {
        self.iter().for_each(|item| item.write(words));
    }
}
