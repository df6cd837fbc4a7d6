//! Profiles with limits of a test's choice.

use myrhiza_kernel_api::{
    Determinism, InstanceLife, Permission, Permit, ProfileLimits, ProfilePolicy, limits,
};

/// A profile like one of the kernel's, but for its limits.
#[derive(Clone, Copy, Debug)]
pub struct Rules {
    name: &'static str,
    world: &'static str,
    permits: &'static [Permit],
    exports: &'static [&'static str],
    determinism: Determinism,
    /// How long an instance lives.
    pub life: InstanceLife,
    /// What a call may use.
    pub limits: ProfileLimits,
}

const fn yes(interface: &'static str) -> Permit {
    Permit { interface, permission: Permission::Yes }
}

const LIMITS: ProfileLimits = ProfileLimits {
    fuel: limits::FUEL_STATE_APPLY,
    memory: limits::MEMORY_BYTES,
    stack: limits::STACK_UNITS,
    table: limits::TABLE_ENTRIES,
};

impl Rules {
    /// Like `state-apply`.
    pub const APPLY: Self = Self {
        name: "state-apply",
        world: "myrhiza:kernel/state-apply@1.0.0",
        permits: &[
            yes("log"),
            yes("hash"),
            yes("signature"),
            yes("fork-proof"),
            yes("topic-info"),
            yes("event"),
            yes("state"),
        ],
        exports: &["apply"],
        determinism: Determinism::Strict,
        life: InstanceLife::FreshMemory,
        limits: LIMITS,
    };
    /// Like `state-propose`.
    pub const PROPOSE: Self = Self {
        name: "state-propose",
        world: "myrhiza:kernel/state-propose@1.0.0",
        permits: &[yes("log"), yes("state-view"), yes("clock"), yes("random")],
        exports: &["propose"],
        determinism: Determinism::Free,
        life: InstanceLife::OneCall,
        limits: LIMITS,
    };
    /// Like `interaction`.
    pub const INTERACTION: Self = Self {
        name: "interaction",
        world: "myrhiza:kernel/interaction@1.0.0",
        permits: &[yes("log"), yes("state-view"), yes("ui")],
        exports: &["render"],
        determinism: Determinism::Free,
        life: InstanceLife::Long,
        limits: LIMITS,
    };

    /// With another amount of fuel.
    pub fn fuel(mut self, fuel: u64) -> Self {
        self.limits.fuel = fuel;
        self
    }

    /// With another amount of stack.
    pub fn stack(mut self, units: u64) -> Self {
        self.limits.stack = units;
        self
    }

    /// Without the reset: what a call leaves in memory, the next one finds.
    pub fn lasting(mut self) -> Self {
        self.life = InstanceLife::Long;
        self
    }
}

impl ProfilePolicy for Rules {
    fn name(&self) -> &'static str {
        self.name
    }

    fn world(&self) -> &'static str {
        self.world
    }

    fn permits(&self) -> &'static [Permit] {
        self.permits
    }

    fn exports(&self) -> &'static [&'static str] {
        self.exports
    }

    fn determinism(&self) -> Determinism {
        self.determinism
    }

    fn limits(&self) -> ProfileLimits {
        self.limits
    }

    fn life(&self) -> InstanceLife {
        self.life
    }
}
