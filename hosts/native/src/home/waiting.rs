//! A home that is one more device of somebody: it has a key, and waits for them to certify it.

use std::fs;
use std::path::{Path, PathBuf};

use myrhiza_kernel::identity::{Certificate, DeviceAnswer, DeviceRequest};

use super::kept::Kept;
use super::keys::{self, KeyFile};
use super::lock::Lock;
use super::marker::Marker;
use super::{layout, original};
use crate::failure::{Failure, Outcome};
use crate::files::{self, Readers};

const MAX_BYTES: usize = 4 << 10;

pub(super) fn write_request(home: &Path, request: &DeviceRequest) -> Outcome<()> {
    let text = request.to_text() + "\n";
    files::write(&layout::request(home), text.as_bytes(), Readers::Owner)
}

/// Such a home, to this process alone.
pub(crate) struct Waiting {
    path: PathBuf,
    request: DeviceRequest,
    _lock: Lock,
}

impl Waiting {
    /// Opens a home that waits, and no other.
    pub(crate) fn open(path: &Path, command: &str) -> Outcome<Self> {
        Marker::read(path)?;
        let lock = Lock::take(path, command)?;
        if layout::certificate(path).exists() || !layout::request(path).exists() {
            return Err(Failure::refused(
                "not-waiting",
                "the answer was not taken",
                format!("the home {} has its certificate and waits for none", path.display()),
                "make a new home with `myrhiza init --device`, in a folder of its own",
            ));
        }
        let text = files::read(&layout::request(path), MAX_BYTES)?;
        let request = DeviceRequest::parse(&String::from_utf8_lossy(&text));
        let request = request.map_err(|error| {
            keys::damaged(&layout::request(path).display().to_string(), error.to_string())
        })?;
        Ok(Self { path: path.into(), request, _lock: lock })
    }

    /// Refuses the answer to another request, before anything is asked for.
    pub(crate) fn check(&self, answer: &DeviceAnswer) -> Outcome<()> {
        match answer.certificate().scope() == self.request.scope() {
            true => Ok(()),
            false => Err(other_device()),
        }
    }

    /// Makes the home one of the person who answered.
    pub(crate) fn accept(self, answer: &DeviceAnswer) -> Outcome<Certificate> {
        let certificate = answer.certificate().clone();
        if !original::is_marked(&self.path)? {
            return Err(Failure::refused(
                "copied-home",
                "the answer was not taken",
                "this home is a copy of the one that asked",
                "take the answer there, or make a new home with `myrhiza init --device`",
            ));
        }
        let kept = Kept::of(&self.path)?;
        let (keys, passphrase) = KeyFile::read(&self.path)?.unseal(None, kept.as_ref())?;
        let keys = keys.certified(certificate.clone()).map_err(|_| other_device())?;
        KeyFile::seal(&keys, passphrase.as_ref())?.write(&self.path)?;
        // With the certificate it is a home like any other.
        keys::write_certificate(&self.path, &certificate)?;
        if let Err(error) = fs::remove_file(layout::request(&self.path)) {
            tracing::warn!(%error, "the request that was answered was not removed");
        }
        Ok(certificate)
    }
}

fn other_device() -> Failure {
    Failure::refused(
        "other-device",
        "the answer was not taken",
        "it is for another device's request",
        "bring it to the device that asked, or ask with this one's request",
    )
}
