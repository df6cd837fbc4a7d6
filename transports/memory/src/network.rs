//! What joins transports: nodes by number, the links between them, and which of these are cut.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard};

use async_channel::{Receiver, Sender};
use myrhiza_kernel_api::transport::{ADDRESSES, TransportSecret};
use myrhiza_kernel_api::{Address, Connection, Hash, PeerAddress, PublicKey};

use crate::connection::Link;
use crate::wait::lock;
use crate::{MemoryTransport, NAME};

/// Connections that wait to be accepted; beyond, a node is not reached.
const WAITING: usize = 64;

/// A network of its own, within this process. Clones are the same network.
#[derive(Clone, Default)]
pub struct Network {
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    nodes: BTreeMap<u64, Node>,
    /// The last number given; none is given twice.
    last: u64,
    /// Pairs of keys with nothing between them, the lesser first.
    cuts: BTreeSet<[PublicKey; 2]>,
    links: Vec<Link>,
}

struct Node {
    key: PublicKey,
    incoming: Sender<Connection>,
    blobs: Arc<Blobs>,
}

/// A node's blobs.
pub(crate) type Blobs = Mutex<BTreeMap<Hash, Arc<[u8]>>>;

/// What a node has of its own.
pub(crate) struct Joined {
    pub(crate) number: u64,
    pub(crate) incoming: Receiver<Connection>,
    pub(crate) blobs: Arc<Blobs>,
}

/// Why a node is not reached.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unreached {
    #[error("it is this node itself")]
    Itself,
    #[error("none of its {0} addresses leads to it")]
    NoWay(usize),
    #[error("{WAITING} connections wait there to be accepted")]
    Busy,
}

impl Network {
    /// A network without nodes.
    pub fn new() -> Self {
        Self::default()
    }

    /// The one the registered transport is on.
    pub fn of_process() -> Self {
        // Where there is one thread its connections cannot be told to leave it.
        #[cfg(target_family = "wasm")]
        thread_local!(static OF_PROCESS: Network = Network::new());
        #[cfg(target_family = "wasm")]
        return OF_PROCESS.with(Network::clone);

        #[cfg(not(target_family = "wasm"))]
        {
            static OF_PROCESS: std::sync::LazyLock<Network> =
                std::sync::LazyLock::new(Network::new);
            OF_PROCESS.clone()
        }
    }

    /// Opens a transport on it.
    pub fn open(&self, secret: &TransportSecret) -> Arc<MemoryTransport> {
        let key = ed25519_dalek::SigningKey::from_bytes(&secret.0).verifying_key();
        let key = PublicKey(key.to_bytes());
        Arc::new(MemoryTransport::new(self.clone(), key, self.join(key)))
    }

    /// Cuts what joins two keys: connections end at once, and nothing else passes between them.
    pub fn cut(&self, a: PublicKey, b: PublicKey) {
        let mut state = self.state();
        state.cuts.insert(pair(a, b));
        let State { nodes, links, .. } = &mut *state;
        for link in links {
            let keys = link.ends.map(|node| nodes.get(&node).map(|node| node.key));
            if let [Some(one), Some(other)] = keys
                && pair(one, other) == pair(a, b)
            {
                link.break_off();
            }
        }
    }

    /// Takes a cut back: connections may be opened anew.
    pub fn heal(&self, a: PublicKey, b: PublicKey) {
        self.state().cuts.remove(&pair(a, b));
    }

    fn join(&self, key: PublicKey) -> Joined {
        let mut state = self.state();
        state.last += 1;
        let number = state.last;
        let (sender, incoming) = async_channel::bounded(WAITING);
        let blobs = Arc::<Blobs>::default();
        state.nodes.insert(number, Node { key, incoming: sender, blobs: Arc::clone(&blobs) });
        Joined { number, incoming, blobs }
    }

    /// Takes a node out, with its connections.
    pub(crate) fn leave(&self, node: u64) {
        let mut state = self.state();
        if let Some(gone) = state.nodes.remove(&node) {
            gone.incoming.close();
        }
        let (its, others) = std::mem::take(&mut state.links)
            .into_iter()
            .partition(|link: &Link| link.ends.contains(&node));
        state.links = others;
        its.iter().for_each(|link| link.leave(node));
    }

    pub(crate) fn is_open(&self, node: u64) -> bool {
        self.state().nodes.contains_key(&node)
    }

    /// Joins `from` to a peer, and hands the peer its end.
    pub(crate) fn connect(&self, from: u64, to: &PeerAddress) -> Result<Connection, Unreached> {
        let mut state = self.state();
        let (Some(own), Some(number)) = (state.key(from), state.find(from, to)?) else {
            return Err(Unreached::NoWay(to.addresses.len()));
        };
        let link = Link::new([from, number]);
        let incoming = state.nodes.get(&number).map(|node| &node.incoming);
        let accepted = incoming.is_some_and(|it| it.try_send(link.end(own, 1, 0)).is_ok());
        if !accepted {
            return Err(Unreached::Busy);
        }
        let connection = link.end(to.key, 0, 1);
        state.links.retain(Link::in_use);
        state.links.push(link);
        Ok(connection)
    }

    /// A peer's blob, if the peer is reached and has it.
    pub(crate) fn blob_of(&self, from: u64, peer: &PeerAddress, hash: Hash) -> Option<Arc<[u8]>> {
        let state = self.state();
        let number = state.find(from, peer).ok()??;
        let blobs = Arc::clone(&state.nodes.get(&number)?.blobs);
        drop(state);
        lock(&blobs).get(&hash).cloned()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }
}

impl State {
    fn key(&self, node: u64) -> Option<PublicKey> {
        self.nodes.get(&node).map(|node| node.key)
    }

    /// The nodes a peer's addresses lead to that have its key, by number.
    fn at<'a>(&'a self, peer: &'a PeerAddress) -> impl Iterator<Item = u64> + 'a {
        peer.addresses
            .iter()
            .take(ADDRESSES)
            .filter_map(number_in)
            .filter(move |number| self.key(*number) == Some(peer.key))
    }

    /// The first node that a peer's addresses lead to, if nothing is cut in between.
    fn find(&self, from: u64, peer: &PeerAddress) -> Result<Option<u64>, Unreached> {
        let Some(own) = self.key(from) else { return Ok(None) };
        if own == peer.key {
            return Err(Unreached::Itself);
        }
        let cut = self.cuts.contains(&pair(own, peer.key));
        Ok(self.at(peer).next().filter(|_| !cut))
    }
}

fn pair(a: PublicKey, b: PublicKey) -> [PublicKey; 2] {
    [a.min(b), a.max(b)]
}

fn number_in(address: &Address) -> Option<u64> {
    (address.kind() == NAME).then(|| address.rest().parse().ok()).flatten()
}
