//! Frames on their way.

use std::time::Duration;

use myrhiza_kernel_api::TransportError;
use myrhiza_kernel_api::transport::{FRAME_BYTES, FrameReceiver, FrameSender};
use tokio::time::timeout;

use crate::Subject;

pub(crate) async fn whole_and_in_order(subject: Subject) {
    let (_nodes, [mut a, mut b]) = subject.joined().await;
    let lengths = [0, 1, FRAME_BYTES, 0, 0, FRAME_BYTES - 1, 70_000, 3];
    let frame = |n: usize| (0..lengths[n]).map(|at| (at * 7 + n) as u8).collect::<Vec<u8>>();
    let send = async {
        for n in 0..lengths.len() {
            a.sender.send(frame(n)).await.unwrap();
        }
        a.sender.finish().await;
    };
    let receive = async {
        for n in 0..lengths.len() {
            assert!(b.receiver.receive().await.unwrap().unwrap() == frame(n), "frame {n}");
        }
        assert_eq!(b.receiver.receive().await.unwrap(), None);
    };
    tokio::join!(send, receive);
}

pub(crate) async fn over_the_limit(subject: Subject) {
    let (_nodes, [mut a, mut b]) = subject.joined().await;
    match a.sender.send(vec![0; FRAME_BYTES + 1]).await {
        Err(TransportError::TooLong { bytes, limit, .. }) => {
            assert_eq!((bytes, limit), (FRAME_BYTES as u64 + 1, FRAME_BYTES as u64));
        }
        other => panic!("{other:?}"),
    }
    a.sender.send(b"next".to_vec()).await.unwrap();
    assert_eq!(b.receiver.receive().await.unwrap().unwrap(), b"next");
}

/// Sends `count` numbered frames of many lengths.
async fn send_numbered(sender: &mut dyn FrameSender, count: u32) {
    for n in 0..count {
        let mut frame = vec![n as u8; (n as usize * 37) % 3000];
        frame.extend(n.to_be_bytes());
        sender.send(frame).await.unwrap();
    }
}

async fn receive_numbered(receiver: &mut dyn FrameReceiver, count: u32) {
    for n in 0..count {
        let frame = receiver.receive().await.unwrap().unwrap();
        assert_eq!(frame.len(), (n as usize * 37) % 3000 + 4);
        assert!(frame.ends_with(&n.to_be_bytes()), "frame {n}");
    }
}

pub(crate) async fn both_ways(subject: Subject) {
    let (_nodes, [mut a, mut b]) = subject.joined().await;
    tokio::join!(
        send_numbered(&mut *a.sender, 1000),
        send_numbered(&mut *b.sender, 1000),
        receive_numbered(&mut *a.receiver, 1000),
        receive_numbered(&mut *b.receiver, 1000),
    );
}

/// Far more than may be on the way.
const MANY_BYTES: usize = 64 << 20;
const CHUNK: usize = 64 << 10;

/// Sends until the sender waits, and tells how many frames were taken. The send that waits is
/// dropped.
async fn fill(sender: &mut dyn FrameSender) -> usize {
    for n in 0..MANY_BYTES / CHUNK {
        match timeout(Duration::from_secs(1), sender.send(vec![n as u8; CHUNK])).await {
            Ok(sent) => sent.unwrap(),
            Err(_) => return n,
        }
    }
    panic!("{MANY_BYTES} bytes were taken, and nobody read them")
}

pub(crate) async fn back_pressure(subject: Subject) {
    let (_nodes, [a, mut b]) = subject.joined().await;
    let mut sender = a.sender;
    let total = MANY_BYTES / CHUNK;
    let (taken, mut came) = tokio::sync::watch::channel(0);
    let send = tokio::spawn(async move {
        for n in 0..total {
            sender.send(vec![n as u8; CHUNK]).await.unwrap();
            taken.send_replace(n + 1);
        }
        sender.finish().await;
    });
    while timeout(Duration::from_secs(1), came.changed()).await.is_ok() {}
    assert!(*came.borrow() < total, "{MANY_BYTES} bytes were taken, and nobody read them");
    for n in 0..total {
        let frame = b.receiver.receive().await.unwrap().unwrap();
        assert!(frame == [n as u8; CHUNK], "frame {n}");
    }
    assert_eq!(b.receiver.receive().await.unwrap(), None);
    send.await.unwrap();
}

/// Asks for a frame, and drops the question after a poll or two.
async fn glance(receiver: &mut dyn FrameReceiver) -> Option<Option<Vec<u8>>> {
    tokio::select! {
        biased;
        received = receiver.receive() => Some(received.unwrap()),
        () = tokio::task::yield_now() => None,
    }
}

pub(crate) async fn dropped_receive(subject: Subject) {
    let (_nodes, [a, mut b]) = subject.joined().await;
    assert_eq!(glance(&mut *b.receiver).await, None, "nothing was sent yet");
    let mut sender = a.sender;
    let send = tokio::spawn(async move {
        for n in 0..40u8 {
            sender.send(vec![n; 100_000]).await.unwrap();
        }
        sender.finish().await;
    });
    let mut came = 0;
    loop {
        match glance(&mut *b.receiver).await {
            Some(Some(frame)) => {
                assert!(frame == [came; 100_000], "frame {came}");
                came += 1;
            }
            Some(None) => break,
            None => {}
        }
    }
    assert_eq!(came, 40);
    send.await.unwrap();
}

/// Of a frame whose sending was given up, all arrives or nothing, unless the connection ends.
pub(crate) async fn dropped_send(subject: Subject) {
    let (_nodes, [mut a, mut b]) = subject.joined().await;
    let taken = fill(&mut *a.sender).await;
    let send = async {
        let _given_up = a.sender.send(b"last".to_vec()).await;
        a.sender.finish().await;
    };
    let receive = async {
        let (mut n, mut last) = (0, false);
        while let Ok(Some(frame)) = b.receiver.receive().await {
            match n <= taken && !last && frame.len() == CHUNK {
                true => assert!(frame == [n as u8; CHUNK], "frame {n}"),
                false => {
                    assert!(!last && frame == b"last", "frame {n}");
                    last = true;
                }
            }
            n += 1;
        }
        assert!(n >= taken || !last, "frames are missing in between");
    };
    tokio::join!(send, receive);
}
