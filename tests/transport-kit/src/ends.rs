//! How connections and transports end.

use std::time::Duration;

use myrhiza_kernel_api::{Connection, TransportError};
use tokio::runtime::Handle;
use tokio::time::{sleep, timeout};

use crate::Subject;
use crate::subject::a_while;

fn closed<T: std::fmt::Debug>(result: Result<T, TransportError>) {
    assert!(matches!(result, Err(TransportError::Closed { .. })), "{result:?}");
}

pub(crate) async fn finish_delivers(subject: Subject) {
    let (_nodes, [a, mut b]) = subject.joined().await;
    let Connection { mut sender, receiver, .. } = a;
    for n in 0..100u8 {
        sender.send(vec![n; 2000]).await.unwrap();
    }
    sender.finish().await;
    // Nothing of the connection is left at this end when the other begins to read.
    drop(receiver);
    a_while().await;
    for n in 0..100u8 {
        assert_eq!(b.receiver.receive().await.unwrap().unwrap(), [n; 2000]);
    }
    for _again in 0..2 {
        assert_eq!(b.receiver.receive().await.unwrap(), None);
    }
}

pub(crate) async fn half_closed(subject: Subject) {
    let (_nodes, [mut a, mut b]) = subject.joined().await;
    a.sender.send(b"question".to_vec()).await.unwrap();
    a.sender.finish().await;
    assert_eq!(b.receiver.receive().await.unwrap().unwrap(), b"question");
    assert_eq!(b.receiver.receive().await.unwrap(), None);
    b.sender.send(b"answer".to_vec()).await.unwrap();
    assert_eq!(a.receiver.receive().await.unwrap().unwrap(), b"answer");
    b.sender.finish().await;
    assert_eq!(a.receiver.receive().await.unwrap(), None);
}

pub(crate) async fn dropped_sender(subject: Subject) {
    let (_nodes, [mut a, mut b]) = subject.joined().await;
    a.sender.send(b"first".to_vec()).await.unwrap();
    assert_eq!(b.receiver.receive().await.unwrap().unwrap(), b"first");
    drop(a.sender);
    closed(b.receiver.receive().await);
    closed(b.receiver.receive().await);
}

pub(crate) async fn dropped_receiver(subject: Subject) {
    let (_nodes, [a, mut b]) = subject.joined().await;
    drop(a.receiver);
    let failed = loop {
        if let Err(error) = b.sender.send(vec![0; 1000]).await {
            break error;
        }
        sleep(Duration::from_millis(1)).await;
    };
    closed::<()>(Err(failed));
    closed(b.sender.send(Vec::new()).await);
}

pub(crate) async fn dropped_unaccepted(subject: Subject) {
    let [a, b] = subject.nodes().await;
    drop(a.0.connect(b.peer()).await.unwrap());
    a_while().await;
    // Whether it is handed out or not, the next one is.
    let _kept = a.0.connect(b.peer()).await.unwrap();
    let mut accepted = b.0.accept().await.unwrap();
    if let Ok(ended) = timeout(Duration::from_secs(1), accepted.receiver.receive()).await {
        closed(ended);
        let mut next = b.0.accept().await.unwrap();
        let nothing_yet = timeout(Duration::from_millis(300), next.receiver.receive()).await;
        assert!(nothing_yet.is_err(), "{nothing_yet:?}");
    }
}

pub(crate) async fn close_delivers(subject: Subject) {
    let ([a, _b], [mut one, mut other]) = subject.joined().await;
    for n in 0..100u8 {
        one.sender.send(vec![n; 2000]).await.unwrap();
    }
    let receive = async {
        for n in 0..100u8 {
            assert_eq!(other.receiver.receive().await.unwrap().unwrap(), [n; 2000]);
        }
        assert_eq!(other.receiver.receive().await.unwrap(), None);
    };
    tokio::join!(a.0.close(), receive);
}

pub(crate) async fn close_ends_calls(subject: Subject) {
    let ([a, b], [mut one, mut other]) = subject.joined().await;
    let calls = async {
        let sends = async {
            loop {
                if let Err(error) = one.sender.send(vec![0; 100_000]).await {
                    break error;
                }
            }
        };
        let (accepted, received, sent) = tokio::join!(a.0.accept(), one.receiver.receive(), sends);
        assert!(accepted.is_none());
        closed(received);
        closed::<()>(Err(sent));
    };
    let close = async {
        a_while().await;
        tokio::join!(a.0.close(), a.0.close());
    };
    tokio::join!(calls, close);
    closed(a.0.connect(b.peer()).await.map(|connection| connection.peer));
    assert!(a.0.accept().await.is_none());
    a.0.close().await;

    while let Ok(Some(_sent_before)) = other.receiver.receive().await {}
    while other.sender.send(Vec::new()).await.is_ok() {
        sleep(Duration::from_millis(1)).await;
    }
}

pub(crate) async fn no_task_left(subject: Subject) {
    let tasks = || Handle::current().metrics().num_alive_tasks();
    let before = tasks();
    for _ in 0..3 {
        let (nodes, _ends) = subject.joined().await;
        nodes[0].0.blobs().add(vec![1; 100_000]).await.unwrap();
        for node in nodes {
            node.0.close().await;
        }
    }
    for _ in 0..200 {
        if tasks() <= before {
            return;
        }
        sleep(Duration::from_millis(50)).await;
    }
    panic!("{} tasks are left", tasks() - before);
}
