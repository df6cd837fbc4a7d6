//! This transport's errors.

use std::error::Error;

use myrhiza_kernel_api::{PublicKey, TransportError};

use crate::NAME;

type Source = Box<dyn Error + Send + Sync>;

pub(crate) fn config(why: impl Into<String>) -> TransportError {
    TransportError::Config { transport: NAME, why: why.into() }
}

pub(crate) fn closed(doing: &'static str) -> TransportError {
    TransportError::Closed { transport: NAME, doing }
}

pub(crate) fn unreachable(peer: PublicKey, source: impl Into<Source>) -> TransportError {
    TransportError::Unreachable { transport: NAME, peer, source: source.into() }
}

pub(crate) fn failed<E: Into<Source>>(doing: &'static str) -> impl FnOnce(E) -> TransportError {
    move |source| TransportError::Failed { transport: NAME, doing, source: source.into() }
}

/// An error with what caused it.
pub(crate) fn whole(error: &(dyn Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let cause_text = cause.to_string();
        if !text.contains(&cause_text) {
            text = format!("{text}: {cause_text}");
        }
        source = cause.source();
    }
    text
}

/// Refuses what is longer than `limit`.
pub(crate) fn within(what: &'static str, bytes: u64, limit: u64) -> Result<(), TransportError> {
    match bytes <= limit {
        true => Ok(()),
        false => Err(TransportError::TooLong { transport: NAME, what, bytes, limit }),
    }
}
