//! Exit codes.

use std::process::ExitCode;

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Done.
    Ok = 0,
    /// Refused or failed.
    Refused = 1,
    /// The command line or a configuration cannot be understood.
    Usage = 2,
    /// What was named is not there.
    NotFound = 3,
    /// An answer is needed that nobody could be asked for.
    Unconfirmed = 4,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        ExitCode::from(exit as u8)
    }
}
