//! Packages of JavaScript that tests and the web shell use, as their lock files name them.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};
use serde::Deserialize;
use xshell::{Shell, cmd};

use crate::process;

/// Installs the packages of a folder unless they are there.
pub(crate) fn provide(folder: &Path) -> Result<()> {
    let lock = folder.join("package-lock.json");
    let lock = fs::read(&lock).with_context(|| format!("reading {}", lock.display()))?;
    let lock: Lock = serde_json::from_slice(&lock).context("reading package-lock.json")?;
    if lock.is_installed(folder) {
        return Ok(());
    }
    let npm = process::on_path("npm").context(
        "no `npm` on the path to install what is for a browser with; `cargo xtask doctor` says how to \
         install it",
    )?;
    let sh = Shell::new()?;
    sh.change_dir(folder);
    // What is locked is all that is wanted: no program of a package runs.
    process::run_aside(cmd!(sh, "{npm} ci --ignore-scripts --no-audit --no-fund"))
        .with_context(|| format!("installing the packages of {}", folder.display()))
}

#[derive(Deserialize)]
struct Lock {
    /// By folder; the empty one is the project itself.
    packages: BTreeMap<String, Package>,
}

#[derive(Deserialize)]
struct Package {
    version: Option<String>,
    /// For some machines only.
    #[serde(default)]
    optional: bool,
}

impl Lock {
    fn is_installed(&self, folder: &Path) -> bool {
        let mut packages = self.packages.iter().filter(|(path, _)| !path.is_empty());
        packages.all(|(path, wanted)| {
            if wanted.optional {
                return true;
            }
            let there = fs::read(folder.join(path).join("package.json")).ok();
            let there = there.and_then(|there| serde_json::from_slice::<Package>(&there).ok());
            there.is_some_and(|there| there.version == wanted.version)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packages_are_there_only_in_the_version_that_is_locked() {
        let temp = Shell::new().unwrap().create_temp_dir().unwrap();
        let text = r#"{"packages": {"": {}, "node_modules/a": {"version": "1.2.0"}}}"#;
        let lock: Lock = serde_json::from_str(text).unwrap();
        let folder = temp.path().join("node_modules/a");
        assert!(!lock.is_installed(temp.path()));
        fs::create_dir_all(&folder).unwrap();
        assert!(!lock.is_installed(temp.path()));
        for (version, is_it) in [("1.1.0", false), ("1.2.0", true)] {
            let text = format!(r#"{{"name": "a", "version": "{version}"}}"#);
            fs::write(folder.join("package.json"), text).unwrap();
            assert_eq!(lock.is_installed(temp.path()), is_it, "{version}");
        }
        let text =
            r#"{"packages": {"": {}, "node_modules/b": {"version": "1.0.0", "optional": true}}}"#;
        let lock: Lock = serde_json::from_str(text).unwrap();
        assert!(lock.is_installed(temp.path()), "what is for other machines");
    }
}
