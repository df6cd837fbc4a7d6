//! One event, whole.

use myrhiza_kernel::runtime::{Effect, RuntimeError};
use myrhiza_kernel_api::{EventId, TopicId};
use serde::Serialize;

use super::log::Told;
use crate::error::told;
use crate::words::{Excerpt, hex};
use crate::{Answer, Desk, Error};

/// One event, whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Shown {
    #[serde(flatten)]
    event: Told,
    /// The upgrade it was made for.
    generation: u32,
    /// The app's number for why it was rejected.
    code: Option<u32>,
    payload: Excerpt,
    changed: Vec<Changed>,
    /// Keys that are left out.
    more: usize,
}

/// A key that it wrote or deleted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct Changed {
    /// Of the app's part of the state, or the kernel's.
    side: &'static str,
    key: String,
    before: Option<Excerpt>,
    after: Option<Excerpt>,
    /// False where so much came later that nobody looked what it left.
    after_is_known: bool,
}

impl From<&Effect> for Changed {
    fn from(effect: &Effect) -> Self {
        Self {
            side: if effect.of_app { "app" } else { "kernel" },
            key: hex(&effect.key),
            before: effect.before.as_ref().map(Excerpt::from),
            after: effect.after.iter().flatten().next().map(Excerpt::from),
            after_is_known: effect.after.is_some(),
        }
    }
}

pub(crate) fn answer(desk: &Desk<'_, '_>, topic: TopicId, event: EventId) -> Result<Answer, Error> {
    let read = || -> Result<Shown, RuntimeError> {
        let entry = desk.runtime().entry(topic, event)?;
        let effects = desk.runtime().effects(topic, event)?;
        let header = entry.event.header();
        Ok(Shown {
            event: Told::of(desk.runtime(), topic, &entry)?,
            generation: header.generation,
            code: entry.ruling.as_ref().map(|ruling| ruling.code),
            payload: Excerpt::of(entry.event.body().payload()),
            changed: effects.changed.iter().map(Changed::from).collect(),
            more: effects.more,
        })
    };
    let shown = read().map_err(told("the event was not read"))?;
    Ok(Answer::Event(Box::new(shown)))
}
