//! What an app asks of its user, after something they did, and what they answer.

use myrhiza_kernel::identity::names;
use myrhiza_kernel::runtime::{self, RuntimeError};
use myrhiza_kernel_api::TopicId;
use myrhiza_kernel_api::operation::{Operation, Outcome};
use serde::{Deserialize, Serialize};

use super::act::{self, Done};
use crate::error::told;
use crate::words::{from_hex, hex};
use crate::{Answer, Desk, Error};

/// What came of something pressed or answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Pressed {
    /// What became of what was proposed; null if nothing was.
    pub acted: Option<Done>,
    /// What the app asks now, in order.
    pub asked: Vec<Asked>,
}

/// Something that an app asks, with who asks it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// Goes with the answer.
    pub token: String,
    /// The topic.
    pub topic: String,
    /// The app's bundle.
    pub bundle: String,
    /// What the app is called.
    pub app: String,
    /// Its version.
    pub version: String,
    /// Who signed it.
    pub author: String,
    /// The same for people.
    pub author_name: String,
    /// What is asked.
    #[serde(flatten)]
    pub wish: Wish,
}

/// What is asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
#[expect(missing_docs, reason = "the names say it")]
pub enum Wish {
    /// One of some choices.
    Choose { question: String, choices: Vec<String> },
    /// A short text.
    Ask { question: String, value: String },
    /// To put a text on the clipboard.
    Copy { text: String },
    /// A file of this kind: a media type, a group of them or an ending.
    Pick { accept: String },
    /// To open an address.
    Open { address: String },
    /// To let a server with this public key, in hex, wake the device.
    Subscribe { server_key: String },
    /// Of a later version of this program.
    Other {},
}

/// What the user answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase", deny_unknown_fields)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Said {
    Declined {},
    /// It cannot be done here.
    Unavailable {
        why: String,
    },
    /// Copied, or opened.
    Done {},
    Chosen {
        index: u32,
    },
    Text {
        text: String,
    },
    /// `bytes` in hex.
    File {
        name: String,
        bytes: String,
    },
    /// The subscription as JSON.
    Subscribed {
        subscription: String,
    },
}

impl From<runtime::Asked> for Asked {
    fn from(asked: runtime::Asked) -> Self {
        Self {
            token: format!("{:016x}", asked.token),
            topic: asked.topic.to_string(),
            bundle: asked.bundle.to_string(),
            app: asked.app,
            version: asked.version.to_string(),
            author: asked.author.to_string(),
            author_name: names::person(&asked.author),
            wish: Wish::from(asked.operation),
        }
    }
}

impl From<Operation> for Wish {
    fn from(operation: Operation) -> Self {
        match operation {
            Operation::Choose { question, choices } => Self::Choose { question, choices },
            Operation::Ask { question, value } => Self::Ask { question, value },
            Operation::Copy { text } => Self::Copy { text },
            Operation::Pick { kind } => Self::Pick { accept: kind },
            Operation::Open { address } => Self::Open { address },
            Operation::Subscribe { server_key } => Self::Subscribe { server_key: hex(&server_key) },
            _ => Self::Other {},
        }
    }
}

impl TryFrom<Said> for Outcome {
    type Error = RuntimeError;

    fn try_from(said: Said) -> Result<Self, RuntimeError> {
        Ok(match said {
            Said::Declined {} => Self::Declined,
            Said::Unavailable { why } => Self::Unavailable(why),
            Said::Done {} => Self::Done,
            Said::Chosen { index } => Self::Chosen(index),
            Said::Text { text } => Self::Text(text),
            Said::File { name, bytes } => {
                Self::File { name, bytes: from_hex(&bytes).ok_or(RuntimeError::NoAnswer)? }
            }
            Said::Subscribed { subscription } => Self::Subscribed(subscription),
        })
    }
}

/// Reads a token.
///
/// # Errors
/// [`RuntimeError::NotAsked`], since none is written so.
pub fn token(text: &str) -> Result<u64, RuntimeError> {
    let digits = text.len() == 16 && text.bytes().all(|b| b.is_ascii_hexdigit());
    let token = u64::from_str_radix(text, 16).ok().filter(|_| digits);
    token.ok_or(RuntimeError::NotAsked)
}

const UNDONE: &str = "nothing was done in the topic";

pub(crate) fn list(desk: &Desk<'_, '_>, topic: TopicId) -> Answer {
    let asked = desk.runtime().asked(topic);
    Answer::Asked(asked.into_iter().map(Asked::from).collect())
}

pub(crate) fn press(
    desk: &mut Desk<'_, '_>,
    topic: TopicId,
    words: &[String],
) -> Result<Answer, Error> {
    let viewer = desk.person();
    let pressed = desk.seat.runtime.press(topic, viewer, desk.ambient, words);
    finish(desk, topic, pressed.map_err(failed)?)
}

pub(crate) fn complete(desk: &mut Desk<'_, '_>, token: &str, said: Said) -> Result<Answer, Error> {
    let viewer = desk.person();
    let outcome = Outcome::try_from(said).map_err(failed)?;
    let token = self::token(token).map_err(failed)?;
    let completed = desk.seat.runtime.complete(token, &outcome, viewer, desk.ambient);
    let (topic, pressed) = completed.map_err(failed)?;
    finish(desk, topic, pressed)
}

/// Proposes what is to be proposed.
fn finish(
    desk: &mut Desk<'_, '_>,
    topic: TopicId,
    pressed: runtime::Pressed,
) -> Result<Answer, Error> {
    let asked = pressed.asked.into_iter().map(Asked::from).collect();
    let acted = match pressed.intent {
        Some(intent) => Some(act::done(desk, topic, &intent)?),
        None => None,
    };
    Ok(Answer::Pressed(Box::new(Pressed { acted, asked })))
}

fn failed(error: RuntimeError) -> Error {
    told(UNDONE)(error)
}
