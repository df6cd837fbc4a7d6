//! The files of this worker, which redb's backends name by their place: a JavaScript object belongs to
//! its thread, and redb asks of a backend that it could go to another.

use std::cell::RefCell;
use std::io;

use redb::StorageBackend;

use super::file::File;

struct Place {
    folder: String,
    file: File,
    /// The number of the opening that may use it.
    user: Option<u64>,
}

#[derive(Default)]
struct Table {
    /// None where a file was let go of.
    places: Vec<Option<Place>>,
    /// How often any file was opened.
    openings: u64,
}

thread_local! {
    static TABLE: RefCell<Table> = RefCell::default();
}

/// Where the file of a folder is, if it is there.
pub(super) fn find(folder: &str) -> Option<usize> {
    TABLE.with_borrow(|table| {
        let is = |place: &Option<Place>| place.as_ref().is_some_and(|place| place.folder == folder);
        table.places.iter().position(is)
    })
}

pub(super) fn add(folder: &str, file: File) {
    TABLE.with_borrow_mut(|table| {
        let place = Some(Place { folder: folder.to_owned(), file, user: None });
        match table.places.iter_mut().find(|place| place.is_none()) {
            Some(vacant) => *vacant = place,
            None => table.places.push(place),
        }
    });
}

pub(super) fn remove(at: usize) {
    let place = TABLE.with_borrow_mut(|table| table.places.get_mut(at).and_then(Option::take));
    if let Some(place) = place {
        // A handle that does not close is closed with the worker; nothing is in it that was not flushed.
        let _ = place.file.close();
    }
}

pub(super) fn is_open(at: usize) -> bool {
    with(at, |place| place.user.is_some()).unwrap_or(false)
}

/// Opens the file at that place. Whoever had it open has it no more.
pub(super) fn open(at: usize) -> Opened {
    TABLE.with_borrow_mut(|table| {
        table.openings += 1;
        let opening = table.openings;
        if let Some(Some(place)) = table.places.get_mut(at) {
            place.user = Some(opening);
        }
        Opened { at, opening }
    })
}

fn with<T>(at: usize, run: impl FnOnce(&mut Place) -> T) -> Option<T> {
    TABLE.with_borrow_mut(|table| table.places.get_mut(at)?.as_mut().map(run))
}

/// A file as redb sees it.
#[derive(Debug)]
pub(super) struct Opened {
    at: usize,
    opening: u64,
}

impl Opened {
    fn file<T>(&self, run: impl FnOnce(&File) -> io::Result<T>) -> io::Result<T> {
        let ours = |place: &mut Place| match place.user == Some(self.opening) {
            true => run(&place.file),
            false => Err(io::Error::other("its file was opened anew")),
        };
        with(self.at, ours).unwrap_or_else(|| Err(io::Error::other("its file was let go of")))
    }
}

/// Also where redb never came to have it.
impl Drop for Opened {
    fn drop(&mut self) {
        let _ = self.close();
    }
}

impl StorageBackend for Opened {
    fn len(&self) -> io::Result<u64> {
        self.file(File::size)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.file(|file| file.read(offset, out))
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.file(|file| file.truncate(len))
    }

    fn sync_data(&self) -> io::Result<()> {
        self.file(File::flush)
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.file(|file| file.write(offset, data))
    }

    fn close(&self) -> io::Result<()> {
        let _ = with(self.at, |place| {
            if place.user == Some(self.opening) {
                place.user = None;
            }
        });
        Ok(())
    }
}
