//! Gossip on a topic.

use std::time::Duration;

use myrhiza_kernel_api::transport::{
    GOSSIP_BYTES, GossipEvent, GossipReceiver, GossipSender, Subscription,
};
use myrhiza_kernel_api::{Hash, PublicKey, TransportError};
use tokio::time::timeout;

use crate::Subject;
use crate::subject::{Node, a_while};

const TOPIC: Hash = Hash([0xab; 32]);

impl Node {
    async fn subscribe(&self, topic: Hash, via: &[&Node]) -> Subscription {
        let via = via.iter().map(|node| node.peer()).collect();
        self.0.gossip().subscribe(topic, via).await.unwrap()
    }
}

async fn up(receiver: &mut dyn GossipReceiver, peer: PublicKey) {
    loop {
        match receiver.next().await {
            Some(GossipEvent::Up(key)) if key == peer => return,
            Some(_) => {}
            None => panic!("it ended"),
        }
    }
}

/// Waits for a message, and tells who passed it on.
async fn heard(receiver: &mut dyn GossipReceiver, want: &[u8]) -> PublicKey {
    loop {
        match receiver.next().await {
            Some(GossipEvent::Message { from, bytes }) if bytes == want => return from,
            Some(_) => {}
            None => panic!("it ended"),
        }
    }
}

async fn say(sender: &mut dyn GossipSender, message: &[u8]) {
    sender.broadcast(message.to_vec()).await.unwrap();
}

pub(crate) async fn between_two(subject: Subject) {
    let [a, b] = subject.nodes().await;
    let mut one = a.subscribe(TOPIC, &[]).await;
    let mut other = b.subscribe(TOPIC, &[&a]).await;
    tokio::join!(up(&mut *one.receiver, b.0.key()), up(&mut *other.receiver, a.0.key()));
    say(&mut *one.sender, b"from a").await;
    say(&mut *other.sender, b"from b").await;
    assert_eq!(heard(&mut *other.receiver, b"from a").await, a.0.key());
    assert_eq!(heard(&mut *one.receiver, b"from b").await, b.0.key());
}

pub(crate) async fn through_one(subject: Subject) {
    let [hub, a, b] = subject.nodes().await;
    let mut middle = hub.subscribe(TOPIC, &[]).await;
    let mut one = a.subscribe(TOPIC, &[&hub]).await;
    up(&mut *one.receiver, hub.0.key()).await;
    let mut other = b.subscribe(TOPIC, &[&hub]).await;
    up(&mut *other.receiver, hub.0.key()).await;
    up(&mut *middle.receiver, b.0.key()).await;
    for n in 0..20u8 {
        say(&mut *one.sender, &[b'a', n]).await;
        say(&mut *other.sender, &[b'b', n]).await;
    }
    // Best effort, but nothing is in the way here: the last ones come.
    tokio::join!(
        async {
            heard(&mut *middle.receiver, &[b'a', 19]).await;
        },
        async {
            heard(&mut *one.receiver, &[b'b', 19]).await;
        },
        async {
            heard(&mut *other.receiver, &[b'a', 19]).await;
        },
    );
}

pub(crate) async fn up_to_the_limit(subject: Subject) {
    let [a, b] = subject.nodes().await;
    let mut one = a.subscribe(TOPIC, &[]).await;
    let mut other = b.subscribe(TOPIC, &[&a]).await;
    up(&mut *one.receiver, b.0.key()).await;
    match one.sender.broadcast(vec![0; GOSSIP_BYTES + 1]).await {
        Err(TransportError::TooLong { bytes, limit, .. }) => {
            assert_eq!((bytes, limit), (GOSSIP_BYTES as u64 + 1, GOSSIP_BYTES as u64));
        }
        other => panic!("{other:?}"),
    }
    for length in [GOSSIP_BYTES, 1, 0] {
        say(&mut *one.sender, &vec![0xee; length]).await;
        heard(&mut *other.receiver, &vec![0xee; length]).await;
    }
}

pub(crate) async fn topics_apart(subject: Subject) {
    let [a, b] = subject.nodes().await;
    let second = Hash([0xcd; 32]);
    let mut one = a.subscribe(TOPIC, &[]).await;
    let mut one_more = a.subscribe(second, &[]).await;
    let mut other = b.subscribe(TOPIC, &[&a]).await;
    let mut other_more = b.subscribe(second, &[&a]).await;
    up(&mut *one.receiver, b.0.key()).await;
    up(&mut *one_more.receiver, b.0.key()).await;
    say(&mut *one.sender, b"first topic").await;
    say(&mut *one_more.sender, b"second topic").await;
    heard(&mut *other.receiver, b"first topic").await;
    loop {
        match other_more.receiver.next().await {
            Some(GossipEvent::Message { bytes, .. }) => {
                assert_eq!(bytes, b"second topic");
                break;
            }
            Some(_) => {}
            None => panic!("it ended"),
        }
    }
}

pub(crate) async fn absent_peer(subject: Subject) {
    let [a, b, gone] = subject.nodes().await;
    gone.0.close().await;
    let mut one = timeout(Duration::from_secs(10), a.subscribe(TOPIC, &[&gone])).await.unwrap();
    timeout(Duration::from_secs(10), say(&mut *one.sender, b"to nobody")).await.unwrap();
    let mut other = b.subscribe(TOPIC, &[]).await;
    other.sender.add_peers(vec![a.peer()]).await.unwrap();
    up(&mut *one.receiver, b.0.key()).await;
    say(&mut *one.sender, b"to somebody").await;
    heard(&mut *other.receiver, b"to somebody").await;
}

pub(crate) async fn leaving(subject: Subject) {
    let [a, b] = subject.nodes().await;
    let mut one = a.subscribe(TOPIC, &[]).await;
    let mut other = b.subscribe(TOPIC, &[&a]).await;
    tokio::join!(up(&mut *one.receiver, b.0.key()), up(&mut *other.receiver, a.0.key()));
    drop(other);
    while one.receiver.next().await.unwrap() != GossipEvent::Down(b.0.key()) {}
}

pub(crate) async fn halves(subject: Subject) {
    let [a, b] = subject.nodes().await;
    let Subscription { sender: mut speaks, receiver } = a.subscribe(TOPIC, &[]).await;
    drop(receiver);
    let Subscription { sender, receiver: mut listens } = b.subscribe(TOPIC, &[&a]).await;
    drop(sender);
    up(&mut *listens, a.0.key()).await;
    a_while().await;
    say(&mut *speaks, b"hear me").await;
    heard(&mut *listens, b"hear me").await;
}
