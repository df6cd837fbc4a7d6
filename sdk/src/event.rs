//! What happens in an app, and what is said of it.

use std::borrow::Cow;

use crate::codec::{Decoder, Encoder, Malformed};

/// What can happen in an app: an enum that derives this.
///
/// ```
/// use myrhiza_sdk::prelude::*;
///
/// #[derive(Event)]
/// pub enum Change {
///     #[n(0)]
///     Raise { by: u64 },
///     #[n(1)]
///     Reset,
/// }
/// ```
pub trait Event: Sized {
    /// The number of its kind.
    fn variant(&self) -> u32;
    /// Appends its content.
    fn encode_payload(&self, to: &mut Encoder);
    /// Reads the content of a kind; `None` if there is no such kind.
    ///
    /// # Errors
    /// [`Malformed`]
    fn decode_payload(variant: u32, from: &mut Decoder<'_>) -> Result<Option<Self>, Malformed>;

    /// Its kind and content, as an event carries them.
    fn to_event(&self) -> (u32, Vec<u8>) {
        let mut to = Encoder::default();
        self.encode_payload(&mut to);
        (self.variant(), to.into_bytes())
    }

    /// What an event of that kind and content says.
    ///
    /// # Errors
    /// [`UNKNOWN`] or [`MALFORMED`]: anyone can send anything.
    fn from_event(variant: u32, payload: &[u8]) -> Result<Self, Reject> {
        let mut from = Decoder::new(payload);
        match Self::decode_payload(variant, &mut from) {
            Ok(Some(event)) if from.end().is_ok() => Ok(event),
            Ok(None) => Err(UNKNOWN),
            _ => Err(MALFORMED),
        }
    }
}

/// Why an event has no effect: a number of the app's own and a reason for people.
///
/// Numbers are what a test and another program know a reason by, so give each a constant:
///
/// ```
/// use myrhiza_sdk::Reject;
///
/// const NOT_FOUNDER: Reject = Reject::new(1, "only the founder can reset the counter");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reject {
    code: u32,
    reason: Cow<'static, str>,
}

/// The event is of no kind the app knows.
pub const UNKNOWN: Reject = Reject::new(u32::MAX, "the app knows no such kind of event");
/// The event's payload is not what its kind has.
pub const MALFORMED: Reject =
    Reject::new(u32::MAX - 1, "the payload is not what this kind of event carries");

impl Reject {
    /// `code` is not 0, which means accepted; the highest are the SDK's.
    pub const fn new(code: u32, reason: &'static str) -> Self {
        assert!(code != 0, "0 is the code of acceptance");
        Self { code, reason: Cow::Borrowed(reason) }
    }

    /// The same with a reason that tells more.
    #[must_use]
    pub fn because(mut self, reason: String) -> Self {
        self.reason = Cow::Owned(reason);
        self
    }

    /// The number.
    pub fn code(&self) -> u32 {
        self.code
    }

    /// The reason.
    pub fn reason(&self) -> &str {
        &self.reason
    }

    pub(crate) fn into_reason(self) -> String {
        self.reason.into_owned()
    }
}

/// `Ok` if the condition holds, so that a rule reads `require(condition, REJECT)?`.
///
/// # Errors
/// `otherwise`
pub fn require<E>(condition: bool, otherwise: E) -> Result<(), E> {
    if condition { Ok(()) } else { Err(otherwise) }
}
