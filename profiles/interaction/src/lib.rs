//! The `interaction` profile. Shows the state and offers what can be done, and takes what is.
#![warn(missing_docs)]

use myrhiza_kernel_api::{
    Determinism, InstanceLife, Permit, Profile, ProfileLimits, Registration, limits, register,
};

/// The profile.
pub static INTERACTION: Profile = Profile {
    name: "interaction",
    world: "myrhiza:kernel/interaction-acting@1.0.0",
    permits: &[
        Permit::always("log"),
        Permit::always("hash"),
        Permit::always("signature"),
        Permit::always("fork-proof"),
        Permit::always("topic-info"),
        Permit::always("state-view"),
        Permit::always("clock"),
        Permit::always("random"),
        Permit::always("ui"),
        Permit::each("canvas"),
        Permit::always("kv"),
        Permit::always("intent"),
        Permit::always("prompt"),
        Permit::each("clipboard-write"),
        Permit::each("file-picker"),
        Permit::each("navigate"),
        Permit::each("push"),
    ],
    exports: &["render"],
    determinism: Determinism::Free,
    limits: ProfileLimits::with_fuel(limits::FUEL_INTERACTION),
    life: InstanceLife::Long,
};

register!(Registration::Profile(&INTERACTION));
