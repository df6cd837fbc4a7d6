//! Chromium, and what drives it: for the tests in a browser, and the demo's home in one.

use std::path::PathBuf;

use anyhow::{Result, bail};

use super::doctor::{self, State};
use super::{node, npm, setup};
use crate::process;
use crate::workspace::Workspace;

/// Where the JavaScript that drives it is, with its packages.
pub(crate) const HARNESS: &str = "tests/browser";

/// What runs in Chromium is driven with.
pub(crate) struct Chromium {
    pub(crate) node: PathBuf,
    pub(crate) program: PathBuf,
}

impl Chromium {
    /// That of this machine; what is missing is installed. An error says what cannot be had, and how to
    /// get it.
    pub(crate) fn provide(workspace: &Workspace) -> Result<Self> {
        let needed = [doctor::NPM, doctor::NODE, doctor::CHROMIUM];
        setup::wish(&needed);
        let wishes = doctor::wishes().into_iter().filter(|wish| needed.contains(&wish.name));
        let lacking: Vec<_> = wishes
            .filter_map(|wish| match wish.state {
                State::Missing { why, mend } => Some(format!("{why} (`{}`)", mend.join("`, `"))),
                State::Found(_) => None,
            })
            .collect();
        let Some(program) = process::on_path("chromium").filter(|_| lacking.is_empty()) else {
            bail!("{}", lacking.join("; "));
        };
        npm::provide(&workspace.root().join(HARNESS))?;
        Ok(Self { node: node::find()?, program })
    }
}
