//! The `migrate` profile. Brings the state that an earlier version of the app left into the shape of
//! its own, a chunk at a time: a function of (prior state, that version, cursor).
#![warn(missing_docs)]

use myrhiza_kernel_api::{
    Determinism, InstanceLife, Permit, Profile, ProfileLimits, Registration, limits, register,
};

/// The profile.
pub static MIGRATE: Profile = Profile {
    name: "migrate",
    world: "myrhiza:kernel/migrate@1.0.0",
    permits: &[
        Permit::always("log"),
        Permit::always("hash"),
        Permit::always("signature"),
        Permit::always("fork-proof"),
        Permit::always("topic-info"),
        Permit::always("state"),
    ],
    exports: &["migrate"],
    determinism: Determinism::Strict,
    limits: ProfileLimits::with_fuel(limits::FUEL_STATE_APPLY),
    life: InstanceLife::FreshMemory,
};

register!(Registration::Profile(&MIGRATE));
