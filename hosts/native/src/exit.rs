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
    /// Those who have what was asked for refuse it to this home.
    Denied = 5,
}

impl Exit {
    /// The one with this code.
    pub(crate) fn of(code: u8) -> Self {
        [Self::Ok, Self::Usage, Self::NotFound, Self::Unconfirmed, Self::Denied]
            .into_iter()
            .find(|exit| *exit as u8 == code)
            .unwrap_or(Self::Refused)
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        ExitCode::from(exit as u8)
    }
}
