//! Opening the database in a file, wherever the file is.

use std::io;

use redb::{Database, DatabaseError, StorageBackend};

/// Pages held in memory. redb's own default is a GiB, more than a page in a browser should take.
const CACHE_BYTES: usize = 16 << 20;

/// What a file of redb's begins with, once it is one.
const MAGIC_BYTES: usize = 9;

/// More than redb makes a new file of.
const NEW_BYTES: u64 = 8 << 20;

/// Opens the database in a file, creating it if the file is empty, or was being made when all ended.
///
/// # Errors
/// redb's; also for a file that is something else.
pub fn open(file: impl StorageBackend) -> Result<Database, DatabaseError> {
    mend(&file)?;
    let mut builder = Database::builder();
    builder.set_cache_size(CACHE_BYTES).create_with_backend(file)
}

/// Empties a file whose making was cut short.
///
/// redb gives a new file its length first and its first bytes last, when nothing can have been
/// committed yet. It takes what lies between for no database of its own.
fn mend(file: &impl StorageBackend) -> io::Result<()> {
    let length = file.len()?;
    if length == 0 || length > NEW_BYTES {
        return Ok(());
    }
    let mut magic = [0; MAGIC_BYTES];
    let there = usize::try_from(length).map_or(MAGIC_BYTES, |length| length.min(MAGIC_BYTES));
    file.read(0, &mut magic[..there])?;
    if magic == [0; MAGIC_BYTES] {
        file.set_len(0)?;
        file.sync_data()?;
    }
    Ok(())
}
