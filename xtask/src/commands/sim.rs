//! Runs simulated histories.

use anyhow::{Context as _, Result};
use clap::Args;
use xshell::{Shell, cmd};

use super::native;
use crate::workspace::Workspace;

/// Run simulated histories; a failing seed is printed and runs again by its number
#[derive(Args)]
pub(crate) struct Sim {
    /// Arguments of the simulator: --seeds N, --from SEED, --seed SEED, --lmdb-every N
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<String>,
}

impl Sim {
    pub(crate) fn run(self, workspace: &Workspace) -> Result<()> {
        let arguments = self.arguments;
        let simulator = native::program(workspace, "myrhiza-sim")?;
        let sh = Shell::new()?;
        cmd!(sh, "{simulator} {arguments...}")
            .run()
            .context("the simulation found something; what it printed is above")
    }
}
