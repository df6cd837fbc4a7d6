//! Where things are, read from `cargo metadata` once.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use cargo_metadata::{CrateType, Metadata, MetadataCommand, Package, camino::Utf8Path};

use crate::commands::browser;

pub(crate) struct Workspace {
    pub(crate) metadata: Metadata,
}

impl Workspace {
    /// Reads the workspace this crate belongs to. Declared dependencies only, so nothing is
    /// resolved or fetched.
    pub(crate) fn load() -> Result<Self> {
        let mut command = MetadataCommand::new();
        command.no_deps();
        if let Some(package) = std::env::var_os("CARGO_MANIFEST_DIR") {
            command.current_dir(PathBuf::from(package));
        }
        Ok(Self { metadata: command.exec().context("reading the workspace")? })
    }

    pub(crate) fn root(&self) -> &Path {
        self.metadata.workspace_root.as_std_path()
    }

    /// The target directory of native builds.
    pub(crate) fn target(&self) -> &Path {
        self.metadata.target_directory.as_std_path()
    }

    /// The target directory of guest builds: apart, because they can be made by another compiler.
    pub(crate) fn guest_target(&self) -> PathBuf {
        self.target().join("guests")
    }

    /// The target directory of modules for browsers, apart for the same reason.
    pub(crate) fn browser_target(&self) -> PathBuf {
        self.target().join("browser")
    }

    /// Where components and packed bundles are left.
    pub(crate) fn apps_dir(&self) -> PathBuf {
        self.target().join("apps")
    }

    /// The folder of a package, relative to the root, with forward slashes: `apps/counter/rules`.
    pub(crate) fn folder<'a>(&self, package: &'a Package) -> &'a str {
        let dir = package.manifest_path.parent().unwrap_or(Utf8Path::new(""));
        dir.strip_prefix(&self.metadata.workspace_root).unwrap_or(dir).as_str()
    }

    /// Every package that is built for this machine, but for the tool that is built by itself.
    pub(crate) fn native(&self) -> Vec<&Package> {
        let guests = self.guests();
        let packages = self.metadata.workspace_packages().into_iter();
        packages
            .filter(|package| !guests.iter().any(|guest| guest.id == package.id))
            // What it asks of its dependencies would change them for everything else.
            .filter(|package| package.name.as_str() != browser::BINDGEN)
            .collect()
    }

    /// Cargo's arguments that select every such package. Cargo gives a dependency the features that
    /// what is *selected* asks for: with one selection for all that is built, nothing is compiled
    /// twice, least of all Wasmtime.
    pub(crate) fn selection(&self) -> Vec<String> {
        let packages = self.native().into_iter();
        packages.flat_map(|package| ["--package".to_owned(), package.name.to_string()]).collect()
    }

    /// The components of apps: `cdylib` packages under `apps/` that are not default members.
    pub(crate) fn guests(&self) -> Vec<&Package> {
        let default = self.metadata.workspace_default_packages();
        let mut guests: Vec<_> = self
            .metadata
            .workspace_packages()
            .into_iter()
            .filter(|package| self.folder(package).starts_with("apps/"))
            .filter(|package| is_cdylib(package))
            .filter(|package| !default.iter().any(|other| other.id == package.id))
            .collect();
        guests.sort_by(|a, b| a.name.cmp(&b.name));
        guests
    }
}

fn is_cdylib(package: &Package) -> bool {
    package.targets.iter().any(|target| target.crate_types.contains(&CrateType::CDyLib))
}
