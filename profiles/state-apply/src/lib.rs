//! The `state-apply` profile. Folds an event into the state and gives the verdict: a function of (prior state, event).
#![warn(missing_docs)]

use myrhiza_kernel_api::{
    Determinism, InstanceLife, Permission, Permit, ProfileLimits, ProfilePolicy, Registration,
    limits, register,
};

/// The profile's data.
pub struct StateApply;

const PERMITS: &[Permit] = &[
    Permit { interface: "log", permission: Permission::Yes },
    Permit { interface: "hash", permission: Permission::Yes },
    Permit { interface: "signature", permission: Permission::Yes },
    Permit { interface: "fork-proof", permission: Permission::Yes },
    Permit { interface: "topic-info", permission: Permission::Yes },
    Permit { interface: "event", permission: Permission::Yes },
    Permit { interface: "state", permission: Permission::Yes },
];

impl ProfilePolicy for StateApply {
    fn name(&self) -> &'static str {
        "state-apply"
    }

    fn world(&self) -> &'static str {
        "myrhiza:kernel/state-apply@1.0.0"
    }

    fn permits(&self) -> &'static [Permit] {
        PERMITS
    }

    fn exports(&self) -> &'static [&'static str] {
        &["apply"]
    }

    fn determinism(&self) -> Determinism {
        Determinism::Strict
    }

    fn limits(&self) -> ProfileLimits {
        ProfileLimits {
            fuel: limits::FUEL_STATE_APPLY,
            memory: limits::MEMORY_BYTES,
            stack: limits::STACK_UNITS,
            table: limits::TABLE_ENTRIES,
        }
    }

    fn life(&self) -> InstanceLife {
        InstanceLife::FreshMemory
    }
}

register!(Registration::Profile(&StateApply));
