//! Keeping this machine's paths out of what is built: panic messages carry file names.

use std::path::{Path, PathBuf};

/// rustc flags that give the sources under `root`, and those of crates, the same names everywhere.
pub(crate) fn remapping(root: &Path) -> Vec<String> {
    let mut flags = vec![remap(root, "/myrhiza")];
    if let Some(home) = cargo_home() {
        flags.push(remap(&home, "/cargo"));
        // One folder a registry, named after its address. rustc takes the last prefix that fits.
        let registries = home.join("registry/src").read_dir().into_iter().flatten().flatten();
        let mut sources: Vec<_> = registries.map(|registry| registry.path()).collect();
        sources.sort();
        flags.extend(sources.iter().map(|source| remap(source, "/deps")));
    }
    flags
}

pub(crate) fn remap(from: &Path, to: &str) -> String {
    format!("--remap-path-prefix={}={to}", from.display())
}

/// Paths that say on which machine something was built.
pub(crate) fn private(root: &Path) -> Vec<PathBuf> {
    [Some(root.to_owned()), cargo_home(), std::env::home_dir()].into_iter().flatten().collect()
}

fn cargo_home() -> Option<PathBuf> {
    match std::env::var_os("CARGO_HOME") {
        Some(home) => Some(PathBuf::from(home)),
        None => Some(std::env::home_dir()?.join(".cargo")),
    }
}
