//! Builds programs that run on this machine.

use std::path::PathBuf;

use anyhow::{Context as _, Result};
use xshell::{Shell, cmd};

use super::shell;
use crate::process;
use crate::workspace::Workspace;

/// The `myrhiza` command.
pub(crate) const COMMAND: &str = "myrhiza";

/// A small test, an app's cases, that is compiled beside a program. Where a test is built, cargo
/// counts what tests depend on among what asks for features, so that programs and tests share every
/// dependency.
const BESIDE: &str = "cases";

/// Builds the `myrhiza` command, with the web shell beside it, and says where it is.
pub(crate) fn build(workspace: &Workspace) -> Result<PathBuf> {
    let built = program(workspace, COMMAND, Profile::Dev)?;
    shell::beside(workspace, &built)?;
    Ok(built)
}

/// Where [`build`] leaves it.
pub(crate) fn built(workspace: &Workspace) -> PathBuf {
    at(workspace, COMMAND, Profile::Dev)
}

/// How a program is compiled.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Profile {
    /// As tests are.
    Dev,
    /// With all optimisations.
    Release,
}

/// Builds a program of this workspace and says where it is.
pub(crate) fn program(workspace: &Workspace, name: &str, profile: Profile) -> Result<PathBuf> {
    let sh = Shell::new()?;
    sh.change_dir(workspace.root());
    let (cargo, selection) = (process::cargo(), workspace.selection());
    let flags = match profile {
        Profile::Dev => None,
        Profile::Release => Some("--release"),
    };
    eprintln!("native: building `{name}`");
    let build = cmd!(sh, "{cargo} build {flags...} {selection...} --bin {name} --test {BESIDE}");
    process::without_package_variables(build)
        .env("CARGO_TARGET_DIR", workspace.target())
        .quiet()
        .run()
        .with_context(|| format!("`{name}` was not built; what cargo printed is above"))?;
    Ok(at(workspace, name, profile))
}

fn at(workspace: &Workspace, name: &str, profile: Profile) -> PathBuf {
    let folder = match profile {
        Profile::Dev => "debug",
        Profile::Release => "release",
    };
    let built = workspace.target().join(folder).join(name);
    built.with_extension(std::env::consts::EXE_EXTENSION)
}
