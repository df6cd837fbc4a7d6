//! The `state-apply` profile. Folds an event into the state and gives the verdict: a function of (prior state, event).
#![warn(missing_docs)]

use myrhiza_kernel_api::{
    Determinism, InstanceLife, Permit, Profile, ProfileLimits, Registration, limits, register,
};

/// The profile.
pub static STATE_APPLY: Profile = Profile {
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
    limits: ProfileLimits::with_fuel(limits::FUEL_STATE_APPLY),
    life: InstanceLife::FreshMemory,
};

register!(Registration::Profile(&STATE_APPLY));
