//! Builds modules for browsers, and the JavaScript around them.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use xshell::{Shell, cmd};

use super::shell;
use crate::workspace::Workspace;
use crate::{process, wasm};

/// The package of the tool that makes the JavaScript.
pub(crate) const BINDGEN: &str = "myrhiza-bindgen";
/// The package of the kernel in a browser, and its files that are served as they are.
pub(crate) const HOST: &str = "myrhiza-browser";
const HOST_FILES: [&str; 5] = [
    "hosts/browser/web/home.js",
    "hosts/browser/web/reach.js",
    "hosts/browser/web/talk.js",
    "hosts/browser/web/words.js",
    "hosts/browser/web/worker.js",
];

/// Cargo's profiles of what is loaded by people, and of what tests and the demo load.
const SMALL: &str = "browser";
const QUICK: &str = "browser-quick";

/// The most that a person loads before there is a page, in bytes as gzip makes them.
const MOST: u64 = 2_500_000;

/// Builds the page with a home in it: a folder that any server of files can serve. Says how large it
/// is.
pub(crate) fn page(workspace: &Workspace) -> Result<PathBuf> {
    let folder = workspace.browser_target().join("page");
    // By itself, so that it has no features that tests ask for.
    Modules::compile(workspace, &[HOST], SMALL)?.page_in(&folder)?;
    let (plain, packed) = size(&folder)?;
    let megabytes = |bytes: u64| bytes as f64 / 1e6;
    eprintln!("browser: {:.2} MB in all, {:.2} MB compressed", megabytes(plain), megabytes(packed));
    if packed > MOST {
        bail!(
            "the page is larger than it may be, {:.1} MB compressed; look at what has grown, by \
             `gzip -9 --stdout FILE | wc -c` in {}",
            megabytes(MOST),
            folder.display()
        );
    }
    Ok(folder)
}

/// Modules of `cdylib` packages, for a browser's engine.
pub(crate) struct Modules<'a> {
    workspace: &'a Workspace,
    /// Where they are.
    built: PathBuf,
}

impl<'a> Modules<'a> {
    /// Builds those that tests and the demo load: quickly, and in one go, so that what they are made of
    /// is compiled once.
    pub(crate) fn build(workspace: &'a Workspace, packages: &[&str]) -> Result<Self> {
        Self::compile(workspace, packages, QUICK)
    }

    fn compile(workspace: &'a Workspace, packages: &[&str], profile: &str) -> Result<Self> {
        let target = workspace.browser_target();
        let built = target.join(wasm::TARGET).join(profile);
        if packages.is_empty() {
            return Ok(Self { workspace, built });
        }
        let sh = Shell::new()?;
        let toolchain = wasm::provide()?;
        // What goes over the network is encrypted by C. Where it is not needed it is told all the same,
        // if it is there: build scripts run again for another one.
        let c = match packages.contains(&HOST) {
            true => wasm::c::variables()?,
            false => wasm::c::there(),
        };
        let names = packages.join(", ");
        eprintln!("browser: {names} ({})", toolchain.description);
        toolchain
            .cargo(&sh, workspace.root(), &target, "build")
            .args(["--profile", profile])
            .args(packages.iter().flat_map(|package| ["--package", package]))
            .envs(c)
            .run()
            .with_context(|| format!("{names} not built; what cargo printed is above"))?;
        Ok(Self { workspace, built })
    }

    /// Makes JavaScript around a module that Node loads, and says where that is.
    pub(crate) fn for_node(&self, package: &str) -> Result<PathBuf> {
        let folder = self.workspace.browser_target().join("node").join(package);
        self.bind("nodejs", package, &folder)?;
        Ok(folder.join(format!("{}.js", file_name(package))))
    }

    /// Makes JavaScript around modules that pages and workers load, and says which folder has a folder of
    /// each.
    pub(crate) fn for_web(&self, packages: &[&str]) -> Result<PathBuf> {
        let folder = self.workspace.browser_target().join("web");
        for package in packages {
            self.bind("web", package, &folder.join(package))?;
        }
        Ok(folder)
    }

    /// Makes the page with a home in it, for tests and the demo, and says where that is.
    pub(crate) fn page(&self) -> Result<PathBuf> {
        let folder = self.workspace.browser_target().join("quick-page");
        self.page_in(&folder)?;
        Ok(folder)
    }

    fn page_in(&self, folder: &Path) -> Result<()> {
        let sh = Shell::new()?;
        sh.remove_path(folder)?;
        self.bind("web", HOST, folder)?;
        for file in HOST_FILES {
            sh.copy_file(self.workspace.root().join(file), folder)?;
        }
        shell::build_into(self.workspace, folder)
    }

    /// Makes the JavaScript around a module, in a folder.
    fn bind(&self, kind: &str, package: &str, folder: &Path) -> Result<()> {
        let module = self.built.join(format!("{}.wasm", file_name(package)));
        let sh = Shell::new()?;
        sh.change_dir(self.workspace.root());
        let cargo = process::cargo();
        let bindgen = cmd!(
            sh,
            "{cargo} run --quiet --profile xtask --package {BINDGEN} -- {kind} {module} {folder}"
        );
        process::without_package_variables(bindgen)
            .env("CARGO_TARGET_DIR", self.workspace.target())
            .run()?;
        Ok(())
    }
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

fn file_name(package: &str) -> String {
    package.replace('-', "_")
}
