//! What is told when a command does not do what it was asked: the thing, the cause, the next step.

use std::borrow::Cow;
use std::io;
use std::path::Path;

use crate::exit::Exit;
use crate::view::quoted;

/// Codes that this program itself acts on.
pub(crate) mod code {
    /// An app has failed at what it was to do or to show.
    pub(crate) const APP_FAILED: &str = myrhiza_api::Error::APP_FAILED;
    /// A setting is none that this build can have.
    pub(crate) const BAD_CONFIG: &str = "bad-config";
    /// Something is done with the topic that takes long: a node runs it again.
    pub(crate) const BUSY: &str = "busy";
    /// The day of a ticket is over.
    pub(crate) const EXPIRED: &str = "expired";
    /// Another process is in the home.
    pub(crate) const HOME_IN_USE: &str = "home-in-use";
    /// It ends once a peer has told of an author, or did not in time: a node waits.
    pub(crate) const NOT_HEARD: &str = "not-heard";
    /// It ends once a peer has given the bundle: a node waits for it.
    pub(crate) const NOT_OFFERED: &str = "not-offered";
    /// What is revoked is not installed.
    pub(crate) const REVOKED: &str = "revoked";
    /// It is done once the user agrees to what was shown.
    pub(crate) const UNCONFIRMED: &str = "needs-confirmation";
    /// It was carried out, and what it says was not printed.
    pub(crate) const UNPRINTED: &str = "not-printed";
}

/// A command's error.
#[derive(Clone, Debug)]
pub(crate) struct Failure {
    pub(crate) exit: Exit,
    /// For programs; stable.
    pub(crate) code: Cow<'static, str>,
    /// What was not done, or what is not as it should be.
    pub(crate) what: String,
    /// Why.
    pub(crate) cause: String,
    /// What to do about it.
    pub(crate) next: String,
}

/// The result of a command or a step of one.
pub(crate) type Outcome<T> = Result<T, Failure>;

impl Failure {
    fn new(
        exit: Exit,
        code: &'static str,
        what: impl Into<String>,
        cause: impl Into<String>,
        next: impl Into<String>,
    ) -> Self {
        Self { exit, code: code.into(), what: what.into(), cause: cause.into(), next: next.into() }
    }

    /// Exit 1.
    pub(crate) fn refused(
        code: &'static str,
        what: impl Into<String>,
        cause: impl Into<String>,
        next: impl Into<String>,
    ) -> Self {
        Self::new(Exit::Refused, code, what, cause, next)
    }

    /// Exit 2.
    pub(crate) fn usage(
        code: &'static str,
        what: impl Into<String>,
        cause: impl Into<String>,
        next: impl Into<String>,
    ) -> Self {
        Self::new(Exit::Usage, code, what, cause, next)
    }

    /// Exit 3.
    pub(crate) fn not_found(
        code: &'static str,
        what: impl Into<String>,
        cause: impl Into<String>,
        next: impl Into<String>,
    ) -> Self {
        Self::new(Exit::NotFound, code, what, cause, next)
    }

    /// Exit 4: `what` needs an answer, which `next` says how to give.
    pub(crate) fn unconfirmed(what: impl Into<String>, next: impl Into<String>) -> Self {
        let cause = "there is no terminal to ask on";
        Self::new(Exit::Unconfirmed, code::UNCONFIRMED, what, cause, next)
    }

    /// Exit 4: nothing is done without an answer that `next` says how to give.
    pub(crate) fn unanswered(
        code: &'static str,
        what: impl Into<String>,
        cause: impl Into<String>,
        next: impl Into<String>,
    ) -> Self {
        Self::new(Exit::Unconfirmed, code, what, cause, next)
    }

    /// The same, where it is known which topic it is about.
    pub(crate) fn about(mut self, topic: &str) -> Self {
        self.next = self.next.replace(" TOPIC", &format!(" {}", quoted(topic)));
        self
    }

    /// A file could not be read or written.
    pub(crate) fn file(doing: &str, path: &Path, error: &io::Error) -> Self {
        let what = format!("{} could not be {doing}", path.display());
        let cause = error.to_string();
        match error.kind() {
            io::ErrorKind::NotFound => Self::not_found(
                "no-file",
                what,
                cause,
                "check the path; paths are relative to the current folder",
            ),
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                Self::refused("disk-full", what, cause, "free some space and run the command again")
            }
            io::ErrorKind::PermissionDenied => Self::refused(
                "permission",
                what,
                cause,
                "run as the user the file belongs to, or mend its permissions",
            ),
            _ => Self::refused("io", what, cause, "mend the cause and run the command again"),
        }
    }
}
