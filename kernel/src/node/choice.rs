//! How a node ranks the peers it knows, so that nobody else can tell or make whom it prefers.

use myrhiza_kernel_api::{PublicKey, TopicId};

/// Peers of each topic that a node chooses, where it knows so many. As many again choose it, on
/// average. Reasons and figures: `docs/adr/live-overlay.md`.
pub const DEGREE: usize = 6;
/// Milliseconds after which a rank is another: each peer has its own time for that.
const ROTATE_MS: u64 = 3_600_000;

/// How a node chooses among the peers it knows.
#[derive(Clone, Copy)]
pub struct Choice {
    /// This node's alone, and another at each start, from a cryptographically secure source: nobody
    /// can make a key that it prefers.
    pub seed: [u8; 32],
    /// Peers of each topic that it chooses.
    pub degree: usize,
}

impl std::fmt::Debug for Choice {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Choice {{ degree: {} }}", self.degree)
    }
}

impl Choice {
    /// The choice of [`DEGREE`] peers of each topic.
    pub const fn new(seed: [u8; 32]) -> Self {
        Self { seed, degree: DEGREE }
    }

    /// Where a peer stands now; the least come first.
    pub(super) fn rank_of_peer(&self, key: &PublicKey, now_ms: u64) -> u64 {
        self.rank(key.as_ref(), now_ms)
    }

    /// Where a topic stands now, if there are too many.
    pub(super) fn rank_of_topic(&self, topic: &TopicId, now_ms: u64) -> u64 {
        self.rank(topic.as_ref(), now_ms)
    }

    /// Something that spreads what many nodes do at one time.
    pub(super) fn salt(&self) -> u64 {
        let [a, b, c, d, e, f, g, h, ..] = self.seed;
        u64::from_le_bytes([a, b, c, d, e, f, g, h])
    }

    fn rank(&self, of: &[u8], now_ms: u64) -> u64 {
        let offset = self.number(of, u64::MAX) % ROTATE_MS;
        self.number(of, now_ms.saturating_add(offset) / ROTATE_MS)
    }

    fn number(&self, of: &[u8], turn: u64) -> u64 {
        let mut hasher = blake3::Hasher::new_keyed(&self.seed);
        hasher.update(of).update(&turn.to_le_bytes());
        let [a, b, c, d, e, f, g, h, ..] = *hasher.finalize().as_bytes();
        u64::from_le_bytes([a, b, c, d, e, f, g, h])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rank_lasts_an_hour_and_is_another_for_each_node() {
        let (here, there) = (Choice::new([1; 32]), Choice::new([2; 32]));
        let key = PublicKey([3; 32]);
        let ranks = |choice: Choice| {
            let mut ranks: Vec<_> =
                (0..600).map(|minute| choice.rank_of_peer(&key, minute * 60_000)).collect();
            ranks.dedup();
            ranks
        };
        assert_eq!(ranks(here).len(), 11);
        assert!(ranks(here).iter().all(|rank| !ranks(there).contains(rank)));
    }
}
