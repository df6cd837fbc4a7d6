//! What only a browser has, the browser's backend once more, and the web shell, in Chromium.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use xshell::{Shell, cmd};

use super::super::browser::Modules;
use super::super::chromium::{self, Chromium};
use super::super::{bundles, guests, native, shell};
use super::web;
use crate::workspace::Workspace;

pub(super) const PACKAGE: &str = "myrhiza-browser-tests";

/// No file of tests takes a quarter of it; what never ends is told by its name.
const A_FILE: Duration = Duration::from_secs(900);

pub(super) fn run(
    workspace: &Workspace,
    chromium: &Chromium,
    modules: &Modules<'_>,
    page: &Path,
) -> Result<()> {
    let root = workspace.root();
    let built = modules.for_web(&[web::PACKAGE, PACKAGE])?;
    let script = root.join(chromium::HARNESS).join("run.mjs");
    let golden = root.join("tests/apps/golden");
    let Chromium { node, program } = chromium;
    let sh = Shell::new()?;
    cmd!(sh, "{node} {script} {program} {built} {golden}")
        .run()
        .context("something does not hold in Chromium; see above")?;
    let apps = guests::build(workspace)?;
    bundles::build(workspace, &apps)?;
    // Of the web shell over nodes, and over a worker that stands in for the kernel; of homes in browsers and
    // in nodes on one topic.
    let tests =
        [tests_in(&root.join(shell::SOURCE))?, tests_in(&root.join("hosts/browser"))?].concat();
    let files = super::at_once().to_string();
    let late = A_FILE.as_millis().to_string();
    cmd!(sh, "{node} --test --test-force-exit --test-timeout={late} --test-concurrency={files} {tests...}")
        .env("MYRHIZA", native::built(workspace))
        .env("MYRHIZA_APPS", apps)
        .env("MYRHIZA_SHELL", shell::build(workspace)?)
        .env("MYRHIZA_PAGE", page)
        .env("CHROMIUM", program)
        .env("SCREENSHOTS", workspace.target().join("screenshots"))
        .run()
        .context(
            "something does not hold in the web shell, or between browsers and nodes; see above",
        )
}

/// The files of tests of a folder, by name.
fn tests_in(folder: &Path) -> Result<Vec<PathBuf>> {
    let sh = Shell::new()?;
    let mut files = sh.read_dir(folder.join("test"))?;
    files.retain(|file| file.to_string_lossy().ends_with(".test.mjs"));
    if files.is_empty() {
        bail!("{} has no tests", folder.display());
    }
    Ok(files)
}
