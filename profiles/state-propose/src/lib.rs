//! The `state-propose` profile. Makes a candidate event of a user's intent; the dry run judges it.
#![warn(missing_docs)]

use myrhiza_kernel_api::{
    Determinism, InstanceLife, Permit, Profile, ProfileLimits, Registration, limits, register,
};

/// The profile.
pub static STATE_PROPOSE: Profile = Profile {
    name: "state-propose",
    world: "myrhiza:kernel/state-propose@1.0.0",
    permits: &[
        Permit::always("log"),
        Permit::always("hash"),
        Permit::always("signature"),
        Permit::always("fork-proof"),
        Permit::always("topic-info"),
        Permit::always("state-view"),
        Permit::always("clock"),
        Permit::always("random"),
    ],
    exports: &["propose"],
    determinism: Determinism::Free,
    limits: ProfileLimits::with_fuel(limits::FUEL_STATE_PROPOSE),
    life: InstanceLife::OneCall,
};

register!(Registration::Profile(&STATE_PROPOSE));
