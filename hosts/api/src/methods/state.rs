//! The app's part of a topic's state.

use myrhiza_kernel_api::TopicId;
use serde::Serialize;

use crate::error::told;
use crate::words::{Excerpt, from_hex, hex};
use crate::{Answer, Desk, Error};

/// Keys that are sent where nobody says how many.
const LIMIT: usize = 100;
/// Most that are sent.
const MOST: usize = 500;

/// A part of the app's state, by key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Page {
    entries: Vec<Entry>,
    /// Whether there are keys after these.
    later: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct Entry {
    key: String,
    value: Excerpt,
}

pub(crate) fn answer(
    desk: &Desk<'_, '_>,
    topic: TopicId,
    after: Option<&str>,
    limit: Option<usize>,
) -> Result<Answer, Error> {
    let what = "the state was not read";
    let limit = limit.unwrap_or(LIMIT).clamp(1, MOST);
    let after = after.map(|after| {
        from_hex(after).ok_or_else(|| {
            let cause = "the key is not pairs of hexadecimal digits";
            Error::new("bad-hex", what, cause, "choose one of the keys that are listed")
        })
    });
    let after = after.transpose()?;
    let read = desk.runtime().state_after(topic, after.as_deref(), limit + 1);
    let mut read = read.map_err(told(what))?;
    let later = read.len() > limit;
    read.truncate(limit);
    let entry =
        |(key, value): (Vec<u8>, Vec<u8>)| Entry { key: hex(&key), value: Excerpt::of(&value) };
    Ok(Answer::State(Page { entries: read.into_iter().map(entry).collect(), later }))
}
