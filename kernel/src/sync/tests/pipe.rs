use std::collections::VecDeque;

use myrhiza_kernel_api::{EventId, PublicKey, TopicId};

use super::node::Node;
use crate::codec::Canonical;
use crate::event::Event;
use crate::node::merit::Merits;
use crate::sync::limits::CLOSE_POINTS;
use crate::sync::message::Message;
use crate::sync::{Effect, Opening, Role, Session};
use crate::testing::key;

/// Two nodes and a connection: what one sends reaches the other, whole and in order.
pub(super) struct Pipe {
    /// The dialer, then the listener.
    pub(super) ends: [End; 2],
    pub(super) now_ms: u64,
    /// Each flight: what both sides sent at the same time.
    pub(super) flights: Vec<Vec<(Role, Message)>>,
}

pub(super) struct End {
    pub(super) node: Node,
    pub(super) session: Session,
    pub(super) out: VecDeque<Vec<u8>>,
    /// What was told, messages aside.
    pub(super) told: Vec<Effect>,
    /// Events in the order they came.
    pub(super) came: Vec<EventId>,
    /// If false, batches stay where they are.
    pub(super) ingests: bool,
    pub(super) held: Vec<(TopicId, Vec<crate::event::UnverifiedEvent>)>,
    peer: PublicKey,
    /// What the peer owes, counted as a node does.
    merits: Merits,
}

pub(super) fn opening(role: Role) -> Opening {
    let (own, other) = match role {
        Role::Dialer => (1, 2),
        Role::Listener => (2, 1),
    };
    let key = |n: u16| key(9000 + n).public();
    Opening { role, nonce: [own as u8; 32], local: key(own), remote: key(other) }
}

impl End {
    pub(super) fn new(node: Node, role: Role) -> Self {
        let (session, effects) = Session::new(opening(role), &node.topics(), 0);
        let (peer, mut merits) = (opening(role).remote, Merits::default());
        merits.came(peer, 0);
        let mut end = Self {
            node,
            session,
            out: VecDeque::new(),
            told: Vec::new(),
            came: Vec::new(),
            ingests: true,
            held: Vec::new(),
            peer,
            merits,
        };
        end.follow(effects, 0);
        end
    }

    pub(super) fn follow(&mut self, effects: Vec<Effect>, now_ms: u64) {
        let (mut shared, mut end) = (Vec::new(), Vec::new());
        for effect in effects {
            if let Effect::Shared { topic } = effect {
                shared.push(topic);
            }
            match effect {
                Effect::Send(bytes) => self.out.push_back(bytes),
                Effect::Ingest { topic, events } => {
                    self.came.extend(events.iter().map(|event| event.id()));
                    self.held.push((topic, events));
                    if self.ingests {
                        self.ingest(now_ms);
                    }
                }
                Effect::Offence(offence) => {
                    self.told.push(Effect::Offence(offence));
                    let points = self.merits.offended(&self.peer, offence, now_ms);
                    if points >= CLOSE_POINTS && !self.session.is_closed() {
                        end = self.session.close_for(offence);
                    }
                }
                told => self.told.push(told),
            }
        }
        if !end.is_empty() {
            self.follow(end, now_ms);
        }
        for topic in shared {
            let effects = self.session.begin(topic, &self.node, now_ms).unwrap();
            self.follow(effects, now_ms);
        }
    }

    /// Ingests what is held.
    pub(super) fn ingest(&mut self, now_ms: u64) {
        for (topic, events) in std::mem::take(&mut self.held) {
            let report = self.node.ingest(topic, events);
            let effects = self.session.ingested(topic, &report, &self.node, now_ms).unwrap();
            self.follow(effects, now_ms);
        }
    }

    pub(super) fn receive(&mut self, bytes: &[u8], now_ms: u64) {
        let effects = self.session.receive(bytes, &self.node, now_ms).unwrap();
        self.follow(effects, now_ms);
    }

    pub(super) fn tick(&mut self, now_ms: u64) {
        let effects = self.session.tick(&self.node, now_ms).unwrap();
        self.follow(effects, now_ms);
    }

    /// Takes new events of this home and announces them.
    pub(super) fn author(&mut self, events: &[Event], now_ms: u64) {
        for event in events {
            let topic = event.topic();
            let report = self.node.take(topic, std::slice::from_ref(event));
            let effects = self.session.announce(topic, &[event.id()], &self.node, now_ms).unwrap();
            self.follow(effects, now_ms);
            if report.added > 1 {
                let effects = self.session.touched(topic, &self.node, now_ms).unwrap();
                self.follow(effects, now_ms);
            }
        }
    }

    pub(super) fn offences(&self) -> Vec<crate::sync::Offence> {
        let offence = |told: &Effect| match told {
            Effect::Offence(offence) => Some(*offence),
            _ => None,
        };
        self.told.iter().filter_map(offence).collect()
    }

    /// What the peer owes now, in points.
    pub(super) fn points(&self, now_ms: u64) -> u32 {
        self.merits.points(&self.peer, now_ms)
    }

    pub(super) fn completes(&self) -> usize {
        self.told.iter().filter(|told| matches!(told, Effect::Complete { .. })).count()
    }
}

impl Pipe {
    pub(super) fn new(dialer: Node, listener: Node) -> Self {
        let ends = [End::new(dialer, Role::Dialer), End::new(listener, Role::Listener)];
        Self { ends, now_ms: 0, flights: Vec::new() }
    }

    /// Delivers what both sides have to say now. False if that is nothing.
    pub(super) fn flight(&mut self) -> bool {
        let out = self.ends.each_mut().map(|end| std::mem::take(&mut end.out));
        if out.iter().all(VecDeque::is_empty) {
            return false;
        }
        let mut flight = Vec::new();
        for (n, (bytes, role)) in out.into_iter().zip([Role::Dialer, Role::Listener]).enumerate() {
            for bytes in bytes {
                flight.extend(Message::from_bytes(&bytes).map(|message| (role, message)));
                self.ends[1 - n].receive(&bytes, self.now_ms);
            }
        }
        self.flights.push(flight);
        true
    }

    /// Until nobody has anything to say.
    pub(super) fn run(&mut self) {
        for _ in 0..100_000 {
            if !self.flight() {
                return;
            }
        }
        panic!("they never come to an end");
    }

    /// Flights since the first comparison, and bytes, those of events aside.
    pub(super) fn cost(&self) -> (usize, usize) {
        let counted: Vec<_> = self.flights.iter().filter(|f| f.iter().any(counts)).collect();
        let bytes = counted.iter().flat_map(|flight| flight.iter()).filter(|m| counts(m));
        let bytes = bytes.map(|(_, message)| match message {
            Message::Events { events, .. } => {
                message.to_bytes().len() - events.iter().map(Vec::len).sum::<usize>()
            }
            _ => message.to_bytes().len(),
        });
        (counted.len(), bytes.sum())
    }

    /// Flights until the last events were there.
    pub(super) fn until_events(&self) -> usize {
        let counted = self.flights.iter().filter(|f| f.iter().any(counts));
        let events =
            |f: &&Vec<(Role, Message)>| f.iter().any(|(_, m)| matches!(m, Message::Events { .. }));
        let flights: Vec<_> = counted.collect();
        flights.iter().rposition(events).map_or(0, |last| last + 1)
    }

    pub(super) fn synced(&self, topic: TopicId) -> bool {
        self.ends.iter().all(|end| end.session.is_synced(topic))
            && self.ends[0].node.root(topic) == self.ends[1].node.root(topic)
    }

    pub(super) fn offences(&self) -> Vec<crate::sync::Offence> {
        self.ends.iter().flat_map(End::offences).collect()
    }
}

fn counts((_, message): &(Role, Message)) -> bool {
    !matches!(
        message,
        Message::Hello { .. }
            | Message::Tags { .. }
            | Message::Proof { .. }
            | Message::Denied { .. }
    )
}

/// The kind of a message.
pub(super) fn kind(bytes: &[u8]) -> u8 {
    bytes.get(1).copied().unwrap_or(u8::MAX)
}
