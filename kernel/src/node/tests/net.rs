//! Several nodes and what is between them, on virtual time: frames arrive whole and in order, or the
//! connection is cut.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use myrhiza_kernel_api::store::Write;
use myrhiza_kernel_api::{Hash, PeerAddress, PublicKey, TopicId, WriteBatch};
use myrhiza_store_kit::{FaultStore, Faults};
use myrhiza_store_memory::MemoryStore;

use crate::codec::Canonical;
use crate::dag::Graph;
use crate::event::payload::{Admission, Join};
use crate::event::{Event, Kind, verify_all};
use crate::hash::{Context, derive};
use crate::identity::ScopeKind;
use crate::node::{Choice, DEGREE, Input, LinkId, Output, Seat, Switch, Told};
use crate::runtime::{Ambient, TopicRoot};
use crate::schema;
use crate::sync::{Blob, Role};
use crate::testing::app;
use crate::testing::{Broken, Home, Op, Scope, World, key};

/// One connection: its ends, by node and what each calls it.
struct Wire {
    ends: [(usize, LinkId); 2],
    /// What is on the way to each end; `None` is the end of it.
    to: [VecDeque<Option<Vec<u8>>>; 2],
}

/// A connection whose other end is no node: what is said there, and what is heard.
#[derive(Default)]
pub(super) struct Raw {
    pub(super) says: VecDeque<Vec<u8>>,
    pub(super) heard: VecDeque<Vec<u8>>,
    pub(super) closed: bool,
    /// Until when nothing is read from it.
    paused_ms: u64,
}

pub(super) struct Net {
    pub(super) now_ms: u64,
    /// By how much the clocks of nodes are wrong.
    pub(super) skew_ms: BTreeMap<usize, i64>,
    pub(super) raw: BTreeMap<(usize, LinkId), Raw>,
    pub(super) nodes: Vec<Switch>,
    /// What each was told.
    pub(super) told: Vec<Vec<Told>>,
    wires: Vec<Wire>,
    links: u64,
    /// Pairs that cannot reach each other.
    cut: BTreeSet<(usize, usize)>,
    /// What nodes serve.
    pub(super) blobs: BTreeMap<Hash, Vec<u8>>,
    /// What they serve in its place, where they lie.
    pub(super) lies: Option<Vec<u8>>,
    /// Peers from whom a blob never comes.
    pub(super) silent: BTreeSet<PublicKey>,
    /// Fetches that were begun, and by which node from whom.
    pub(super) fetches: Vec<(usize, PublicKey)>,
    /// Of these, how many were ended.
    pub(super) ended: usize,
    /// Blobs that nodes had removed.
    pub(super) forgotten: Vec<(usize, Hash)>,
    /// How often each node has dialed each.
    pub(super) dials: BTreeMap<(usize, usize), usize>,
    /// Bytes of all messages that were sent.
    pub(super) bytes: usize,
}

/// The transport key of a node.
pub(super) fn node_key(n: usize) -> PublicKey {
    key(9000 + n as u16).public()
}

pub(super) fn address(n: usize) -> PeerAddress {
    PeerAddress { key: node_key(n), addresses: vec![format!("net:{n}").parse().unwrap()] }
}

/// A home of `scope` that holds these events of a topic.
pub(super) fn seat(world: &World, scope: &Scope, events: &[Event]) -> Seat {
    seat_of(Home::new(world), world, scope, events)
}

/// The members of an open topic, and their joins.
pub(super) fn members(count: usize, interval: u32) -> (World, Vec<Scope>, Vec<Event>) {
    let world = World::with_interval(Admission::Open, interval);
    let mut scopes = vec![world.founder.clone()];
    let mut joins: Vec<Event> = Vec::new();
    for n in 1..count as u16 {
        let mut scope = Scope::new(10 + n, 110 + n, ScopeKind::Device);
        let join = Join::Open(scope.certificate.clone()).to_bytes();
        joins.push(world.next(&mut scope, &[world.genesis.id()], (Kind::Join, 0, &join)));
        scopes.push(scope);
    }
    (world, scopes, joins)
}

/// The same with a backend that is broken.
pub(super) fn broken(world: &World, scope: &Scope, events: &[Event], how: Broken) -> Seat {
    let home = Home::new(world);
    *home.backend.broken.lock().unwrap() = Some(how);
    seat_of(home, world, scope, events)
}

/// As [`seat`], without the topic's app.
pub(super) fn lacking(world: &World, scope: &Scope, events: &[Event]) -> Seat {
    let home = Home::new(world);
    let mut batch = WriteBatch::new();
    for Write { keyspace, key, .. } in app::installed(&world.bundle).into_writes() {
        batch.delete(keyspace, key);
    }
    home.store.commit(batch).unwrap();
    seat_of(home, world, scope, events)
}

/// The same, over a store that fails on command.
pub(super) fn failing(
    world: &World,
    scope: &Scope,
    events: &[Event],
    faults: &Arc<Faults>,
) -> Seat {
    let store = FaultStore::new(Arc::new(MemoryStore::new(schema::ALL)), Arc::clone(faults));
    seat_of(Home::over(world, Arc::new(store)), world, scope, events)
}

fn seat_of(mut home: Home, world: &World, scope: &Scope, events: &[Event]) -> Seat {
    let all: Vec<_> = [&world.genesis].into_iter().chain(events).cloned().collect();
    home.take(&all).unwrap();
    home.runtime.take_changes();
    Seat {
        runtime: home.runtime,
        scope: scope.device.clone(),
        certificate: scope.certificate.clone(),
    }
}

/// A home that holds nothing.
fn seat_of_none() -> Seat {
    let world = World::new(Admission::Open);
    let Home { runtime, .. } = Home::new(&world);
    let Scope { device, certificate, .. } = world.founder;
    Seat { runtime, scope: device, certificate }
}

impl Net {
    pub(super) fn new(seats: Vec<Seat>) -> Self {
        Self::choosing(DEGREE, seats)
    }

    /// Of nodes that choose so many peers each.
    pub(super) fn choosing(degree: usize, seats: Vec<Seat>) -> Self {
        let switch = |(n, seat)| {
            let seed = [n as u8; 32];
            Switch::new(seat, node_key(n), Choice { seed, degree })
        };
        let nodes: Vec<_> = seats.into_iter().enumerate().map(switch).collect();
        let mut net = Self {
            now_ms: 1_000_000,
            skew_ms: BTreeMap::new(),
            raw: BTreeMap::new(),
            told: nodes.iter().map(|_| Vec::new()).collect(),
            nodes,
            wires: Vec::new(),
            links: 0,
            cut: BTreeSet::new(),
            blobs: BTreeMap::new(),
            lies: None,
            silent: BTreeSet::new(),
            fetches: Vec::new(),
            ended: 0,
            forgotten: Vec::new(),
            dials: BTreeMap::new(),
            bytes: 0,
        };
        for n in 0..net.nodes.len() {
            net.take(n, Input::Addresses(address(n).addresses));
        }
        net
    }

    /// Gives a node an input, and follows what it wants.
    pub(super) fn take(&mut self, n: usize, input: Input) {
        let now_ms = self.clock_ms(n);
        let outputs = self.nodes[n].take(input, now_ms);
        self.follow(n, outputs);
    }

    /// What a node's clock shows.
    fn clock_ms(&self, n: usize) -> u64 {
        self.now_ms.saturating_add_signed(self.skew_ms.get(&n).copied().unwrap_or_default())
    }

    pub(super) fn connect(&mut self, from: usize, to: usize) {
        self.take(from, Input::Connect(address(to)));
    }

    /// A node remembers where it may find others, as from a ticket, and is started anew with that.
    pub(super) fn hear_of(&mut self, n: usize, others: &[usize], topic: TopicId) {
        let peers: Vec<_> = others.iter().map(|other| address(*other)).collect();
        self.nodes[n].seat.runtime.remember_peers(topic, &peers).unwrap();
        let outputs = self.nodes[n].start(self.now_ms);
        self.follow(n, outputs);
    }

    /// An app event of a node's own.
    pub(super) fn act(&mut self, n: usize, topic: TopicId, text: &str) {
        self.made(n, topic, text);
    }

    /// The same, to be looked for elsewhere.
    pub(super) fn made(&mut self, n: usize, topic: TopicId, text: &str) -> Event {
        let (payload, variant) = (text.as_bytes().to_vec(), Op::Write as u32);
        let now_ms = self.clock_ms(n);
        let act = |seat: &mut Seat| {
            let (runtime, signer) = seat.parts();
            let mut ambient = Ambient { now_ms, random: &mut |bytes| bytes.fill(n as u8) };
            runtime.submit(topic, signer, &mut ambient, variant, payload).unwrap()
        };
        let (authored, outputs) = self.nodes[n].call(act, now_ms);
        self.follow(n, outputs);
        authored.event
    }

    /// Whether a node has an event in its log.
    pub(super) fn has(&self, n: usize, event: &Event) -> bool {
        let snapshot = self.nodes[n].runtime().read().unwrap();
        Graph::new(&*snapshot, event.topic()).node(event.id()).unwrap().is_some()
    }

    /// Takes events into a node's log, as from a file.
    pub(super) fn import(&mut self, n: usize, topic: TopicId, events: &[Event]) {
        let now_ms = self.clock_ms(n);
        let take = |seat: &mut Seat| seat.runtime.ingest(topic, events, now_ms).unwrap();
        let (_, outputs) = self.nodes[n].call(take, now_ms);
        self.follow(n, outputs);
    }

    /// What nodes charge each other with.
    pub(super) fn blamed(&self) -> Vec<String> {
        let nodes: Vec<_> = (0..self.nodes.len()).map(node_key).collect();
        let blames = |told: &Told| match told {
            Told::Offence { peer, offence, .. } if nodes.contains(peer) => {
                Some(format!("{offence:?}"))
            }
            _ => None,
        };
        self.told.iter().flatten().filter_map(blames).collect()
    }

    pub(super) fn follow(&mut self, n: usize, outputs: Vec<Output>) {
        for output in outputs {
            match output {
                Output::Send { link, bytes } => self.put(n, link, Some(bytes)),
                Output::Close { link } => self.put(n, link, None),
                Output::Verify(batch) => self.take(n, Input::Verified(batch.verified(verify_all))),
                Output::Dial(peer) => self.dial(n, peer),
                Output::Keep { bundle, bytes } => {
                    let (hash, length) = (derive(Context::ComponentId, &[&bytes]), bytes.len());
                    self.blobs.insert(hash, bytes);
                    let blob = Some(Blob { hash, bytes: length as u64 });
                    self.take(n, Input::Kept { bundle, blob });
                }
                Output::Fetch { from, .. } if self.silent.contains(&from.key) => {
                    self.fetches.push((n, from.key));
                }
                Output::EndFetch { .. } => self.ended += 1,
                Output::Forget { hash } => self.forgotten.push((n, hash)),
                Output::Fetch { bundle, blob, link, from } => {
                    self.fetches.push((n, from.key));
                    let true_one = self.blobs.get(&blob.hash).cloned();
                    let bytes = self.lies.clone().or(true_one).ok_or("it is gone".into());
                    self.take(n, Input::Fetched { bundle, link, bytes });
                }
                Output::Told(told) => self.told[n].push(told),
                Output::Pause { link, ms } => {
                    if let Some(raw) = self.raw.get_mut(&(n, link)) {
                        raw.paused_ms = self.now_ms + ms;
                    }
                }
            }
        }
    }

    /// Opens a connection of a node with nobody: what is said on it is in [`Self::raw`].
    pub(super) fn open(
        &mut self,
        n: usize,
        peer: PublicKey,
        role: Role,
        nonce: [u8; 32],
    ) -> LinkId {
        let link = LinkId(self.links);
        self.links += 1;
        self.raw.insert((n, link), Raw::default());
        self.take(n, Input::Opened { link, peer, role, nonce });
        link
    }

    /// Delivers one frame of each connection with nobody; false if there is none.
    fn deliver_raw(&mut self) -> bool {
        let now_ms = self.now_ms;
        let ready = self.raw.iter_mut().filter(|(_, raw)| !raw.closed && raw.paused_ms <= now_ms);
        let frames: Vec<_> =
            ready.filter_map(|(end, raw)| Some((*end, raw.says.pop_front()?))).collect();
        for ((n, link), bytes) in &frames {
            self.take(*n, Input::Frame { link: *link, bytes: bytes.clone() });
        }
        !frames.is_empty()
    }

    fn put(&mut self, n: usize, link: LinkId, frame: Option<Vec<u8>>) {
        if let Some(raw) = self.raw.get_mut(&(n, link)) {
            match frame {
                Some(bytes) => raw.heard.push_back(bytes),
                None => raw.closed = true,
            }
            return;
        }
        self.bytes += frame.as_ref().map_or(0, Vec::len);
        for wire in &mut self.wires {
            if let Some(end) = wire.ends.iter().position(|end| *end == (n, link)) {
                wire.to[1 - end].push_back(frame);
                return;
            }
        }
    }

    fn dial(&mut self, from: usize, peer: PeerAddress) {
        let to = (0..self.nodes.len()).find(|n| node_key(*n) == peer.key);
        match to {
            Some(to) if !self.is_cut(from, to) => {
                *self.dials.entry((from, to)).or_default() += 1;
                self.wire(from, to);
            }
            _ => {
                let cause = "there is no way".into();
                self.take(from, Input::NotReached { peer: peer.key, cause });
            }
        }
    }

    /// A connection, as one that both ends were told of.
    pub(super) fn wire(&mut self, from: usize, to: usize) {
        let links = [LinkId(self.links), LinkId(self.links + 1)];
        self.links += 2;
        let ends = [(from, links[0]), (to, links[1])];
        self.wires.push(Wire { ends, to: [VecDeque::new(), VecDeque::new()] });
        for (n, link, peer, role) in
            [(from, links[0], to, Role::Dialer), (to, links[1], from, Role::Listener)]
        {
            let mut nonce = [n as u8; 32];
            nonce[..8].copy_from_slice(&self.links.to_be_bytes());
            self.take(n, Input::Opened { link, peer: node_key(peer), role, nonce });
        }
    }

    /// What a node calls its connection to another.
    pub(super) fn link(&self, of: usize, to: usize) -> LinkId {
        let key = |wire: &Wire| match wire.ends {
            [(a, link), (b, _)] | [(b, _), (a, link)] if (a, b) == (of, to) => Some(link),
            _ => None,
        };
        self.wires.iter().find_map(key).unwrap()
    }

    fn is_cut(&self, a: usize, b: usize) -> bool {
        self.cut.contains(&(a.min(b), a.max(b)))
    }

    /// Takes the way between two nodes away, and what is on it.
    pub(super) fn cut(&mut self, a: usize, b: usize) {
        self.cut.insert((a.min(b), a.max(b)));
        let between = |wire: &Wire| {
            let [(x, _), (y, _)] = wire.ends;
            (x.min(y), x.max(y)) == (a.min(b), a.max(b))
        };
        let (lost, kept) = std::mem::take(&mut self.wires).into_iter().partition(between);
        self.wires = kept;
        let lost: Vec<Wire> = lost;
        for (n, link) in lost.into_iter().flat_map(|wire| wire.ends) {
            self.take(n, Input::Closed { link, cause: "it was cut".into() });
        }
    }

    pub(super) fn heal(&mut self, a: usize, b: usize) {
        self.cut.remove(&(a.min(b), a.max(b)));
    }

    /// Delivers one frame that is on the way, the `n`th of those that could be; false if none is.
    pub(super) fn deliver(&mut self, n: usize) -> bool {
        let ready: Vec<_> = (0..self.wires.len())
            .flat_map(|wire| [(wire, 0), (wire, 1)])
            .filter(|(wire, end)| !self.wires[*wire].to[*end].is_empty())
            .collect();
        let Some((wire, end)) = ready.get(n % ready.len().max(1)).copied() else { return false };
        let (node, link) = self.wires[wire].ends[end];
        self.deliver_to(node, link);
        true
    }

    /// Delivers until nothing is on the way.
    pub(super) fn settle(&mut self) {
        let mut steps = 0;
        while self.deliver(0) | self.deliver_raw() {
            steps += 1;
            assert!(steps < 1_000_000, "it does not come to rest");
        }
    }

    /// Delivers in rounds, in each what is on the way at its start: as if all ways were equally long.
    /// Returns how many there were.
    pub(super) fn settle_in_rounds(&mut self) -> usize {
        for round in 0.. {
            let on_the_way: Vec<_> = (0..self.wires.len())
                .flat_map(|wire| [(wire, 0), (wire, 1)])
                .map(|(wire, end)| (self.wires[wire].ends[end], self.wires[wire].to[end].len()))
                .filter(|(_, frames)| *frames > 0)
                .collect();
            if on_the_way.is_empty() {
                return round;
            }
            for ((node, link), frames) in on_the_way {
                (0..frames).for_each(|_| self.deliver_to(node, link));
            }
        }
        unreachable!("it comes to rest")
    }

    /// Delivers the next frame to an end of a connection, if it is still there.
    fn deliver_to(&mut self, node: usize, link: LinkId) {
        let at = |wire: &Wire| wire.ends.iter().position(|end| *end == (node, link));
        let found = self.wires.iter().enumerate().find_map(|(n, wire)| Some((n, at(wire)?)));
        let Some((wire, end)) = found else { return };
        match self.wires[wire].to[end].pop_front() {
            Some(Some(bytes)) => self.take(node, Input::Frame { link, bytes }),
            Some(None) => {
                self.wires.remove(wire);
                self.take(node, Input::Closed { link, cause: "the peer closed it".into() });
            }
            None => {}
        }
    }

    /// Lets seconds pass, with all that comes of it.
    pub(super) fn pass(&mut self, seconds: u64) {
        self.pass_in_steps(seconds, 1_000);
    }

    /// Lets minutes pass, with one tick in each.
    pub(super) fn pass_minutes(&mut self, minutes: u64) {
        self.pass_in_steps(minutes, 60_000);
    }

    fn pass_in_steps(&mut self, steps: u64, ms: u64) {
        for _ in 0..steps {
            self.now_ms += ms;
            for n in 0..self.nodes.len() {
                self.take(n, Input::Tick);
                self.go_on(n);
            }
            self.settle();
        }
    }

    /// Puts a new node, which knows nothing but its home, in the place of one.
    pub(super) fn restart(&mut self, n: usize) {
        (0..self.nodes.len()).filter(|other| *other != n).for_each(|other| {
            self.cut(n, other);
            self.heal(n, other);
        });
        let choice = || Choice { seed: [n as u8; 32], degree: DEGREE };
        let other = Switch::new(seat_of_none(), node_key(n), choice());
        let (seat, _) = std::mem::replace(&mut self.nodes[n], other).stop();
        self.nodes[n] = Switch::new(seat, node_key(n), choice());
    }

    /// Lets a new node begin to look for others.
    pub(super) fn start(&mut self, n: usize) {
        let now_ms = self.clock_ms(n);
        let outputs = self.nodes[n].start(now_ms);
        self.follow(n, outputs);
    }

    /// The roots of a topic, node by node.
    pub(super) fn roots(&self, topic: TopicId) -> Vec<TopicRoot> {
        self.nodes.iter().map(|node| node.runtime().root(topic).unwrap()).collect()
    }

    pub(super) fn agree(&self, topic: TopicId) -> bool {
        let roots = self.roots(topic);
        roots.iter().all(|root| *root == roots[0])
    }
}
