//! Runs the benches.

use anyhow::Result;
use cargo_metadata::TargetKind;
use clap::Args;
use xshell::{Shell, cmd};

use super::{guests, setup};
use crate::process;
use crate::workspace::Workspace;

/// Run the benches, whose figures are in docs/performance.md
#[derive(Args)]
pub(crate) struct Bench {
    /// Passed to the benches: a filter, or criterion's own arguments
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<String>,
}

impl Bench {
    pub(crate) fn run(self, workspace: &Workspace) -> Result<()> {
        setup::ensure(workspace)?;
        let apps = guests::build(workspace)?;
        let sh = Shell::new()?;
        sh.change_dir(workspace.root());
        let cargo = process::cargo();
        let (selected, arguments) = (benches(workspace), self.arguments);
        process::without_package_variables(cmd!(
            sh,
            "{cargo} bench {selected...} -- {arguments...}"
        ))
        .env("CARGO_TARGET_DIR", workspace.target())
        .env("MYRHIZA_APPS", apps)
        .run()?;
        Ok(())
    }
}

/// Cargo's arguments for every bench target: named one by one, since without names it also runs
/// the unit tests.
fn benches(workspace: &Workspace) -> Vec<String> {
    let mut arguments = workspace.selection();
    for package in workspace.native() {
        let targets = package.targets.iter();
        for bench in targets.filter(|target| target.kind.contains(&TargetKind::Bench)) {
            arguments.extend(["--bench".to_owned(), bench.name.clone()]);
        }
    }
    arguments
}
