//! Builds a host.

use anyhow::Result;
use clap::{Args, ValueEnum};

use super::native;
use crate::workspace::Workspace;

/// Build a host, and print where it is
#[derive(Args)]
pub(crate) struct Build {
    host: Host,
}

#[derive(Clone, Copy, ValueEnum)]
enum Host {
    /// The `myrhiza` command
    Native,
}

impl Build {
    pub(crate) fn run(self, workspace: &Workspace) -> Result<()> {
        let built = match self.host {
            Host::Native => native::build(workspace)?,
        };
        println!("{}", built.display());
        Ok(())
    }
}
