//! What only a browser has, the browser's backend once more, and the web shell, in Chromium.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use xshell::{Shell, cmd};

use super::super::{browser, bundles, guests, native, npm};
use super::web;
use crate::process;
use crate::workspace::Workspace;

const PACKAGE: &str = "myrhiza-browser-tests";

/// Where the tests' own JavaScript is.
const FOLDER: &str = "tests/browser";

/// The least major version of Node that can drive Chromium: Playwright's.
const NODE: u32 = 20;

pub(super) fn run(workspace: &Workspace) -> Result<()> {
    let (node, chromium) = (found("node")?, found("chromium")?);
    check_version(&node)?;
    let root = workspace.root();
    let folder = root.join(FOLDER);
    npm::provide(&folder)?;
    let modules = browser::for_web(workspace, &[web::PACKAGE, PACKAGE])?;
    let (script, golden) = (folder.join("run.mjs"), root.join("tests/apps/golden"));
    let sh = Shell::new()?;
    cmd!(sh, "{node} {script} {chromium} {modules} {golden}")
        .run()
        .context("something does not hold in Chromium; see above")?;
    shell(workspace, &node, &chromium)?;
    homes(workspace, &node, &chromium)
}

/// The web shell over real nodes, and over a worker that stands in for the kernel.
fn shell(workspace: &Workspace, node: &Path, chromium: &Path) -> Result<()> {
    let apps = guests::build(workspace)?;
    bundles::build(workspace, &apps)?;
    let page = super::super::shell::build(workspace)?;
    let sh = Shell::new()?;
    sh.change_dir(workspace.root().join(super::super::shell::SOURCE));
    let tests =
        ["page", "worker", "asking", "pinboard"].map(|name| format!("test/{name}.test.mjs"));
    cmd!(sh, "{node} --test --test-concurrency=1 {tests...}")
        .env("MYRHIZA", native::built(workspace))
        .env("MYRHIZA_APPS", apps)
        .env("MYRHIZA_SHELL", page)
        .env("CHROMIUM", chromium)
        .env("SCREENSHOTS", workspace.target().join("screenshots"))
        .run()
        .context("something does not hold in the web shell; see above")
}

/// Homes in browsers and in nodes, on one topic; also through the page of a browser's home.
fn homes(workspace: &Workspace, node: &Path, chromium: &Path) -> Result<()> {
    let apps = guests::build(workspace)?;
    let page = browser::page(workspace)?;
    let sh = Shell::new()?;
    sh.change_dir(workspace.root().join("hosts/browser"));
    let own = ["test/peers.test.mjs", "test/tabs.test.mjs"];
    let through_the_page = "../shell/test/browser.test.mjs";
    cmd!(sh, "{node} --test --test-concurrency=1 {own...} {through_the_page}")
        .env("MYRHIZA", native::built(workspace))
        .env("MYRHIZA_APPS", apps)
        .env("MYRHIZA_SHELL", &page)
        .env("MYRHIZA_PAGE", &page)
        .env("CHROMIUM", chromium)
        .env("SCREENSHOTS", workspace.target().join("screenshots"))
        .run()
        .context("something does not hold between browsers and nodes; see above")
}

fn found(program: &str) -> Result<PathBuf> {
    process::on_path(program).with_context(|| {
        format!(
            "no `{program}` on the path, which the browser tier needs; `cargo xtask doctor` says how \
             to install it"
        )
    })
}

fn check_version(node: &Path) -> Result<()> {
    let sh = Shell::new()?;
    let version = cmd!(sh, "{node} --version").quiet().read()?;
    match major(&version) {
        Some(major) if major < NODE => bail!(
            "{} is {version}, and the browser tier needs {NODE} or later; install one from \
             https://nodejs.org and put it first on the path",
            node.display()
        ),
        _ => Ok(()),
    }
}

/// The first number of `v20.1.0`.
fn major(version: &str) -> Option<u32> {
    version.trim().strip_prefix('v')?.split('.').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_of_node_is_read() {
        assert_eq!(major("v18.20.4\n"), Some(18));
        assert_eq!(major("v20.20.2"), Some(20));
        assert_eq!(major("unknown"), None);
    }
}
