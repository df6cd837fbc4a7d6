//! The key file, and the certificate beside it that can be read without a passphrase.

use std::io::Write as _;
use std::path::Path;
use std::time::Duration;

use myrhiza_kernel::codec::Canonical as _;
use myrhiza_kernel::identity::sealed::{self, OpenError};
use myrhiza_kernel::identity::{Certificate, Keys};
use zeroize::Zeroizing;

use super::kept::Kept;
use super::layout;
use crate::console::note;
use crate::failure::{Failure, Outcome};
use crate::files::{self, Readers};
use crate::terminal::{self, PASSPHRASE, Passphrase};
use crate::{keyring, text};

/// More than any key file has.
const MAX_BYTES: usize = 16 << 10;

/// The key file as it rests.
pub(super) struct KeyFile(Zeroizing<Vec<u8>>);

impl KeyFile {
    pub(super) fn seal(keys: &Keys, passphrase: Option<&Passphrase>) -> Outcome<Self> {
        let Some(passphrase) = passphrase else {
            return Ok(Self(sealed::without_seal(keys)));
        };
        let sealed = sealed::seal(keys, passphrase).map_err(|error| {
            Failure::refused(
                "not-sealed",
                "the keys were not sealed",
                error.to_string(),
                "mend the cause and run the command again; nothing was changed",
            )
        })?;
        Ok(Self(Zeroizing::new(sealed)))
    }

    pub(super) fn read(home: &Path) -> Outcome<Self> {
        read_file(&layout::sealed(home)).map(|bytes| Self(Zeroizing::new(bytes)))
    }

    pub(super) fn write(&self, home: &Path) -> Outcome<()> {
        files::write(&layout::sealed(home), &self.0, Readers::Owner)
    }

    pub(super) fn is_sealed(&self) -> bool {
        sealed::is_sealed(&self.0)
    }

    /// The keys, and the passphrase they were sealed with: the one given, or that of the environment,
    /// or the one in the keyring, or else asked for.
    pub(super) fn unseal(
        &self,
        given: Option<Passphrase>,
        kept: Option<&Kept>,
    ) -> Outcome<(Keys, Option<Passphrase>)> {
        if !self.is_sealed() {
            return Ok((self.open(None)?, None));
        }
        let given = match given {
            None => terminal::given_passphrase()?,
            given => given,
        };
        let passphrase = match given {
            Some(given) => given,
            None => {
                match kept.map(|kept| self.unseal_kept(kept, keyring::PATIENCE)) {
                    Some(Ok((keys, passphrase))) => return Ok((keys, Some(passphrase))),
                    Some(Err(failure)) => {
                        note!("the keyring was of no help: {}", text::line(&failure.cause));
                        note!("{}", failure.next);
                    }
                    None => {}
                }
                terminal::ask_passphrase()?
            }
        };
        Ok((self.open(Some(&passphrase))?, Some(passphrase)))
    }

    /// The same with the passphrase in the keyring alone.
    pub(super) fn unseal_kept(
        &self,
        kept: &Kept,
        patience: Duration,
    ) -> Outcome<(Keys, Passphrase)> {
        let what = "the keys were not unsealed";
        let passphrase = kept.get(patience, what)?;
        match sealed::open(&self.0, Some(&passphrase)) {
            Ok(keys) => Ok((keys, passphrase)),
            Err(OpenError::WrongPassphrase) => Err(Failure::refused(
                "keyring",
                what,
                "the keyring has another passphrase than that of these keys",
                "put the right one there with `myrhiza passwd --keyring`",
            )),
            Err(error) => Err(damaged("the key file", error.to_string())),
        }
    }

    fn open(&self, passphrase: Option<&Passphrase>) -> Outcome<Keys> {
        let keys = sealed::open(&self.0, passphrase.map(|passphrase| passphrase.as_str()));
        keys.map_err(|error| match error {
            OpenError::WrongPassphrase => Failure::refused(
                "wrong-passphrase",
                "the keys were not unsealed",
                error.to_string(),
                format!("type it again, or give it in {PASSPHRASE}"),
            ),
            error => damaged("the key file", error.to_string()),
        })
    }
}

/// Refuses keys that are not those the certificate is about.
pub(super) fn check(keys: &Keys, certificate: &Certificate) -> Outcome<()> {
    match keys.certificate() == Some(certificate) {
        true => Ok(()),
        false => Err(damaged("the key file", "it is not that of the certificate beside it")),
    }
}

/// A file that every home has.
fn read_file(path: &Path) -> Outcome<Vec<u8>> {
    match path.try_exists() {
        Ok(false) => Err(damaged(&path.display().to_string(), "it is not there")),
        _ => files::read(path, MAX_BYTES),
    }
}

pub(super) fn damaged(what: &str, cause: impl Into<String>) -> Failure {
    Failure::refused(
        "home-damaged",
        format!("the home is damaged: {what} was not taken"),
        cause,
        "put the folder `keys` back from a back-up, whole",
    )
}

pub(super) fn read_certificate(home: &Path) -> Outcome<Certificate> {
    let path = layout::certificate(home);
    let what = path.display().to_string();
    if !path.exists() && layout::request(home).exists() {
        return Err(waiting(home));
    }
    let bytes = read_file(&path)?;
    let certificate =
        Certificate::from_bytes(&bytes).map_err(|error| damaged(&what, error.to_string()))?;
    certificate.verify().map_err(|error| damaged(&what, error.to_string()))?;
    Ok(certificate)
}

pub(super) fn write_certificate(home: &Path, certificate: &Certificate) -> Outcome<()> {
    files::write(&layout::certificate(home), &certificate.to_bytes(), Readers::Owner)
}

/// The home is a device that nobody has certified yet.
fn waiting(home: &Path) -> Failure {
    Failure::refused(
        "waits-for-answer",
        format!("the home {} was not opened", home.display()),
        "it waits for the answer to its request",
        format!(
            "bring what {} says to another home of yours, for `myrhiza device add REQUEST`, and its \
             answer back here, for `myrhiza device accept ANSWER`",
            layout::request(home).display()
        ),
    )
}
