//! From an event's making at one node to its commit at each other, over iroh on loopback.

use std::collections::BTreeMap;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

use myrhiza_kernel::node::Told;
use myrhiza_kernel::node::drive::Watch;
use myrhiza_kernel::runtime::Change;
use myrhiza_kernel_api::{EventId, TopicId, WriteBatch};
use tempfile::TempDir;

use crate::app::tally;
use crate::home::{Ground, found, lmdb, seat};
use crate::net::{Net, Peer};
use crate::trunk::Trunk;

/// Between two events, so that each finds the nodes at rest.
const REST: Duration = Duration::from_millis(20);
/// For an event to come everywhere.
const PATIENCE: Duration = Duration::from_secs(30);

/// An event is committed at a node.
type Came = (EventId, Instant);

/// Measures so many events between so many nodes, and tells.
pub fn live(nodes: u8, events: u32) {
    let net = Net::new();
    let (topic, peers, folders) = connected(&net, nodes);
    let links: usize = net.run(async {
        let mut links = 0;
        for peer in &peers {
            links += peer.complete().await;
        }
        links
    });
    let (sender, came) = channel();
    for peer in &peers {
        net.spawn(listen(peer.node.watch(), sender.clone()));
    }
    let (mut own, mut others) = (Vec::new(), Vec::new());
    for n in 0..events {
        let peer = &peers[n as usize % peers.len()];
        let start = Instant::now();
        let id = net.run(peer.submit(topic, vec![(n % 250) as u8; 32]));
        own.push(start.elapsed());
        others.extend(arrivals(&came, id, peers.len()).into_iter().map(|at| at - start));
        std::thread::sleep(REST);
    }
    println!("{nodes} nodes, {links} ends of connections in sync, {events} events");
    tell("made and committed at one", &mut own);
    tell("committed at each other", &mut others);
    tell("reference: commit of 280 bytes", &mut bare_commits(folders[0].path(), events));
    net.down(peers);
}

/// When an event came to each other node, ascending; its own node says so first of all.
fn arrivals(came: &Receiver<Came>, id: EventId, nodes: usize) -> Vec<Instant> {
    let mut at = Vec::new();
    while at.len() < nodes {
        let (event, instant) = came.recv_timeout(PATIENCE).unwrap();
        if event == id {
            at.push(instant);
        }
    }
    at.sort_unstable();
    at.split_off(1)
}

async fn listen(watch: Watch, came: Sender<Came>) {
    while let Ok(told) = watch.recv().await {
        let now = Instant::now();
        if let Told::Changed { change: Change::Events(ids), .. } = &*told
            && ids.iter().any(|id| came.send((*id, now)).is_err())
        {
            return;
        }
    }
}

/// Waits until an event is committed at a node.
pub(super) async fn until(watch: &Watch, id: EventId) {
    loop {
        if let Told::Changed { change: Change::Events(ids), .. } = &*watch.recv().await.unwrap()
            && ids.contains(&id)
        {
            return;
        }
    }
}

/// Nodes with one topic, in sync with each other, each with a store on disk.
fn connected(net: &Net, nodes: u8) -> (TopicId, Vec<Peer>, Vec<TempDir>) {
    let (ground, app) = (Ground::new(), tally::<1000>());
    let (trunk, opening) = Trunk::founded(&app, nodes, 0);
    let (mut peers, mut folders) = (Vec::<Peer>::new(), Vec::new());
    for number in 0..nodes {
        let folder = tempfile::tempdir().unwrap();
        let mut runtime = ground.runtime(lmdb(folder.path()));
        runtime.install(&app.bundle).unwrap();
        found(&mut runtime, &opening);
        peers.push(net.up(number, seat(runtime, number)));
        folders.push(folder);
    }
    net.run(async {
        for peer in &peers[1..] {
            peer.node.connect(peers[0].address()).await.unwrap();
        }
        settled(&peers).await;
    });
    (trunk.topic(), peers, folders)
}

/// Waits until everybody is in sync with somebody, and no more becomes so.
async fn settled(peers: &[Peer]) {
    let mut before = BTreeMap::new();
    loop {
        tokio::time::sleep(Duration::from_secs(2)).await;
        let mut now = BTreeMap::new();
        for peer in peers {
            now.insert(peer.node.key(), peer.complete().await);
        }
        if now == before && now.values().all(|complete| *complete > 0) {
            return;
        }
        before = now;
    }
}

fn bare_commits(folder: &std::path::Path, commits: u32) -> Vec<Duration> {
    let folder = folder.join("bare");
    std::fs::create_dir(&folder).unwrap();
    let store = lmdb(&folder);
    let commit = |number: u32| {
        let mut batch = WriteBatch::new();
        batch.put(myrhiza_kernel::schema::LOG, number.to_be_bytes(), [7; 280]);
        let start = Instant::now();
        store.commit(batch).unwrap();
        start.elapsed()
    };
    (0..commits).map(commit).collect()
}

/// Prints what half of them took, and what one in a hundred took at least.
pub(super) fn tell(name: &str, times: &mut [Duration]) {
    times.sort_unstable();
    let at = |share: usize| times.get((times.len() * share / 100).min(times.len() - 1));
    let ms = |share| at(share).map_or(0.0, |time| time.as_secs_f64() * 1e3);
    println!("  p50 {:8.2} ms  p99 {:8.2} ms  max {:8.2} ms  {name}", ms(50), ms(99), ms(100));
}
