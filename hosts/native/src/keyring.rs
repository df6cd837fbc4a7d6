//! The system's keyring: what keeps secrets for a user who is logged in (on Linux and the BSDs the
//! Secret Service, such as GNOME Keyring, KWallet and KeePassXC offer it).

use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use crate::terminal::Passphrase;

/// How long it is waited for: it may have to ask its user to unlock it.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// Why a keyring did not do what it was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) cause: String,
    pub(crate) next: &'static str,
}

/// Somewhere that keeps secrets by name.
trait Keyring {
    fn put(&self, name: &str, secret: &Passphrase) -> Result<(), Refusal>;
    fn get(&self, name: &str) -> Result<Passphrase, Refusal>;
    /// One that is not there is no error.
    fn remove(&self, name: &str) -> Result<(), Refusal>;
}

/// Keeps a secret under a name.
pub(crate) fn put(name: &str, secret: &Passphrase) -> Result<(), Refusal> {
    let (name, secret) = (name.to_owned(), secret.clone());
    in_time(PATIENCE, move || system::open()?.put(&name, &secret))
}

/// The secret of that name, if it comes in time.
pub(crate) fn get(name: &str, patience: Duration) -> Result<Passphrase, Refusal> {
    let name = name.to_owned();
    in_time(patience, move || system::open()?.get(&name))
}

/// Forgets a secret.
pub(crate) fn remove(name: &str) -> Result<(), Refusal> {
    let name = name.to_owned();
    in_time(PATIENCE, move || system::open()?.remove(&name))
}

/// A keyring that waits for its user, who may not be there, is waited for so long. What it does later
/// is done, but nobody is told.
fn in_time<T: Send + 'static>(
    patience: Duration,
    work: impl FnOnce() -> Result<T, Refusal> + Send + 'static,
) -> Result<T, Refusal> {
    let (tell, told) = mpsc::channel();
    thread::spawn(move || drop(tell.send(work())));
    told.recv_timeout(patience).unwrap_or_else(|_| {
        Err(Refusal {
            cause: format!("it did not answer within {} s", patience.as_secs()),
            next: "unlock it: it may show a question somewhere on this machine's desktop",
        })
    })
}

#[cfg(all(feature = "keyring", unix, not(target_vendor = "apple"), not(target_os = "android")))]
mod system {
    use std::collections::HashMap;
    use std::sync::Arc;

    use keyring_core::{CredentialStore, Entry, Error};
    use zeroize::Zeroizing;

    use super::{Keyring, Passphrase, Refusal};

    /// What its entries are of.
    const SERVICE: &str = "myrhiza";

    /// The user's keyring.
    pub(super) fn open() -> Result<impl Keyring, Refusal> {
        let store = zbus_secret_service_keyring_store::Store::new().map_err(|error| Refusal {
            cause: format!("there is none here: {}", innermost(&error)),
            next: "start one (GNOME Keyring, KWallet, KeePassXC) in this session",
        })?;
        let more = HashMap::from([("label", "Myrhiza: the passphrase of a home's keys")]);
        Ok(Entries { store, more })
    }

    /// A store of credentials as a keyring.
    pub(super) struct Entries {
        pub(super) store: Arc<CredentialStore>,
        /// What an entry is made with besides.
        pub(super) more: HashMap<&'static str, &'static str>,
    }

    impl Entries {
        fn entry(&self, name: &str) -> Result<Entry, Refusal> {
            self.store.build(SERVICE, name, Some(&self.more)).map_err(refused)
        }
    }

    impl Keyring for Entries {
        fn put(&self, name: &str, secret: &Passphrase) -> Result<(), Refusal> {
            self.entry(name)?.set_password(secret).map_err(refused)
        }

        fn get(&self, name: &str) -> Result<Passphrase, Refusal> {
            self.entry(name)?.get_password().map(Zeroizing::new).map_err(refused)
        }

        fn remove(&self, name: &str) -> Result<(), Refusal> {
            match self.entry(name)?.delete_credential() {
                Err(Error::NoEntry) => Ok(()),
                done => done.map_err(refused),
            }
        }
    }

    /// What an error means to people. It never has a secret in it.
    pub(super) fn refused(error: Error) -> Refusal {
        let (cause, next) = match &error {
            Error::NoEntry => (
                "it has none of this home's".into(),
                "put it there again with `myrhiza passwd --keyring`",
            ),
            Error::BadEncoding(_) | Error::Ambiguous(_) => (
                "what it has under this home's name is not what was put there".into(),
                "put it there again with `myrhiza passwd --no-keyring` and then `--keyring`",
            ),
            Error::NoStorageAccess(_) => (
                format!("it is locked: {}", innermost(&error)),
                "unlock it, in the desktop's own program for passwords or by logging in anew",
            ),
            _ => (
                format!("it refuses: {}", innermost(&error)),
                "see in the desktop's own program for passwords whether it works",
            ),
        };
        Refusal { cause, next }
    }

    /// The first cause: those around it say the same in other words.
    fn innermost(error: &dyn std::error::Error) -> String {
        let mut inner = error;
        while let Some(source) = inner.source() {
            inner = source;
        }
        inner.to_string()
    }
}

#[cfg(not(all(
    feature = "keyring",
    unix,
    not(target_vendor = "apple"),
    not(target_os = "android")
)))]
mod system {
    use super::{Keyring, Passphrase, Refusal};

    pub(super) fn open() -> Result<impl Keyring, Refusal> {
        Err::<Nobody, _>(Refusal {
            cause: "this build of myrhiza knows no keyring".into(),
            next: "use a build with the feature `keyring`, on Linux or a BSD",
        })
    }

    /// There is no such keyring.
    enum Nobody {}

    impl Keyring for Nobody {
        fn put(&self, _: &str, _: &Passphrase) -> Result<(), Refusal> {
            match *self {}
        }

        fn get(&self, _: &str) -> Result<Passphrase, Refusal> {
            match *self {}
        }

        fn remove(&self, _: &str) -> Result<(), Refusal> {
            match *self {}
        }
    }
}

#[cfg(all(test, feature = "keyring", unix, not(target_vendor = "apple")))]
mod tests;
