//! Time that only goes on.

/// Milliseconds that pass at most from one look at the clock to the next. There is one every second
/// or so: what is more is a clock that was set, or a machine that slept.
const STEP_MS: u64 = 5_000;

/// A node's time. The system's clock can be set to any time, forward and back, while peers are
/// waited for; who is waited for would then be too late at once, or waited for without end.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Clock {
    /// The system's clock, in milliseconds since 1970, when it was looked at last.
    wall_ms: Option<u64>,
    /// Begins as the system's clock, and goes on by what passes.
    steady_ms: u64,
}

impl Clock {
    /// Looks at the system's clock.
    pub(super) fn look(&mut self, wall_ms: u64) {
        let passed = match self.wall_ms.replace(wall_ms) {
            Some(before) => wall_ms.saturating_sub(before).min(STEP_MS),
            None => wall_ms,
        };
        self.steady_ms = self.steady_ms.saturating_add(passed);
    }

    /// Milliseconds since 1970, as the system's clock has it.
    pub(super) fn wall_ms(&self) -> u64 {
        self.wall_ms.unwrap_or_default()
    }

    /// Milliseconds by which to wait.
    pub(super) const fn steady_ms(&self) -> u64 {
        self.steady_ms
    }

    /// When that was, by the system's clock as it is now.
    pub(super) fn in_wall_ms(&self, steady_ms: u64) -> u64 {
        self.wall_ms().saturating_sub(self.steady_ms.saturating_sub(steady_ms))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_is_set_forward_or_back_lets_no_time_pass() {
        let mut clock = Clock::default();
        clock.look(1_000_000);
        clock.look(1_000_700);
        assert_eq!((clock.steady_ms(), clock.in_wall_ms(1_000_000)), (1_000_700, 1_000_000));
        clock.look(500);
        assert_eq!((clock.steady_ms(), clock.wall_ms()), (1_000_700, 500));
        clock.look(u64::MAX);
        assert_eq!(clock.steady_ms(), 1_000_700 + STEP_MS);
        clock.look(0);
        clock.look(1_000);
        assert_eq!(clock.steady_ms(), 1_001_700 + STEP_MS);
        assert_eq!(clock.in_wall_ms(clock.steady_ms()), 1_000);
    }
}
