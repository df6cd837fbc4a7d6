//! Links of a network are cut and healed at once, and networks do not meet.
#![allow(clippy::unwrap_used)]

use std::future::Future;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use myrhiza_kernel_api::transport::TransportSecret;
use myrhiza_kernel_api::{PeerAddress, Registration, Transport, TransportConfig, TransportError};
use myrhiza_transport_memory::{MemoryTransport, Network};

/// Nothing here waits for anything but the other end, so one poll is enough.
fn now<T>(future: impl Future<Output = T>) -> T {
    match std::pin::pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("it waits"),
    }
}

fn open(network: &Network, n: u8) -> Arc<MemoryTransport> {
    network.open(&TransportSecret([n; 32].into()))
}

fn peer(node: &MemoryTransport) -> PeerAddress {
    PeerAddress { key: node.key(), addresses: node.addresses() }
}

#[test]
fn a_cut_ends_connections_and_fetches_until_it_is_healed() {
    let network = Network::new();
    let (a, b) = (open(&network, 1), open(&network, 2));
    let mut one = now(a.connect(peer(&b))).unwrap();
    let mut other = now(b.accept()).unwrap();
    let hash = now(a.blobs().add(b"blob".to_vec())).unwrap();
    now(one.sender.send(b"on the way".to_vec())).unwrap();

    network.cut(b.key(), a.key());
    let closed = |result| matches!(result, Err(TransportError::Closed { .. }));
    assert!(closed(now(other.receiver.receive()).map(|_| ())));
    assert!(closed(now(other.sender.send(vec![]))));
    assert!(closed(now(one.sender.send(vec![]))));
    assert!(matches!(now(a.connect(peer(&b))), Err(TransportError::Unreachable { .. })));
    let peers = [peer(&a)];
    let fetch = || now(b.blobs().fetch(hash, 10, &peers, Box::new(|_| ())));
    assert!(matches!(fetch(), Err(TransportError::NoBlob { asked: 1, .. })));

    network.heal(a.key(), b.key());
    let _again = now(a.connect(peer(&b))).unwrap();
    fetch().unwrap();
}

#[test]
fn networks_do_not_meet_and_two_nodes_may_have_one_key() {
    let (network, apart) = (Network::new(), Network::new());
    let (a, twin, b) = (open(&network, 1), open(&network, 1), open(&network, 2));
    let stranger = open(&apart, 3);
    assert!(matches!(now(stranger.connect(peer(&b))), Err(TransportError::Unreachable { .. })));
    assert_ne!(a.addresses(), twin.addresses());
    let _to_twin = now(b.connect(peer(&twin))).unwrap();
    assert_eq!(now(twin.accept()).unwrap().peer, b.key());
}

#[test]
fn connections_that_nobody_accepts_are_bounded() {
    let network = Network::new();
    let (a, b) = (open(&network, 1), open(&network, 2));
    let opened: Vec<_> = (0..100).map_while(|_| now(a.connect(peer(&b))).ok()).collect();
    assert_eq!(opened.len(), 64);
    now(b.accept()).unwrap();
    now(a.connect(peer(&b))).unwrap();
}

#[test]
fn what_it_cannot_do_is_refused_with_what_to_write() {
    let registered = myrhiza_kernel_api::inventory::iter::<Registration>();
    let open = registered
        .filter_map(|registration| match registration {
            Registration::Transport { open, .. } => Some(open),
            _ => None,
        })
        .next()
        .unwrap();
    let config = TransportConfig {
        secret: TransportSecret([1; 32].into()),
        path: None,
        listen: vec![],
        relays: vec![],
        discovery: false,
    };
    let listens = TransportConfig { listen: vec![([127, 0, 0, 1], 0).into()], ..config.clone() };
    let relayed = TransportConfig { relays: vec!["https://relay".into()], ..config.clone() };
    let discovers = TransportConfig { discovery: true, ..config.clone() };
    for (bad, word) in [(listens, "`listen`"), (relayed, "`relays`"), (discovers, "`discovery`")] {
        let refused = now(open(bad)).err().unwrap();
        assert!(refused.to_string().contains(word), "{refused}");
    }
    assert_eq!(now(open(config)).ok().unwrap().name(), myrhiza_transport_memory::NAME);
}
