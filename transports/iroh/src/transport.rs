//! One iroh endpoint with its protocols.

use std::sync::Arc;

use async_channel::Receiver as Queue;
use iroh::Endpoint;
use iroh::endpoint::Connection as QuicConnection;
use myrhiza_kernel_api::transport::{Blobs, TransportConfig};
use myrhiza_kernel_api::{
    Address, BoxFuture, Connection, PeerAddress, PublicKey, Transport, TransportError,
};
use n0_future::task::{self, AbortOnDropHandle};
use n0_future::time::timeout;
use tokio::sync::OnceCell;

use crate::accept::{self, Door};
use crate::blobs::IrohBlobs;
use crate::error::{closed, failed, unreachable, whole};
use crate::limits::{CONNECT, WAITING};
use crate::link::{Link, Links};
use crate::receiver::Receiver;
use crate::sender::{OpenStreams, Sender};
use crate::{ALPN, GREETING, NAME, address, config};

/// A transport over iroh. It lives on the runtime it is opened on, and wants to be closed: peers of
/// one that is only dropped find out by waiting.
pub struct IrohTransport {
    endpoint: Endpoint,
    incoming: Queue<Connection>,
    streams: OpenStreams,
    links: Links,
    blobs: IrohBlobs,
    door: AbortOnDropHandle<()>,
    closed: OnceCell<()>,
}

impl IrohTransport {
    /// Opens it.
    ///
    /// # Errors
    /// [`TransportError::Config`], [`TransportError::Failed`]
    pub async fn open(config: TransportConfig) -> Result<Self, TransportError> {
        let endpoint = config::endpoint(&config)?;
        let endpoint = endpoint.bind().await;
        let endpoint = endpoint.map_err(|error| failed("bound its sockets")(whole(&error)))?;
        let links = Links::default();
        let opened = IrohBlobs::open(endpoint.clone(), links.clone(), config.path.as_deref()).await;
        let blobs = match opened {
            Ok(blobs) => blobs,
            Err(error) => {
                endpoint.close().await;
                return Err(error);
            }
        };
        let (frames, incoming) = async_channel::bounded(WAITING);
        let streams = OpenStreams::default();
        let door = accept::run(Door {
            endpoint: endpoint.clone(),
            frames,
            streams: streams.clone(),
            links: links.clone(),
            blobs: blobs.server(),
        });
        Ok(Self {
            endpoint,
            incoming,
            streams,
            links,
            blobs,
            door: AbortOnDropHandle::new(task::spawn(door)),
            closed: OnceCell::new(),
        })
    }

    async fn dial(&self, to: &PeerAddress) -> Result<Connection, TransportError> {
        let unreached = |error: DialError| match self.endpoint.is_closed() {
            true => closed("connected"),
            false => unreachable(to.key, error),
        };
        let dialled = timeout(CONNECT, dial(&self.endpoint, to, ALPN)).await;
        let connection = dialled.unwrap_or_else(|late| Err(late.into())).map_err(unreached)?;
        self.greet(connection).await.map_err(unreached)
    }

    async fn greet(&self, connection: QuicConnection) -> Result<Connection, DialError> {
        let (mut sends, receives) = connection.open_bi().await?;
        sends.write_all(&[GREETING]).await?;
        let peer = address::key(connection.remote_id());
        let link = Link::new(connection.clone(), None);
        self.links.add(&link);
        // It ends with the connection.
        task::spawn(self.blobs.server().serve(connection));
        Ok(Connection {
            peer,
            sender: Box::new(Sender::new(sends, Arc::clone(&link), &self.streams)),
            receiver: Box::new(Receiver::new(receives, link)),
        })
    }

    async fn end(&self) {
        self.door.abort();
        self.incoming.close();
        while self.incoming.try_recv().is_ok() {}
        self.streams.finish().await;
        self.endpoint.close().await;
        self.blobs.end().await;
    }
}

pub(crate) type DialError = Box<dyn std::error::Error + Send + Sync>;

/// Opens a connection for a protocol.
pub(crate) async fn dial(
    endpoint: &Endpoint,
    to: &PeerAddress,
    alpn: &[u8],
) -> Result<QuicConnection, DialError> {
    Ok(endpoint.connect(address::endpoint_addr(to)?, alpn).await?)
}

impl Transport for IrohTransport {
    fn name(&self) -> &'static str {
        NAME
    }

    fn key(&self) -> PublicKey {
        address::key(self.endpoint.id())
    }

    fn addresses(&self) -> Vec<Address> {
        address::addresses(&self.endpoint.addr())
    }

    fn connect(&self, to: PeerAddress) -> BoxFuture<'_, Result<Connection, TransportError>> {
        Box::pin(async move { self.dial(&to).await })
    }

    fn accept(&self) -> BoxFuture<'_, Option<Connection>> {
        Box::pin(async move { self.incoming.recv().await.ok() })
    }

    fn blobs(&self) -> &dyn Blobs {
        &self.blobs
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            self.closed.get_or_init(|| self.end()).await;
        })
    }
}
