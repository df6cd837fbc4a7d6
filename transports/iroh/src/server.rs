//! Serves blobs to who asks for them over a connection. The library's own loop sets a mebibyte aside for
//! each request of which a byte has come, and waits for the rest without end.

use bytes::Bytes;
use iroh::endpoint::{Connection, RecvStream, SendStream};
use iroh_blobs::api::Store;
use iroh_blobs::protocol::ERR_LIMIT;
use iroh_blobs::provider::events::EventSender;
use iroh_blobs::provider::{StreamPair, handle_stream};
use n0_future::task;
use n0_future::time::timeout;

use crate::limits::{REQUEST, REQUEST_BYTES};

#[derive(Clone)]
pub(crate) struct Server {
    store: Store,
    /// Asked before a request is answered.
    gate: EventSender,
}

impl Server {
    pub(crate) fn new(store: Store, gate: EventSender) -> Self {
        Self { store, gate }
    }

    /// Answers what is asked on a connection, until it ends. There are no more at one time than streams.
    pub(crate) async fn serve(self, connection: Connection) {
        let id = connection.stable_id() as u64;
        while let Ok((sends, receives)) = connection.accept_bi().await {
            // It ends with the connection.
            task::spawn(self.clone().answer(id, sends, receives));
        }
    }

    async fn answer(self, connection: u64, mut sends: SendStream, receives: RecvStream) {
        let Ok(Some(request)) = timeout(REQUEST, request(receives)).await else {
            let _ended_before = sends.reset(ERR_LIMIT);
            return;
        };
        let pair = StreamPair::new(connection, request, sends, self.gate);
        // Why one is not answered is in the library's log.
        let _answered = handle_stream(pair, self.store).await;
    }
}

/// A whole request. `None` if it is longer than any that is answered, or the peer is gone.
async fn request(mut receives: RecvStream) -> Option<Bytes> {
    let mut request = Vec::new();
    while request.len() <= REQUEST_BYTES {
        match receives.read_chunk(REQUEST_BYTES + 1 - request.len()).await {
            // Copied, as a chunk holds all of the packet that it came in.
            Ok(Some(chunk)) => request.extend_from_slice(&chunk),
            Ok(None) => return Some(request.into()),
            Err(_) => return None,
        }
    }
    None
}
