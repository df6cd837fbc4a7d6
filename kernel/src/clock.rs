//! The hybrid logical clock: wall time that never goes back, and counts what happens within a tick.
//!
//! A reading is milliseconds since 1970 in the upper 48 bits and a counter in the lower 16. In an
//! event it is its author's claim: it orders and delays nothing. Only this node's own clock is kept
//! from running away with a claim. Kulkarni et al., "Logical Physical Clocks" (2014).

/// How far ahead of the wall clock a claim may pull this node's clock, in milliseconds.
pub const MAX_AHEAD_MS: u64 = 5 * 60 * 1000;

/// Bits of the counter.
const COUNTER_BITS: u32 = 16;
/// The greatest wall time a reading can hold.
const MAX_MS: u64 = u64::MAX >> COUNTER_BITS;

/// The next reading, for an event of this node: after `last`, the reading before, and not before
/// `now_ms`, the wall clock in milliseconds since 1970.
pub const fn tick(last: u64, now_ms: u64) -> u64 {
    max(last.saturating_add(1), first_of(now_ms))
}

/// The clock after an event that claims `seen`. A claim further ahead of the wall clock than
/// [`MAX_AHEAD_MS`] counts as just that far.
pub const fn merge(last: u64, seen: u64, now_ms: u64) -> u64 {
    max(last, min(seen, first_of(now_ms.saturating_add(MAX_AHEAD_MS))))
}

/// The wall time of a reading, in milliseconds since 1970.
pub const fn wall_ms(reading: u64) -> u64 {
    reading >> COUNTER_BITS
}

/// The first reading of a millisecond; years beyond 10889 count as the last that fits.
const fn first_of(ms: u64) -> u64 {
    min(ms, MAX_MS) << COUNTER_BITS
}

const fn max(a: u64, b: u64) -> u64 {
    if a > b { a } else { b }
}

const fn min(a: u64, b: u64) -> u64 {
    if a < b { a } else { b }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn within_one_millisecond_it_counts() {
        let one = tick(0, 1000);
        assert_eq!(one, 1000 << 16);
        assert_eq!(tick(one, 1000), one + 1);
        assert_eq!(wall_ms(tick(one, 1000)), 1000);
        assert_eq!(tick(one, 999), one + 1, "a wall clock set back");
        assert_eq!(tick(one, 1001), 1001 << 16);
    }

    /// [IDENTITY-5]
    #[test]
    fn a_far_off_claim_pulls_it_five_minutes_at_most() {
        let now = 1 << 40;
        assert_eq!(wall_ms(merge(0, u64::MAX, now)), now + MAX_AHEAD_MS);
        assert_eq!(merge(0, 7 << 16, now), 7 << 16, "a claim in the past is taken as it is");
        assert_eq!(merge(9 << 16, 7 << 16, now), 9 << 16);
        assert_eq!(wall_ms(merge(0, u64::MAX, u64::MAX)), MAX_MS);
    }

    proptest! {
        #[test]
        fn it_never_goes_back_and_never_stays(last in 0..u64::MAX, now: u64, seen: u64) {
            prop_assert!(tick(last, now) > last);
            prop_assert!(merge(last, seen, now) >= last);
        }

        #[test]
        fn what_was_seen_within_bounds_is_followed(last: u64, now in 0..1u64 << 47, ahead in 0..MAX_AHEAD_MS) {
            let seen = (now + ahead) << 16;
            prop_assert!(tick(merge(last.min(seen), seen, now), now) > seen);
        }
    }
}
