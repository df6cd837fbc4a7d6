//! What a fold costs, as far as it can be counted: a number that is the same on every machine.

use myrhiza_kernel_api::limits::FUEL_STATE_APPLY;

/// Fuel that folding an event counts beside what its component uses: a unit is about a nanosecond,
/// and the kernel's own part is about 10 µs an event. See `docs/performance.md`, Work.
const EVENT_FUEL: u64 = 10_000;
/// Fuel that a byte counts that is written.
const BYTE_FUEL: u64 = 20;
/// Events that are folded before it is looked whether it is too much.
const LOOK: std::ops::RangeInclusive<u64> = 16..=256;

/// What a fold did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Work {
    /// Events folded, or cuts judged.
    pub events: u64,
    /// Fuel that components used for them.
    pub fuel: u64,
    /// Bytes that were written.
    pub bytes: u64,
}

impl Work {
    /// All of it, in units of fuel.
    pub const fn total(&self) -> u64 {
        let kernel = self.events.saturating_mul(EVENT_FUEL);
        let written = self.bytes.saturating_mul(BYTE_FUEL);
        self.fuel.saturating_add(kernel).saturating_add(written)
    }
}

/// What a fold has done of what it may.
#[derive(Clone, Copy, Debug)]
pub(super) struct Spending {
    /// In units of fuel; where there is none, it goes on to its end.
    pub(super) most: Option<u64>,
    pub(super) work: Work,
}

impl Spending {
    pub(super) const fn new(most: Option<u64>) -> Self {
        Self { most, work: Work { events: 0, fuel: 0, bytes: 0 } }
    }

    pub(super) fn is_over(&self) -> bool {
        self.most.is_some_and(|most| self.work.total() > most)
    }

    /// Events to be folded before it is looked again: as many as may use up what is left, so that a
    /// few that use all they may are not too many.
    pub(super) fn stretch(&self) -> u64 {
        let left = |most: u64| most.saturating_sub(self.work.total()) / FUEL_STATE_APPLY;
        self.most.map_or(u64::MAX, |most| left(most).clamp(*LOOK.start(), *LOOK.end()))
    }
}
