//! Builds a host.

use anyhow::Result;
use clap::{Args, ValueEnum};

use super::{browser, native, shell};
use crate::workspace::Workspace;

/// Build a host or its page, and print where it is
#[derive(Args)]
pub(crate) struct Build {
    host: Host,
}

#[derive(Clone, Copy, ValueEnum)]
enum Host {
    /// The `myrhiza` command, with the web shell beside it
    Native,
    /// The web shell alone
    Shell,
    /// The web shell with a home in it: a folder that any server of files can serve
    Browser,
}

impl Build {
    pub(crate) fn run(self, workspace: &Workspace) -> Result<()> {
        let built = match self.host {
            Host::Native => native::build(workspace)?,
            Host::Shell => shell::build(workspace)?,
            Host::Browser => browser::page(workspace)?,
        };
        println!("{}", built.display());
        Ok(())
    }
}
