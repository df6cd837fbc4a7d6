//! Blobs: a map a node, read by the others.

use std::sync::Arc;

use myrhiza_kernel_api::transport::Fetched;
use myrhiza_kernel_api::{BoxFuture, Hash, PeerAddress, TransportError};

use crate::network::{self, Network};
use crate::wait::lock;
use crate::{NAME, closed};

pub(crate) struct MemoryBlobs {
    network: Network,
    node: u64,
    kept: Arc<network::Blobs>,
}

impl MemoryBlobs {
    pub(crate) fn new(network: Network, node: u64, kept: Arc<network::Blobs>) -> Self {
        Self { network, node, kept }
    }
}

impl myrhiza_kernel_api::transport::Blobs for MemoryBlobs {
    fn add(&self, bytes: Vec<u8>) -> BoxFuture<'_, Result<Hash, TransportError>> {
        Box::pin(async move {
            let hash = Hash(*blake3::hash(&bytes).as_bytes());
            lock(&self.kept).insert(hash, bytes.into());
            Ok(hash)
        })
    }

    fn get(&self, hash: Hash) -> BoxFuture<'_, Result<Option<Vec<u8>>, TransportError>> {
        Box::pin(async move { Ok(lock(&self.kept).get(&hash).map(|bytes| bytes.to_vec())) })
    }

    fn fetch<'a>(
        &'a self,
        hash: Hash,
        limit: u64,
        from: &'a [PeerAddress],
        mut progress: Box<dyn FnMut(Fetched) + Send + 'a>,
    ) -> BoxFuture<'a, Result<(), TransportError>> {
        Box::pin(async move {
            if !self.network.is_open(self.node) {
                return Err(closed("fetched a blob"));
            }
            let kept = lock(&self.kept).get(&hash).cloned();
            let mut peers = from.iter();
            let blob = kept
                .or_else(|| peers.find_map(|peer| self.network.blob_of(self.node, peer, hash)))
                .ok_or(TransportError::NoBlob { transport: NAME, hash, asked: from.len() })?;
            let bytes = blob.len() as u64;
            if bytes > limit {
                let what = "a blob";
                return Err(TransportError::TooLong { transport: NAME, what, bytes, limit });
            }
            lock(&self.kept).insert(hash, blob);
            progress(Fetched { bytes, total: Some(bytes) });
            Ok(())
        })
    }

    fn list(&self) -> BoxFuture<'_, Result<Vec<Hash>, TransportError>> {
        Box::pin(async move { Ok(lock(&self.kept).keys().copied().collect()) })
    }

    fn remove(&self, hash: Hash) -> BoxFuture<'_, Result<(), TransportError>> {
        Box::pin(async move {
            lock(&self.kept).remove(&hash);
            Ok(())
        })
    }
}
