//! Blobs by hash.

use std::sync::{Arc, Mutex};

use myrhiza_kernel_api::transport::Fetched;
use myrhiza_kernel_api::{Hash, PeerAddress, TransportError};
use tokio::sync::Notify;

use crate::Subject;
use crate::subject::Node;

/// A blob of several chunk groups, and not of whole ones.
fn blob(bytes: usize) -> Vec<u8> {
    (0..bytes).map(|at| (at % 251) as u8).collect()
}

fn hash_of(bytes: &[u8]) -> Hash {
    Hash(*blake3::hash(bytes).as_bytes())
}

impl Node {
    async fn add(&self, bytes: &[u8]) -> Hash {
        let hash = self.0.blobs().add(bytes.to_vec()).await.unwrap();
        assert_eq!(hash, hash_of(bytes));
        hash
    }

    async fn list(&self) -> Vec<Hash> {
        self.0.blobs().list().await.unwrap()
    }

    async fn get(&self, hash: Hash) -> Option<Vec<u8>> {
        self.0.blobs().get(hash).await.unwrap()
    }

    async fn fetch(
        &self,
        hash: Hash,
        limit: usize,
        from: &[PeerAddress],
    ) -> Result<(), TransportError> {
        self.0.blobs().fetch(hash, limit as u64, from, Box::new(|_| ())).await
    }
}

pub(crate) async fn kept_until_removed(subject: Subject) {
    let node = subject.node().await;
    let (bytes, other) = (blob(300_001), blob(5));
    let hash = node.add(&bytes).await;
    assert_eq!(node.add(&bytes).await, hash, "twice is once");
    let second = node.add(&other).await;
    assert!(node.get(hash).await == Some(bytes));
    let mut both = vec![hash, second];
    both.sort_unstable();
    assert_eq!(node.list().await, both);
    node.0.blobs().remove(hash).await.unwrap();
    assert_eq!(node.get(hash).await, None);
    assert_eq!(node.get(second).await, Some(other));
    assert_eq!(node.list().await, [second]);
    for absent in [hash, Hash([9; 32])] {
        node.0.blobs().remove(absent).await.unwrap();
        assert_eq!(node.get(absent).await, None);
    }
}

pub(crate) async fn served_on(subject: Subject) {
    let [a, b, c] = subject.nodes().await;
    let bytes = blob(3_000_001);
    let hash = a.add(&bytes).await;
    let told = Arc::new(Mutex::new(Vec::new()));
    let progress = Arc::clone(&told);
    let progress = Box::new(move |fetched: Fetched| progress.lock().unwrap().push(fetched));
    b.0.blobs().fetch(hash, bytes.len() as u64, &[a.peer()], progress).await.unwrap();
    assert!(b.get(hash).await.as_ref() == Some(&bytes));
    let told = std::mem::take(&mut *told.lock().unwrap());
    let total = bytes.len() as u64;
    assert_eq!(told.last(), Some(&Fetched { bytes: total, total: Some(total) }));
    assert!(told.is_sorted_by_key(|fetched| fetched.bytes), "{told:?}");
    assert!(told.iter().all(|fetched| fetched.total.is_none_or(|said| said == total)));

    a.0.close().await;
    c.fetch(hash, bytes.len(), &[a.peer(), b.peer()]).await.unwrap();
    assert!(c.get(hash).await == Some(bytes));
    // What is here is not fetched, so it matters to nobody who is asked.
    c.fetch(hash, total as usize, &[]).await.unwrap();
}

pub(crate) async fn empty(subject: Subject) {
    let [a, b] = subject.nodes().await;
    let hash = a.add(&[]).await;
    assert_eq!(a.get(hash).await, Some(Vec::new()));
    b.fetch(hash, 0, &[a.peer()]).await.unwrap();
    assert_eq!(b.get(hash).await, Some(Vec::new()));
}

pub(crate) async fn nobody_has_it(subject: Subject) {
    let [a, b, c] = subject.nodes().await;
    a.add(&blob(100)).await;
    let hash = hash_of(b"something else");
    for peers in [vec![], vec![a.peer()], vec![a.peer(), c.peer()]] {
        match b.fetch(hash, 1000, &peers).await {
            Err(TransportError::NoBlob { hash: not_there, asked, .. }) => {
                assert_eq!((not_there, asked), (hash, peers.len()));
            }
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(b.get(hash).await, None);
}

pub(crate) async fn next_is_asked(subject: Subject) {
    let [a, without, gone, b] = subject.nodes().await;
    let bytes = blob(200_000);
    let hash = a.add(&bytes).await;
    let peers = [gone.peer(), without.peer(), a.peer()];
    gone.0.close().await;
    b.fetch(hash, bytes.len(), &peers).await.unwrap();
    assert!(b.get(hash).await == Some(bytes));
}

pub(crate) async fn over_the_limit(subject: Subject) {
    let [a, b] = subject.nodes().await;
    for length in [1, 100_001, 3_000_000] {
        let bytes = blob(length);
        let hash = a.add(&bytes).await;
        match b.fetch(hash, length - 1, &[a.peer()]).await {
            Err(TransportError::TooLong { bytes, limit, .. }) => {
                assert_eq!((bytes, limit), (length as u64, length as u64 - 1));
            }
            other => panic!("{other:?}"),
        }
        assert_eq!(b.get(hash).await, None);
        b.fetch(hash, length, &[a.peer()]).await.unwrap();
    }
}

pub(crate) async fn removed(subject: Subject) {
    let [a, b] = subject.nodes().await;
    let bytes = blob(100_000);
    let hash = a.add(&bytes).await;
    a.0.blobs().remove(hash).await.unwrap();
    let refused = b.fetch(hash, bytes.len(), &[a.peer()]).await;
    assert!(matches!(refused, Err(TransportError::NoBlob { .. })), "{refused:?}");
    a.add(&bytes).await;
    b.fetch(hash, bytes.len(), &[a.peer()]).await.unwrap();
}

pub(crate) async fn after_reopening(subject: Subject) {
    let folder = tempfile::tempdir().unwrap();
    let path = Some(folder.path().to_path_buf());
    let (large, small) = (blob(2_000_003), blob(10));
    let node = subject.open([1; 32], path.clone()).await;
    let hashes = [node.add(&large).await, node.add(&small).await];
    let gone = node.add(&blob(20)).await;
    node.0.blobs().remove(gone).await.unwrap();
    node.0.close().await;
    drop(node);
    let node = subject.open([1; 32], path).await;
    assert!(node.get(hashes[0]).await == Some(large));
    assert_eq!(node.get(hashes[1]).await, Some(small));
    assert_eq!(node.get(gone).await, None);
    let mut kept = hashes.to_vec();
    kept.sort_unstable();
    assert_eq!(node.list().await, kept);
    node.0.close().await;
}

pub(crate) async fn resumed(subject: Subject) {
    let [a, b, c] = subject.nodes().await;
    let bytes = blob(32 << 20);
    let hash = a.add(&bytes).await;
    c.add(&bytes).await;
    let limit = bytes.len() as u64;

    let (some_came, had) = (Arc::new(Notify::new()), Arc::new(Mutex::new(0)));
    let progress = {
        let (some_came, had) = (Arc::clone(&some_came), Arc::clone(&had));
        Box::new(move |fetched: Fetched| {
            *had.lock().unwrap() = fetched.bytes;
            if fetched.bytes > 4 << 20 {
                some_came.notify_one();
            }
        })
    };
    let peers = [a.peer()];
    tokio::select! {
        biased;
        () = some_came.notified() => a.0.close().await,
        ended = b.0.blobs().fetch(hash, limit, &peers, progress) => {
            panic!("it ended before it could be cut off: {ended:?}")
        }
    }
    let had = *had.lock().unwrap();
    assert_eq!(b.get(hash).await, None, "half a blob is none");
    assert_eq!(b.list().await, [hash], "but is there to go on with, or to be removed");

    let first = Arc::new(Mutex::new(None));
    let progress = {
        let first = Arc::clone(&first);
        Box::new(move |fetched: Fetched| {
            first.lock().unwrap().get_or_insert(fetched.bytes);
        })
    };
    b.0.blobs().fetch(hash, limit, &[a.peer(), c.peer()], progress).await.unwrap();
    assert!(b.get(hash).await == Some(bytes));
    let first = first.lock().unwrap().unwrap();
    assert!(first >= had, "{had} bytes had come, and it began again at {first}");

    // What has come of it is removed with it.
    b.0.blobs().remove(hash).await.unwrap();
    assert_eq!((b.list().await, b.get(hash).await), (vec![], None));
}
