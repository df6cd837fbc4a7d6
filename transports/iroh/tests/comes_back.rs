//! Peers that are killed and come back elsewhere.
#![allow(clippy::unwrap_used)]

mod common;

use std::mem::ManuallyDrop;
use std::time::{Duration, Instant};

use common::{config, open, peer};
use myrhiza_kernel_api::Transport;
use tokio::runtime::{Builder, Runtime};

fn runtime() -> Runtime {
    Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap()
}

// [TRANSPORT-4]
#[test]
fn a_blob_comes_at_once_from_who_was_killed_and_is_back_on_another_port() {
    let (here, doomed) = (runtime(), runtime());
    let node = here.block_on(open(config(2)));
    let before = doomed.block_on(open(config(1)));
    let meet = async { tokio::join!(node.connect(peer(&before)), before.accept()) };
    let (met, accepted) = here.block_on(meet);
    let (_met, accepted) = (met.unwrap(), accepted.unwrap());
    // As a process that is killed, it says nothing more: nor is anything of it dropped.
    doomed.shutdown_background();
    let _killed = ManuallyDrop::new((before, accepted));
    here.block_on(async {
        let back = open(config(1)).await;
        let bytes = vec![5; 300_000];
        let hash = back.blobs().add(bytes.clone()).await.unwrap();
        // The old connection is not known to be dead.
        let (again, theirs) = tokio::join!(back.connect(peer(&node)), node.accept());
        let (_again, _theirs) = (again.unwrap(), theirs.unwrap());
        let started = Instant::now();
        let from = [peer(&back)];
        node.blobs().fetch(hash, 300_000, &from, Box::new(|_| ())).await.unwrap();
        assert!(started.elapsed() < Duration::from_secs(5), "{:?}", started.elapsed());
        assert!(node.blobs().get(hash).await.unwrap() == Some(bytes));
    });
}

// [TRANSPORT-4]
#[tokio::test]
async fn blobs_go_both_ways_over_a_connection_and_frames_beside_them() {
    let (a, b) = (open(config(1)).await, open(config(2)).await);
    let (met, accepted) = tokio::join!(a.connect(peer(&b)), b.accept());
    let (mut met, mut accepted) = (met.unwrap(), accepted.unwrap());
    let bytes = [vec![1; 300_000], vec![2; 300_000]];
    let there = a.blobs().add(bytes[0].clone()).await.unwrap();
    let back = b.blobs().add(bytes[1].clone()).await.unwrap();
    let (at_a, at_b) = ([peer(&a)], [peer(&b)]);
    let fetched = tokio::join!(
        b.blobs().fetch(there, 300_000, &at_a, Box::new(|_| ())),
        a.blobs().fetch(back, 300_000, &at_b, Box::new(|_| ())),
        met.sender.send(vec![3; 1_000]),
    );
    assert!(fetched.0.is_ok() && fetched.1.is_ok() && fetched.2.is_ok());
    assert_eq!(accepted.receiver.receive().await.unwrap(), Some(vec![3; 1_000]));
    assert!(b.blobs().get(there).await.unwrap().as_ref() == Some(&bytes[0]));
    assert!(a.blobs().get(back).await.unwrap().as_ref() == Some(&bytes[1]));
}
