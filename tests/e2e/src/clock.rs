//! Clocks that are wrong, by libfaketime.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Where distributions have the library.
const LIBRARY: &str = "faketime/libfaketime.so.1";

/// A clock that can be set while it is read. What counts time that passes is not changed by it, as
/// with a system's clock that is set.
#[derive(Clone)]
pub struct Clock {
    library: PathBuf,
    /// Says how far it is off.
    file: PathBuf,
}

impl Clock {
    /// A clock that is off as [`Clock::set`] takes it; `file` is where it is noted.
    ///
    /// # Panics
    /// Without the library: see [`crate::Needs::Clock`].
    pub fn new(file: PathBuf, off: &str) -> Self {
        let clock = Self { library: library().unwrap(), file };
        clock.set(off);
        clock
    }

    /// Sets it: `+3d` is three days ahead, `-400d` four hundred days behind.
    pub fn set(&self, off: &str) {
        // As a whole, since it may be read at any time.
        let next = self.file.with_extension("next");
        fs::write(&next, format!("{off}\n")).unwrap();
        fs::rename(next, &self.file).unwrap();
    }

    pub(crate) fn tell(&self, command: &mut Command) {
        command
            .env("LD_PRELOAD", &self.library)
            .env("FAKETIME_TIMESTAMP_FILE", &self.file)
            .env("FAKETIME_CACHE_DURATION", "1")
            .env("FAKETIME_DONT_FAKE_MONOTONIC", "1");
    }
}

/// The library, if it is installed.
pub(crate) fn library() -> Option<PathBuf> {
    let folders = fs::read_dir("/usr/lib").into_iter().flatten().flatten();
    let folders = folders.map(|folder| folder.path()).chain([PathBuf::from("/usr/lib")]);
    folders.map(|folder| folder.join(Path::new(LIBRARY))).find(|file| file.is_file())
}
