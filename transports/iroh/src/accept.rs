//! Who comes in: handshakes, greetings, and the protocol a connection is for.

use std::sync::Arc;

use async_channel::Sender as Queue;
use iroh::Endpoint;
use iroh::endpoint::{Connection, Incoming, RecvStream, SendStream, VarInt};
use myrhiza_kernel_api::Connection as Frames;
use n0_future::task::JoinSet;
use n0_future::time::timeout;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::limits::{IDENTIFY, UNIDENTIFIED, UNIDENTIFIED_UNPROVEN};
use crate::link::{Link, Links, Seat, Seats};
use crate::receiver::Receiver;
use crate::sender::{OpenStreams, Sender};
use crate::server::Server;
use crate::{ALPN, GREETING, address};

/// Told to a peer that has as many connections as it may, or that comes when nobody accepts.
const BUSY: VarInt = VarInt::from_u32(1);
/// Told to a peer that does not greet, or says something else.
const RUDE: VarInt = VarInt::from_u32(2);

/// Where accepted connections go.
pub(crate) struct Door {
    pub(crate) endpoint: Endpoint,
    pub(crate) frames: Queue<Frames>,
    pub(crate) streams: OpenStreams,
    pub(crate) links: Links,
    pub(crate) blobs: Server,
}

/// Lets peers in until the endpoint is closed.
pub(crate) async fn run(door: Door) {
    let unidentified = Arc::new(Semaphore::new(UNIDENTIFIED));
    let (door, seats) = (Arc::new(door), Arc::new(AllSeats::default()));
    let mut guests = JoinSet::new();
    loop {
        tokio::select! {
            incoming = door.endpoint.accept() => {
                let Some(incoming) = incoming else { break };
                if let Some(incoming) = proven(incoming, &unidentified)
                    && let Ok(permit) = Arc::clone(&unidentified).try_acquire_owned()
                {
                    guests.spawn(receive(Arc::clone(&door), Arc::clone(&seats), incoming, permit));
                }
            }
            Some(_left) = guests.join_next(), if !guests.is_empty() => {}
        }
    }
}

/// While few are unidentified, whoever comes. Else who has shown that its address is its own; others
/// are told to come back with that, at no cost to this node.
fn proven(incoming: Incoming, unidentified: &Semaphore) -> Option<Incoming> {
    let busy = unidentified.available_permits() <= UNIDENTIFIED - UNIDENTIFIED_UNPROVEN;
    if busy && !incoming.remote_addr_validated() {
        // An error would mean that it was validated.
        let _told = incoming.retry();
        return None;
    }
    Some(incoming)
}

/// One count a protocol, so that a crowd at one does not shut the others.
#[derive(Default)]
struct AllSeats {
    frames: Seats,
    blobs: Seats,
}

async fn receive(
    door: Arc<Door>,
    seats: Arc<AllSeats>,
    incoming: Incoming,
    permit: OwnedSemaphorePermit,
) {
    let Ok(Some(guest)) = timeout(IDENTIFY, identify(incoming, &seats)).await else { return };
    drop(permit);
    let (connection, _seat) = match guest {
        Guest::Frames(frames) => {
            let connection = frames.connection.clone();
            door.welcome(frames);
            (connection, None)
        }
        Guest::Blobs(connection, seat) => (connection, Some(seat)),
    };
    door.blobs.clone().serve(connection).await;
}

enum Guest {
    Frames(Greeted),
    Blobs(Connection, Seat),
}

/// A connection for frames, and its stream.
struct Greeted {
    connection: Connection,
    streams: (SendStream, RecvStream),
    seat: Seat,
}

async fn identify(incoming: Incoming, seats: &AllSeats) -> Option<Guest> {
    let connection = incoming.await.ok()?;
    let seats = match connection.alpn() {
        ALPN => &seats.frames,
        _ => &seats.blobs,
    };
    let Some(seat) = seats.take(connection.remote_id()) else {
        connection.close(BUSY, b"too many connections");
        return None;
    };
    match connection.alpn() {
        ALPN => greeted(connection, seat).await.map(Guest::Frames),
        _ => Some(Guest::Blobs(connection, seat)),
    }
}

async fn greeted(connection: Connection, seat: Seat) -> Option<Greeted> {
    let (sends, mut receives) = connection.accept_bi().await.ok()?;
    let mut greeting = [0];
    match receives.read_exact(&mut greeting).await {
        Ok(()) if greeting == [GREETING] => {
            Some(Greeted { connection, streams: (sends, receives), seat })
        }
        _ => {
            connection.close(RUDE, b"not a greeting");
            None
        }
    }
}

impl Door {
    /// Puts a connection where `accept` takes it.
    fn welcome(&self, Greeted { connection, streams, seat }: Greeted) {
        let link = Link::new(connection.clone(), Some(seat));
        self.links.add(&link);
        let frames = Frames {
            peer: address::key(connection.remote_id()),
            sender: Box::new(Sender::new(streams.0, Arc::clone(&link), &self.streams)),
            receiver: Box::new(Receiver::new(streams.1, link)),
        };
        if let Err(refused) = self.frames.try_send(frames) {
            connection.close(BUSY, b"nobody accepts");
            drop(refused);
        }
    }
}
