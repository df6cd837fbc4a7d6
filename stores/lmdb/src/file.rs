//! The file, before it is mapped. LMDB believes what the head of its file says. Where the file ends
//! before that, what reads it is ended by a signal, which nobody can handle; so this is looked at first.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::Path;

use myrhiza_kernel_api::StoreError;

use crate::NAME;
use crate::failure::failed_in;

/// LMDB's name for it.
const DATA: &str = "data.mdb";
/// Bytes of a page's own head.
const PAGE_HEAD: usize = 16;
/// Bytes of what the first two pages say of the file, where words have 64 bits.
const META: usize = 136;
const MAGIC: u32 = 0xbeef_c0de;
/// The root of a tree that has none.
const NONE: u64 = u64::MAX;
/// Most pages that one transaction holds.
const TRANSACTION: u64 = 1 << 17;

/// What one of the first two pages says.
struct Meta {
    page_bytes: u64,
    /// Where the tree of free pages and that of everything begin, in pages.
    roots: [u64; 2],
    last_page: u64,
    transaction: u64,
}

impl Meta {
    /// `None` if that is no such page: LMDB says so itself.
    fn read(file: &mut File, at: u64) -> io::Result<Option<Self>> {
        let mut bytes = [0; PAGE_HEAD + META];
        file.seek(SeekFrom::Start(at))?;
        file.read_exact(&mut bytes)?;
        let word = |at: usize| {
            let found = bytes.get(PAGE_HEAD + at..).and_then(|rest| rest.first_chunk::<8>());
            found.copied().map(u64::from_le_bytes).unwrap_or_default()
        };
        if word(0) as u32 != MAGIC {
            return Ok(None);
        }
        // A tree has 48 bytes, of which the last eight are its root.
        Ok(Some(Self {
            page_bytes: word(24) & 0xffff_ffff,
            roots: [word(64), word(112)],
            last_page: word(120),
            transaction: word(128),
        }))
    }
}

/// Refuses a file that ends where something is to be, and fills up one that ends before its last pages
/// and where these may be free, and so were never written.
pub(crate) fn look_at(folder: &Path) -> Result<(), StoreError> {
    if !cfg!(all(target_pointer_width = "64", target_endian = "little")) {
        return Ok(());
    }
    let path = folder.join(DATA);
    let fail = |error: io::Error| failed_in(folder, "looked at its file", error.into());
    let mut file = match File::open(&path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(fail(error)),
    };
    let length = file.metadata().map_err(fail)?.len();
    if length == 0 {
        return Ok(());
    }
    let short = || {
        let why = format!("{} ends at byte {length}, within what is in it", path.display());
        StoreError::Damaged { store: NAME, why }
    };
    let mut read = |at: u64| match Meta::read(&mut file, at) {
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Err(short()),
        found => found.map_err(fail),
    };
    let Some(first) = read(0)? else { return Ok(()) };
    let Some(second) = read(first.page_bytes)? else { return Ok(()) };
    let newest = if second.transaction > first.transaction { second } else { first };
    let page = newest.page_bytes.max(1);
    let pages = length / page;
    let is_there = |root: &u64| *root == NONE || *root < pages;
    let missing = newest.last_page.saturating_add(1).saturating_sub(pages);
    if !newest.roots.iter().all(is_there) || missing > TRANSACTION {
        return Err(short());
    }
    if missing > 0 {
        fill(&path, length, missing.saturating_mul(page));
    }
    Ok(())
}

/// Where the system cannot, the file stays as it is: whatever reads only what was written finds it.
#[cfg(target_os = "linux")]
fn fill(path: &Path, from: u64, bytes: u64) {
    use rustix::fs::{FallocateFlags, fallocate};
    if let Ok(file) = File::options().write(true).open(path) {
        let _ = fallocate(&file, FallocateFlags::empty(), from, bytes);
    }
}

#[cfg(not(target_os = "linux"))]
fn fill(_: &Path, _: u64, _: u64) {}
