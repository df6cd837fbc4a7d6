//! Bundles that the user wants and that no topic here needs, as long as the process lives.

use myrhiza_kernel_api::BundleId;

/// Bundles that are wanted at one time; with another, the one wanted longest ago is forgotten.
const WANTED: usize = 16;

/// Bundles that are wanted, and how often each was; what was wanted last is at the end.
#[derive(Debug, Default)]
pub(super) struct Wanted(Vec<(BundleId, u32)>);

impl Wanted {
    /// It is wanted, now.
    pub(super) fn add(&mut self, bundle: BundleId) {
        let before = self.iter().find(|(wanted, _)| *wanted == bundle);
        let times = before.map_or(0, |(_, times)| times);
        self.remove(bundle);
        self.0.push((bundle, times.saturating_add(1)));
        if self.0.len() > WANTED {
            self.0.remove(0);
        }
    }

    /// It is wanted no more.
    pub(super) fn remove(&mut self, bundle: BundleId) {
        self.0.retain(|(wanted, _)| *wanted != bundle);
    }

    /// What was wanted longest ago first.
    pub(super) fn iter(&self) -> impl Iterator<Item = (BundleId, u32)> {
        self.0.iter().copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_wanted_longest_ago_is_forgotten_and_never_the_last() {
        let bundle = |n: usize| BundleId([u8::MAX - n as u8; 32]);
        let mut wanted = Wanted::default();
        (0..WANTED).for_each(|n| wanted.add(bundle(n)));
        wanted.add(bundle(0));
        wanted.add(bundle(WANTED));
        let left: Vec<_> = wanted.iter().collect();
        assert_eq!(left.len(), WANTED);
        assert_eq!(left[WANTED - 2..], [(bundle(0), 2), (bundle(WANTED), 1)]);
        assert!(!left.contains(&(bundle(1), 1)));
        wanted.remove(bundle(0));
        assert!(wanted.iter().all(|(left, _)| left != bundle(0)));
    }
}
