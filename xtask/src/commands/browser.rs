//! Builds modules for browsers, and the JavaScript around them.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use xshell::{Shell, cmd};

use crate::workspace::Workspace;
use crate::{process, wasm};

/// The package of the tool that makes the JavaScript.
pub(crate) const BINDGEN: &str = "myrhiza-bindgen";

/// Builds a `cdylib` package for browsers with JavaScript around it that Node loads, and says where
/// that is.
pub(crate) fn for_node(workspace: &Workspace, package: &str) -> Result<PathBuf> {
    let folder = workspace.browser_target().join("node").join(package);
    bind(workspace, "nodejs", &module(workspace, package)?, &folder)?;
    Ok(folder.join(format!("{}.js", file_name(package))))
}

/// Builds `cdylib` packages for browsers with JavaScript around them that pages and workers load, and
/// says which folder has a folder of each.
pub(crate) fn for_web(workspace: &Workspace, packages: &[&str]) -> Result<PathBuf> {
    let folder = workspace.browser_target().join("web");
    for package in packages {
        bind(workspace, "web", &module(workspace, package)?, &folder.join(package))?;
    }
    Ok(folder)
}

/// Builds a package as a module of WebAssembly, and says where that is. One package at a time, so that
/// none gets features that another asks for.
fn module(workspace: &Workspace, package: &str) -> Result<PathBuf> {
    let sh = Shell::new()?;
    let toolchain = wasm::provide()?;
    let target = workspace.browser_target();
    eprintln!("browser: {package} ({})", toolchain.description);
    toolchain
        .cargo(&sh, workspace.root(), &target, "build")
        .args(["--profile", "browser", "--package", package])
        .run()
        .with_context(|| format!("{package} was not built; what cargo printed is above"))?;
    let built = target.join(wasm::TARGET).join("browser");
    Ok(built.join(format!("{}.wasm", file_name(package))))
}

/// Makes the JavaScript around a module, in a folder.
fn bind(workspace: &Workspace, kind: &str, module: &Path, folder: &Path) -> Result<()> {
    let sh = Shell::new()?;
    sh.change_dir(workspace.root());
    let cargo = process::cargo();
    let bindgen = cmd!(
        sh,
        "{cargo} run --quiet --profile xtask --package {BINDGEN} -- {kind} {module} {folder}"
    );
    process::without_package_variables(bindgen)
        .env("CARGO_TARGET_DIR", workspace.target())
        .run()?;
    Ok(())
}

fn file_name(package: &str) -> String {
    package.replace('-', "_")
}
