//! The digest of a topic's state.

use myrhiza_kernel::runtime::TopicRoot;
use myrhiza_kernel_api::TopicId;
use serde::Serialize;

use crate::error::told;
use crate::{Answer, Desk, Error};

/// Where a topic stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Root {
    /// Its id.
    pub topic: String,
    /// Events in its log.
    pub events: u64,
    /// Their greatest depth.
    pub height: u64,
    /// The last of them.
    pub tip: Option<String>,
    /// Digest of the state after it; `null` where the events are not folded.
    pub root: Option<String>,
}

impl From<TopicRoot> for Root {
    fn from(root: TopicRoot) -> Self {
        Self {
            topic: root.topic.to_string(),
            events: root.events,
            height: root.tip.map_or(0, |tip| tip.height),
            tip: root.tip.map(|tip| tip.id.to_string()),
            root: root.state.map(|root| root.to_string()),
        }
    }
}

pub(crate) fn answer(desk: &Desk<'_, '_>, topic: TopicId) -> Result<Answer, Error> {
    let root = desk.runtime().root(topic).map_err(told("the root was not read"))?;
    Ok(Answer::Root(root.into()))
}
