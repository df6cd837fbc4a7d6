//! One history: what people do and what goes wrong, step by step, from one seed.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write as _};

use anyhow::{Result, anyhow, bail};
use myrhiza_kernel::apply::Verdict;
use myrhiza_kernel::event::payload::{Admission, Terms};
use myrhiza_kernel::event::{Event, Kind, Ticket};
use myrhiza_kernel::identity::SecretKey;
use myrhiza_kernel::runtime::{NewTopic, RuntimeError};
use myrhiza_kernel_api::{EventId, TopicId};

use crate::chance::Chance;
use crate::ledger::Operation;
use crate::network::Network;
use crate::node::{Ground, Node};
use crate::shape::{Over, Shape};
use crate::told::{Fault, Told};

/// An event on its way.
struct Letter {
    to: usize,
    due: u64,
    event: Event,
}

pub(crate) struct History<'g> {
    pub(crate) ground: &'g Ground,
    pub(crate) shape: Shape,
    pub(crate) chance: Chance,
    pub(crate) nodes: Vec<Node>,
    pub(crate) topic: TopicId,
    people: usize,
    letters: Vec<Letter>,
    pub(crate) network: Network,
    /// Which side of the cut link each node is on.
    pub(crate) side: Vec<usize>,
    /// Homes there will be at most.
    most: usize,
    pub(crate) now_ms: u64,
    /// Events that were published; a forger may make the same one twice.
    pub(crate) made: BTreeSet<EventId>,
    pub(crate) told: Told,
}

/// App keys that events write to.
pub(crate) const KEYS: usize = 6;

impl<'g> History<'g> {
    /// A topic with four to seven homes, of which some are a person's second.
    pub(crate) fn new(ground: &'g Ground, seed: u64, shape: Shape) -> Result<Self> {
        let mut chance = Chance::of(seed);
        let founder = SecretKey::from_seed(&chance.seed());
        let mut first = Node::new(ground, shape.store, 0, founder, &mut chance)?;
        let bundle = ground.versions[0].bundle.id();
        let new = NewTopic { bundle, name: "history", admission: Admission::Invite };
        let topic = first.act(1, &mut chance, |runtime, signer, ambient| {
            runtime.create_topic(signer, ambient, &new)
        })?;
        first.acknowledged.push(EventId(topic.0));
        let mut history = Self {
            ground,
            shape,
            chance,
            nodes: vec![first],
            topic,
            people: 1,
            letters: Vec::new(),
            network: Network::default(),
            side: vec![0],
            most: 0,
            now_ms: 1_000,
            made: BTreeSet::from([EventId(topic.0)]),
            told: Told::default(),
        };
        let homes =
            Shape::HOMES + history.chance.below(shape.homes.saturating_sub(Shape::HOMES) + 1);
        history.most = homes.max(shape.homes);
        while history.nodes.len() < homes {
            history.enter()?;
        }
        Ok(history)
    }

    /// Lets things happen until there are enough events.
    pub(crate) fn run(&mut self) -> Result<()> {
        let mut steps = 0;
        while self.made.len() < self.shape.events {
            steps += 1;
            if steps > self.shape.events.saturating_mul(100) {
                bail!("the history makes no progress");
            }
            let ms = 1 + self.chance.below(50) as u64;
            match self.shape.over {
                Over::Events => {
                    self.now_ms += ms;
                    self.step()?;
                    self.deliver()?;
                    self.go_on(1);
                    self.follow()?;
                }
                Over::Network => {
                    let long = self.chance.one_in(10);
                    self.advance(self.now_ms + if long { 600 * ms } else { ms })?;
                    if self.chance.one_in(8) { self.disturb()? } else { self.step()? }
                }
            }
        }
        Ok(())
    }

    /// Of what homes have to go on with, each does some parts or none.
    pub(crate) fn go_on(&mut self, most: usize) {
        for node in &mut self.nodes {
            for _ in 0..self.chance.below(most + 1) {
                self.told.parts += usize::from(node.go_on(self.now_ms));
            }
        }
    }

    fn step(&mut self) -> Result<()> {
        let node = self.chance.below(self.nodes.len());
        match self.chance.below(100) {
            0..55 => self.propose(node),
            55 | 56 => self.upgrade(node),
            57 => self.forge_upgrade(node),
            58 | 59 => self.install(node),
            60..64 => {
                self.cut_or_heal();
                Ok(())
            }
            64..70 => {
                self.happened(Fault::Restart);
                self.nodes[node].restart(self.now_ms, &mut self.chance);
                self.check_acknowledged(node)
            }
            70..76 => self.fail_store(node),
            76..82 => self.equivocate(node),
            82..88 => self.back_date(node),
            88..90 if !self.full() => self.enter(),
            // On a network who is ended is alone from then on.
            90..96 if self.shape.over == Over::Network && !self.chance.one_in(4) => {
                self.propose(node)
            }
            90..93 => self.revoke(node),
            93..96 => self.remove(node),
            96 => self.smuggle(node),
            97 => self.retry(node),
            98 => self.steal(node),
            _ => self.exchange(node),
        }
    }

    /// Whether nobody else comes in.
    pub(crate) fn full(&self) -> bool {
        self.nodes.len() >= self.most
    }

    pub(crate) fn happened(&mut self, fault: Fault) {
        *self.told.faults.entry(fault).or_default() += 1;
    }

    pub(crate) fn say(&self, text: impl FnOnce() -> String) {
        if self.shape.verbose {
            // That nobody reads it any more changes no history.
            let _ = writeln!(io::stdout(), "{:>8} {}", self.now_ms, text());
        }
    }

    /// A node's own event, by the rules.
    pub(crate) fn propose(&mut self, node: usize) -> Result<()> {
        match self.submit(node)? {
            Some(event) => self.publish(node, event, true),
            None => Ok(()),
        }
    }

    /// The same, told to nobody but by the home itself.
    pub(crate) fn submit(&mut self, node: usize) -> Result<Option<Event>> {
        let operation = match self.chance.below(12) {
            0 => Operation::Refused,
            1 => Operation::Trap,
            2 | 3 => Operation::Delete,
            4 => Operation::Digest,
            _ => Operation::Set,
        };
        let payload = operation.payload(&[b'k', self.chance.below(KEYS) as u8]);
        let topic = self.topic;
        let made =
            self.nodes[node].act(self.now_ms, &mut self.chance, |runtime, signer, ambient| {
                runtime.submit(topic, signer, ambient, 0, payload)
            });
        let refused = matches!(operation, Operation::Refused | Operation::Trap);
        match made {
            Ok(_) if refused => bail!("a dry run accepted what the app refuses"),
            Ok(authored) => Ok(Some(authored.event)),
            Err(
                RuntimeError::NotAccepted(_)
                | RuntimeError::NotAMember { .. }
                | RuntimeError::Waits { .. }
                | RuntimeError::Busy { .. }
                | RuntimeError::Fault(_),
            ) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Sends an event to everybody, in time; over a network its home does.
    pub(crate) fn publish(&mut self, from: usize, event: Event, acknowledged: bool) -> Result<()> {
        self.made.insert(event.id());
        if acknowledged {
            self.nodes[from].acknowledged.push(event.id());
        }
        self.say(|| format!("node {from} made {} {}", event.header().kind.name(), event.id()));
        if self.shape.over == Over::Network {
            return Ok(());
        }
        for to in 0..self.nodes.len() {
            if to == from {
                continue;
            }
            if self.chance.one_in(12) {
                self.happened(Fault::Loss);
                continue;
            }
            let copies = if self.chance.one_in(10) { 2 } else { 1 };
            if copies > 1 {
                self.happened(Fault::Duplicate);
            }
            for _ in 0..copies {
                let delay = self.chance.below(400) as u64;
                if delay > 200 {
                    self.happened(Fault::Delay);
                }
                let due = self.now_ms + delay;
                self.letters.push(Letter { to, due, event: event.clone() });
            }
        }
        Ok(())
    }

    /// Hands out what is due and not behind a cut link, shuffled.
    fn deliver(&mut self) -> Result<()> {
        let now = self.now_ms;
        let (due, later): (Vec<_>, Vec<_>) = std::mem::take(&mut self.letters)
            .into_iter()
            .partition(|letter| letter.due <= now && self.side[letter.to] == 0);
        self.letters = later;
        let mut boxes: BTreeMap<usize, Vec<Event>> = BTreeMap::new();
        for letter in due {
            boxes.entry(letter.to).or_default().push(letter.event);
        }
        for (to, mut events) in boxes {
            if events.len() > 1 {
                self.chance.shuffle(&mut events);
                self.happened(Fault::Reorder);
            }
            self.ingest(to, &events)?;
        }
        Ok(())
    }

    pub(crate) fn ingest(&mut self, to: usize, events: &[Event]) -> Result<()> {
        let topic = self.topic;
        if !self.nodes[to].has(topic) {
            return Ok(());
        }
        let now = self.now_ms;
        let taken = self.nodes[to]
            .act(now, &mut self.chance, |runtime, _, _| runtime.ingest(topic, events, now));
        match taken {
            Ok(_) | Err(RuntimeError::Fault(_)) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    fn cut_or_heal(&mut self) {
        let cut = self.side.iter().any(|side| *side != 0);
        if cut {
            self.side.fill(0);
            return;
        }
        self.happened(Fault::Partition);
        for side in &mut self.side {
            *side = self.chance.below(2);
        }
        self.part();
    }

    /// Another home: of a new person by a ticket, or a second one of a member's.
    fn enter(&mut self) -> Result<()> {
        let by = self.chance.below(self.nodes.len());
        let topic = self.topic;
        if self.nodes[by].hostile.is_some() {
            return Ok(());
        }
        if self.chance.one_in(3) {
            let (person, key) = (self.nodes[by].person, self.nodes[by].person_key.clone());
            let mut node = Node::new(self.ground, self.shape.store, person, key, &mut self.chance)?;
            let events = self.nodes[by].events(topic)?;
            let peers = self.peers(by);
            if events.is_empty() || node.found(topic, &events, &peers, self.now_ms).is_err() {
                return Ok(());
            }
            let made = node.act(self.now_ms, &mut self.chance, |runtime, signer, ambient| {
                runtime.delegate(topic, signer, ambient)
            });
            return match made {
                Ok(authored) => {
                    self.nodes.push(node);
                    self.side.push(0);
                    self.publish(self.nodes.len() - 1, authored.event, true)
                }
                Err(
                    RuntimeError::NotAccepted(_)
                    | RuntimeError::BadInput { .. }
                    | RuntimeError::Waits { .. }
                    | RuntimeError::Busy { .. },
                ) => Ok(()),
                Err(error) => Err(error.into()),
            };
        }
        let uses = self.chance.below(3) as u32;
        let terms = Terms { uses, may_invite: !self.chance.one_in(4), expiry: 0 };
        let ticket =
            self.nodes[by].act(self.now_ms, &mut self.chance, |runtime, signer, ambient| {
                runtime.invite(topic, signer, ambient, terms)
            });
        let ticket = match ticket {
            Ok(ticket) => ticket.with_peers(self.peers(by)),
            Err(
                RuntimeError::Ticket(_)
                | RuntimeError::NotAMember { .. }
                | RuntimeError::Busy { .. },
            ) => return Ok(()),
            Err(error) => return Err(error.into()),
        };
        // More people may try than the invitation lets in: the fold decides who.
        for _ in 0..1 + self.chance.below(2) {
            self.come_in(&ticket)?;
        }
        Ok(())
    }

    /// A new person's home joins by a ticket, knowing nothing else of the topic.
    pub(crate) fn come_in(&mut self, ticket: &Ticket) -> Result<()> {
        let key = SecretKey::from_seed(&self.chance.seed());
        let mut node =
            Node::new(self.ground, self.shape.store, self.people, key, &mut self.chance)?;
        self.people += 1;
        node.act(self.now_ms, &mut self.chance, |runtime, signer, ambient| {
            runtime.join(ticket, None, signer, ambient)
        })?;
        let mut events = node.events(self.topic)?.into_iter();
        let joined = events.find(|event| event.header().kind == Kind::Join);
        let joined = joined.ok_or_else(|| anyhow!("a join is not in its own log"))?;
        self.corrupt(&mut node);
        self.nodes.push(node);
        self.side.push(0);
        self.publish(self.nodes.len() - 1, joined, true)
    }

    /// Two homes hand each other all they have.
    fn exchange(&mut self, node: usize) -> Result<()> {
        if self.shape.over == Over::Network {
            return Ok(());
        }
        let other = self.chance.below(self.nodes.len());
        if self.side[node] != self.side[other] {
            return Ok(());
        }
        let topic = self.topic;
        for (from, to) in [(node, other), (other, node)] {
            let events = self.nodes[from].events(topic)?;
            self.ingest(to, &events)?;
        }
        Ok(())
    }

    /// Everything that was acknowledged is there.
    pub(crate) fn check_acknowledged(&self, node: usize) -> Result<()> {
        for id in &self.nodes[node].acknowledged {
            if !self.nodes[node].holds(self.topic, *id)? {
                bail!("node {node} lost event {id}, which it had acknowledged");
            }
        }
        Ok(())
    }

    /// Heals everything and lets all have everything.
    pub(crate) fn settle(&mut self) -> Result<()> {
        self.side.fill(0);
        self.letters.clear();
        for node in &mut self.nodes {
            node.faults.disarm();
            node.restart(self.now_ms, &mut self.chance);
        }
        match self.shape.over {
            Over::Events => {
                // What waited at one node for a parent comes into its log with it, and is news to
                // others.
                while self.spread()? {}
                self.install_all()?;
                self.nodes.iter_mut().for_each(|node| node.finish(self.now_ms));
            }
            Over::Network => self.converge()?,
        }
        self.told.nodes = self.nodes.len();
        Ok(())
    }

    /// Every home comes to have every version of the app.
    pub(crate) fn install_all(&mut self) -> Result<()> {
        let versions = 1..self.ground.versions.len();
        for node in &mut self.nodes {
            versions.clone().try_for_each(|n| node.install(n, self.topic, self.now_ms))?;
        }
        Ok(())
    }

    /// Gives everybody every event of any log; false if that was nothing new.
    fn spread(&mut self) -> Result<bool> {
        let mut union: BTreeMap<EventId, Event> = BTreeMap::new();
        for node in &self.nodes {
            union.extend(node.events(self.topic)?.into_iter().map(|event| (event.id(), event)));
        }
        let mut news = false;
        for to in 0..self.nodes.len() {
            let mut events: Vec<_> = union.values().cloned().collect();
            self.chance.shuffle(&mut events);
            let mut rest = events.as_slice();
            while !rest.is_empty() {
                let (now, later) = rest.split_at((1 + self.chance.below(40)).min(rest.len()));
                let (topic, now_ms) = (self.topic, self.now_ms);
                let taken = self.nodes[to].act(now_ms, &mut self.chance, |runtime, _, _| {
                    runtime.ingest(topic, now, now_ms)
                });
                news |= taken?.added > 0;
                rest = later;
            }
        }
        Ok(news)
    }

    pub(crate) fn count(&mut self, verdict: Verdict) {
        let at = match verdict {
            Verdict::Accept => 0,
            Verdict::Reject => 1,
            Verdict::Trap => 2,
        };
        self.told.verdicts[at] += 1;
    }
}
