//! The folder of tools that all clones on a machine share.

use std::path::PathBuf;

use anyhow::{Context as _, Result};
use etcetera::BaseStrategy as _;

/// `MYRHIZA_TOOLS`, or a folder in the platform's cache directory.
pub(crate) fn dir() -> Result<PathBuf> {
    if let Some(dir) = std::env::var_os("MYRHIZA_TOOLS") {
        return std::path::absolute(PathBuf::from(dir)).context("MYRHIZA_TOOLS");
    }
    let base = etcetera::choose_base_strategy()
        .context("no home directory; set MYRHIZA_TOOLS to a folder that may be written")?;
    Ok(base.cache_dir().join("myrhiza"))
}
