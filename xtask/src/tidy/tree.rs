//! The files of the project, as text.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};

/// Folders whose name starts with a dot are not the project's, but for these.
const DOT_FOLDERS: [&str; 3] = [".cargo", ".ci", ".github"];

/// Paths are relative to the root, with forward slashes.
#[derive(Default)]
pub(crate) struct Tree {
    /// Files that are text.
    pub(super) texts: BTreeMap<String, String>,
    /// All files, and the folders they are in.
    pub(super) paths: BTreeSet<String>,
}

impl Tree {
    /// Reads what is under `root`, but for build output, version control and what others wrote.
    pub(crate) fn read(root: &Path) -> Result<Self> {
        let mut tree = Self::default();
        tree.read_folder(root, "")?;
        Ok(tree)
    }

    fn read_folder(&mut self, folder: &Path, prefix: &str) -> Result<()> {
        let entries = folder.read_dir().with_context(|| format!("reading {}", folder.display()))?;
        for entry in entries {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let path = format!("{prefix}{name}");
            // A folder, or in a worktree a file.
            if name == ".git" {
                continue;
            }
            if entry.file_type()?.is_dir() {
                let hidden = name.starts_with('.') && !DOT_FOLDERS.contains(&name.as_str());
                let output = name == "target" || name.starts_with("target-");
                let installed = name == "node_modules";
                if !hidden && !output && !installed {
                    self.read_folder(&entry.path(), &format!("{path}/"))?;
                }
                continue;
            }
            let bytes = fs::read(entry.path()).with_context(|| format!("reading {path}"))?;
            self.add(path, String::from_utf8(bytes).ok());
        }
        Ok(())
    }

    fn add(&mut self, path: String, text: Option<String>) {
        for (at, _) in path.match_indices('/') {
            self.paths.insert(path[..at].to_owned());
        }
        self.paths.insert(path.clone());
        if let Some(text) = text {
            self.texts.insert(path, text);
        }
    }

    /// The texts whose name ends so.
    pub(super) fn ending<'a>(
        &'a self,
        suffixes: &'a [&str],
    ) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.texts
            .iter()
            .filter(move |(path, _)| suffixes.iter().any(|suffix| path.ends_with(suffix)))
            .map(|(path, text)| (path.as_str(), text.as_str()))
    }

    #[cfg(test)]
    pub(super) fn of(files: &[(&str, &str)]) -> Self {
        let mut tree = Self::default();
        for (path, text) in files {
            tree.add((*path).to_owned(), Some((*text).to_owned()));
        }
        tree
    }
}
