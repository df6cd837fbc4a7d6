//! Packs and signs the apps of this repository, so that they can be installed as they are.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, bail};
use xshell::{Shell, cmd};

use super::native;
use crate::workspace::Workspace;

/// Leaves one signed bundle an app beside its components. The author is this checkout: a home under
/// the target directory whose keys are made when they are first needed.
pub(crate) fn build(workspace: &Workspace, components: &Path) -> Result<()> {
    let command = native::build(workspace)?;
    let author = workspace.target().join("author");
    let sh = Shell::new()?;
    if !author.exists() {
        cmd!(sh, "{command} init --no-passphrase --name author --home {author}")
            .ignore_stdout()
            .quiet()
            .run()
            .context("making the author's home")?;
    }
    for app in apps(workspace)? {
        let Some(name) = app.file_name().and_then(|name| name.to_str()) else {
            bail!("{} has no name that can be written", app.display());
        };
        let bundle = components.join(format!("{name}.myr"));
        cmd!(sh, "{command} pack {app} --components {components} --output {bundle}")
            .ignore_stdout()
            .quiet()
            .run()
            .with_context(|| format!("packing {name}"))?;
        cmd!(sh, "{command} sign {bundle} --home {author}")
            .ignore_stdout()
            .quiet()
            .run()
            .with_context(|| format!("signing {name}"))?;
    }
    Ok(())
}

/// The folders with a manifest, by name.
fn apps(workspace: &Workspace) -> Result<Vec<std::path::PathBuf>> {
    let folder = workspace.root().join("apps");
    let mut apps = Vec::new();
    for entry in fs::read_dir(&folder).with_context(|| format!("reading {}", folder.display()))? {
        let app = entry?.path();
        if app.join("manifest.toml").exists() {
            apps.push(app);
        }
    }
    apps.sort();
    Ok(apps)
}
