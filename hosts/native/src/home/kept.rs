//! The passphrase of a home's keys in the system's keyring, where its user wants it there:
//! `keys/keyring` has the name it goes by. A home without that file asks no keyring.

use std::fs;
use std::io;
use std::path::Path;
use std::time::Duration;

use super::layout;
use crate::failure::{Failure, Outcome};
use crate::files::{self, Readers};
use crate::keyring::{self, Refusal};
use crate::terminal::Passphrase;
use crate::text;

const MAX_BYTES: usize = 256;
/// Of a name. It is made by chance, so that no two homes have one.
const NAME_BYTES: usize = 16;

/// A passphrase in the keyring, by its name there.
pub(super) struct Kept(String);

impl Kept {
    /// The one of a home, if its user wants it there.
    pub(super) fn of(home: &Path) -> Outcome<Option<Self>> {
        let path = layout::keyring(home);
        match path.try_exists() {
            Ok(false) => return Ok(None),
            Ok(true) => {}
            Err(error) => return Err(Failure::file("read", &path, &error)),
        }
        let name = String::from_utf8(files::read(&path, MAX_BYTES)?).unwrap_or_default();
        let name = name.trim();
        match text::from_hex(name) {
            Some(bytes) if bytes.len() == NAME_BYTES => Ok(Some(Self(name.to_owned()))),
            _ => Err(Failure::refused(
                "home-damaged",
                format!("{} was not taken", path.display()),
                "it is no name of a passphrase in a keyring",
                "remove the file, then `myrhiza passwd --keyring` writes it anew",
            )),
        }
    }

    /// Puts a passphrase into the keyring, under a new name. The home does not know of it yet.
    pub(super) fn put(passphrase: &Passphrase, what: &str) -> Outcome<Self> {
        let mut name = [0; NAME_BYTES];
        getrandom::fill(&mut name).map_err(|error| {
            let next = "mend the system's source of randomness";
            Failure::refused("randomness", what, error.to_string(), next)
        })?;
        let name = text::hex(&name);
        keyring::put(&name, passphrase).map_err(|refusal| failure(what, refusal))?;
        Ok(Self(name))
    }

    /// The home knows of it from here on.
    pub(super) fn write(&self, home: &Path) -> Outcome<()> {
        let line = format!("{}\n", self.0);
        files::write(&layout::keyring(home), line.as_bytes(), Readers::Owner)
    }

    /// The home knows of it no more.
    pub(super) fn unwrite(home: &Path) -> Outcome<()> {
        let path = layout::keyring(home);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(Failure::file("removed", &path, &error))
            }
            _ => Ok(()),
        }
    }

    /// What the keyring has.
    pub(super) fn get(&self, patience: Duration, what: &str) -> Outcome<Passphrase> {
        keyring::get(&self.0, patience).map_err(|refusal| failure(what, refusal))
    }

    /// Takes it out of the keyring.
    pub(super) fn remove(&self, what: &str) -> Outcome<()> {
        keyring::remove(&self.0).map_err(|refusal| failure(what, refusal))
    }
}

fn failure(what: &str, Refusal { cause, next }: Refusal) -> Failure {
    Failure::refused("keyring", what, format!("the keyring: {cause}"), next)
}
