//! People, their homes, two apps: first with files alone, then with nodes over the loopback network, and
//! with a home in a browser. Everything is done through the `myrhiza` command and the browser's page, and
//! everything that should hold is checked.

mod browser;
mod checks;
mod home;
mod live;
mod story;
mod wrong;

use std::path::PathBuf;

use anyhow::{Context as _, Result, bail};
use clap::Args;

use super::browser::{HOST, Modules};
use super::chromium::Chromium;
use super::native::{self, Profile};
use super::{guests, setup};
use crate::workspace::Workspace;
use browser::Web;
use checks::Checks;
use home::Tool;

/// The command with a backend that is broken: `tests/backend-broken`.
const BROKEN: &str = "myrhiza-broken";

/// Run homes that share a counter and a poll, by files, by nodes and in a browser, and check that they agree
#[derive(Args)]
pub(crate) struct Demo {
    /// Print one JSON object
    #[arg(long)]
    json: bool,
    /// Leave the homes in place and the web page of one running, and print where they are
    #[arg(long)]
    keep: bool,
    /// Another build of the `myrhiza` command to run it with, such as one with one more plug-in
    #[arg(long, value_name = "FILE")]
    myrhiza: Option<PathBuf>,
    /// The store that keeps the homes [default: the command's]
    #[arg(long, value_name = "NAME")]
    store: Option<String>,
    /// Have no home in a browser, which takes Node and Chromium
    #[arg(long)]
    without_browser: bool,
    /// Another build of the page with a home in it
    #[arg(long, value_name = "FOLDER", conflicts_with = "without_browser")]
    page: Option<PathBuf>,
}

impl Demo {
    pub(crate) fn run(self, workspace: &Workspace) -> Result<()> {
        setup::ensure(workspace)?;
        let components = guests::build(workspace)?;
        let command = match &self.myrhiza {
            Some(command) => command.clone(),
            None => native::build(workspace)?,
        };
        let broken = native::program(workspace, BROKEN, Profile::Dev)?;
        let web = match self.without_browser {
            true => None,
            false => self.web(workspace),
        };
        let folder = Folder::new()?;
        let broken = Tool { command: broken, folder: folder.path.clone(), store: None };
        let tool = Tool { command, folder: folder.path.clone(), store: self.store };
        let mut checks = Checks::new(self.json);
        let told =
            story::tell([&tool, &broken], web.as_ref(), workspace.root(), &components, &mut checks);
        if self.keep {
            eprintln!("demo: the homes are in {}", folder.keep().display());
            match story::show(&tool) {
                Ok(shown) => eprintln!("demo: {shown}"),
                Err(why) => eprintln!("demo: no web page is left running: {why:#}"),
            }
        }
        if let Err(error) = &told {
            checks.check("the demo runs to its end", false, format!("{error:#}"));
        }
        checks.print()?;
        if !checks.ok() {
            bail!("not everything held; see the checks above");
        }
        if !self.json {
            eprintln!(
                "demo: next, do it by hand: \"Your first hour\" in README.md, from \"Then by hand\""
            );
        }
        Ok(())
    }

    /// What a home in a browser is had with. Where it cannot be had, that is said, and all else is told.
    fn web(&self, workspace: &Workspace) -> Option<Web> {
        let web = || {
            let chromium = Chromium::provide(workspace)?;
            let page = match &self.page {
                Some(page) => page.clone(),
                None => Modules::build(workspace, &[HOST])?.page()?,
            };
            anyhow::Ok(Web { chromium, page })
        };
        web().map_err(|why| eprintln!("demo: without a home in a browser: {why:#}")).ok()
    }
}

/// A folder that goes away with the demo unless it is kept.
struct Folder {
    path: PathBuf,
    kept: bool,
}

impl Folder {
    fn new() -> Result<Self> {
        let path = std::env::temp_dir().join(format!("myrhiza-demo-{}", std::process::id()));
        std::fs::create_dir(&path).with_context(|| format!("creating {}", path.display()))?;
        Ok(Self { path, kept: false })
    }

    fn keep(mut self) -> PathBuf {
        self.kept = true;
        self.path.clone()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if !self.kept
            && let Err(error) = std::fs::remove_dir_all(&self.path)
        {
            eprintln!("demo: {} was not removed: {error}", self.path.display());
        }
    }
}
