//! Runs simulated histories.

use anyhow::{Context as _, Result};
use clap::Args;
use xshell::{Shell, cmd};

use super::native::{self, Profile};
use crate::workspace::Workspace;

/// Run simulated histories; a failing seed is printed and runs again by its number
#[derive(Args)]
pub(crate) struct Sim {
    /// Compile with all optimisations, which takes minutes once: for tens of thousands of histories
    #[arg(long)]
    release: bool,
    /// Arguments of the simulator: --seeds N, --from SEED, --seed SEED, --events N, --lmdb-every N,
    /// --over events|network
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<String>,
}

impl Sim {
    pub(crate) fn run(self, workspace: &Workspace) -> Result<()> {
        let (release, arguments) = self.sorted();
        let profile = if release { Profile::Release } else { Profile::Dev };
        let simulator = native::program(workspace, "myrhiza-sim", profile)?;
        let sh = Shell::new()?;
        cmd!(sh, "{simulator} {arguments...}")
            .run()
            .context("the simulation found something; what it printed is above")
    }

    /// `--release` is ours also where it stands behind an argument of the simulator.
    fn sorted(self) -> (bool, Vec<String>) {
        let (ours, arguments): (Vec<_>, Vec<_>) =
            self.arguments.into_iter().partition(|argument| argument == "--release");
        (self.release || !ours.is_empty(), arguments)
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Command {
        #[command(flatten)]
        sim: Sim,
    }

    #[test]
    fn release_is_taken_wherever_it_stands_and_the_rest_is_the_simulators() {
        for words in [["--release", "--seeds", "9"], ["--seeds", "9", "--release"]] {
            let sim = Command::parse_from(["sim"].iter().chain(&words)).sim;
            assert_eq!(sim.sorted(), (true, vec!["--seeds".to_owned(), "9".to_owned()]));
        }
        let sim = Command::parse_from(["sim", "--seed", "9"]).sim;
        assert_eq!(sim.sorted(), (false, vec!["--seed".to_owned(), "9".to_owned()]));
    }
}
