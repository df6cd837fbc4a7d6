//! One process at a time in a home, readers included.
//!
//! The lock is the operating system's, on an open file, so that it ends with the process however
//! that ends. What the file says is for those who wait in vain.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read as _, Seek as _, Write as _};
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use super::layout;
use crate::failure::{Failure, Outcome, code};
use crate::text;

/// How long another process is waited for.
const PATIENCE: Duration = Duration::from_secs(5);
const PAUSE: Duration = Duration::from_millis(20);

/// Held as long as this lives.
#[derive(Debug)]
pub(crate) struct Lock {
    _file: File,
}

impl Lock {
    /// Takes the lock of a home that exists. `command` is what others read: without arguments,
    /// since those may hold secrets.
    pub(super) fn take(home: &Path, command: &str) -> Outcome<Self> {
        let path = layout::lock(home);
        let fail = |error: io::Error| Failure::file("locked", &path, &error);
        let mut file = open(&path).map_err(fail)?;
        let start = Instant::now();
        loop {
            match file.try_lock() {
                Ok(()) => break,
                Err(TryLockError::WouldBlock) if start.elapsed() < PATIENCE => thread::sleep(PAUSE),
                Err(TryLockError::WouldBlock) => return Err(held(home, &mut file)),
                Err(TryLockError::Error(error)) => return Err(fail(error)),
            }
        }
        if start.elapsed() >= PAUSE {
            tracing::info!(waited = ?start.elapsed(), "waited for another process");
        }
        // Informative only: a home on a full disk can still be read.
        if let Err(error) = sign(&mut file, command) {
            tracing::warn!(%error, "the lock could not be signed");
        }
        Ok(Self { _file: file })
    }

    /// Takes a lock only if nobody holds it.
    pub(super) fn try_take(home: &Path) -> Option<Self> {
        let file = OpenOptions::new().read(true).write(true).open(layout::lock(home)).ok()?;
        file.try_lock().ok()?;
        Some(Self { _file: file })
    }
}

/// Whether this process holds a home, as far as is known. What it left behind may still be there
/// when it is gone.
pub(crate) fn is_held_by(home: &Path, pid: u32) -> bool {
    // On a full disk it could not sign.
    let is_it = |signed: &str| signed.split_once(' ').is_none_or(|(by, _)| by.parse() == Ok(pid));
    signature(home).is_some_and(|signed| is_it(&signed))
}

/// Whether a process with this command holds a home.
pub(crate) fn is_held_for(home: &Path, command: &str) -> bool {
    let is_it = |signed: &str| signed.split_once(' ').is_some_and(|(_, by)| by == command);
    signature(home).is_some_and(|signed| is_it(&signed))
}

/// What the lock says, if somebody holds it. Others may look at the same time: none takes another for
/// who holds it.
fn signature(home: &Path) -> Option<String> {
    let mut file = OpenOptions::new().read(true).write(true).open(layout::lock(home)).ok()?;
    if file.try_lock_shared().is_ok() {
        return None;
    }
    Some(signed(&mut file))
}

/// The line that a lock was signed with; a longer one from before may not be cut off yet.
fn signed(file: &mut File) -> String {
    let mut signed = String::new();
    let _ = file.rewind().and_then(|()| file.read_to_string(&mut signed));
    signed.lines().next().unwrap_or_default().to_owned()
}

fn open(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Puts a line in the place of the last, which whoever looks meanwhile sees whole: to them an empty one
/// says that anybody may hold the home.
fn sign(file: &mut File, command: &str) -> io::Result<()> {
    let line = format!("{} {command}\n", std::process::id());
    let written = file.rewind().and_then(|()| file.write_all(line.as_bytes()));
    // What another process wrote would be worse than nothing.
    file.set_len(if written.is_ok() { line.len() as u64 } else { 0 })?;
    written
}

fn held(home: &Path, file: &mut File) -> Failure {
    let holder = match signed(file).split_once(' ') {
        Some((pid, command)) => format!("process {pid} (`{}`)", text::line(command)),
        None => "another process".into(),
    };
    Failure::refused(
        code::HOME_IN_USE,
        format!("the home {} was not opened", home.display()),
        format!("{holder} has held it for more than {} seconds", PATIENCE.as_secs()),
        "wait for that process to end, or end it, and run the command again",
    )
}
