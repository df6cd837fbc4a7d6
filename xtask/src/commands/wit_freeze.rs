//! Takes the WIT packages as they are for the ones that are meant.

use std::fs;

use anyhow::{Context as _, Result};
use clap::Args;

use crate::tidy::{Tree, wit};
use crate::workspace::Workspace;

/// Record the WIT packages as they are now; `tidy` refuses other ones
#[derive(Args)]
pub(crate) struct WitFreeze {}

impl WitFreeze {
    pub(crate) fn run(self, workspace: &Workspace) -> Result<()> {
        let snapshots = wit::freeze(&Tree::read(workspace.root())?);
        for (path, text) in &snapshots {
            let file = workspace.root().join(path);
            if let Some(folder) = file.parent() {
                fs::create_dir_all(folder)?;
            }
            fs::write(&file, text).with_context(|| format!("writing {path}"))?;
            println!("{path}");
        }
        if snapshots.is_empty() {
            eprintln!("nothing changed since the last freeze");
        }
        Ok(())
    }
}
