//! Many idle topics that two nodes share: what greeting costs, what is sent and computed while
//! nothing happens, and what one event costs beside them.

use std::time::{Duration, Instant};

use super::live::{tell, until};
use super::process::cpu;
use crate::app::tally;
use crate::home::{Ground, found, memory, seat};
use crate::net::{Net, Peer};
use crate::trunk::Trunk;

/// Measures so many topics for so many seconds, with so many events in one of them, and tells.
pub fn many(topics: u32, seconds: u64, events: u32) {
    let net = Net::new();
    let (ground, app) = (Ground::new(), tally::<1000>());
    let founded = |number| Trunk::founded(&app, 1, number);
    let topic = founded(0).0.topic();
    // In memory, so that no disk hides what is computed.
    let up = |number: u8| {
        let mut runtime = ground.runtime(memory());
        runtime.install(&app.bundle).unwrap();
        (0..topics).for_each(|number| found(&mut runtime, &founded(number).1));
        net.up(number, seat(runtime, number))
    };
    let peers = [up(0), up(1)];
    let (start, busy) = (Instant::now(), cpu());
    net.run(async {
        peers[1].node.connect(peers[0].address()).await.unwrap();
        for peer in &peers {
            while peer.complete().await < topics as usize {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
    });
    println!(
        "{topics} topics: in sync after {:.2} s, {:.2} s on a core, {} bytes",
        start.elapsed().as_secs_f64(),
        (cpu() - busy).as_secs_f64(),
        net.run(sent(&peers)),
    );
    // What is told at ticks, as votes are, is told by then.
    std::thread::sleep(Duration::from_secs(seconds));
    let (busy, before) = (cpu(), net.run(sent(&peers)));
    std::thread::sleep(Duration::from_secs(seconds));
    println!(
        "  idle for {seconds} s: {} bytes of messages, {:.1} ms on a core a second, both nodes",
        net.run(sent(&peers)) - before,
        (cpu() - busy).as_secs_f64() * 1e3 / seconds.max(1) as f64,
    );
    let watch = peers[1].node.watch();
    let mut times = Vec::new();
    for n in 0..events {
        let start = Instant::now();
        net.run(async {
            let id = peers[0].submit(topic, vec![(n % 250) as u8; 32]).await;
            until(&watch, id).await;
        });
        times.push(start.elapsed());
    }
    tell("an event, made at one and committed at the other, in memory", &mut times);
    net.down(peers);
}

async fn sent(peers: &[Peer; 2]) -> u64 {
    peers[0].sent().await + peers[1].sent().await
}
