//! Blobs by iroh-blobs.
//!
//! They go over the connection that is there with a peer, and over one of their own where there is none
//! or nothing comes of it. A blob is kept by a tag, its hash in hexadecimal. The store deletes what has none, some time
//! later; until then [`crate::gate`] does not serve it.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::{Arc, Mutex};

use iroh::Endpoint;
use iroh::endpoint::Connection;
use iroh_blobs::HashAndFormat;
use iroh_blobs::api::Store;
use iroh_blobs::api::blobs::BlobStatus;
use iroh_blobs::api::remote::GetProgressItem;
use iroh_blobs::get::GetError;
use iroh_blobs::get::request::get_verified_size;
use iroh_blobs::store::{GcConfig, mem};
use myrhiza_kernel_api::transport::{Blobs, Fetched};
use myrhiza_kernel_api::{BoxFuture, Hash, PeerAddress, TransportError};
use n0_future::StreamExt;
use n0_future::task::{self, AbortOnDropHandle};
use n0_future::time::timeout;
use tracing::debug;

use crate::NAME;
use crate::address::endpoint_addr;
use crate::error::{closed, failed, within};
use crate::gate::{Kept, gate};
#[cfg(not(target_family = "wasm"))]
use crate::limits::SWEEP;
use crate::limits::{ANSWER, CONNECT, PIECE, SWEEP_MEMORY};
use crate::link::{Links, lock};
use crate::server::Server;
use crate::transport::{DialError, dial};

const FETCHED: &str = "fetched a blob";

/// How a peer is asked.
#[derive(Clone, Copy, Debug)]
enum Way {
    /// Over the connection that is there.
    There,
    /// Over one of its own.
    Anew,
}

pub(crate) struct IrohBlobs {
    endpoint: Endpoint,
    links: Links,
    store: Store,
    kept: Kept,
    server: Server,
    _gate: AbortOnDropHandle<()>,
}

impl IrohBlobs {
    pub(crate) async fn open(
        endpoint: Endpoint,
        links: Links,
        path: Option<&Path>,
    ) -> Result<Self, TransportError> {
        let store = store(path).await?;
        let kept = kept(&store).await.map_err(failed("read what blobs it keeps"))?;
        let (asks, answers) = gate(kept.clone());
        let server = Server::new(store.clone(), asks);
        let _gate = AbortOnDropHandle::new(task::spawn(answers));
        Ok(Self { endpoint, links, store, kept, server, _gate })
    }

    /// What serves them.
    pub(crate) fn server(&self) -> Server {
        self.server.clone()
    }

    pub(crate) async fn end(&self) {
        // An error says that it has ended already.
        let _ended = self.store.shutdown().await;
    }

    async fn keep(&self, hash: iroh_blobs::Hash) -> Result<(), TransportError> {
        let tagged = self.store.tags().set(hash.to_hex(), HashAndFormat::raw(hash)).await;
        tagged.map_err(failed("kept a blob"))?;
        lock(&self.kept).insert(hash);
        Ok(())
    }

    /// Asks a peer, and learns how long the blob is that it has. None if there is no such way.
    async fn ask(
        &self,
        peer: &PeerAddress,
        hash: iroh_blobs::Hash,
        way: Way,
    ) -> Result<Option<(Connection, u64)>, DialError> {
        let (connection, patience) = match way {
            Way::There => match self.links.with(endpoint_addr(peer)?.id) {
                Some(connection) => (connection, ANSWER),
                None => return Ok(None),
            },
            Way::Anew => {
                let dialled = timeout(CONNECT, dial(&self.endpoint, peer, iroh_blobs::ALPN));
                (dialled.await??, PIECE)
            }
        };
        // It comes with the last piece and what proves that: nobody can lie about it.
        let (total, _) = timeout(patience, get_verified_size(&connection, &hash)).await??;
        Ok(Some((connection, total)))
    }

    /// Fetches from a peer what is not here yet. Tells whether the blob is here whole.
    async fn pull(
        &self,
        connection: &Connection,
        blob: HashAndFormat,
        total: u64,
        progress: &mut (dyn FnMut(Fetched) + Send),
    ) -> Result<bool, TransportError> {
        let local = self.store.remote().local(blob).await.map_err(failed(FETCHED))?;
        let here = local.local_bytes();
        let mut tell = |bytes| progress(Fetched { bytes, total: Some(total) });
        tell(here);
        let mut pieces = Box::pin(self.store.remote().fetch(connection.clone(), blob).stream());
        while let Ok(Some(piece)) = timeout(PIECE, pieces.next()).await {
            match piece {
                GetProgressItem::Progress(new) => tell(here.saturating_add(new).min(total)),
                GetProgressItem::Done(_) => {
                    tell(total);
                    return Ok(true);
                }
                // The end of a connection is called a local failure too.
                GetProgressItem::Error(GetError::LocalFailure { source, .. })
                    if connection.close_reason().is_none() =>
                {
                    return Err(failed(FETCHED)(source.to_string()));
                }
                GetProgressItem::Error(error) => {
                    debug!(hash = %blob.hash, %error, "a peer's turn to send a blob ended");
                    break;
                }
            }
        }
        Ok(false)
    }

    /// How long a blob is that is kept and here whole.
    async fn whole(&self, hash: iroh_blobs::Hash) -> Result<Option<u64>, TransportError> {
        if !lock(&self.kept).contains(&hash) {
            return Ok(None);
        }
        match self.store.blobs().status(hash).await.map_err(failed("looked for a blob"))? {
            BlobStatus::Complete { size } => Ok(Some(size)),
            _ => Ok(None),
        }
    }
}

/// The folder's store, or one in memory.
async fn store(path: Option<&Path>) -> Result<Store, TransportError> {
    let sweep = |interval| Some(GcConfig { interval, add_protected: None });
    #[cfg(not(target_family = "wasm"))]
    if let Some(path) = path {
        use iroh_blobs::store::fs::{FsStore, options::Options};

        let mut options = Options::new(path);
        options.gc = sweep(SWEEP);
        let store = FsStore::load_with_opts(path.join("blobs.db"), options).await;
        return Ok(store.map_err(failed("opened its blobs"))?.into());
    }
    #[cfg(target_family = "wasm")]
    if path.is_some() {
        return Err(crate::error::config("a browser has no folders; give it no path"));
    }
    Ok(mem::MemStore::new_with_opts(mem::Options { gc_config: sweep(SWEEP_MEMORY) }).into())
}

async fn kept(store: &Store) -> Result<Kept, DialError> {
    let mut tags = store.tags().list().await?;
    let mut hashes = BTreeSet::new();
    while let Some(tag) = tags.next().await {
        hashes.insert(tag?.hash);
    }
    Ok(Arc::new(Mutex::new(hashes)))
}

impl Blobs for IrohBlobs {
    fn add(&self, bytes: Vec<u8>) -> BoxFuture<'_, Result<Hash, TransportError>> {
        Box::pin(async move {
            let added = self.store.blobs().add_bytes(bytes).temp_tag().await;
            // It is held until it is kept.
            let held = added.map_err(failed("added a blob"))?;
            self.keep(held.hash()).await?;
            Ok(Hash(*held.hash().as_bytes()))
        })
    }

    fn get(&self, hash: Hash) -> BoxFuture<'_, Result<Option<Vec<u8>>, TransportError>> {
        Box::pin(async move {
            let hash = hash.0.into();
            if self.whole(hash).await?.is_none() {
                return Ok(None);
            }
            let bytes = self.store.blobs().get_bytes(hash).await;
            Ok(Some(bytes.map_err(failed("read a blob"))?.into()))
        })
    }

    fn fetch<'a>(
        &'a self,
        hash: Hash,
        limit: u64,
        from: &'a [PeerAddress],
        mut progress: Box<dyn FnMut(Fetched) + Send + 'a>,
    ) -> BoxFuture<'a, Result<(), TransportError>> {
        Box::pin(async move {
            let blob = HashAndFormat::raw(hash.0.into());
            if let Some(bytes) = self.whole(blob.hash).await? {
                within("a blob", bytes, limit)?;
                progress(Fetched { bytes, total: Some(bytes) });
                return Ok(());
            }
            let ways = from.iter().flat_map(|peer| [(peer, Way::There), (peer, Way::Anew)]);
            for (peer, way) in ways {
                let (connection, total) = match self.ask(peer, blob.hash, way).await {
                    Ok(Some(answer)) => answer,
                    Ok(None) => continue,
                    Err(_) if self.endpoint.is_closed() => return Err(closed(FETCHED)),
                    Err(error) => {
                        debug!(%hash, peer = %peer.key, ?way, %error, "a peer was asked for a blob in vain");
                        continue;
                    }
                };
                within("a blob", total, limit)?;
                // Before anything of it comes, or it could be swept away.
                self.keep(blob.hash).await?;
                if self.pull(&connection, blob, total, &mut *progress).await? {
                    return Ok(());
                }
            }
            Err(TransportError::NoBlob { transport: NAME, hash, asked: from.len() })
        })
    }

    fn list(&self) -> BoxFuture<'_, Result<Vec<Hash>, TransportError>> {
        Box::pin(
            async move { Ok(lock(&self.kept).iter().map(|hash| Hash(*hash.as_bytes())).collect()) },
        )
    }

    fn remove(&self, hash: Hash) -> BoxFuture<'_, Result<(), TransportError>> {
        Box::pin(async move {
            let hash = iroh_blobs::Hash::from(hash.0);
            lock(&self.kept).remove(&hash);
            let untagged = self.store.tags().delete(hash.to_hex()).await;
            untagged.map(|_tags| ()).map_err(failed("removed a blob"))
        })
    }
}
