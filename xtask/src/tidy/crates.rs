//! The workspace's crates and what they depend on among themselves.

use cargo_metadata::{DependencyKind, TargetKind, camino::Utf8Path};

use crate::workspace::Workspace;

#[derive(Clone)]
pub(super) struct Crate {
    /// Relative to the root: `stores/lmdb`.
    pub(super) folder: String,
    /// The root source files of its library and binaries, relative to the workspace.
    pub(super) roots: Vec<String>,
    /// Dependencies by path.
    pub(super) dependencies: Vec<Dependency>,
}

#[derive(Clone)]
pub(super) struct Dependency {
    pub(super) folder: String,
    /// Of tests only.
    pub(super) dev: bool,
}

impl Crate {
    pub(super) fn all(workspace: &Workspace) -> Vec<Self> {
        let root = &workspace.metadata.workspace_root;
        let relative = |path: &Utf8Path| path.strip_prefix(root).unwrap_or(path).to_string();
        let packages = workspace.metadata.workspace_packages();
        packages
            .into_iter()
            .map(|package| Self {
                folder: workspace.folder(package).to_owned(),
                roots: package
                    .targets
                    .iter()
                    .filter(|target| target.kind.iter().any(is_shipped))
                    .map(|target| relative(&target.src_path))
                    // Another crate's file is that crate's to answer for.
                    .filter(|root| !root.split(['/', '\\']).any(|part| part == ".."))
                    .collect(),
                dependencies: package
                    .dependencies
                    .iter()
                    .filter_map(|dependency| {
                        Some(Dependency {
                            folder: relative(dependency.path.as_deref()?),
                            dev: dependency.kind == DependencyKind::Development,
                        })
                    })
                    .collect(),
            })
            .collect()
    }

    pub(super) fn manifest(&self) -> String {
        format!("{}/Cargo.toml", self.folder)
    }

    #[cfg(test)]
    pub(super) fn at(folder: &str, dependencies: &[&str]) -> Self {
        Self {
            folder: folder.to_owned(),
            roots: vec![format!("{folder}/src/lib.rs")],
            dependencies: dependencies
                .iter()
                .map(|folder| Dependency { folder: (*folder).to_owned(), dev: false })
                .collect(),
        }
    }
}

/// Neither tests nor benches nor examples nor build scripts.
fn is_shipped(kind: &TargetKind) -> bool {
    matches!(
        kind,
        TargetKind::Lib
            | TargetKind::RLib
            | TargetKind::CDyLib
            | TargetKind::ProcMacro
            | TargetKind::Bin
    )
}
