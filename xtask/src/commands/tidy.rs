//! Checks what the compiler does not.

use anyhow::{Result, bail};
use clap::Args;

use crate::tidy;
use crate::workspace::Workspace;

/// Check dependency arrows, layout, limits, WIT, links and the like
#[derive(Args)]
pub(crate) struct Tidy {}

impl Tidy {
    pub(crate) fn run(self, workspace: &Workspace) -> Result<()> {
        let findings = tidy::check(workspace)?;
        for finding in &findings {
            println!("{finding}");
        }
        match findings.len() {
            0 => Ok(()),
            count => bail!("{count} findings"),
        }
    }
}
