use super::{BoxFuture, PeerAddress, TransportError};
use crate::{Hash, MaybeSend, MaybeSync};

/// Bytes by their BLAKE3 hash (the plain one, without a context), kept here and served to whoever
/// asks for them.
pub trait Blobs: MaybeSend + MaybeSync {
    /// Keeps bytes, and serves them from now on.
    ///
    /// # Errors
    /// [`TransportError::Failed`]
    fn add(&self, bytes: Vec<u8>) -> BoxFuture<'_, Result<Hash, TransportError>>;

    /// What is kept of a hash, if it is here whole.
    ///
    /// # Errors
    /// [`TransportError::Failed`]
    fn get(&self, hash: Hash) -> BoxFuture<'_, Result<Option<Vec<u8>>, TransportError>>;

    /// Fetches a blob of at most `limit` bytes from peers, one after the other until one has it
    /// whole, and keeps it. Every piece is verified as it arrives; one that does not belong ends
    /// that peer's turn. What an earlier fetch has brought is not fetched again. `progress` is
    /// told how far it is, as often as there is something new.
    ///
    /// # Errors
    /// [`TransportError::NoBlob`], [`TransportError::TooLong`], [`TransportError::Failed`]
    fn fetch<'a>(
        &'a self,
        hash: Hash,
        limit: u64,
        from: &'a [PeerAddress],
        progress: Box<dyn FnMut(Fetched) + Send + 'a>,
    ) -> BoxFuture<'a, Result<(), TransportError>>;

    /// The hashes of what is kept here, and of what a fetch has brought in part; ascending.
    ///
    /// # Errors
    /// [`TransportError::Failed`]
    fn list(&self) -> BoxFuture<'_, Result<Vec<Hash>, TransportError>>;

    /// Keeps and serves a blob no longer, nor what a fetch has brought of it. One that is not here is
    /// no error. Its room may be free only some minutes later.
    ///
    /// # Errors
    /// [`TransportError::Failed`]
    fn remove(&self, hash: Hash) -> BoxFuture<'_, Result<(), TransportError>>;
}

/// How far a fetch is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fetched {
    /// Bytes that are here, verified.
    pub bytes: u64,
    /// Bytes there are, once that is known.
    pub total: Option<u64>,
}
