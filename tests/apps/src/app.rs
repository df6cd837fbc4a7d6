//! An app's folder, and its components as they were built.

use std::path::{Path, PathBuf};
use std::{env, fs};

use anyhow::{Context as _, Result};
use myrhiza_kernel::bundle::{Components, Source};
use myrhiza_kernel_api::{Kind, ProfilePolicy, Registry};
use {
    myrhiza_profile_interaction as _, myrhiza_profile_migrate as _,
    myrhiza_profile_state_apply as _, myrhiza_profile_state_propose as _,
};

/// An app of this repository.
pub struct App {
    /// The name of its folder.
    pub name: String,
    folder: PathBuf,
}

impl App {
    /// Every app, by name.
    ///
    /// # Errors
    /// If the folder cannot be read.
    pub fn all() -> Result<Vec<Self>> {
        let apps = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../apps");
        let mut all = Vec::new();
        for entry in fs::read_dir(&apps).with_context(|| format!("reading {}", apps.display()))? {
            let folder = entry?.path();
            if folder.join("manifest.toml").exists() {
                let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
                all.push(Self { name, folder });
            }
        }
        all.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(all)
    }

    /// What its manifest says.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn manifest(&self) -> Result<Source> {
        let names: Vec<_> = profiles()?.iter().map(|policy| policy.name()).collect();
        Ok(Source::parse(&fs::read(self.folder.join("manifest.toml"))?, &names)?)
    }

    /// Its components by profile, as `cargo xtask guests` left them.
    ///
    /// # Errors
    /// If they were not built.
    pub fn components(&self) -> Result<Components> {
        let built = env::var_os("MYRHIZA_APPS")
            .context("MYRHIZA_APPS names no folder of components; run `cargo xtask test app`")?;
        let mut components = Components::new();
        for (profile, file) in self.manifest()?.files {
            let file = Path::new(&built).join(file);
            let bytes = fs::read(&file).with_context(|| format!("reading {}", file.display()))?;
            components.insert(profile, bytes);
        }
        Ok(components)
    }

    /// Where its cases are.
    pub fn cases(&self) -> PathBuf {
        self.folder.join("rules/tests/cases")
    }
}

/// The profiles a node has.
///
/// # Errors
/// If one is not linked.
pub fn profiles() -> Result<Vec<&'static dyn ProfilePolicy>> {
    let expected = ["interaction", "migrate", "state-apply", "state-propose"]
        .map(|name| (Kind::Profile, name));
    Ok(Registry::collect(&expected)?.profiles())
}
