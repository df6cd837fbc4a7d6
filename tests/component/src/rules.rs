//! Profiles with limits of a test's choice.

use myrhiza_kernel_api::{Determinism, InstanceLife, Permit, Profile, ProfileLimits, limits};

/// What a test changes of a profile.
pub trait Rules {
    /// With another amount of fuel.
    fn fuel(self, fuel: u64) -> Self;
    /// With another amount of stack.
    fn stack(self, units: u64) -> Self;
    /// Without the reset: what a call leaves in memory, the next one finds.
    fn lasting(self) -> Self;
}

impl Rules for Profile {
    fn fuel(mut self, fuel: u64) -> Self {
        self.limits.fuel = fuel;
        self
    }

    fn stack(mut self, units: u64) -> Self {
        self.limits.stack = units;
        self
    }

    fn lasting(mut self) -> Self {
        self.life = InstanceLife::Long;
        self
    }
}

const LIMITS: ProfileLimits = ProfileLimits::with_fuel(limits::FUEL_STATE_APPLY);

/// Like `state-apply`.
pub const APPLY: Profile = Profile {
    name: "state-apply",
    world: "myrhiza:kernel/state-apply@1.0.0",
    permits: &[
        Permit::always("log"),
        Permit::always("hash"),
        Permit::always("signature"),
        Permit::always("fork-proof"),
        Permit::always("topic-info"),
        Permit::always("event"),
        Permit::always("state"),
    ],
    exports: &["apply"],
    determinism: Determinism::Strict,
    life: InstanceLife::FreshMemory,
    limits: LIMITS,
};

/// Like `state-propose`.
pub const PROPOSE: Profile = Profile {
    name: "state-propose",
    world: "myrhiza:kernel/state-propose@1.0.0",
    permits: &[
        Permit::always("log"),
        Permit::always("state-view"),
        Permit::always("clock"),
        Permit::always("random"),
    ],
    exports: &["propose"],
    determinism: Determinism::Free,
    life: InstanceLife::OneCall,
    limits: LIMITS,
};

/// Like `interaction`.
pub const INTERACTION: Profile = Profile {
    name: "interaction",
    world: "myrhiza:kernel/interaction@1.0.0",
    permits: &[Permit::always("log"), Permit::always("state-view"), Permit::always("ui")],
    exports: &["render"],
    determinism: Determinism::Free,
    life: InstanceLife::Long,
    limits: LIMITS,
};
