//! Builds modules for browsers, and the JavaScript around them.

use std::path::PathBuf;

use anyhow::{Context as _, Result};
use xshell::{Shell, cmd};

use crate::workspace::Workspace;
use crate::{process, wasm};

/// The package of the tool that makes the JavaScript.
pub(crate) const BINDGEN: &str = "myrhiza-bindgen";

/// Builds a `cdylib` package for browsers with JavaScript around it that Node loads, and says where
/// that is.
pub(crate) fn for_node(workspace: &Workspace, package: &str) -> Result<PathBuf> {
    let sh = Shell::new()?;
    let toolchain = wasm::provide()?;
    let target = workspace.browser_target();
    eprintln!("browser: {package} ({})", toolchain.description);
    toolchain
        .cargo(&sh, workspace.root(), &target, "build")
        .args(["--profile", "browser", "--package", package])
        .run()
        .with_context(|| format!("{package} was not built; what cargo printed is above"))?;
    let name = package.replace('-', "_");
    let module = target.join(wasm::TARGET).join("browser").join(format!("{name}.wasm"));
    let folder = target.join("node").join(package);
    let cargo = process::cargo();
    let bindgen = cmd!(
        sh,
        "{cargo} run --quiet --profile xtask --package {BINDGEN} -- nodejs {module} {folder}"
    );
    process::without_package_variables(bindgen)
        .env("CARGO_TARGET_DIR", workspace.target())
        .run()?;
    Ok(folder.join(format!("{name}.js")))
}
