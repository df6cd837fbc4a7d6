//! What redb's failures mean.

use std::io::ErrorKind::{FileTooLarge, QuotaExceeded, StorageFull};

use myrhiza_kernel_api::StoreError;

use crate::NAME;

pub(crate) fn failed(doing: &'static str, error: impl Into<redb::Error>) -> StoreError {
    let error = match error.into() {
        redb::Error::WouldBlock => {
            let why = "a commit of this store is under way, and it was asked for another";
            return StoreError::Failed { store: NAME, doing, source: why.into() };
        }
        error => error,
    };
    let full = match &error {
        redb::Error::Io(error) => {
            matches!(error.kind(), StorageFull | QuotaExceeded | FileTooLarge)
        }
        _ => false,
    };
    let source = error.into();
    match full {
        true => StoreError::Full { store: NAME, doing, source },
        false => StoreError::Failed { store: NAME, doing, source },
    }
}
