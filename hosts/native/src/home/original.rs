//! Tells a home from its copies, by a file that says which file it is: its number in the file system
//! and when it was born. No copy or back-up of it is the same file, so a copy contradicts itself. Why
//! so, and what it cannot tell: `docs/adr/copied-home.md`.

use std::fs::{File, Metadata};
use std::io::{self, Read as _, Write as _};
use std::path::Path;
use std::time::UNIX_EPOCH;

use super::layout;
use crate::exit::Exit;
use crate::failure::{Failure, Outcome};
use crate::files::{self, NewFile, Readers};

/// More than the file ever has.
const MAX_BYTES: u64 = 128;

/// Says that the home is the original. Done anew whenever keys were used, so that a file put back in
/// place by its contents alone is an older one's.
pub(super) fn mark(home: &Path) -> Outcome<()> {
    let path = layout::original(home);
    let mut new = NewFile::beside(&path, Readers::Owner)?;
    let said = says(new.file()).map_err(|error| Failure::file("written", &path, &error))?;
    new.write_all(said.as_bytes()).map_err(|error| Failure::file("written", &path, &error))?;
    new.put(&path)
}

/// Whether nothing shows that the home is a copy.
pub(super) fn is_marked(home: &Path) -> Outcome<bool> {
    let path = layout::original(home);
    let file = match files::open(&path) {
        Err(failure) if failure.exit == Exit::NotFound => return Ok(false),
        file => file?,
    };
    let compare = || -> io::Result<bool> {
        let mut found = Vec::new();
        (&file).take(MAX_BYTES).read_to_end(&mut found)?;
        Ok(says(&file)?.as_bytes() == found)
    };
    compare().map_err(|error| Failure::file("read", &path, &error))
}

/// What a file has to say to be itself.
fn says(file: &File) -> io::Result<String> {
    let metadata = file.metadata()?;
    let born = metadata.created().ok().and_then(|born| born.duration_since(UNIX_EPOCH).ok());
    Ok(format!("{} {}\n", number(&metadata), born.unwrap_or_default().as_nanos()))
}

#[cfg(unix)]
fn number(metadata: &Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::ino(metadata)
}

#[cfg(not(unix))]
fn number(_: &Metadata) -> u64 {
    0
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_home_is_itself_where_it_was_moved_and_no_copy_of_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let home = |name: &str| {
            let home = folder.path().join(name);
            fs::create_dir_all(layout::keys(&home)).unwrap();
            home
        };
        let (here, copy) = (home("here"), home("copy"));
        assert!(!is_marked(&here).unwrap());
        mark(&here).unwrap();
        assert!(is_marked(&here).unwrap());
        fs::copy(layout::original(&here), layout::original(&copy)).unwrap();
        assert!(!is_marked(&copy).unwrap());

        let there = folder.path().join("there");
        fs::rename(&here, &there).unwrap();
        assert!(is_marked(&there).unwrap());
        // Put back in place by its contents, as some tools do.
        let before = fs::read(layout::original(&there)).unwrap();
        mark(&there).unwrap();
        fs::write(layout::original(&there), before).unwrap();
        assert!(!is_marked(&there).unwrap());
        fs::write(layout::original(&there), "").unwrap();
        assert!(!is_marked(&there).unwrap());
    }
}
