//! What only a browser has, and the browser's backend once more, in Chromium.

use anyhow::{Context as _, Result};
use xshell::{Shell, cmd};

use super::super::{browser, npm};
use super::web;
use crate::process;
use crate::workspace::Workspace;

const PACKAGE: &str = "myrhiza-browser-tests";

/// Where the tests' own JavaScript is.
const FOLDER: &str = "tests/browser";

pub(super) fn run(workspace: &Workspace) -> Result<()> {
    let found = |program: &str| {
        process::on_path(program).with_context(|| {
            format!(
                "no `{program}` on the path, which the browser tier needs; `cargo xtask doctor` says \
                 how to install it"
            )
        })
    };
    let (node, chromium) = (found("node")?, found("chromium")?);
    let root = workspace.root();
    let folder = root.join(FOLDER);
    npm::provide(&folder)?;
    let modules = browser::for_web(workspace, &[web::PACKAGE, PACKAGE])?;
    let (script, golden) = (folder.join("run.mjs"), root.join("tests/apps/golden"));
    let sh = Shell::new()?;
    cmd!(sh, "{node} {script} {chromium} {modules} {golden}")
        .run()
        .context("something does not hold in Chromium; see above")
}
