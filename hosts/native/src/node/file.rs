//! `node.json` in the home: where its node is reached, and the token that lets one in.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::failure::{Failure, Outcome};
use crate::files::{self, Readers};
use crate::home::node_file;

const MAX_BYTES: usize = 4 << 10;

/// What a running node says of itself to this user's other commands.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct NodeFile {
    /// Where the local API is, on loopback.
    pub(crate) api: SocketAddr,
    /// What every request carries.
    pub(crate) token: String,
    /// The node's process.
    pub(crate) pid: u32,
}

impl NodeFile {
    /// Of the home's node, if one was started and has not ended in good order since.
    pub(crate) fn read(home: &Path) -> Option<Self> {
        let bytes = files::read(&node_file(home), MAX_BYTES).ok()?;
        serde_json::from_slice(&bytes).ok()
    }

    /// Writes it, to be read by this user alone, and removed when the guard is dropped.
    pub(super) fn publish(&self, home: &Path) -> Outcome<Published> {
        let path = node_file(home);
        let bytes = serde_json::to_vec(self).map_err(|error| {
            let next = "mend the cause and run `myrhiza up` again";
            Failure::refused("io", "the node was not started", error.to_string(), next)
        })?;
        files::write(&path, &bytes, Readers::Owner)?;
        Ok(Published(path))
    }
}

/// Removes the file when the node ends.
pub(super) struct Published(PathBuf);

impl Drop for Published {
    fn drop(&mut self) {
        // A file that stays behind is seen to be stale by those who read it.
        let _ = fs::remove_file(&self.0);
    }
}
