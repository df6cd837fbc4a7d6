//! Builds the `myrhiza` command.

use std::path::PathBuf;

use anyhow::{Context as _, Result};
use xshell::{Shell, cmd};

use crate::process;
use crate::workspace::Workspace;

/// Builds it and says where it is.
pub(crate) fn build(workspace: &Workspace) -> Result<PathBuf> {
    let sh = Shell::new()?;
    sh.change_dir(workspace.root());
    let cargo = process::cargo();
    eprintln!("native: building the `myrhiza` command");
    cmd!(sh, "{cargo} build --quiet --package myrhiza-native")
        .env("CARGO_TARGET_DIR", workspace.target())
        .run()
        .context("the `myrhiza` command was not built; what cargo printed is above")?;
    Ok(workspace
        .target()
        .join("debug")
        .join("myrhiza")
        .with_extension(std::env::consts::EXE_EXTENSION))
}
