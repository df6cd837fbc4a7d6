//! A failure of this host. It decides nothing: what was being done is undone and may be tried again.

use myrhiza_kernel_api::{BackendError, StoreError};

use crate::state::StateError;

/// Why the kernel could not go on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The backend failed.
    #[error(transparent)]
    Backend(#[from] BackendError),
    /// What the store gave back is not what the kernel wrote.
    #[error(
        "the home is damaged: {what} cannot be read ({cause}); make a new home and import its topics from other members or from exports"
    )]
    Damaged {
        /// Which record.
        what: String,
        /// What is wrong with it.
        cause: String,
    },
}

impl Fault {
    /// A record that does not decode.
    pub fn damaged(what: impl Into<String>, cause: impl ToString) -> Self {
        Self::Damaged { what: what.into(), cause: cause.to_string() }
    }
}

impl From<StateError> for Fault {
    fn from(error: StateError) -> Self {
        match error {
            StateError::Store(error) => Self::Store(error),
            damaged => Self::damaged("the state", damaged),
        }
    }
}
