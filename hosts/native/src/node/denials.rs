//! Since when topics are served by nobody: who is slower to be reached may still serve them.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use myrhiza_kernel_api::TopicId;

/// How often a node is asked.
pub(crate) const LOOK: Duration = Duration::from_secs(1);
/// How long another peer is waited for.
const GRACE: Duration = Duration::from_secs(5);

/// The topics that no peer serves this home, and since when that was seen.
#[derive(Debug, Default)]
pub(crate) struct Denials(BTreeMap<TopicId, Instant>);

impl Denials {
    /// A node says which these are now.
    pub(crate) fn look(&mut self, denied: &BTreeSet<TopicId>, now: Instant) {
        self.0.retain(|topic, _| denied.contains(topic));
        for topic in denied {
            self.0.entry(*topic).or_insert(now);
        }
    }

    /// Whether nobody serves a topic, and has not for long enough to be believed.
    pub(crate) fn stand(&self, topic: &TopicId, now: Instant) -> bool {
        let since = self.0.get(topic);
        since.is_some_and(|since| now.saturating_duration_since(*since) >= GRACE)
    }

    /// All that nobody serves, as seen last.
    pub(crate) fn topics(&self) -> BTreeSet<TopicId> {
        self.0.keys().copied().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_denial_stands_once_it_lasts_and_not_after_somebody_serves() {
        let (topic, start, mut denials) = (TopicId([1; 32]), Instant::now(), Denials::default());
        let (denied, later) = (BTreeSet::from([topic]), start + GRACE);
        denials.look(&denied, start);
        denials.look(&denied, later);
        assert!(!denials.stand(&topic, start) && denials.stand(&topic, later));
        assert_eq!(denials.topics(), denied);
        denials.look(&BTreeSet::new(), later);
        denials.look(&denied, later);
        assert!(!denials.stand(&topic, later) && denials.stand(&topic, later + GRACE));
    }
}
