//! Builds the components of every app, and its bundle.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use clap::Args;
use xshell::Shell;

use super::{bundles, setup};
use crate::wasm::{self, Toolchain, component, paths};
use crate::workspace::Workspace;

/// Build every app's components and signed bundle, leave them in one folder and print it
#[derive(Args)]
pub(crate) struct Guests {}

impl Guests {
    pub(crate) fn run(self, workspace: &Workspace) -> Result<()> {
        setup::ensure(workspace)?;
        let folder = build(workspace)?;
        bundles::build(workspace, &folder)?;
        println!("{}", folder.display());
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
    let private = paths::private(workspace.root());
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
    toolchain
        .cargo(&sh, root, target_dir, "build")
        .args(["--profile", "guest"])
        .args(packages.iter().flat_map(|package| ["--package", package]))
        .run()?;
    let built = target_dir.join(wasm::TARGET).join("guest");
    Ok(packages.iter().map(|name| built.join(format!("{}.wasm", name.replace('-', "_")))).collect())
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

#[cfg(test)]
mod tests {
    use super::*;

    const MANIFEST: &str = r#"
[workspace]
members = ["guest", "rules"]
resolver = "3"
[profile.guest]
inherits = "release"
panic = "abort"
lto = true
opt-level = "s"
codegen-units = 1
strip = true
"#;
    const GUEST: &str = r#"
[package]
name = "probe-guest"
version = "0.1.0"
edition = "2024"
[lib]
crate-type = ["cdylib"]
[dependencies]
probe-rules = { path = "../rules" }
"#;
    const RULES: &str = r#"
[package]
name = "probe-rules"
version = "0.1.0"
edition = "2024"
"#;
    /// Panics carry file names, generic code is compiled where it is used, and formatting brings
    /// a good part of std.
    const RULES_CODE: &str = r#"
pub fn rule<T: std::fmt::Debug + PartialOrd<u8>>(value: T) -> String {
    assert!(value < 7, "{value:?} at {}", file!());
    format!("{value:?}")
}
"#;
    const GUEST_CODE: &str = r#"
#[unsafe(no_mangle)]
pub extern "C" fn probe(value: u8) -> usize { probe_rules::rule(value).len() }
"#;

    fn checkout(root: &Path) {
        for (file, text) in [
            ("Cargo.toml", MANIFEST),
            ("guest/Cargo.toml", GUEST),
            ("guest/src/lib.rs", GUEST_CODE),
            ("rules/Cargo.toml", RULES),
            ("rules/src/lib.rs", RULES_CODE),
        ] {
            let file = root.join(file);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, text).unwrap();
        }
    }

    #[test]
    fn two_checkouts_give_the_same_bytes_without_their_paths() {
        let toolchain = wasm::find().unwrap().expect("run `cargo xtask setup` first");
        let sh = Shell::new().unwrap();
        let temp = sh.create_temp_dir().unwrap();
        let mut built = Vec::new();
        for name in ["here", "somewhere/deeper/than/here"] {
            let root = temp.path().join(name);
            checkout(&root);
            let target = root.join("target");
            let modules = compile(&root, &target, &toolchain, &["probe-guest".to_owned()]).unwrap();
            let module = fs::read(&modules[0]).unwrap();
            for path in paths::private(&root) {
                assert!(!component::holds(&module, &path), "{}", path.display());
            }
            built.push(module);
        }
        assert!(built[0] == built[1], "the checkout's path changes the module");
    }
}
