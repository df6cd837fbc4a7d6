//! Runs the tests: all of them, or one tier.

mod browser;
mod demos;
mod web;

use std::num::NonZero;
use std::path::Path;

use anyhow::{Context as _, Result, bail};
use clap::{Args, ValueEnum};
use xshell::{Shell, cmd};

use super::browser::{HOST, Modules};
use super::chromium::Chromium;
use super::{doctor, guests, setup};
use crate::process;
use crate::workspace::Workspace;

/// Run all tests, or those of one tier
#[derive(Args)]
pub(crate) struct Test {
    /// Without it: every tier
    tier: Option<Tier>,
}

/// A package belongs to a tier by its folder.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(crate) enum Tier {
    /// Each crate's own tests, and tidy
    Unit,
    /// Apps' rules, natively and as WebAssembly
    App,
    /// The kernel with its plug-ins
    Kernel,
    /// Simulated histories
    Sim,
    /// Real processes, and the demo over each store
    E2e,
    /// The browser's backend in Node, and the web shell's types
    Web,
    /// The browser's backend and store, the web shell, and homes in browsers, in Chromium
    Browser,
}

impl Tier {
    fn of(folder: &str) -> Self {
        let mut parts = folder.split('/');
        match (parts.next(), parts.next()) {
            (Some("apps" | "modules"), _) | (Some("tests"), Some("apps")) => Self::App,
            (Some("hosts"), Some("sim")) => Self::Sim,
            (Some("hosts"), _) | (Some("tests"), Some("e2e")) => Self::E2e,
            (Some("tests"), Some("web")) => Self::Web,
            (Some("tests"), Some("browser")) => Self::Browser,
            (Some("tests"), _) => Self::Kernel,
            _ => Self::Unit,
        }
    }
}

impl Test {
    pub(crate) fn run(self, workspace: &Workspace) -> Result<()> {
        setup::ensure(workspace)?;
        if self.has(Tier::E2e) {
            setup::wish(&[doctor::HOSTS, doctor::CLOCKS, doctor::KEYRING]);
        }
        if self.has(Tier::Web) {
            setup::wish(&[doctor::NPM, doctor::NODE]);
        }
        let wanted = self.has(Tier::E2e) || self.has(Tier::Browser);
        let chromium = wanted.then(|| Chromium::provide(workspace)).transpose();
        let (chromium, lacking) = match chromium {
            Ok(chromium) => (chromium, None),
            Err(why) => (None, Some(why)),
        };
        if let Some(why) = &lacking {
            eprintln!("test: what runs in Chromium is left out: {why:#}");
        }
        if !matches!(self.tier, Some(Tier::Web | Tier::Browser)) {
            self.natively(workspace)?;
        }
        self.in_browsers(workspace, chromium.as_ref())?;
        match lacking {
            None => Ok(()),
            // It is not everything, so that it is no success.
            Some(why) => bail!(
                "what runs in Chromium was left out, and all else holds: {why:#}; with that on the path, \
                 `cargo xtask test browser` and `cargo xtask test e2e` test the rest"
            ),
        }
    }

    /// What cargo runs.
    fn natively(&self, workspace: &Workspace) -> Result<()> {
        let apps = guests::build(workspace)?;
        let packages = self.packages(workspace);
        if packages.is_empty() {
            bail!("no package has tests of this tier");
        }
        run(workspace, &apps, &packages)
    }

    /// The demo, where a browser takes part, and what runs on a browser's engine.
    fn in_browsers(&self, workspace: &Workspace, chromium: Option<&Chromium>) -> Result<()> {
        let modules = Modules::build(workspace, &self.modules(chromium.is_some()))?;
        let page = chromium.map(|_| modules.page()).transpose()?;
        if self.has(Tier::E2e) {
            demos::run(workspace, page.as_deref())?;
        }
        if self.has(Tier::Web) {
            web::run(workspace, &modules)?;
        }
        match (chromium, page) {
            (Some(chromium), Some(page)) if self.has(Tier::Browser) => {
                browser::run(workspace, chromium, &modules, &page)
            }
            _ => Ok(()),
        }
    }

    /// The packages for browsers that are tested.
    fn modules(&self, in_chromium: bool) -> Vec<&'static str> {
        let all = in_chromium && self.has(Tier::Browser);
        let wanted = [
            (web::PACKAGE, all || self.has(Tier::Web)),
            (browser::PACKAGE, all),
            (HOST, in_chromium),
        ];
        wanted.into_iter().filter(|(_, wanted)| *wanted).map(|(package, _)| package).collect()
    }

    fn has(&self, tier: Tier) -> bool {
        self.tier.is_none_or(|only| only == tier)
    }

    fn packages(&self, workspace: &Workspace) -> Vec<String> {
        let packages = workspace.native().into_iter();
        packages
            .filter(|package| self.has(Tier::of(workspace.folder(package))))
            .map(|package| package.name.to_string())
            .collect()
    }
}

/// One cargo call for all, so that nothing is compiled twice with other features.
fn run(workspace: &Workspace, apps: &Path, packages: &[String]) -> Result<()> {
    eprintln!("test: {}", packages.join(", "));
    let sh = Shell::new()?;
    sh.change_dir(workspace.root());
    let cargo = process::cargo();
    let selected = packages.iter().flat_map(|package| ["--package", package]);
    process::without_package_variables(cmd!(sh, "{cargo} test --no-fail-fast {selected...}"))
        .env("CARGO_TARGET_DIR", workspace.target())
        .env("MYRHIZA_APPS", apps)
        .env("RUST_TEST_THREADS", at_once().to_string())
        .run()
        .context("a test failed, or did not compile; what it printed is above")
}

/// How many tests run at a time: the long ones wait for processes and browsers more than they compute.
fn at_once() -> usize {
    2 * std::thread::available_parallelism().map_or(1, NonZero::get)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_package_has_the_tier_of_its_folder() {
        for (folder, tier) in [
            ("kernel", Tier::Unit),
            ("stores/lmdb", Tier::Unit),
            ("xtask", Tier::Unit),
            ("apps/poll/rules", Tier::App),
            ("tests/apps", Tier::App),
            ("tests/store-kit", Tier::Kernel),
            ("hosts/sim", Tier::Sim),
            ("hosts/native", Tier::E2e),
            ("tests/e2e", Tier::E2e),
            ("tests/web", Tier::Web),
            ("tests/browser", Tier::Browser),
        ] {
            assert_eq!(Tier::of(folder), tier, "{folder}");
        }
    }
}
