//! Making a home: beside its place, and then into it by one rename, so that a kill at any moment
//! leaves either no home or a whole one.

use std::fs;
use std::io;
use std::path::Path;

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
    let taken = match path.read_dir() {
        Ok(mut entries) => entries.next().is_some(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => false,
        Err(error) => return Err(Failure::file("read", path, &error)),
    };
    if taken { Err(already_there(path)) } else { Ok(()) }
}

/// Makes a home.
pub(crate) fn create(path: &Path, new: NewHome<'_>, registry: &Registry) -> Outcome<Made> {
    check_free(path)?;
    let fail = |error: io::Error| Failure::file("created", path, &error);
    let parent = path.parent().unwrap_or(path);
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
    fs::rename(at, path).map_err(|error| match error.kind() {
        io::ErrorKind::DirectoryNotEmpty | io::ErrorKind::AlreadyExists => already_there(path),
        _ => fail(error),
    })?;
    // It is no longer there to be removed.
    let _ = unfinished.keep();
    files::sync_folder(parent).map_err(fail)?;
    Ok(made)
}

fn already_there(path: &Path) -> Failure {
    let home = Marker::read(path).is_ok();
    Failure::refused(
        if home { "home-exists" } else { "folder-not-empty" },
        format!("no home was made at {}", path.display()),
        if home { "there is one already" } else { "there is something else there" },
        "name an empty folder, or one that is not there yet, with `--home DIR` or MYRHIZA_HOME",
    )
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

/// Removes what killed processes left behind. A home in the making is locked by its process; one
/// without a lock was only just begun, or half removed, unless its process is gone.
fn sweep(parent: &Path) {
    let entries = parent.read_dir().into_iter().flatten().flatten();
    for entry in entries.filter(|e| e.file_name().to_string_lossy().starts_with(UNFINISHED)) {
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
