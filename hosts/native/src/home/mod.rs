//! A home: one person's keys, settings and store on this machine, and the lock that guards them.

mod config;
mod create;
mod doctor;
mod doctor_store;
mod kept;
mod keys;
mod layout;
mod lock;
mod marker;
mod original;
mod store_id;
mod waiting;

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use myrhiza_kernel::identity::{Certificate, Keys, names};
use myrhiza_kernel::runtime::{Runtime, Signer};
use myrhiza_kernel::schema;
use myrhiza_kernel_api::{
    Backend, Kind, PublicKey, Registration, Registry, Store, StoreConfig, StoreError,
};

pub(crate) use config::{Config, DEFAULT_LISTEN, KEYS, list, listing, relay_urls};
pub(crate) use create::{Made, NewHome, check_free, create};
pub(crate) use doctor::{Check, examine};
pub(crate) use doctor_store::examine_store;
pub(crate) use layout::{node_file, resolve, stores, transport_folder};
pub(crate) use lock::{is_held_by, is_held_for};
pub(crate) use waiting::Waiting;

use crate::console::note;
use crate::failure::{Failure, Outcome, code};
use crate::terminal::Passphrase;
use config::Misfit;
use kept::Kept;
use keys::KeyFile;
use lock::Lock;
use marker::Marker;

/// A home that this process has to itself.
pub(crate) struct Home {
    path: PathBuf,
    config: Config,
    certificate: Certificate,
    keys: KeyFile,
    /// Unsealed for as long as a node is up.
    kept: Option<Keys>,
    _lock: Lock,
}

impl Home {
    /// Opens a home, waiting for another process to leave it. `command` is told to those who wait
    /// for this one.
    pub(crate) fn open(
        path: &Path,
        command: &str,
        defaults: Config,
        registry: &Registry,
    ) -> Outcome<Self> {
        Marker::read(path)?;
        let lock = Lock::take(path, command)?;
        no_node(path);
        create::sweep(path);
        let marker = Marker::read(path)?;
        marker.check_build(path, registry)?;
        let config = Config::read(path, defaults, registry)?;
        marker.check_store(path, &config.store)?;
        let certificate = keys::read_certificate(path)?;
        let keys = KeyFile::read(path)?;
        tracing::debug!(home = %path.display(), store = config.store, "opened the home");
        Ok(Self { path: path.into(), config, certificate, keys, kept: None, _lock: lock })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn config(&self) -> &Config {
        &self.config
    }

    /// Changes a setting.
    pub(crate) fn configure(&mut self, registry: &Registry, key: &str, value: &str) -> Outcome<()> {
        let what = || format!("`{key}` was not set");
        let mut config = self.config.clone();
        let Some(setting) = config.setting(key) else {
            return Err(no_setting(key));
        };
        *setting = config::fitting(registry, key, value).map_err(|Misfit { cause, next }| {
            let next = next.unwrap_or_else(|| "choose one of those".into());
            Failure::usage(code::BAD_CONFIG, what(), cause, next)
        })?;
        Marker::read(&self.path)?.check_store(&self.path, &config.store)?;
        config.write(&self.path)?;
        self.config = config;
        Ok(())
    }

    /// Whose home it is, and which scope of theirs.
    pub(crate) fn certificate(&self) -> &Certificate {
        &self.certificate
    }

    /// Whose home it is.
    pub(crate) fn person(&self) -> PublicKey {
        self.certificate.person()
    }

    /// True if the keys are behind a passphrase.
    pub(crate) fn is_sealed(&self) -> bool {
        self.keys.is_sealed()
    }

    /// The keys, to sign with. Asks for the passphrase if there is one. A home that is a copy of another
    /// gets a scope of its own first: two homes never sign with one.
    pub(crate) fn unseal(&mut self) -> Outcome<Keys> {
        self.unseal_with(None)
    }

    /// The same with a passphrase that the user was asked for already, if they were.
    pub(crate) fn unseal_with(&mut self, passphrase: Option<Passphrase>) -> Outcome<Keys> {
        if let Some(keys) = &self.kept {
            original::mark(&self.path)?;
            return Ok(keys.clone());
        }
        let (mut keys, passphrase) = self.unseal_keys(passphrase)?;
        if original::is_marked(&self.path)? {
            keys::check(&keys, &self.certificate)?;
        } else {
            keys = self.renew(&keys, passphrase.as_ref())?;
        }
        original::mark(&self.path)?;
        Ok(keys)
    }

    /// Keeps the keys at hand, as a node has to.
    pub(crate) fn keep(&mut self, keys: Keys) {
        self.kept = Some(keys);
    }

    /// Puts a new scope of the same person in the place of this home's. A kill midway leaves a home
    /// that is still taken for a copy.
    fn renew(&mut self, old: &Keys, passphrase: Option<&Passphrase>) -> Outcome<Keys> {
        let what = "nothing was signed";
        let Some(person) = old.person() else {
            return Err(Failure::refused(
                "copied-home",
                what,
                "this home is a copy of another, or was put back from a back-up, and has no long-term \
                 key to certify a key of its own with",
                "make a new home with `myrhiza init --device`, and import this one's topics there",
            ));
        };
        if person.public() != self.person() {
            return Err(keys::damaged(
                "the key file",
                "it is not that of the certificate beside it",
            ));
        }
        let keys = create::certified(person.clone(), self.certificate.name())?;
        let certificate = keys.certificate().cloned();
        let certificate =
            certificate.ok_or_else(|| keys::damaged("the key file", "no certificate"))?;
        let file = KeyFile::seal(&keys, passphrase)?;
        file.write(&self.path)?;
        keys::write_certificate(&self.path, &certificate)?;
        (self.keys, self.certificate) = (file, certificate);
        note!(
            "this home is a copy of another, or was put back from a back-up: from now on it signs"
        );
        note!("with a key of its own, {}", names::scope(&self.certificate.scope()));
        Ok(keys)
    }

    fn unseal_keys(&self, given: Option<Passphrase>) -> Outcome<(Keys, Option<Passphrase>)> {
        self.keys.unseal(given, Kept::of(&self.path)?.as_ref())
    }

    /// Seals the keys with another passphrase, or with none. Where the keyring has the old one, it has
    /// the new one from then on. A kill midway leaves a keyring whose passphrase is the old one: then it
    /// is asked for.
    pub(crate) fn reseal(&self, keys: &Keys, passphrase: Option<&Passphrase>) -> Outcome<()> {
        let what = "the passphrase was not changed";
        let old = Kept::of(&self.path)?;
        let new = match (passphrase, &old) {
            (Some(passphrase), Some(_)) => Some(Kept::put(passphrase, what)?),
            _ => None,
        };
        KeyFile::seal(keys, passphrase)?.write(&self.path)?;
        match &new {
            Some(new) => new.write(&self.path)?,
            None => Kept::unwrite(&self.path)?,
        }
        forget(old)
    }

    /// Whether the passphrase is in the keyring, as far as the home knows.
    pub(crate) fn is_in_keyring(&self) -> Outcome<bool> {
        Ok(Kept::of(&self.path)?.is_some())
    }

    /// Keeps the passphrase in the keyring from now on. It is asked for, unless the environment has it
    /// or the keyring has the right one already.
    pub(crate) fn keep_in_keyring(&self) -> Outcome<()> {
        let what = "the passphrase is not kept in the keyring";
        let (_, Some(passphrase)) = self.unseal_keys(None)? else {
            return Err(Failure::refused(
                "not-sealed",
                what,
                "the keys are not sealed, so there is none",
                "seal them with `myrhiza passwd` first",
            ));
        };
        let old = Kept::of(&self.path)?;
        Kept::put(&passphrase, what)?.write(&self.path)?;
        forget(old)
    }

    /// Takes the passphrase out of the keyring. Without the keyring the home forgets of it all the
    /// same.
    pub(crate) fn take_out_of_keyring(&self) -> Outcome<()> {
        let old = Kept::of(&self.path)?;
        Kept::unwrite(&self.path)?;
        forget(old)
    }

    /// What an event of this home is signed with.
    pub(crate) fn signer<'a>(&'a self, keys: &'a Keys) -> Signer<'a> {
        Signer { scope: keys.device(), certificate: &self.certificate }
    }

    /// The kernel over this home's store.
    pub(crate) fn runtime(&self, registry: &Registry) -> Outcome<Runtime> {
        let store = open_store(registry, &self.config.store, &self.path)?;
        store_id::check(&self.path, &*store)?;
        let backend = open_backend(registry, &self.config.backend)?;
        Ok(Runtime::new(store, backend, registry.profiles()))
    }
}

/// Removes what a node that was killed left of where it is reached. Whoever has the home to themselves knows
/// that none is up, and somebody else may have its port by now.
fn no_node(home: &Path) {
    match fs::remove_file(node_file(home)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            tracing::warn!(%error, "the file of a node that is gone was not removed");
        }
        _ => {}
    }
}

/// Takes a passphrase that no home needs any more out of the keyring.
fn forget(kept: Option<Kept>) -> Outcome<()> {
    let what =
        "the home does not ask the keyring for the old passphrase any more, but it is still there";
    kept.map_or(Ok(()), |kept| kept.remove(what))
}

/// Refuses a folder that is no home.
pub(crate) fn check(path: &Path) -> Outcome<()> {
    Marker::read(path).map(drop)
}

/// There is no such setting.
pub(crate) fn no_setting(key: &str) -> Failure {
    Failure::usage(
        code::BAD_CONFIG,
        format!("there is no setting `{key}`"),
        "it is none of this build's",
        format!("the settings are {}", listing(&KEYS)),
    )
}

fn open_store(registry: &Registry, name: &str, home: &Path) -> Outcome<Arc<dyn Store>> {
    let what = format!("the store `{name}` of {} was not opened", home.display());
    let next = "`myrhiza doctor` looks closer";
    let path = Some(layout::store(home, name));
    let registration = registry.get(Kind::Store, name);
    match registration {
        Ok(Registration::Store { open, .. }) => open(&StoreConfig { path, keyspaces: schema::ALL })
            .map_err(|error| store_failed(what, &error)),
        Ok(_) => Err(Failure::usage("store", what, "it is no store", next)),
        Err(error) => {
            let next =
                "use a build of `myrhiza` that has it; docs/guide/choose-a-store.md says how";
            Err(Failure::usage("store", what, error.to_string(), next))
        }
    }
}

/// What went wrong in a store.
fn store_failed(what: impl Into<String>, error: &StoreError) -> Failure {
    let (code, next) = match error {
        StoreError::Full { .. } => ("disk-full", "free some space and run it again"),
        StoreError::Damaged { .. } => ("home-damaged", doctor::BEYOND_MENDING),
        _ => ("store", "`myrhiza doctor` looks closer"),
    };
    Failure::refused(code, what, error.to_string(), next)
}

/// Bytes that nobody can guess.
fn random(bytes: &mut [u8]) -> Outcome<()> {
    getrandom::fill(bytes).map_err(|error| {
        Failure::refused(
            "randomness",
            "nothing was made",
            error.to_string(),
            "mend the system's source of randomness",
        )
    })
}

fn open_backend(registry: &Registry, name: &str) -> Outcome<Arc<dyn Backend>> {
    let what = format!("the backend `{name}` was not started");
    let next = "choose one that this build has with `myrhiza config backend NAME`";
    match registry.get(Kind::Backend, name) {
        Ok(Registration::Backend { create, .. }) => create().map_err(|error| {
            Failure::refused("backend", what, error.to_string(), "`myrhiza doctor` looks closer")
        }),
        Ok(_) => Err(Failure::usage("backend", what, "it is no backend", next)),
        Err(error) => Err(Failure::usage("backend", what, error.to_string(), next)),
    }
}
