//! Components written as core modules in WAT.

use anyhow::{Context, Result};
use myrhiza_kernel::component::admit;
use myrhiza_kernel_api::{ComponentId, ProfilePolicy};
use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

/// The kernel's WIT package.
pub const WIT: &str = include_str!("../../../wit/kernel.wit");

/// A profile of `myrhiza:kernel`, by the name of its world.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Profile {
    StateApply,
    Migrate,
    StatePropose,
    Interaction,
    /// The profile `interaction`, with the exports that it need not have.
    Acting,
}

impl Profile {
    /// The name of its world.
    pub fn world(self) -> &'static str {
        match self {
            Self::StateApply => "state-apply",
            Self::Migrate => "migrate",
            Self::StatePropose => "state-propose",
            Self::Interaction => "interaction",
            Self::Acting => "interaction-acting",
        }
    }

    /// Its rules.
    pub fn policy(self) -> &'static dyn ProfilePolicy {
        match self {
            Self::StateApply => &myrhiza_profile_state_apply::STATE_APPLY,
            Self::Migrate => &myrhiza_profile_migrate::MIGRATE,
            Self::StatePropose => &myrhiza_profile_state_propose::STATE_PROPOSE,
            Self::Interaction | Self::Acting => &myrhiza_profile_interaction::INTERACTION,
        }
    }

    /// The fuel of one call.
    pub fn fuel(self) -> u64 {
        self.policy().limits().fuel
    }
}

/// The memory, heap and `cabi_realloc` that every module gets.
const PRELUDE: &str = include_str!("../components/prelude.wat");

/// The component of a core module as a bundle carries it, before admission.
///
/// # Errors
/// What the module lacks to be one of its world.
pub fn plain(profile: Profile, wat: &str) -> Result<Vec<u8>> {
    let body = wat.trim_end().strip_suffix(')').context("no module")?;
    encode(profile, WIT, &format!("{body}{PRELUDE})"))
}

/// The component of a core module, as admission hands it to a backend.
///
/// # Errors
/// What the module lacks to be one of its world, or what admission finds wrong.
pub fn component(profile: Profile, wat: &str) -> Result<Vec<u8>> {
    admitted(profile, &plain(profile, wat)?)
}

/// A component as admission hands it to a backend.
///
/// # Errors
/// What admission finds wrong.
pub fn admitted(profile: Profile, plain: &[u8]) -> Result<Vec<u8>> {
    Ok(admit(plain, profile.policy())?.bytes)
}

/// The component of a core module, whose meter says that no call uses any fuel.
///
/// # Errors
/// What the module lacks to be one of its world.
pub fn unmetered(profile: Profile, wat: &str) -> Result<Vec<u8>> {
    unmetered_of(profile, WIT, wat)
}

/// Like [`unmetered`], with another WIT package in place of the kernel's.
///
/// # Errors
/// What the module lacks to be one of that package's world.
pub fn unmetered_of(profile: Profile, wit: &str, wat: &str) -> Result<Vec<u8>> {
    let world = format!("world {} {{", profile.world());
    let metered = wit.replace(&world, &format!("{world} export meter-left: func() -> u64;"));
    let body = wat.trim_end().strip_suffix(')').context("no module")?;
    let fuel = profile.fuel();
    let meter = format!("(func (export \"meter-left\") (result i64) i64.const {fuel})");
    encode(profile, &metered, &format!("{body}{PRELUDE}{meter})"))
}

/// The identity of a component.
pub fn id(bytes: &[u8]) -> ComponentId {
    ComponentId(*blake3::hash(bytes).as_bytes())
}

fn encode(profile: Profile, wit: &str, wat: &str) -> Result<Vec<u8>> {
    let mut module = wat::parse_str(wat)?;
    let mut resolve = Resolve::default();
    let package = resolve.push_str("kit.wit", wit)?;
    let world = resolve.select_world(&[package], Some(profile.world()))?;
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8, false)?;
    ComponentEncoder::default().validate(true).module(&module)?.encode()
}
