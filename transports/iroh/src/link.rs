//! What both halves of a connection hold.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use iroh::EndpointId;
use iroh::endpoint::{Connection, VarInt};

use crate::limits::{OF_ALL_PEERS, OF_ONE_PEER};

/// A connection, closed when the last half is dropped.
pub(crate) struct Link {
    connection: Connection,
    /// Of an incoming one.
    _seat: Option<Seat>,
}

impl Link {
    pub(crate) fn new(connection: Connection, seat: Option<Seat>) -> Arc<Self> {
        Arc::new(Self { connection, _seat: seat })
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        self.connection.close(VarInt::from_u32(0), b"");
    }
}

/// The connections for frames that are there, in the order they came.
#[derive(Clone, Default)]
pub(crate) struct Links(Arc<Mutex<Vec<Weak<Link>>>>);

impl Links {
    pub(crate) fn add(&self, link: &Arc<Link>) {
        let mut links = lock(&self.0);
        links.retain(|link| link.strong_count() > 0);
        links.push(Arc::downgrade(link));
    }

    /// The newest with a peer.
    pub(crate) fn with(&self, peer: EndpointId) -> Option<Connection> {
        let links = lock(&self.0);
        let mut there = links.iter().rev().filter_map(Weak::upgrade);
        let found = there.find(|link| {
            link.connection.remote_id() == peer && link.connection.close_reason().is_none()
        });
        found.map(|link| link.connection.clone())
    }
}

/// Counts the incoming connections of one protocol.
#[derive(Clone, Default)]
pub(crate) struct Seats(Arc<Mutex<Taken>>);

#[derive(Default)]
struct Taken {
    all: usize,
    by_peer: BTreeMap<EndpointId, usize>,
}

/// One of them, while it lives.
pub(crate) struct Seat {
    seats: Seats,
    peer: EndpointId,
}

impl Seats {
    /// `None` if the peer, or all together, have as many as they may.
    pub(crate) fn take(&self, peer: EndpointId) -> Option<Seat> {
        let mut taken = lock(&self.0);
        let of_peer = taken.by_peer.get(&peer).copied().unwrap_or(0);
        if taken.all >= OF_ALL_PEERS || of_peer >= OF_ONE_PEER {
            return None;
        }
        taken.all += 1;
        taken.by_peer.insert(peer, of_peer + 1);
        Some(Seat { seats: self.clone(), peer })
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut taken = lock(&self.seats.0);
        taken.all -= 1;
        if let Some(of_peer) = taken.by_peer.get_mut(&self.peer) {
            *of_peer -= 1;
            if *of_peer == 0 {
                taken.by_peer.remove(&self.peer);
            }
        }
    }
}

/// A lock is never poisoned: no code of others runs while it is held.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use iroh::SecretKey;

    use super::*;

    #[test]
    fn a_peer_has_its_share_of_seats_and_gives_them_back() {
        let seats = Seats::default();
        let peer = |n: u8| SecretKey::from_bytes(&[n; 32]).public();
        let mut taken: Vec<Seat> = (0..100).map_while(|_| seats.take(peer(0))).collect();
        assert_eq!(taken.len(), OF_ONE_PEER);
        assert!(seats.take(peer(1)).is_some());
        taken.pop();
        assert!(seats.take(peer(0)).is_some());
        taken.clear();
        assert!(lock(&seats.0).by_peer.is_empty());

        for n in 0..=u8::MAX {
            taken.extend((0..OF_ONE_PEER).map_while(|_| seats.take(peer(n))));
        }
        assert_eq!(taken.len(), OF_ALL_PEERS);
    }
}
