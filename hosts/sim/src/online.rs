//! Homes on a network: time passes, each is told what reaches it, and what it wants is done.

use anyhow::{Result, bail};
use myrhiza_kernel::event::verify_all;
use myrhiza_kernel::node::{Input, LinkId, Output, Told, Why};
use myrhiza_kernel::sync::{Blob, Offence, Reason, Role};
use myrhiza_kernel_api::{BundleId, Hash, PeerAddress, PublicKey};

use crate::history::History;
use crate::hostile::Hostile;
use crate::network::{Arrival, Process};
use crate::node::Node;
use crate::shape::Over;
use crate::told::Fault;

/// Milliseconds between two ticks of a home.
const TICK_MS: u64 = 1_000;
/// Milliseconds until an attempt to reach a home has an end, at most.
const DIAL_MS: usize = 500;
/// Milliseconds that a batch's signatures take, at most.
const VERIFY_MS: usize = 40;
/// Milliseconds that a bundle takes, at most.
const FETCH_MS: usize = 4_000;
/// Parts of what it has to go on with that a home does between two ticks, at most.
const PARTS: usize = 4;
/// Every so manieth newcomer is hostile.
const HOSTILE: usize = 3;

impl History<'_> {
    /// Lets time pass, with all that comes of it.
    pub(crate) fn advance(&mut self, until_ms: u64) -> Result<()> {
        loop {
            self.follow()?;
            let tick_ms = (self.now_ms / TICK_MS + 1) * TICK_MS;
            let due_ms = self.network.due_ms().map_or(tick_ms, |due_ms| due_ms.min(tick_ms));
            if due_ms > until_ms {
                self.now_ms = until_ms;
                return Ok(());
            }
            self.now_ms = self.now_ms.max(due_ms);
            if due_ms == tick_ms {
                self.nodes.iter_mut().for_each(|node| node.take(Input::Tick, due_ms));
                self.go_on(PARTS);
            } else if let Some((to, what)) = self.network.arrive() {
                self.arrived(to, what);
            }
        }
    }

    /// Does what homes want done, until they want no more.
    pub(crate) fn follow(&mut self) -> Result<()> {
        loop {
            self.lose_the_ended();
            let Some(node) = self.nodes.iter().position(|node| !node.out.is_empty()) else {
                return Ok(());
            };
            for output in std::mem::take(&mut self.nodes[node].out) {
                self.output(node, output)?;
            }
        }
    }

    fn output(&mut self, node: usize, output: Output) -> Result<()> {
        let now_ms = self.now_ms;
        match output {
            Output::Send { link, bytes } => self.send(node, link, bytes),
            Output::Close { link } => self.network.close(link, now_ms, &mut self.chance),
            Output::Pause { link, ms } => self.network.pause(link, now_ms + ms),
            Output::Verify(batch) => {
                let verified = Input::Verified(batch.verified(verify_all));
                let due_ms = now_ms + self.chance.below(VERIFY_MS) as u64;
                let due_ms = due_ms.max(self.nodes[node].verified_ms);
                self.nodes[node].verified_ms = due_ms;
                self.bring(node, due_ms, Arrival::Input(verified));
            }
            Output::Dial(PeerAddress { key, .. }) => {
                let due_ms = now_ms + 1 + self.chance.below(DIAL_MS) as u64;
                self.bring(node, due_ms, Arrival::Dialed(key));
            }
            Output::Keep { bundle, bytes } => {
                let (hash, length) = (Hash(*blake3::hash(&bytes).as_bytes()), bytes.len() as u64);
                self.network.blobs.insert(hash, bytes);
                let kept = Input::Kept { bundle, blob: Some(Blob { hash, bytes: length }) };
                self.bring(node, now_ms + 1, Arrival::Input(kept));
            }
            Output::Fetch { bundle, blob, link, from } => {
                let blob = self.network.blobs.get(&blob.hash).cloned();
                let there =
                    self.home(&from.key).is_some_and(|from| self.side[from] == self.side[node]);
                let bytes = blob.filter(|_| there).ok_or_else(|| "there is no way".to_owned());
                let due_ms = now_ms + 1 + self.chance.below(FETCH_MS) as u64;
                self.bring(node, due_ms, Arrival::Input(Input::Fetched { bundle, link, bytes }));
            }
            // What is on its way comes all the same, and blobs are nobody's here.
            Output::EndFetch { .. } | Output::Forget { .. } => {}
            Output::Told(told) => self.hear(node, told)?,
        }
        Ok(())
    }

    fn bring(&mut self, node: usize, due_ms: u64, what: Arrival) {
        self.network.bring((node, self.nodes[node].process), due_ms, what);
    }

    /// Sends as a home, or as it would if it were not hostile.
    pub(crate) fn send(&mut self, node: usize, link: LinkId, bytes: Vec<u8>) {
        let messages = match &mut self.nodes[node].hostile {
            Some(hostile) => hostile.send(bytes, &mut self.chance),
            None => {
                self.told.network.bytes += bytes.len() as u64;
                vec![bytes]
            }
        };
        for bytes in messages {
            let frame = |link| Input::Frame { link, bytes };
            self.network.send(link, frame, self.now_ms, &mut self.chance);
        }
    }

    fn arrived(&mut self, (node, process): Process, what: Arrival) {
        if self.nodes[node].process != process {
            return;
        }
        match what {
            Arrival::Dialed(key) => self.dialed(node, key),
            Arrival::Input(Input::Frame { link, bytes }) => {
                let hostile = self.nodes[node].hostile.as_mut();
                match hostile.and_then(|hostile| hostile.answer(&bytes, &mut self.chance)) {
                    Some(answers) => answers.into_iter().for_each(|a| self.send(node, link, a)),
                    None => self.nodes[node].take(Input::Frame { link, bytes }, self.now_ms),
                }
            }
            Arrival::Input(input) => self.nodes[node].take(input, self.now_ms),
        }
    }

    /// A home has tried to reach another.
    fn dialed(&mut self, from: usize, peer: PublicKey) {
        let to = self.home(&peer).filter(|to| self.side[*to] == self.side[from]);
        let Some(to) = to else {
            let cause = "there is no way".into();
            return self.nodes[from].take(Input::NotReached { peer, cause }, self.now_ms);
        };
        let processes = [from, to].map(|node| (node, self.nodes[node].process));
        let ([here, there], slow) = self.network.connect(processes, &mut self.chance);
        if slow {
            self.happened(Fault::SlowLink);
        }
        let [dialer, listener] =
            [(here, to, Role::Dialer), (there, from, Role::Listener)].map(|(link, peer, role)| {
                let (peer, nonce) = (self.nodes[peer].address.key, self.chance.seed());
                Input::Opened { link, peer, role, nonce }
            });
        self.network.send(here, |_| listener, self.now_ms, &mut self.chance);
        self.nodes[from].take(dialer, self.now_ms);
    }

    /// The home with this transport key.
    fn home(&self, key: &PublicKey) -> Option<usize> {
        self.nodes.iter().position(|node| node.address.key == *key)
    }

    /// Loses connections, with what is on them.
    pub(crate) fn lose(&mut self, is_lost: impl Fn([Process; 2]) -> bool) {
        let (lost, late) = self.network.lose(is_lost, self.now_ms, &mut self.chance);
        (0..lost).for_each(|_| self.happened(Fault::Cut));
        (0..late).for_each(|_| self.happened(Fault::HalfOpen));
    }

    /// What an ended process was connected to, it is no longer.
    fn lose_the_ended(&mut self) {
        let processes: Vec<_> = self.nodes.iter().map(|node| node.process).collect();
        self.lose(|ends| ends.iter().any(|(node, process)| processes[*node] != *process));
    }

    /// What a home says of its peers: no honest one drops another, or takes it for hostile, and none
    /// has another state for what another has the same events of.
    fn hear(&mut self, node: usize, told: Told) -> Result<()> {
        let honest = |peer: &PublicKey| {
            let peer = self.home(peer).filter(|peer| self.nodes[*peer].hostile.is_none());
            peer.filter(|_| self.nodes[node].hostile.is_none())
        };
        let name = |peer: &PublicKey| self.home(peer).unwrap_or(usize::MAX);
        match told {
            Told::Offence { peer, offence, points } => {
                let charged = name(&peer);
                self.say(|| format!("node {node} charges node {charged}: {offence}: {points}"));
                if honest(&peer).is_some() {
                    *self.told.network.offences.entry(format!("{offence:?}")).or_default() += 1;
                    // What a busy honest peer can come to; it is forgiven in time.
                    if !matches!(offence, Offence::Useless | Offence::Repeat) {
                        bail!("node {node} charges node {charged}, which is honest: {offence}");
                    }
                }
            }
            Told::Connected { peer, role } => {
                self.say(|| format!("node {node} is connected to {} as {role:?}", name(&peer)));
            }
            Told::Disconnected { peer, why } => {
                let lost = name(&peer);
                self.say(|| format!("node {node} is not connected to node {lost}: {why}"));
                if honest(&peer).is_some() && matches!(why, Why::Ended(Reason::Offended(_))) {
                    bail!("node {node} drops node {lost}, which is honest: {why}");
                }
            }
            Told::Denied { peer, by_peer, .. } => {
                let peer = name(&peer);
                self.say(|| format!("node {node} and node {peer}: denied, by peer: {by_peer}"));
                self.network.apart.insert(node);
            }
            // Every engine here is the same, and every store: whoever is at odds, the kernel is wrong.
            Told::Drift { peer, scope, count, event, .. } => {
                let by = name(&peer);
                bail!(
                    "node {node} is at odds with {scope} after {count} events, by node {by}: {event:?}"
                );
            }
            Told::Offered { bundle } => self.agree(node, bundle)?,
            Told::Fault { what, error } => self.say(|| format!("node {node}: {what}: {error}")),
            Told::Complete { peer, events, .. } => {
                self.say(|| format!("node {node} and {} have {events} events", name(&peer)));
            }
            _ => {}
        }
        Ok(())
    }

    /// The user of a home agrees to a bundle that a peer had.
    fn agree(&mut self, node: usize, bundle: BundleId) -> Result<()> {
        let versions = &self.ground.versions;
        let version = versions.iter().position(|version| version.bundle.id() == bundle);
        match version {
            Some(version) => self.nodes[node].install(version, self.topic, self.now_ms),
            None => bail!("node {node} was offered {bundle}, which nobody made"),
        }
    }

    /// Where a newcomer finds others: at who lets it in, the founder, and somebody else.
    pub(crate) fn peers(&mut self, by: usize) -> Vec<PeerAddress> {
        if self.shape.over == Over::Events {
            return Vec::new();
        }
        let other = self.chance.below(self.nodes.len());
        let address = |node: usize| self.nodes[node].address.clone();
        [by, 0, other].map(address).to_vec()
    }

    /// Makes a newcomer hostile, if there are enough others.
    pub(crate) fn corrupt(&mut self, node: &mut Node) {
        let hostile = self.nodes.iter().filter(|node| node.hostile.is_some()).count();
        let few = hostile < self.nodes.len() / HOSTILE;
        if self.shape.over == Over::Network && few && self.chance.one_in(HOSTILE) {
            let hostile = Hostile::any(&mut self.chance);
            self.say(|| format!("node {} is hostile: {:?}", self.nodes.len(), hostile.way));
            self.happened(hostile.way);
            node.hostile = Some(hostile);
        }
    }
}
