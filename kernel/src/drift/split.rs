//! How the first event that differs is found: what lies between an equal and a differing position
//! is split into parts, again and again. Positions are numbers of events.

use myrhiza_kernel_api::Hash;

use super::limits::WAYS;

/// Events after `low`, up to `high`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) low: u64,
    pub(super) high: u64,
}

impl Span {
    /// A span that is not empty.
    pub(super) fn new(low: u64, high: u64) -> Option<Self> {
        (low < high).then_some(Self { low, high })
    }

    /// The ends of its parts, ascending; the last is its own.
    pub(super) fn ends(self) -> Vec<u64> {
        let events = self.high - self.low;
        let parts = events.min(WAYS);
        let end = |part: u64| {
            let share = u128::from(events) * u128::from(part) / u128::from(parts.max(1));
            self.low + u64::try_from(share).unwrap_or(events)
        };
        (1..=parts).map(end).collect()
    }

    /// The first part at whose end the digests differ.
    pub(super) fn first_differing(self, ours: &[Hash], theirs: &[Hash]) -> Option<Self> {
        let ends = self.ends();
        let part = ours.iter().zip(theirs).position(|(ours, theirs)| ours != theirs)?;
        let low = part.checked_sub(1).map_or(Some(self.low), |before| ends.get(before).copied())?;
        Self::new(low, *ends.get(part)?)
    }

    /// Whether it is one of the parts of another.
    pub(super) fn is_part_of(self, whole: Self) -> bool {
        let ends = whole.ends();
        let part = ends.iter().position(|end| *end == self.high);
        part.is_some_and(|part| {
            let low = part.checked_sub(1).and_then(|before| ends.get(before).copied());
            low.unwrap_or(whole.low) == self.low
        })
    }

    /// True of a single event.
    pub(super) fn is_one(self) -> bool {
        self.high - self.low == 1
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::drift::limits::EVENTS;

    proptest! {
        #[test]
        fn the_first_that_differs_is_found_in_few_rounds(
            low in 0..u64::MAX / 2, events in 1..=EVENTS, at in 0..EVENTS,
        ) {
            let first = low + 1 + at % events;
            let mut span = Span::new(low, low + events).unwrap();
            let mut rounds = 0;
            loop {
                let digest = |side: u8, end: &u64| Hash([if *end >= first { side } else { 0 }; 32]);
                let ours: Vec<_> = span.ends().iter().map(|end| digest(1, end)).collect();
                let theirs: Vec<_> = span.ends().iter().map(|end| digest(2, end)).collect();
                let part = span.first_differing(&ours, &theirs).unwrap();
                prop_assert!(part.is_part_of(span));
                (span, rounds) = (part, rounds + 1);
                if span.is_one() {
                    break;
                }
            }
            prop_assert_eq!(span.high, first);
            // 16 parts a round: log16 of the events, rounded up.
            prop_assert!(rounds <= 4 && 16u64.pow(rounds) < 16 * 16 * events.max(2));
        }
    }

    #[test]
    fn equal_digests_have_no_part_that_differs() {
        let span = Span::new(5, 50).unwrap();
        let digests = vec![Hash([1; 32]); span.ends().len()];
        assert_eq!(span.first_differing(&digests, &digests), None);
        assert_eq!(Span::new(5, 5), None);
    }
}
