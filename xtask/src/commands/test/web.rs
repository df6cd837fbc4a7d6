//! The backend kit and the golden histories on a browser's engine, in Node, which has the same; and the
//! types of the web shell.

use anyhow::{Context as _, Result};
use xshell::{Shell, cmd};

use super::super::browser::Modules;
use super::super::{node, shell};
use crate::workspace::Workspace;

pub(super) const PACKAGE: &str = "myrhiza-web-tests";

pub(super) fn run(workspace: &Workspace, modules: &Modules<'_>) -> Result<()> {
    shell::check(workspace)?;
    let node = node::any().context("`cargo xtask setup` installs what this tier needs")?;
    let module = modules.for_node(PACKAGE)?;
    let root = workspace.root();
    let (script, golden) = (root.join("tests/web/run.mjs"), root.join("tests/apps/golden"));
    let sh = Shell::new()?;
    cmd!(sh, "{node} {script} {module} {golden}")
        .run()
        .context("the browser's backend does not hold what every backend must; see above")
}
