//! Whom a relay serves, by a file that may change while it runs.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use myrhiza_kernel_api::PublicKey;

use crate::failure::{Failure, Outcome};
use crate::files;

/// More than the keys of any relay's nodes.
const MAX_BYTES: usize = 16 << 20;

/// The keys in a file: one a line, a node's as its `myrhiza up` prints it, with or without what
/// follows the `@`. What follows a `#` is for people.
pub(super) struct Allow {
    path: PathBuf,
    list: Mutex<List>,
}

struct List {
    /// The file as it was when it was read last, or not read.
    state: Option<State>,
    keys: BTreeSet<PublicKey>,
}

/// Tells one content of a file from another.
type State = (SystemTime, u64);

impl Allow {
    pub(super) fn read(path: &Path) -> Outcome<Self> {
        let (state, keys) = (state(path), keys(path)?);
        Ok(Self { path: path.to_owned(), list: Mutex::new(List { state, keys }) })
    }

    /// Nodes on the list.
    pub(super) fn len(&self) -> usize {
        self.list.lock().unwrap_or_else(PoisonError::into_inner).keys.len()
    }

    /// Whether a node is on it now. A file that cannot be read leaves the list as it was.
    pub(super) fn admits(&self, key: &PublicKey) -> bool {
        let mut list = self.list.lock().unwrap_or_else(PoisonError::into_inner);
        let now = state(&self.path);
        if now != list.state {
            list.state = now;
            match keys(&self.path) {
                Ok(keys) => {
                    tracing::info!(nodes = keys.len(), "the list of nodes was read again");
                    list.keys = keys;
                }
                Err(Failure { what, cause, .. }) => tracing::error!(cause, "{what}"),
            }
        }
        list.keys.contains(key)
    }
}

fn state(path: &Path) -> Option<State> {
    let metadata = path.metadata().ok()?;
    Some((metadata.modified().ok()?, metadata.len()))
}

fn keys(path: &Path) -> Outcome<BTreeSet<PublicKey>> {
    let bytes = files::read(path, MAX_BYTES)?;
    parse(&String::from_utf8_lossy(&bytes)).map_err(|(line, cause)| {
        Failure::usage(
            "bad-list",
            format!("{}, line {line}, names no node", path.display()),
            cause,
            "write the key of a node, as its `myrhiza up` prints it before the `@`",
        )
    })
}

fn parse(text: &str) -> Result<BTreeSet<PublicKey>, (usize, String)> {
    let mut keys = BTreeSet::new();
    for (at, line) in text.lines().enumerate() {
        let said = line.split('#').next().unwrap_or_default().trim();
        let key = said.split('@').next().unwrap_or_default();
        if !key.is_empty() {
            keys.insert(key.parse().map_err(|error| (at + 1, format!("{error}")))?);
        }
    }
    Ok(keys)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(n: u8) -> PublicKey {
        PublicKey([n; 32])
    }

    #[test]
    fn a_line_is_a_key_and_what_people_say_about_it() {
        let text = format!("# mine\n{}\n\n  {}@ip:127.0.0.1:1  # Bea's\n", key(1), key(2));
        assert_eq!(parse(&text).unwrap(), BTreeSet::from([key(1), key(2)]));
        assert_eq!(parse(&format!("{}\nBea", key(1))).unwrap_err().0, 2);
        assert!(parse("").unwrap().is_empty());
    }

    #[test]
    fn a_changed_file_changes_the_list_and_one_that_is_gone_does_not() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("nodes");
        std::fs::write(&path, key(1).to_string()).unwrap();
        let allow = Allow::read(&path).unwrap();
        assert!(allow.admits(&key(1)) && !allow.admits(&key(2)));
        std::fs::write(&path, format!("{}\n{}\n", key(2), key(3))).unwrap();
        assert!(!allow.admits(&key(1)) && allow.admits(&key(2)));
        std::fs::write(&path, "nobody\n").unwrap();
        assert!(allow.admits(&key(2)));
        std::fs::remove_file(&path).unwrap();
        assert!(allow.admits(&key(2)) && !allow.admits(&key(1)));
        assert!(Allow::read(&path).is_err());
    }
}
