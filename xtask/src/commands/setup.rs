//! Installs what is missing, and says what it runs.

use anyhow::{Result, bail};
use clap::Args;

use super::doctor::{self, State};
use super::node;
use crate::process;
use crate::wasm::{self, debian};
use crate::workspace::Workspace;

/// Install what `doctor` finds missing
#[derive(Args)]
pub(crate) struct Setup {}

impl Setup {
    pub(crate) fn run(self, workspace: &Workspace) -> Result<()> {
        ensure(workspace)?;
        wish(&[doctor::HOSTS, doctor::CLOCKS, doctor::KEYRING]);
        wish(&[doctor::NPM, doctor::NODE, doctor::CHROMIUM]);
        doctor::Doctor {}.run(workspace)
    }
}

/// Mends every need that is not met. Quick where nothing is missing.
pub(crate) fn ensure(workspace: &Workspace) -> Result<()> {
    for need in doctor::needs(workspace)? {
        let State::Missing { why, mend } = need.state else { continue };
        eprintln!("setup: {}: {why}", need.name);
        match need.name {
            doctor::C_COMPILER => debian::install(&["gcc", "libc6-dev"])?,
            doctor::WASM => {
                wasm::provide()?;
            }
            name => bail!("{name}: {why}; run `{}` and start again", mend.join("` or `")),
        }
    }
    Ok(())
}

/// Installs what only some tests use, of that name, where that can be done.
pub(crate) fn wish(names: &[&str]) {
    for wish in doctor::wishes() {
        let State::Missing { why, .. } = wish.state else { continue };
        if !names.contains(&wish.name) {
            continue;
        }
        eprintln!("setup: {}: {why}", wish.name);
        let installed = match wish.name {
            doctor::HOSTS => debian::install(&[doctor::IPROUTE]),
            doctor::NODE => install_node(),
            doctor::NPM => debian::install(&[doctor::NPM_PACKAGE]),
            doctor::CHROMIUM => debian::install(&[doctor::CHROMIUM_PACKAGE]),
            doctor::KEYRING => debian::install(&doctor::KEYRING_PACKAGES),
            _ => debian::install(&[doctor::FAKETIME]),
        };
        if let Err(error) = installed {
            eprintln!("setup: {}: {error:#}", wish.name);
        }
    }
}

/// Debian's, and a later one where that is too old.
fn install_node() -> Result<()> {
    if process::on_path("node").is_none() {
        debian::install(&[doctor::NODE_PACKAGE])?;
    }
    if node::find().is_err() {
        node::fetch()?;
    }
    Ok(())
}
