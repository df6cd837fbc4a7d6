//! Builds the web shell: one page for every host.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use xshell::{Shell, cmd};

use super::{node, npm};
use crate::process;
use crate::workspace::Workspace;

/// Where the page's sources are.
pub(crate) const SOURCE: &str = "hosts/shell";
/// What the folder beside a program is called.
const FOLDER: &str = "shell";

/// Builds the page and says in which folder it is.
pub(crate) fn build(workspace: &Workspace) -> Result<PathBuf> {
    let out = workspace.target().join(FOLDER);
    build_into(workspace, &out)?;
    Ok(out)
}

/// Builds the page in a folder, beside what is there.
pub(crate) fn build_into(workspace: &Workspace, out: &Path) -> Result<()> {
    let node = node::any().context("`cargo xtask setup` installs what the page is built with")?;
    let source = workspace.root().join(SOURCE);
    npm::provide(&source)?;
    let sh = Shell::new()?;
    sh.change_dir(&source);
    process::run_aside(cmd!(sh, "{node} build.mjs {out}")).context("the page was not built")
}

/// Has the compiler look at the page's sources, whose types are to be those of what hosts answer:
/// `test/answers.ts`, which a test of `hosts/api` writes.
pub(crate) fn check(workspace: &Workspace) -> Result<()> {
    let node = node::any().context("`cargo xtask setup` installs what the page is built with")?;
    let source = workspace.root().join(SOURCE);
    npm::provide(&source)?;
    let sh = Shell::new()?;
    sh.change_dir(&source);
    cmd!(sh, "{node} node_modules/typescript/bin/tsc --noEmit")
        .run()
        .context("the page's sources do not fit each other, or what a host answers; see above")
}

/// Puts the page beside a program, where a node looks for it. Where it cannot be built there is none,
/// which is said: all else of a node goes without.
pub(crate) fn beside(workspace: &Workspace, program: &Path) -> Result<()> {
    let page = match build(workspace) {
        Ok(page) => page,
        Err(error) => {
            eprintln!("native: without the web shell: {error:#}");
            return Ok(());
        }
    };
    let there = program.with_file_name(FOLDER);
    if fs::canonicalize(&there).is_ok_and(|at| Some(at) == fs::canonicalize(&page).ok()) {
        return Ok(());
    }
    let _ = fs::remove_dir_all(&there).or_else(|_| fs::remove_file(&there));
    put(&page, &there).with_context(|| format!("the page was not put at {}", there.display()))
}

/// The next build is then there too.
#[cfg(unix)]
fn put(page: &Path, there: &Path) -> std::io::Result<()> {
    std::os::unix::fs::symlink(page, there)
}

#[cfg(not(unix))]
fn put(page: &Path, there: &Path) -> std::io::Result<()> {
    fs::create_dir_all(there)?;
    for file in page.read_dir()? {
        let file = file?;
        fs::copy(file.path(), there.join(file.file_name()))?;
    }
    Ok(())
}
