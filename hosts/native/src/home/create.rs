//! Making a home: beside its place, and then into it by one rename, so that a kill at any moment
//! leaves either no home or a whole one. A folder that is there stays the folder it is: there a home is
//! made within, and its parts are moved up.

use std::fs::{self, DirEntry};
use std::io;
use std::path::{Path, PathBuf};

use myrhiza_kernel::identity::{DeviceRequest, Keys, NameTooLong, SecretKey};
use myrhiza_kernel_api::{PublicKey, Registry};

use super::kept::Kept;
use super::keys::{self, KeyFile};
use super::lock::Lock;
use super::marker::Marker;
use super::{Config, layout, open_store, original, random, store_id, waiting};
use crate::failure::{Failure, Outcome};
use crate::files;
use crate::leftovers;
use crate::terminal::Passphrase;

/// Starts the names of homes in the making.
const UNFINISHED: &str = ".myrhiza-init-";

/// What a new home has. The last makes a folder a home; the first is never put into the place of another.
const PARTS: [fn(&Path) -> PathBuf; 5] =
    [layout::keys, layout::stores, layout::config, layout::lock, layout::marker];

/// Where a home can be made.
const FREE: &str =
    "name an empty folder, or one that is not there yet, with `--home DIR` or MYRHIZA_HOME";

/// What a home is to be.
pub(crate) struct NewHome<'a> {
    pub(crate) config: Config,
    /// What the person calls this home's scope ("laptop").
    pub(crate) scope_name: &'a str,
    /// `None`: the keys lie unsealed.
    pub(crate) passphrase: Option<Passphrase>,
    /// The passphrase is to be in the system's keyring too.
    pub(crate) keyring: bool,
    /// A further device of a person who has a home, and not a new person's first.
    pub(crate) device: bool,
}

/// What was made.
pub(crate) enum Made {
    /// A home of a new person.
    Home(PublicKey),
    /// A home that waits for the answer to this.
    Waiting(DeviceRequest),
}

/// Refuses a place that is taken, before anything is asked for.
pub(crate) fn check_free(path: &Path) -> Outcome<()> {
    let mut entries = match path.read_dir() {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(Failure::file("read", path, &error)),
    };
    match entries.all(|entry| entry.is_ok_and(|entry| is_unfinished(&entry))) {
        true => Ok(()),
        false => Err(already_there(path)),
    }
}

/// Makes a home.
pub(crate) fn create(path: &Path, new: NewHome<'_>, registry: &Registry) -> Outcome<Made> {
    check_free(path)?;
    let fail = |error: io::Error| Failure::file("created", path, &error);
    let is_there = path.is_dir();
    let parent = if is_there { path } else { path.parent().unwrap_or(path) };
    fs::create_dir_all(parent).map_err(fail)?;
    sweep(parent);
    let unfinished = unfinished_in(parent).map_err(fail)?;
    let at = unfinished.path();
    let _lock = Lock::take(at, "myrhiza init")?;

    let keys = match new.device {
        true => Keys::uncertified(random_key()?),
        false => certified(random_key()?, new.scope_name)?,
    };
    files::create_private_folder(&layout::keys(at)).map_err(fail)?;
    KeyFile::seal(&keys, new.passphrase.as_ref())?.write(at)?;
    let made = match keys.certificate() {
        Some(certificate) => {
            keys::write_certificate(at, certificate)?;
            Made::Home(certificate.person())
        }
        None => {
            let request = DeviceRequest::sign(keys.device(), new.scope_name).map_err(too_long)?;
            waiting::write_request(at, &request)?;
            Made::Waiting(request)
        }
    };
    let kept = match &new.passphrase {
        Some(passphrase) if new.keyring => Some(Kept::put(passphrase, "no home was made")?),
        _ => None,
    };
    if let Some(kept) = &kept {
        kept.write(at)?;
    }
    original::mark(at)?;
    new.config.write(at)?;
    files::create_private_folder(&layout::stores(at)).map_err(fail)?;
    files::create_private_folder(&layout::store(at, &new.config.store)).map_err(fail)?;
    let id = store_id::give(&*open_store(registry, &new.config.store, at)?)?;
    // A store that keeps nothing is another each time.
    let kept = store_id::of(&*open_store(registry, &new.config.store, at)?)?;
    Marker::new(&new.config.store, kept.filter(|kept| *kept == id)).write(at)?;

    for folder in [layout::keys(at), layout::store(at, &new.config.store), layout::stores(at)] {
        files::sync_folder(&folder).map_err(fail)?;
    }
    files::sync_folder(at).map_err(fail)?;
    let taken = |error: io::Error| match error.kind() {
        io::ErrorKind::DirectoryNotEmpty | io::ErrorKind::AlreadyExists => already_there(path),
        _ => fail(error),
    };
    if is_there {
        check_free(path)?;
        tighten(path);
        move_up(at, path).map_err(taken)?;
    } else {
        fs::rename(at, path).map_err(taken)?;
        // It is no longer there to be removed.
        let _ = unfinished.keep();
    }
    files::sync_folder(parent).map_err(fail)?;
    Ok(made)
}

/// Moves a home's parts into the folder that their own is in, or none of them.
fn move_up(from: &Path, to: &Path) -> io::Result<()> {
    for (moved, part) in PARTS.iter().enumerate() {
        let put = || {
            if part(to) == layout::marker(to) {
                files::sync_folder(to)?;
            }
            fs::rename(part(from), part(to))
        };
        if let Err(error) = put() {
            for part in PARTS[..moved].iter().rev() {
                if let Err(error) = fs::rename(part(to), part(from)) {
                    tracing::warn!(%error, path = %part(to).display(), "a part of no home was left");
                }
            }
            return Err(error);
        }
    }
    Ok(())
}

/// Makes a folder its owner's alone. Where that cannot be, as on some mounted disks, its parts still are.
fn tighten(folder: &Path) {
    #[cfg(unix)]
    {
        let alone = std::os::unix::fs::PermissionsExt::from_mode(0o700);
        if let Err(error) = fs::set_permissions(folder, alone) {
            tracing::warn!(%error, path = %folder.display(), "others may be able to enter the folder");
        }
    }
    #[cfg(not(unix))]
    let _ = folder;
}

fn already_there(path: &Path) -> Failure {
    let home = Marker::read(path).is_ok();
    let is_broken_off = || layout::original(path).is_file();
    let (cause, next) = match home {
        true => ("there is one already", FREE),
        // Between two of its last renames.
        false if is_broken_off() => (
            "there are parts of one there, whose `myrhiza init` was ended before it was done",
            "remove all that is in the folder and run it again",
        ),
        false => ("there is something else there", FREE),
    };
    let code = if home { "home-exists" } else { "folder-not-empty" };
    Failure::refused(code, format!("no home was made at {}", path.display()), cause, next)
}

/// A new scope of a person.
pub(super) fn certified(person: SecretKey, scope_name: &str) -> Outcome<Keys> {
    Keys::new(person, random_key()?, scope_name).map_err(too_long)
}

fn too_long(error: NameTooLong) -> Failure {
    Failure::usage(
        "bad-name",
        "no home was made",
        error.to_string(),
        "give a shorter with `--name`",
    )
}

fn random_key() -> Outcome<SecretKey> {
    SecretKey::generate(random)
}

/// A folder that only its owner may enter, and that goes away unless it is kept.
fn unfinished_in(parent: &Path) -> io::Result<tempfile::TempDir> {
    let mut builder = tempfile::Builder::new();
    let prefix = leftovers::prefix(UNFINISHED);
    builder.prefix(&prefix);
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o700));
    builder.tempdir_in(parent)
}

/// Whether something is a home in the making, of this user's: never where a link leads, nor what somebody
/// else has put there.
fn is_unfinished(entry: &DirEntry) -> bool {
    let is_named = entry.file_name().to_string_lossy().starts_with(UNFINISHED);
    // Of a link it is the link's own.
    is_named && entry.metadata().is_ok_and(|metadata| metadata.is_dir() && is_own(&metadata))
}

#[cfg(unix)]
fn is_own(metadata: &fs::Metadata) -> bool {
    let own = rustix::process::geteuid().as_raw();
    std::os::unix::fs::MetadataExt::uid(metadata) == own
}

#[cfg(not(unix))]
fn is_own(_: &fs::Metadata) -> bool {
    true
}

/// Removes what killed processes left behind. A home in the making is locked by its process; one
/// without a lock was only just begun, or half removed, unless its process is gone.
pub(super) fn sweep(parent: &Path) {
    let entries = parent.read_dir().into_iter().flatten().flatten();
    for entry in entries.filter(is_unfinished) {
        let path = entry.path();
        let name = entry.file_name();
        let lock = Lock::try_take(&path);
        let is_left = || {
            let is_stale = leftovers::is_stale(&name.to_string_lossy(), UNFINISHED);
            is_stale && !layout::lock(&path).exists()
        };
        if (lock.is_some() || is_left())
            && let Err(error) = remove(&path)
        {
            tracing::warn!(%error, path = %path.display(), "an unfinished home was not removed");
        }
    }
}

/// The lock last: by it, what a kill leaves is known for what it is.
fn remove(home: &Path) -> io::Result<()> {
    let lock = layout::lock(home);
    for entry in home.read_dir()? {
        let entry = entry?;
        let path = entry.path();
        match entry.file_type()?.is_dir() {
            true => fs::remove_dir_all(path)?,
            false if path == lock => {}
            false => fs::remove_file(path)?,
        }
    }
    fs::remove_dir_all(home)
}
