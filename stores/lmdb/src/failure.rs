//! What LMDB's failures mean.

use std::io::{self, ErrorKind};
use std::path::Path;

use myrhiza_kernel_api::StoreError;

use crate::NAME;

/// A failure to read.
pub(crate) fn failed(doing: &'static str, error: heed::Error) -> StoreError {
    StoreError::Failed { store: NAME, doing, source: error.into() }
}

/// A failure of the store in a folder to write, which may be for want of room.
pub(crate) fn failed_in(path: &Path, doing: &'static str, error: heed::Error) -> StoreError {
    let full = match &error {
        heed::Error::Mdb(heed::MdbError::MapFull) => true,
        heed::Error::Io(error) => is_full(error) || (is_short(error) && has_no_room(path)),
        _ => false,
    };
    let source = error.into();
    match full {
        true => StoreError::Full { store: NAME, doing, source },
        false => StoreError::Failed { store: NAME, doing, source },
    }
}

fn is_full(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge
    )
}

/// LMDB tells a write that the system cut short, as it does where the last of the room goes, as an
/// error of the device.
#[cfg(unix)]
fn is_short(error: &io::Error) -> bool {
    error.raw_os_error() == Some(rustix::io::Errno::IO.raw_os_error())
}

/// Less than a write of LMDB may take: it writes up to 64 pages at once.
#[cfg(unix)]
const ROOM: u64 = 64 * 4096;

#[cfg(unix)]
fn has_no_room(path: &Path) -> bool {
    let room = rustix::fs::statvfs(path).map(|found| found.f_bavail.saturating_mul(found.f_frsize));
    room.is_ok_and(|room| room < ROOM)
}

#[cfg(not(unix))]
fn is_short(_: &io::Error) -> bool {
    false
}

#[cfg(not(unix))]
fn has_no_room(_: &Path) -> bool {
    false
}
