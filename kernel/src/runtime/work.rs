//! What a fold costs, as far as it can be counted: a number that is the same on every machine.

use myrhiza_kernel_api::limits::FUEL_STATE_APPLY;

/// Fuel that folding an event counts beside what its component uses: a unit is about a nanosecond,
/// and the kernel's own part is about 10 µs an event. See `docs/performance.md`, Work.
const EVENT_FUEL: u64 = 10_000;
/// Fuel that a byte counts that is written.
const BYTE_FUEL: u64 = 20;
/// Fuel that a signature counts which is checked with an event beside its own.
pub(super) const SIGNATURE_FUEL: u64 = 35_000;
/// Work that is done at a time where there is more to do, in units of fuel: about a third of a second.
pub const PART: u64 = 300_000_000;
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
    /// Checks of the kernel's own, in units of fuel: signatures by which events let in, and joins that
    /// were compared with cuts.
    pub checks: u64,
}

impl Work {
    /// All of it, in units of fuel.
    pub const fn total(&self) -> u64 {
        let kernel = self.events.saturating_mul(EVENT_FUEL);
        let written = self.bytes.saturating_mul(BYTE_FUEL);
        let used = self.fuel.saturating_add(self.checks);
        used.saturating_add(kernel).saturating_add(written)
    }
}

/// How much is taken at one time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Most {
    /// Work, in units of fuel, what has to be folded again aside. Twice as much as that may be done if
    /// that is more: to do it once more for half of the events would cost no less.
    pub work: u64,
    /// Events, with those that had waited for them. One at least is taken.
    pub events: usize,
}

/// What a fold has done of what it may.
#[derive(Clone, Copy, Debug)]
pub(super) struct Spending {
    /// In units of fuel; where there is none, it goes on to its end.
    most: Option<u64>,
    /// With more than that nothing is kept; else what was done is, and the rest is left for later.
    gives_up: bool,
    pub(super) work: Work,
}

impl Spending {
    /// No more than `most`, or nothing of it is kept.
    pub(super) const fn up_to(most: u64, work: Work) -> Self {
        Self { most: Some(most), gives_up: true, work }
    }

    /// A part of it; without a measure, all.
    pub(super) const fn part(most: Option<u64>, work: Work) -> Self {
        Self { most, gives_up: false, work }
    }

    /// Whether nothing is kept of what is too much.
    pub(super) const fn gives_up(&self) -> bool {
        self.gives_up
    }

    /// From here on all of it is done, whatever it is.
    pub(super) const fn to_its_end(self) -> Self {
        Self::part(None, self.work)
    }

    /// Events, each of which is work, before it is looked again.
    pub(super) fn events(&self) -> u64 {
        match self.gives_up {
            true => u64::MAX,
            false => (self.left() / EVENT_FUEL).max(1),
        }
    }

    /// Work that may still be done, in units of fuel.
    pub(super) fn left(&self) -> u64 {
        self.most.map_or(u64::MAX, |most| most.saturating_sub(self.work.total()))
    }

    pub(super) fn is_over(&self) -> bool {
        self.most.is_some_and(|most| self.work.total() > most)
    }

    /// Events to be folded before it is looked again: as many as may use up what is left, so that a
    /// few that use all they may are not too many.
    pub(super) fn stretch(&self) -> u64 {
        match self.most {
            Some(_) => {
                let events = (self.left() / FUEL_STATE_APPLY).clamp(*LOOK.start(), *LOOK.end());
                events.min(self.events())
            }
            None => u64::MAX,
        }
    }
}
