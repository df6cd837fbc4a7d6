//! Where things are in a home. Layout and rules: `docs/spec/home.md`.

use std::path::{Path, PathBuf};

use crate::failure::{Failure, Outcome};

pub(super) fn marker(home: &Path) -> PathBuf {
    home.join("home.toml")
}

pub(super) fn config(home: &Path) -> PathBuf {
    home.join("config.toml")
}

pub(super) fn lock(home: &Path) -> PathBuf {
    home.join("lock")
}

pub(super) fn keys(home: &Path) -> PathBuf {
    home.join("keys")
}

pub(super) fn sealed(home: &Path) -> PathBuf {
    keys(home).join("sealed")
}

pub(super) fn certificate(home: &Path) -> PathBuf {
    keys(home).join("certificate")
}

pub(super) fn request(home: &Path) -> PathBuf {
    keys(home).join("request")
}

/// The name of the passphrase in the keyring.
pub(super) fn keyring(home: &Path) -> PathBuf {
    keys(home).join("keyring")
}

pub(super) fn original(home: &Path) -> PathBuf {
    keys(home).join("original")
}

/// The folders of the stores that keep it.
pub(crate) fn stores(home: &Path) -> PathBuf {
    home.join("store")
}

pub(super) fn store(home: &Path, name: &str) -> PathBuf {
    stores(home).join(name)
}

/// What a running node says of itself.
pub(crate) fn node_file(home: &Path) -> PathBuf {
    home.join("node.json")
}

/// A transport's own folder.
pub(crate) fn transport_folder(home: &Path, name: &str) -> PathBuf {
    home.join("transport").join(name)
}

/// The home that is meant: the one named, or the platform's.
pub(crate) fn resolve(named: Option<&Path>) -> Outcome<PathBuf> {
    use etcetera::BaseStrategy as _;
    if let Some(named) = named {
        return std::path::absolute(named).map_err(|error| Failure::file("found", named, &error));
    }
    let platform = etcetera::choose_base_strategy().map_err(|error| {
        Failure::usage(
            "no-home-folder",
            "there is no default place for a home here",
            error.to_string(),
            "name one with `--home DIR` or MYRHIZA_HOME",
        )
    })?;
    Ok(platform.data_dir().join("myrhiza"))
}
