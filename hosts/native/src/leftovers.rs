//! Names of unfinished files and folders, and what killed processes left under such names.
//!
//! A name says which process it is of. What a process that is gone left behind is taken away by the
//! next that makes something in the same folder; whatever is not named exactly so is not ours.

use std::fs::{self, File};
use std::path::Path;

/// Starts the names of files in the making.
pub(crate) const PART: &str = ".part-";

/// What starts the name of something this process makes.
pub(crate) fn prefix(kind: &str) -> String {
    format!("{kind}{}-", std::process::id())
}

/// True of the name of something that a process made which is gone.
pub(crate) fn is_stale(name: &str, kind: &str) -> bool {
    process_of(name, kind).is_some_and(|process| !is_alive(process))
}

fn process_of(name: &str, kind: &str) -> Option<u32> {
    let (process, random) = name.strip_prefix(kind)?.split_once('-')?;
    let is_ours = !random.is_empty() && random.chars().all(|c| c.is_ascii_alphanumeric());
    if is_ours { process.parse().ok() } else { None }
}

/// Where nobody can tell, everything is alive: then it is left.
fn is_alive(process: u32) -> bool {
    let known = Path::new("/proc");
    let is_told = known.join(std::process::id().to_string()).exists();
    !is_told || known.join(process.to_string()).exists()
}

/// Removes the files that killed processes left in a folder. One that is locked is being written by
/// a process that cannot be seen from here, as from within a container.
pub(crate) fn sweep_files(folder: &Path) {
    for entry in folder.read_dir().into_iter().flatten().flatten() {
        let is_file = entry.file_type().is_ok_and(|kind| kind.is_file());
        if !is_file || !is_stale(&entry.file_name().to_string_lossy(), PART) {
            continue;
        }
        let path = entry.path();
        let is_free = File::open(&path).is_ok_and(|file| file.try_lock().is_ok());
        if is_free && let Err(error) = fs::remove_file(&path) {
            tracing::warn!(%error, path = %path.display(), "an unfinished file was not removed");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_ours_are_stale_and_only_once_their_process_is_gone() {
        assert!(!is_stale(&format!("{}a1B2", prefix(PART)), PART), "this process lives");
        for name in [".part-", ".part-x", ".part-abcdef", ".part-1-", ".part-4294967295-a.b", "1-a"]
        {
            assert!(!is_stale(name, PART), "{name}");
        }
        if cfg!(target_os = "linux") {
            assert!(is_stale(".part-4294967295-a1B2", PART), "no process has that number");
        }
    }
}
