//! Who is met at the other end, and who is not.

use myrhiza_kernel_api::{PeerAddress, PublicKey, TransportError};

use crate::Subject;
use crate::subject::Node;

fn unreachable<T>(result: Result<T, TransportError>, whom: PublicKey) {
    match result.err().unwrap() {
        TransportError::Unreachable { peer, .. } => assert_eq!(peer, whom),
        other => panic!("{other}"),
    }
}

/// The two can still meet.
async fn meet(a: &Node, b: &Node) {
    let [mut one, mut other] = a.join(b).await;
    assert_eq!((one.peer, other.peer), (b.0.key(), a.0.key()));
    one.sender.send(b"ping".to_vec()).await.unwrap();
    assert_eq!(other.receiver.receive().await.unwrap().unwrap(), b"ping");
    other.sender.send(b"pong".to_vec()).await.unwrap();
    assert_eq!(one.receiver.receive().await.unwrap().unwrap(), b"pong");
}

/// The first pair of RFC 8032.
pub(crate) async fn key_of_secret(subject: Subject) {
    let hex = |text: &str| *text.parse::<PublicKey>().unwrap().as_bytes();
    let secret = hex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60");
    let public = hex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
    assert_eq!(subject.open(secret, None).await.0.key(), PublicKey(public));
}

pub(crate) async fn each_knows_the_other(subject: Subject) {
    let [a, b] = subject.nodes().await;
    meet(&a, &b).await;
    meet(&b, &a).await;
}

pub(crate) async fn foreign_addresses(subject: Subject) {
    let [a, b] = subject.nodes().await;
    let mut to = b.peer();
    to.addresses.insert(0, "pigeon:coop".parse().unwrap());
    let (opened, accepted) = tokio::join!(a.0.connect(to), b.0.accept());
    assert_eq!(opened.unwrap().peer, b.0.key());
    assert_eq!(accepted.unwrap().peer, a.0.key());
}

pub(crate) async fn nobody_there(subject: Subject) {
    let [a, b] = subject.nodes().await;
    let gone = b.peer();
    b.0.close().await;
    unreachable(a.0.connect(gone.clone()).await, gone.key);
}

pub(crate) async fn no_address(subject: Subject) {
    let [a, b] = subject.nodes().await;
    let nowhere = PeerAddress { key: b.0.key(), addresses: Vec::new() };
    unreachable(a.0.connect(nowhere).await, b.0.key());
}

pub(crate) async fn wrong_key(subject: Subject) {
    let [a, b, c] = subject.nodes().await;
    let mixed = PeerAddress { key: c.0.key(), addresses: b.0.addresses() };
    unreachable(a.0.connect(mixed).await, c.0.key());
    // What is no key of anybody's.
    let none = PeerAddress { key: PublicKey([2; 32]), addresses: b.0.addresses() };
    unreachable(a.0.connect(none).await, PublicKey([2; 32]));
    meet(&a, &b).await;
}

pub(crate) async fn itself(subject: Subject) {
    let [a, b] = subject.nodes().await;
    unreachable(a.0.connect(a.peer()).await, a.0.key());
    meet(&a, &b).await;
}

pub(crate) async fn many_at_once(subject: Subject) {
    let [a, b] = subject.nodes().await;
    let mut joined = Vec::new();
    for n in 0..16u8 {
        let (from, to) = if n % 2 == 0 { (&a, &b) } else { (&b, &a) };
        joined.push(from.join(to).await);
    }
    for (n, [one, _]) in joined.iter_mut().enumerate() {
        one.sender.send(vec![n as u8]).await.unwrap();
    }
    for (n, [_, other]) in joined.iter_mut().enumerate().rev() {
        assert_eq!(other.receiver.receive().await.unwrap().unwrap(), [n as u8]);
    }
}
