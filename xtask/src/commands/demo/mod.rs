//! People, their homes, two apps: first with files alone, then with nodes over the loopback network.
//! Everything is done through the `myrhiza` command, and everything that should hold is checked.

mod checks;
mod home;
mod live;
mod story;
mod wrong;

use std::path::PathBuf;

use anyhow::{Context as _, Result, bail};
use clap::Args;

use super::native::{self, Profile};
use super::{guests, setup};
use crate::workspace::Workspace;
use checks::Checks;
use home::Tool;

/// The command with a backend that is broken: `tests/backend-broken`.
const BROKEN: &str = "myrhiza-broken";

/// Run homes that share a counter and a poll, by files and by nodes, and check that they agree
#[derive(Args)]
pub(crate) struct Demo {
    /// Print one JSON object
    #[arg(long)]
    json: bool,
    /// Leave the homes in place, and print where they are
    #[arg(long)]
    keep: bool,
    /// Another build of the `myrhiza` command to run it with, such as one with one more plug-in
    #[arg(long, value_name = "FILE")]
    myrhiza: Option<PathBuf>,
    /// The store that keeps the homes [default: the command's]
    #[arg(long, value_name = "NAME")]
    store: Option<String>,
}

impl Demo {
    pub(crate) fn run(self, workspace: &Workspace) -> Result<()> {
        setup::ensure(workspace)?;
        let components = guests::build(workspace)?;
        let command = match self.myrhiza {
            Some(command) => command,
            None => native::build(workspace)?,
        };
        let broken = native::program(workspace, BROKEN, Profile::Dev)?;
        let folder = Folder::new()?;
        let broken = Tool { command: broken, folder: folder.path.clone(), store: None };
        let tool = Tool { command, folder: folder.path.clone(), store: self.store };
        let mut checks = Checks::new(self.json);
        let told = story::tell([&tool, &broken], workspace.root(), &components, &mut checks);
        if self.keep {
            eprintln!("demo: the homes are in {}", folder.keep().display());
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
