//! Bundles: what an app's author signs and other people install.
//!
//! A `manifest.toml` is read by [`Source`], its components are [`pack`]ed beside it, the author's
//! signature covers the canonical form of both, and [`open`] gives back nothing that was not
//! verified. Layouts: `docs/spec/bundles.md`.

mod ability;
mod canonical;
mod capability;
mod file;
mod inspect;
mod install;
mod manifest;
mod problem;
mod signed;
mod source;
mod surface;

pub use ability::Ability;
pub use canonical::{Authored, bundle_id};
pub use capability::{CAPABILITIES, Capabilities, Scope};
pub use file::{
    Bundle, BundleError, Components, MAGIC, PackError, Packed, Part, UnsignedBundle, open, pack,
    unpack,
};
pub use inspect::{FileKind, Inspection, Policy, inspect};
pub use install::{InstallPlan, Installed, Notice, Refusal};
pub(crate) use manifest::is_name;
pub use manifest::{
    AUTHORING_PROFILES, Broken, DRIFT_INTERVAL, FOLDING_PROFILE, KERNEL, KernelVersion,
    MIGRATING_PROFILE, Manifest, ParseVersionError, Version, is_blank,
};
pub use problem::{Problem, SourceError, SourceErrors};
pub use signed::SignedManifest;
pub use source::Source;

#[cfg(test)]
pub(crate) mod tests;
