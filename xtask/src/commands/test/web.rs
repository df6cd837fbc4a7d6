//! The backend kit and the golden histories on a browser's engine, in Node, which has the same.

use anyhow::{Context as _, Result};
use xshell::{Shell, cmd};

use super::super::browser;
use crate::process;
use crate::workspace::Workspace;

pub(super) const PACKAGE: &str = "myrhiza-web-tests";

pub(super) fn run(workspace: &Workspace) -> Result<()> {
    let node = process::on_path("node").context(
        "no `node` on the path to run the browser's backend in; `cargo xtask doctor` says how to \
         install it",
    )?;
    let module = browser::for_node(workspace, PACKAGE)?;
    let root = workspace.root();
    let (script, golden) = (root.join("tests/web/run.mjs"), root.join("tests/apps/golden"));
    let sh = Shell::new()?;
    cmd!(sh, "{node} {script} {module} {golden}")
        .run()
        .context("the browser's backend does not hold what every backend must; see above")
}
