//! How fast what is new reaches sixteen nodes on loopback by frames passed on from neighbour to neighbour,
//! and what a neighbour that does not read does to that.
#![allow(clippy::unwrap_used, reason = "a bench that cannot go on has failed")]

use std::collections::HashSet;
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use async_channel::{Receiver, Sender, unbounded};
use myrhiza_kernel_api::transport::TransportSecret;
use myrhiza_kernel_api::{Connection, PeerAddress, Transport, TransportConfig};
use myrhiza_transport_iroh::IrohTransport;
use tokio::time::sleep;

const NODES: usize = 16;
/// Peers each node chooses, as `myrhiza_kernel::node::DEGREE`.
const DEGREE: usize = 6;
const BYTES: usize = 300;
/// Messages that are timed, and how far apart they are.
const MESSAGES: u32 = 400;
const APART: Duration = Duration::from_millis(10);
/// Messages that fill the window of who does not read, before.
const FILLING: u32 = 600;
const FILLING_BYTES: usize = 8 << 10;

/// Of each message that arrived, its number and how long it took.
type Arrived = (u32, Duration);

/// Nodes that pass on what one of them says.
struct Group {
    say: Vec<Sender<Vec<u8>>>,
    arrived: Receiver<Arrived>,
}

struct Clock(Instant);

impl Clock {
    fn message(&self, number: u32, bytes: usize) -> Vec<u8> {
        let mut message = vec![0; bytes];
        message[..4].copy_from_slice(&number.to_be_bytes());
        message[4..12].copy_from_slice(&(self.0.elapsed().as_micros() as u64).to_be_bytes());
        message
    }

    fn arrived(&self, message: &[u8]) -> Arrived {
        let number = u32::from_be_bytes(message[..4].try_into().unwrap());
        let sent = u64::from_be_bytes(message[4..12].try_into().unwrap());
        (number, self.0.elapsed().saturating_sub(Duration::from_micros(sent)))
    }
}

async fn nodes(first: u8) -> Vec<Arc<IrohTransport>> {
    let mut nodes = Vec::new();
    for n in 0..NODES as u8 {
        let config = TransportConfig {
            secret: TransportSecret([first + n; 32].into()),
            path: None,
            listen: vec![(Ipv4Addr::LOCALHOST, 0).into()],
            relays: Vec::new(),
            discovery: false,
        };
        nodes.push(Arc::new(IrohTransport::open(config).await.unwrap()));
    }
    nodes
}

fn peer(node: &IrohTransport) -> PeerAddress {
    PeerAddress { key: node.key(), addresses: node.addresses() }
}

/// What a node of frames knows.
struct Member {
    seen: HashSet<u32>,
    links: Vec<Sender<Vec<u8>>>,
}

/// A node of frames: what is new to it goes on to all neighbours but the one it came from.
#[derive(Clone)]
struct Passing {
    member: Arc<Mutex<Member>>,
    tell: Sender<Arrived>,
    clock: Arc<Clock>,
    reads: bool,
}

impl Passing {
    fn take(&self, message: Vec<u8>, from: Option<usize>) {
        let (number, took) = self.clock.arrived(&message);
        let mut member = self.member.lock().unwrap();
        if !member.seen.insert(number) {
            return;
        }
        for (at, link) in member.links.iter().enumerate() {
            if Some(at) != from {
                let _ = link.try_send(message.clone());
            }
        }
        if from.is_some() {
            let _ = self.tell.try_send((number, took));
        }
    }

    fn join(&self, connection: Connection) {
        let Connection { mut sender, mut receiver, .. } = connection;
        let (to, messages) = unbounded::<Vec<u8>>();
        let at = {
            let mut member = self.member.lock().unwrap();
            member.links.push(to);
            member.links.len() - 1
        };
        tokio::spawn(async move {
            while let Ok(message) = messages.recv().await {
                if sender.send(message).await.is_err() {
                    break;
                }
            }
        });
        let this = self.clone();
        tokio::spawn(async move {
            if !this.reads {
                std::future::pending::<()>().await;
            }
            while let Ok(Some(message)) = receiver.receive().await {
                this.take(message, Some(at));
            }
        });
    }
}

/// The last node, if it does not read, is beside the others.
async fn by_frames(nodes: &[Arc<IrohTransport>], all_read: bool, clock: Arc<Clock>) -> Group {
    let (tell, arrived) = unbounded();
    let mut members = Vec::new();
    for (n, node) in nodes.iter().enumerate() {
        let reads = all_read || n + 1 < nodes.len();
        let member = Arc::new(Mutex::new(Member { seen: HashSet::new(), links: Vec::new() }));
        let passing = Passing { member, tell: tell.clone(), clock: clock.clone(), reads };
        members.push(passing.clone());
        let node = node.clone();
        tokio::spawn(async move {
            while let Some(connection) = node.accept().await {
                passing.join(connection);
            }
        });
    }
    let mut joined = HashSet::new();
    let mut dice = 1_u64;
    for n in 0..nodes.len() {
        let mut chosen = HashSet::new();
        while chosen.len() < DEGREE {
            dice = dice
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            let other = (dice >> 33) as usize % nodes.len();
            if other != n && chosen.insert(other) && joined.insert((n.min(other), n.max(other))) {
                let connection = nodes[n].connect(peer(&nodes[other])).await.unwrap();
                members[n].join(connection);
            }
        }
    }
    let say = members.into_iter().filter(|member| member.reads).map(|member| {
        let (to, from) = unbounded::<Vec<u8>>();
        tokio::spawn(async move {
            while let Ok(message) = from.recv().await {
                member.take(message, None);
            }
        });
        to
    });
    let say = say.collect();
    sleep(Duration::from_secs(1)).await;
    Group { say, arrived }
}

impl Group {
    /// Each says something in turn.
    async fn speak(&self, clock: &Clock, numbers: std::ops::Range<u32>, bytes: usize) {
        for number in numbers {
            let by = number as usize % self.say.len();
            self.say[by].send(clock.message(number, bytes)).await.unwrap();
            sleep(APART).await;
        }
    }

    async fn measure(self, what: &str, clock: &Clock, filling: u32) {
        if filling > 0 {
            self.speak(clock, 0..filling, FILLING_BYTES).await;
            sleep(Duration::from_secs(10)).await;
        }
        self.speak(clock, filling..filling + MESSAGES, BYTES).await;
        sleep(Duration::from_secs(5)).await;
        let mut took = Vec::new();
        while let Ok((number, time)) = self.arrived.try_recv() {
            if number >= filling {
                took.push(time);
            }
        }
        took.sort_unstable();
        let expected = MESSAGES as usize * (self.say.len() - 1);
        let at = |share: f64| {
            let at = ((took.len() as f64 * share) as usize).min(took.len().saturating_sub(1));
            took.get(at).map_or(f64::NAN, |time| time.as_secs_f64() * 1_000.0)
        };
        println!(
            "{what:<40} {:>6} of {expected:>6} arrived, p50 {:>8.2} ms, p99 {:>8.2} ms, most {:>8.2} ms",
            took.len(),
            at(0.5),
            at(0.99),
            at(1.0)
        );
    }
}

async fn run() {
    let clock = Arc::new(Clock(Instant::now()));
    println!("{NODES} nodes on loopback, {MESSAGES} messages of {BYTES} bytes, {APART:?} apart");

    let some = nodes(1).await;
    by_frames(&some, true, clock.clone()).await.measure("frames", &clock, 0).await;
    close(some).await;

    let some = nodes(101).await;
    let group = by_frames(&some, false, clock.clone()).await;
    group.measure("frames, one does not read", &clock, FILLING).await;
    close(some).await;
}

async fn close(nodes: Vec<Arc<IrohTransport>>) {
    for node in nodes {
        node.close().await;
    }
}

fn main() {
    // Criterion's arguments: a filter that is not this one leaves it out.
    let filter = std::env::args().skip(1).find(|argument| !argument.starts_with('-'));
    if filter.is_some_and(|filter| !"live/frames".contains(&filter)) {
        return;
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(run());
}
