//! What has changed in a home's logs since it was last asked: for whoever passes events on.

use std::collections::BTreeMap;

use myrhiza_kernel_api::{EventId, TopicId};

use super::Runtime;

/// New events of one topic that are named one by one; more are told of as a whole.
const NAMED: usize = 256;

/// How a topic's log has changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// By these events, in the order they came; by none where only more of it is folded.
    Events(Vec<EventId>),
    /// By many events, or by nobody knows what.
    Much,
    /// The home did not have it before.
    Entered,
    /// The home has it no longer.
    Left,
}

/// By topic, what has changed.
pub(super) type Changes = BTreeMap<TopicId, Change>;

impl Change {
    /// This change, then that.
    fn then(self, next: Self) -> Self {
        match (self, next) {
            (_, Self::Left) => Self::Left,
            (Self::Left | Self::Entered, _) | (_, Self::Entered) => Self::Entered,
            (Self::Events(mut ids), Self::Events(more)) if ids.len() + more.len() <= NAMED => {
                ids.extend(more);
                Self::Events(ids)
            }
            _ => Self::Much,
        }
    }
}

impl Runtime {
    /// What has changed in the logs since the last call. Memory is bounded, whether or not anybody
    /// asks.
    pub fn take_changes(&mut self) -> BTreeMap<TopicId, Change> {
        std::mem::take(&mut self.changes)
    }

    pub(super) fn changed(&mut self, topic: TopicId, change: Change) {
        let change = match self.changes.remove(&topic) {
            Some(earlier) => earlier.then(change),
            None => Change::Events(Vec::new()).then(change),
        };
        self.changes.insert(topic, change);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_add_up_to_what_a_peer_has_to_be_told() {
        let some = |n: usize| Change::Events(vec![EventId([1; 32]); n]);
        assert_eq!(some(1).then(some(2)), some(3));
        assert_eq!(some(NAMED).then(some(1)), Change::Much);
        assert_eq!(Change::Much.then(some(1)), Change::Much);
        assert_eq!(Change::Entered.then(some(1)), Change::Entered);
        assert_eq!(some(1).then(Change::Left), Change::Left);
        assert_eq!(Change::Left.then(Change::Entered), Change::Entered);
    }
}
