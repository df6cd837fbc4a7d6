//! Files are written whole or not at all.

use std::fs::{self, File, Permissions};
use std::io::{self, Read as _, Write};
use std::path::Path;

use myrhiza_kernel::{bundle, export};
use tempfile::NamedTempFile;

use crate::failure::{Failure, Outcome};
use crate::leftovers;

/// Who may read a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Readers {
    /// The owner alone (0600).
    Owner,
    /// Whoever the user's umask lets.
    Umask,
}

/// Opens a regular file to read it, and nothing else: a pipe that nobody writes to would be waited
/// for without end.
pub(crate) fn open(path: &Path) -> Outcome<File> {
    let fail = |error: io::Error| Failure::file("read", path, &error);
    let file = open_at_once(path).map_err(fail)?;
    match file.metadata().map_err(fail)?.is_file() {
        true => Ok(file),
        false => Err(Failure::usage(
            "no-regular-file",
            format!("{} was not read", path.display()),
            "it is no regular file",
            "save what it gives as a file, and name that",
        )),
    }
}

#[cfg(unix)]
fn open_at_once(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt as _;
    // Of a regular file it changes nothing.
    let at_once = rustix::fs::OFlags::NONBLOCK.bits().cast_signed();
    File::options().read(true).custom_flags(at_once).open(path)
}

#[cfg(not(unix))]
fn open_at_once(path: &Path) -> io::Result<File> {
    File::open(path)
}

/// Reads a file of at most `max` bytes. What says it is small and is not (a file that grows) is read
/// no further than that.
pub(crate) fn read(path: &Path, max: usize) -> Outcome<Vec<u8>> {
    let fail = |error: io::Error| Failure::file("read", path, &error);
    let file = open(path)?;
    let size = file.metadata().map_err(fail)?.len();
    let mut bytes = Vec::new();
    if size <= max as u64 {
        file.take(max as u64 + 1).read_to_end(&mut bytes).map_err(fail)?;
    }
    if size > max as u64 || bytes.len() > max {
        return Err(Failure::refused(
            "too-large",
            format!("{} was not read", path.display()),
            format!("it has {} bytes or more, and may have {max}", size.max(bytes.len() as u64)),
            "check that it is the file you mean",
        ));
    }
    Ok(bytes)
}

/// A kind of file that commands write where the user says.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Format {
    /// With its article.
    pub(crate) name: &'static str,
    /// How every file of it starts.
    pub(crate) magic: &'static [u8],
}

/// An exported topic.
pub(crate) const TOPIC: Format = Format { name: "an exported topic", magic: export::MAGIC };
/// A packed bundle.
pub(crate) const BUNDLE: Format = Format { name: "a bundle", magic: bundle::MAGIC };

/// Refuses to put a file in the place of anything but one of its own kind, so that a slip of the
/// fingers costs nobody a letter, or a home its settings.
pub(crate) fn check_replaceable(path: &Path, format: Format) -> Outcome<()> {
    let fail = |error: io::Error| Failure::file("looked at", path, &error);
    let taken = |cause: String| {
        Failure::refused(
            "file-exists",
            format!("{} was not written", path.display()),
            cause,
            "give another name, or remove what is there",
        )
    };
    let metadata = match fs::metadata(path) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(fail(error)),
    };
    if !metadata.is_file() {
        return Err(taken("there is something there that is no regular file".into()));
    }
    let mut start = Vec::new();
    let length = format.magic.len() as u64;
    open(path)?.take(length).read_to_end(&mut start).map_err(fail)?;
    if start != format.magic {
        return Err(taken(format!("there is a file there that is not {}", format.name)));
    }
    Ok(())
}

/// Writes a file beside the old one, makes it durable, and puts it in the old one's place.
pub(crate) fn write(path: &Path, bytes: &[u8], readers: Readers) -> Outcome<()> {
    let mut file = NewFile::beside(path, readers)?;
    file.write_all(bytes).map_err(|error| Failure::file("written", path, &error))?;
    file.put(path)
}

/// A file in the making. Unless it is [`NewFile::put`] in its place it goes away.
pub(crate) struct NewFile(NamedTempFile);

impl NewFile {
    /// In the folder of `path`, where it will be put.
    pub(crate) fn beside(path: &Path, readers: Readers) -> Outcome<Self> {
        leftovers::sweep_files(folder_of(path));
        let prefix = leftovers::prefix(leftovers::PART);
        let mut builder = tempfile::Builder::new();
        builder.prefix(&prefix);
        if let Some(permissions) = permissions(readers) {
            builder.permissions(permissions);
        }
        let file = builder.tempfile_in(folder_of(path));
        let file = file.map_err(|error| Failure::file("written", path, &error))?;
        // For those who sweep and cannot see this process; where files have no locks, so be it.
        let _ = file.as_file().try_lock();
        Ok(Self(file))
    }

    /// The file itself; it stays the same one when it is put in its place.
    pub(crate) fn file(&self) -> &File {
        self.0.as_file()
    }

    /// Makes it durable and puts it at `path`, in place of what is there.
    pub(crate) fn put(self, path: &Path) -> Outcome<()> {
        let persist = || {
            self.0.as_file().sync_all()?;
            self.0.persist(path)?;
            sync_folder(folder_of(path))
        };
        persist().map_err(|error: io::Error| Failure::file("written", path, &error))
    }
}

impl Write for NewFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

#[cfg(unix)]
fn permissions(readers: Readers) -> Option<Permissions> {
    use std::os::unix::fs::PermissionsExt as _;
    Some(Permissions::from_mode(match readers {
        Readers::Owner => 0o600,
        Readers::Umask => 0o666,
    }))
}

#[cfg(not(unix))]
fn permissions(_: Readers) -> Option<Permissions> {
    None
}

/// Makes renames and new files in a folder durable.
pub(crate) fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}

/// The same where it may be there, with those it is in.
pub(crate) fn ensure_private_folder(path: &Path) -> Outcome<()> {
    if path.is_dir() {
        return Ok(());
    }
    if let Some(above) = path.parent() {
        ensure_private_folder(above)?;
    }
    create_private_folder(path).map_err(|error| Failure::file("made", path, &error))
}

/// Creates a folder that only its owner may enter.
pub(crate) fn create_private_folder(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_regular_file_is_refused_and_not_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        let made = std::process::Command::new("mkfifo").arg(&pipe).status();
        assert!(made.unwrap().success());
        for path in [&*pipe, folder.path(), Path::new("/dev/zero")] {
            assert_eq!(read(path, 1 << 10).unwrap_err().code, "no-regular-file", "{path:?}");
        }
        assert_eq!(check_replaceable(&pipe, BUNDLE).unwrap_err().code, "file-exists");
        let file = folder.path().join("file");
        fs::write(&file, "dear").unwrap();
        assert_eq!(read(&file, 4).unwrap(), b"dear");
        assert_eq!(read(&file, 3).unwrap_err().code, "too-large");
    }
}
