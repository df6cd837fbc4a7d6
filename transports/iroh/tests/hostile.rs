//! Peers that do not keep to the protocol.
#![allow(clippy::unwrap_used)]

mod common;

use std::time::Duration;

use common::{config, open, peer};
use iroh::endpoint::{Connection as Quic, presets};
use iroh::{Endpoint, EndpointAddr, SecretKey};
use myrhiza_kernel_api::transport::FRAME_BYTES;
use myrhiza_kernel_api::{Connection, Hash, PeerAddress, PublicKey, Transport, TransportError};
use myrhiza_transport_iroh::{ALPN, GREETING, IrohTransport};
use tokio::time::{Instant, sleep, timeout};

/// A peer that can do what the transport does not.
async fn stranger(n: u8) -> Endpoint {
    Endpoint::builder(presets::Minimal)
        .secret_key(SecretKey::from_bytes(&[n; 32]))
        .alpns(vec![iroh_blobs::ALPN.to_vec()])
        .clear_ip_transports()
        .bind_addr("127.0.0.1:0")
        .unwrap()
        .bind()
        .await
        .unwrap()
}

fn address(node: &IrohTransport) -> EndpointAddr {
    let id = iroh::EndpointId::from_bytes(node.key().as_bytes()).unwrap();
    let ips = node.addresses().into_iter().map(|address| address.rest().parse().unwrap());
    ips.fold(EndpointAddr::new(id), EndpointAddr::with_ip_addr)
}

async fn says(connection: &Quic, bytes: &[u8]) -> iroh::endpoint::SendStream {
    let (mut sends, _receives) = connection.open_bi().await.unwrap();
    sends.write_all(bytes).await.unwrap();
    sends
}

/// What is accepted of a stranger that says this, then ends.
async fn accepted(says_first: &[u8]) -> (IrohTransport, Connection, Endpoint, Quic) {
    let (node, stranger) = (open(config(1)).await, stranger(2).await);
    let connection = stranger.connect(address(&node), ALPN).await.unwrap();
    says(&connection, says_first).await.finish().unwrap();
    let frames = node.accept().await.unwrap();
    (node, frames, stranger, connection)
}

// [TRANSPORT-3]
#[tokio::test]
async fn a_frame_announced_over_the_limit_is_refused_before_it_comes() {
    for length in [FRAME_BYTES as u32 + 1, u32::MAX] {
        let mut bytes = vec![GREETING];
        bytes.extend(length.to_be_bytes());
        let (_node, mut frames, _stranger, _connection) = accepted(&bytes).await;
        match frames.receiver.receive().await {
            Err(TransportError::TooLong { bytes, .. }) => assert_eq!(bytes, u64::from(length)),
            other => panic!("{other:?}"),
        }
        let after = frames.receiver.receive().await;
        assert!(matches!(after, Err(TransportError::Closed { .. })), "{after:?}");
    }
}

// [TRANSPORT-3]
#[tokio::test]
async fn a_frame_that_ends_half_way_is_no_graceful_end() {
    for half in [&[GREETING, 0, 0][..], &[GREETING, 0, 0, 0, 2, 9], &[GREETING, 0, 0, 0, 1]] {
        let (_node, mut frames, _stranger, _connection) = accepted(half).await;
        let ended = frames.receiver.receive().await;
        assert!(matches!(ended, Err(TransportError::Closed { .. })), "{ended:?}");
    }
    let (_node, mut frames, ..) = accepted(&[GREETING, 0, 0, 0, 0]).await;
    assert_eq!(frames.receiver.receive().await.unwrap(), Some(vec![]));
    assert_eq!(frames.receiver.receive().await.unwrap(), None);
}

// [TRANSPORT-2]
#[tokio::test]
async fn who_does_not_greet_is_not_accepted_and_in_nobodys_way() {
    let (node, stranger, honest) =
        (open(config(1)).await, stranger(2).await, open(config(3)).await);
    let silent = stranger.connect(address(&node), ALPN).await.unwrap();
    let rude = stranger.connect(address(&node), ALPN).await.unwrap();
    let _sends = says(&rude, &[GREETING + 1]).await;
    let (met, accepted) = tokio::join!(honest.connect(peer(&node)), node.accept());
    assert_eq!(met.unwrap().peer, node.key());
    assert_eq!(accepted.unwrap().peer, honest.key());
    timeout(Duration::from_secs(5), rude.closed()).await.unwrap();
    // Its time is up after ten seconds.
    timeout(Duration::from_secs(20), silent.closed()).await.unwrap();
}

// [TRANSPORT-2]
#[tokio::test]
async fn one_peer_has_so_many_connections_and_no_more() {
    let (node, honest) = (open(config(1)).await, open(config(3)).await);
    let stranger = stranger(2).await;
    let mut connections = Vec::new();
    let mut kept = Vec::new();
    for n in 0..20 {
        let connection = stranger.connect(address(&node), ALPN).await.unwrap();
        let mut streams = connection.open_bi().await;
        if let Ok((sends, _)) = &mut streams {
            let _refused = sends.write_all(&[GREETING]).await;
        }
        match timeout(Duration::from_secs(2), node.accept()).await {
            Ok(accepted) => kept.push(accepted.unwrap()),
            Err(_) => {
                assert_eq!(n, 16);
                timeout(Duration::from_secs(5), connection.closed()).await.unwrap();
                break;
            }
        }
        connections.push((connection, streams));
    }
    assert_eq!(kept.len(), 16);
    let (met, accepted) = tokio::join!(honest.connect(peer(&node)), node.accept());
    met.unwrap();
    assert_eq!(accepted.unwrap().peer, honest.key());

    // A place that is given up is taken again.
    kept.pop();
    let again = stranger.connect(address(&node), ALPN).await.unwrap();
    let _sends = says(&again, &[GREETING]).await;
    assert!(timeout(Duration::from_secs(5), node.accept()).await.unwrap().is_some());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_crowd_of_half_open_connections_passes() {
    let (node, honest) = (open(config(1)).await, open(config(9)).await);
    let mut crowd = Vec::new();
    for n in 2..8 {
        let stranger = stranger(n).await;
        for _ in 0..14 {
            if let Ok(connection) = stranger.connect(address(&node), ALPN).await {
                crowd.push(connection);
            }
        }
    }
    assert!(crowd.len() >= 64, "{} are half open", crowd.len());
    let started = Instant::now();
    loop {
        let meet = async { tokio::join!(honest.connect(peer(&node)), node.accept()) };
        if let Ok((Ok(met), Some(accepted))) = timeout(Duration::from_secs(2), meet).await {
            assert_eq!((met.peer, accepted.peer), (node.key(), honest.key()));
            break;
        }
        assert!(started.elapsed() < Duration::from_secs(30), "it is still shut out");
        sleep(Duration::from_millis(200)).await;
    }
}

#[tokio::test]
async fn who_reads_nothing_does_not_hold_up_the_end() {
    let (node, other) = (open(config(1)).await, open(config(2)).await);
    let (met, unread) = tokio::join!(node.connect(peer(&other)), other.accept());
    let (mut met, _unread) = (met.unwrap(), unread.unwrap());
    while let Ok(sent) = timeout(Duration::from_secs(1), met.sender.send(vec![0; 1 << 20])).await {
        sent.unwrap();
    }
    let (mut waits, started) = (met.sender, Instant::now());
    let (ended, ()) = tokio::join!(waits.send(vec![]), node.close());
    assert!(matches!(ended, Err(TransportError::Closed { .. })), "{ended:?}");
    assert!(started.elapsed() < Duration::from_secs(10), "{:?}", started.elapsed());
}

/// Answers every request for a blob with the same bytes.
async fn liar(n: u8, answer: Vec<u8>) -> PeerAddress {
    let stranger = stranger(n).await;
    let addresses = stranger.bound_sockets().into_iter();
    let peer = PeerAddress {
        key: PublicKey(*stranger.id().as_bytes()),
        addresses: addresses.map(|at| format!("ip:{at}").parse().unwrap()).collect(),
    };
    tokio::spawn(async move {
        while let Some(incoming) = stranger.accept().await {
            let (connection, answer) = (incoming.await.unwrap(), answer.clone());
            tokio::spawn(async move {
                while let Ok((mut sends, mut receives)) = connection.accept_bi().await {
                    let _request = receives.read_to_end(10_000).await;
                    let _cut_off = sends.write_all(&answer).await;
                    let _ended = sends.finish();
                }
            });
        }
    });
    peer
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_lies_about_a_blob_is_passed_over() {
    let (a, b) = (open(config(1)).await, open(config(2)).await);
    let bytes = vec![5; 300_000];
    let hash = a.blobs().add(bytes.clone()).await.unwrap();
    let size = |size: u64| size.to_le_bytes().to_vec();
    let garbage = |said: u64| [size(said), vec![0xaa; 400_000]].concat();
    let lies = [
        vec![],
        size(300_000),
        garbage(300_000),
        garbage(0),
        garbage(1),
        garbage(1 << 40),
        garbage(u64::MAX),
        vec![0xff; 5],
    ];
    let mut peers = Vec::new();
    for (n, lie) in (10..).zip(lies) {
        peers.push(liar(n, lie).await);
    }
    let fetch = |peers: Vec<PeerAddress>| {
        let b = &b;
        async move { b.blobs().fetch(hash, 300_000, &peers, Box::new(|_| ())).await }
    };
    let alone = fetch(peers.clone()).await;
    assert!(matches!(alone, Err(TransportError::NoBlob { asked: 8, .. })), "{alone:?}");
    assert_eq!(b.blobs().get(hash).await.unwrap(), None);
    peers.push(peer(&a));
    fetch(peers).await.unwrap();
    assert!(b.blobs().get(hash).await.unwrap() == Some(bytes));
    assert_eq!(b.blobs().get(Hash([0; 32])).await.unwrap(), None);
}

// [TRANSPORT-4]
#[tokio::test]
async fn only_whole_single_blobs_are_served() {
    use iroh_blobs::Hash as BlobHash;
    use iroh_blobs::protocol::{ChunkRangesSeq, GetManyRequest, GetRequest, ObserveRequest};
    use iroh_blobs::store::mem::MemStore;

    let (node, stranger) = (open(config(1)).await, stranger(2).await);
    let hash = BlobHash::from(node.blobs().add(vec![5; 1000]).await.unwrap().0);
    let connection = stranger.connect(address(&node), iroh_blobs::ALPN).await.unwrap();
    let store = MemStore::new();
    let remote = store.remote();
    let get = |request: GetRequest| remote.execute_get(connection.clone(), request).complete();
    get(GetRequest::blob(hash)).await.unwrap();
    get(GetRequest::all(hash)).await.unwrap_err();
    let many = GetManyRequest::new(vec![hash], ChunkRangesSeq::all());
    remote.execute_get_many(connection.clone(), many).complete().await.unwrap_err();
    let mut seen = Box::pin(remote.observe(connection.clone(), ObserveRequest::new(hash)));
    let observed = n0_future::StreamExt::next(&mut seen).await;
    assert!(!matches!(observed, Some(Ok(_))), "{observed:?}");
}

// [TRANSPORT-4]
#[tokio::test]
async fn requests_for_blobs_that_do_not_come_to_an_end_are_refused() {
    use iroh_blobs::protocol::ERR_LIMIT;

    let (node, stranger, honest) =
        (open(config(1)).await, stranger(2).await, open(config(3)).await);
    let hash = node.blobs().add(vec![5; 1000]).await.unwrap();
    let connection = stranger.connect(address(&node), iroh_blobs::ALPN).await.unwrap();
    let mut begun = Vec::new();
    for _ in 0..63 {
        let (mut sends, receives) = connection.open_bi().await.unwrap();
        sends.write_all(&[0]).await.unwrap();
        begun.push((sends, receives));
    }
    // Longer than any that is answered: not read to its end, nor waited for.
    let long = says(&connection, &[0; 5_000]).await;
    timeout(Duration::from_secs(5), long.stopped()).await.unwrap().unwrap();

    honest.blobs().fetch(hash, 1000, &[peer(&node)], Box::new(|_| ())).await.unwrap();
    assert!(honest.blobs().get(hash).await.unwrap().is_some());
    // Their time is up after ten seconds.
    let started = Instant::now();
    for (sends, mut receives) in begun {
        let stopped = timeout(Duration::from_secs(20), sends.stopped()).await.unwrap();
        assert!(stopped.unwrap().is_some());
        match receives.read(&mut [0]).await {
            Err(iroh::endpoint::ReadError::Reset(code)) => assert_eq!(code, ERR_LIMIT),
            other => panic!("{other:?}"),
        }
    }
    assert!(started.elapsed() < Duration::from_secs(20), "{:?}", started.elapsed());
    // Who asks as is usual is answered on it still.
    let store = iroh_blobs::store::mem::MemStore::new();
    let request = iroh_blobs::protocol::GetRequest::blob(iroh_blobs::Hash::from(hash.0));
    store.remote().execute_get(connection, request).complete().await.unwrap();
}
