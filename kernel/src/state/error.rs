use myrhiza_kernel_api::{Keyspace, StoreError};

/// Why the state could not be read or written. Never a verdict.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StateError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A record the kernel wrote does not read back.
    #[error("a record of `{keyspace}` {why}")]
    Damaged {
        /// The keyspace it is in.
        keyspace: &'static str,
        /// What is wrong with it.
        why: &'static str,
    },
}

impl StateError {
    pub(super) fn damaged(keyspace: Keyspace, why: &'static str) -> Self {
        Self::Damaged { keyspace: keyspace.name, why }
    }
}
