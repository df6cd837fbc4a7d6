//! Builds the web shell: one page for every host.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use xshell::{Shell, cmd};

use crate::process;
use crate::workspace::Workspace;

/// What the folder beside a program is called.
const FOLDER: &str = "shell";

/// Builds the page and says in which folder it is. What it is made with is installed first, where it is
/// not or is of another list.
pub(crate) fn build(workspace: &Workspace) -> Result<PathBuf> {
    let need = |name: &str| {
        process::on_path(name).with_context(|| {
            format!("no `{name}` on the path; `cargo xtask doctor` says how to install it")
        })
    };
    let (node, npm) = (need("node")?, need("npm")?);
    let source = workspace.root().join("hosts/shell");
    let sh = Shell::new()?;
    sh.change_dir(&source);
    if !is_installed(&source) {
        cmd!(sh, "{npm} ci --no-audit --no-fund").run().context("npm did not install its list")?;
    }
    let out = workspace.target().join(FOLDER);
    cmd!(sh, "{node} build.mjs {out}").quiet().run().context("the page was not built")?;
    Ok(out)
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

/// Whether npm has installed what is listed: it leaves a list of its own, newer than ours then.
fn is_installed(source: &Path) -> bool {
    let changed = |path: PathBuf| fs::metadata(path)?.modified();
    let listed = changed(source.join("package-lock.json"));
    let installed = changed(source.join("node_modules/.package-lock.json"));
    matches!((listed, installed), (Ok(listed), Ok(installed)) if listed <= installed)
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use super::*;

    #[test]
    fn what_is_installed_is_installed_anew_once_the_list_has_changed() {
        let folder = std::env::temp_dir().join(format!("xtask-shell-{}", std::process::id()));
        fs::create_dir_all(folder.join("node_modules")).unwrap();
        let (list, installed) =
            (folder.join("package-lock.json"), folder.join("node_modules/.package-lock.json"));
        fs::write(&list, "").unwrap();
        assert!(!is_installed(&folder));
        fs::write(&installed, "").unwrap();
        assert!(is_installed(&folder));
        let later = SystemTime::now() + Duration::from_secs(60);
        fs::File::options().write(true).open(&list).unwrap().set_modified(later).unwrap();
        assert!(!is_installed(&folder));
        fs::remove_dir_all(folder).unwrap();
    }
}
