//! The `state-propose` profile. Makes a candidate event of a user's intent; the dry run judges it.
#![warn(missing_docs)]

use myrhiza_kernel_api::{
    Determinism, InstanceLife, Permission, Permit, ProfileLimits, ProfilePolicy, Registration,
    limits, register,
};

/// The profile's data.
pub struct StatePropose;

const PERMITS: &[Permit] = &[
    Permit { interface: "log", permission: Permission::Yes },
    Permit { interface: "hash", permission: Permission::Yes },
    Permit { interface: "signature", permission: Permission::Yes },
    Permit { interface: "fork-proof", permission: Permission::Yes },
    Permit { interface: "topic-info", permission: Permission::Yes },
    Permit { interface: "state-view", permission: Permission::Yes },
    Permit { interface: "clock", permission: Permission::Yes },
    Permit { interface: "random", permission: Permission::Yes },
];

impl ProfilePolicy for StatePropose {
    fn name(&self) -> &'static str {
        "state-propose"
    }

    fn world(&self) -> &'static str {
        "myrhiza:kernel/state-propose@1.0.0"
    }

    fn permits(&self) -> &'static [Permit] {
        PERMITS
    }

    fn exports(&self) -> &'static [&'static str] {
        &["propose"]
    }

    fn determinism(&self) -> Determinism {
        Determinism::Free
    }

    fn limits(&self) -> ProfileLimits {
        ProfileLimits {
            fuel: limits::FUEL_STATE_PROPOSE,
            memory: limits::MEMORY_BYTES,
            stack: limits::STACK_UNITS,
            table: limits::TABLE_ENTRIES,
        }
    }

    fn life(&self) -> InstanceLife {
        InstanceLife::OneCall
    }
}

register!(Registration::Profile(&StatePropose));
