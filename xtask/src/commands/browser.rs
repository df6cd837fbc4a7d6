//! Builds modules for browsers, and the JavaScript around them.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use xshell::{Shell, cmd};

use super::shell;
use crate::workspace::Workspace;
use crate::{process, wasm};

/// The package of the tool that makes the JavaScript.
pub(crate) const BINDGEN: &str = "myrhiza-bindgen";

/// Cargo's profiles of what is loaded by people, and of tests.
const PAGE: &str = "browser";
const TESTS: &str = "browser-tests";

/// Builds a `cdylib` package for browsers with JavaScript around it that Node loads, and says where
/// that is.
pub(crate) fn for_node(workspace: &Workspace, package: &str) -> Result<PathBuf> {
    let folder = workspace.browser_target().join("node").join(package);
    bind(workspace, "nodejs", &module(workspace, package, TESTS)?, &folder)?;
    Ok(folder.join(format!("{}.js", file_name(package))))
}

/// Builds `cdylib` packages for browsers with JavaScript around them that pages and workers load, and
/// says which folder has a folder of each.
pub(crate) fn for_web(workspace: &Workspace, packages: &[&str]) -> Result<PathBuf> {
    let folder = workspace.browser_target().join("web");
    for package in packages {
        bind(workspace, "web", &module(workspace, package, TESTS)?, &folder.join(package))?;
    }
    Ok(folder)
}

/// The package of the kernel in a browser, and its files that are served as they are.
const HOST: &str = "myrhiza-browser";
const HOST_FILES: [&str; 4] = [
    "hosts/browser/web/reach.js",
    "hosts/browser/web/talk.js",
    "hosts/browser/web/words.js",
    "hosts/browser/web/worker.js",
];

/// Builds the page with a home in it: a folder that any server of files can serve. Says how large it
/// is.
pub(crate) fn page(workspace: &Workspace) -> Result<PathBuf> {
    let folder = workspace.browser_target().join("page");
    let sh = Shell::new()?;
    sh.remove_path(&folder)?;
    bind(workspace, "web", &module(workspace, HOST, PAGE)?, &folder)?;
    for file in HOST_FILES {
        sh.copy_file(workspace.root().join(file), &folder)?;
    }
    shell::build_into(workspace, &folder)?;
    let (plain, packed) = size(&folder)?;
    let megabytes = |bytes: u64| bytes as f64 / 1e6;
    eprintln!("browser: {:.2} MB in all, {:.2} MB compressed", megabytes(plain), megabytes(packed));
    Ok(folder)
}

/// Bytes of all files below a folder, as they are and as gzip makes them.
fn size(folder: &Path) -> Result<(u64, u64)> {
    let sh = Shell::new()?;
    let (mut plain, mut packed) = (0, 0);
    for entry in sh.read_dir(folder)? {
        if entry.is_dir() {
            let (below, below_packed) = size(&entry)?;
            (plain, packed) = (plain + below, packed + below_packed);
        } else {
            let gzip = cmd!(sh, "gzip -9 --stdout {entry}").quiet().output()?;
            plain += entry.metadata()?.len();
            packed += gzip.stdout.len() as u64;
        }
    }
    Ok((plain, packed))
}

/// Builds a package as a module of WebAssembly, and says where that is. One package at a time, so that
/// none gets features that another asks for.
fn module(workspace: &Workspace, package: &str, profile: &str) -> Result<PathBuf> {
    let sh = Shell::new()?;
    let toolchain = wasm::provide()?;
    let target = workspace.browser_target();
    // What goes over the network is encrypted by C, and no test module has a network.
    let c = if package == HOST { wasm::c::variables()?.to_vec() } else { Vec::new() };
    eprintln!("browser: {package} ({})", toolchain.description);
    toolchain
        .cargo(&sh, workspace.root(), &target, "build")
        .args(["--profile", profile, "--package", package])
        .envs(c)
        .run()
        .with_context(|| format!("{package} was not built; what cargo printed is above"))?;
    let built = target.join(wasm::TARGET).join(profile);
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
