//! Who is let in and says what they like, beside honest nodes.

use myrhiza_kernel_api::TopicId;

use super::net::{Net, node_key, seat};
use crate::codec::Canonical;
use crate::event::payload::{Admission, Join};
use crate::event::{Event, Kind};
use crate::identity::ScopeKind;
use crate::node::LinkId;
use crate::sync::message::Message;
use crate::sync::{Opening, Role, limits};
use crate::testing::{Scope, World, key};

/// An open topic of honest nodes, and of members without one.
pub(super) struct Siege {
    pub(super) world: World,
    pub(super) net: Net,
    pub(super) hostile: Vec<Scope>,
    /// What every node began with.
    pub(super) joins: Vec<Event>,
}

/// The same, where every node begins with so many events by the founder, each on the one before.
pub(super) fn siege(honest: usize, hostile: usize, events: usize) -> Siege {
    let world = World::new(Admission::Open);
    let mut joins: Vec<Event> = Vec::new();
    let mut scope = |n: usize| {
        let mut scope = Scope::new(10 + n as u16, 110 + n as u16, ScopeKind::Device);
        let join = Join::Open(scope.certificate.clone()).to_bytes();
        joins.push(world.next(&mut scope, &[world.genesis.id()], (Kind::Join, 0, &join)));
        scope
    };
    let mut scopes: Vec<_> = (1..honest).map(&mut scope).collect();
    let hostile: Vec<_> = (0..hostile).map(|n| scope(1000 + n)).collect();
    scopes.insert(0, world.founder.clone());
    let mut all = joins.clone();
    let mut founder = world.founder.clone();
    all.extend((0..events).map(|n| world.app(&mut founder, &[], 0, &n.to_be_bytes()[6..])));
    let seats = scopes.iter().map(|scope| seat(&world, scope, &all)).collect();
    Siege { net: Net::new(seats), world, hostile, joins: all }
}

/// The other end of a connection with a node.
#[derive(Clone, Copy)]
pub(super) struct Attacker {
    pub(super) end: (usize, LinkId),
    /// Batches it may send.
    pub(super) credit: u32,
}

impl Attacker {
    /// A connection on which nothing is said. `role` is the node's.
    pub(super) fn silent(net: &mut Net, n: usize, who: u16, role: Role) -> Self {
        let nonce = [who as u8; 32];
        let link = net.open(n, key(5000 + who).public(), role, nonce);
        Self { end: (n, link), credit: limits::WINDOW }
    }

    /// One on which each has greeted, and knows the topic.
    pub(super) fn met(net: &mut Net, n: usize, who: u16, role: Role, topic: TopicId) -> Self {
        let attacker = Self::silent(net, n, who, role);
        let (theirs, ours) = ([who as u8; 32], [0xaa; 32]);
        let (local, remote) = (key(5000 + who).public(), node_key(n));
        let opening = Opening { role: role.other(), nonce: ours, local, remote };
        let tag = opening.transcript(theirs, topic, role.other()).tag();
        attacker.say(net, &Message::Hello { nonce: ours });
        attacker.say(net, &Message::Tags { tags: vec![tag] });
        attacker
    }

    pub(super) fn say(&self, net: &mut Net, message: &Message) {
        self.shout(net, message.to_bytes());
    }

    /// Says what may be no message.
    pub(super) fn shout(&self, net: &mut Net, bytes: Vec<u8>) {
        net.raw.get_mut(&self.end).unwrap().says.push_back(bytes);
    }

    /// Sends a batch of events, if there is credit for it.
    pub(super) fn send(&mut self, net: &mut Net, events: &[Event]) -> bool {
        let Some(left) = self.credit.checked_sub(1) else { return false };
        self.credit = left;
        let events = events.iter().map(Event::to_bytes).collect();
        self.say(net, &Message::Events { topic: 0, events });
        true
    }

    /// What the node has said since.
    pub(super) fn hear(&mut self, net: &mut Net) -> Vec<Message> {
        let heard = std::mem::take(&mut net.raw.get_mut(&self.end).unwrap().heard);
        let heard = heard.iter().filter_map(|bytes| Message::from_bytes(bytes).ok());
        let heard: Vec<_> = heard.collect();
        for message in &heard {
            if let Message::Credit { batches } = message {
                self.credit += batches;
            }
        }
        heard
    }

    pub(super) fn is_out(&self, net: &Net) -> bool {
        net.raw[&self.end].closed
    }
}
