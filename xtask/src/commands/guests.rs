//! Builds the components of every app.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use clap::Args;
use xshell::{Shell, cmd};

use super::setup;
use crate::process;
use crate::wasm::{self, Toolchain, component};
use crate::workspace::Workspace;

/// Build every app's components, leave them in one folder and print it
#[derive(Args)]
pub(crate) struct Guests {}

impl Guests {
    pub(crate) fn run(self, workspace: &Workspace) -> Result<()> {
        setup::ensure(workspace)?;
        println!("{}", build(workspace)?.display());
        Ok(())
    }
}

/// Builds all guests and returns the folder with their components.
pub(crate) fn build(workspace: &Workspace) -> Result<PathBuf> {
    let toolchain = wasm::provide()?;
    let apps = workspace.apps_dir();
    fs::create_dir_all(&apps).with_context(|| format!("creating {}", apps.display()))?;

    let guests = workspace.guests();
    let names: Vec<String> = guests.iter().map(|package| package.name.to_string()).collect();
    if names.is_empty() {
        return Ok(apps);
    }
    eprintln!("guests: {} ({})", names.join(", "), toolchain.description);
    let modules = compile(workspace.root(), &workspace.guest_target(), &toolchain, &names)?;
    let private = private_paths(workspace.root());
    let mut kept = Vec::new();
    for (name, module) in names.iter().zip(modules) {
        let module = fs::read(&module).with_context(|| format!("reading {}", module.display()))?;
        let component = component::encode(&module, &private).with_context(|| name.clone())?;
        let file = apps.join(format!("{name}.wasm"));
        replace(&file, &component)?;
        kept.push(file);
    }
    sweep(&apps, &kept)?;
    Ok(apps)
}

/// Compiles guest packages of the workspace at `root` to core modules and returns their paths.
fn compile(
    root: &Path,
    target_dir: &Path,
    toolchain: &Toolchain,
    packages: &[String],
) -> Result<Vec<PathBuf>> {
    let sh = Shell::new()?;
    sh.change_dir(root);
    let (cargo, target) = (process::cargo(), wasm::TARGET);
    let selected = packages.iter().flat_map(|package| ["--package", package]);
    let mut flags = toolchain.flags.clone();
    flags.extend(remapping(root));
    let build = cmd!(sh, "{cargo} build --quiet --profile guest --target {target} {selected...}");
    process::without_build_variables(build)
        .env("RUSTC", &toolchain.rustc)
        .env("CARGO_TARGET_DIR", target_dir)
        .env("CARGO_ENCODED_RUSTFLAGS", flags.join("\u{1f}"))
        .run()?;
    let built = target_dir.join(target).join("guest");
    Ok(packages.iter().map(|name| built.join(format!("{}.wasm", name.replace('-', "_")))).collect())
}

/// The same names for the same sources on every machine: panic messages carry file names.
fn remapping(root: &Path) -> Vec<String> {
    let mut flags = vec![format!("--remap-path-prefix={}=/myrhiza", root.display())];
    if let Some(home) = cargo_home() {
        // One folder a registry, named after its address.
        let registries = home.join("registry/src").read_dir().into_iter().flatten().flatten();
        let mut sources: Vec<_> = registries.map(|registry| registry.path()).collect();
        sources.sort();
        flags.push(format!("--remap-path-prefix={}=/cargo", home.display()));
        // rustc takes the last that fits.
        flags.extend(
            sources.iter().map(|path| format!("--remap-path-prefix={}=/deps", path.display())),
        );
    }
    flags
}

/// Paths that say on which machine something was built.
fn private_paths(root: &Path) -> Vec<PathBuf> {
    [Some(root.to_owned()), cargo_home(), std::env::home_dir()].into_iter().flatten().collect()
}

fn cargo_home() -> Option<PathBuf> {
    match std::env::var_os("CARGO_HOME") {
        Some(home) => Some(PathBuf::from(home)),
        None => Some(std::env::home_dir()?.join(".cargo")),
    }
}

/// Writes a file by a rename, and only if it changes, so that a reader never sees half of one.
fn replace(file: &Path, bytes: &[u8]) -> Result<()> {
    if fs::read(file).is_ok_and(|there| there == bytes) {
        return Ok(());
    }
    let part = file.with_extension(format!("part-{}", std::process::id()));
    fs::write(&part, bytes).with_context(|| format!("writing {}", part.display()))?;
    fs::rename(&part, file).with_context(|| format!("writing {}", file.display()))
}

/// Removes components of apps that are no more.
fn sweep(apps: &Path, kept: &[PathBuf]) -> Result<()> {
    for entry in apps.read_dir()? {
        let file = entry?.path();
        if file.extension().is_some_and(|extension| extension == "wasm") && !kept.contains(&file) {
            fs::remove_file(&file).with_context(|| format!("removing {}", file.display()))?;
        }
    }
    Ok(())
}
