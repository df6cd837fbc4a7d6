//! Whose turn it is to bring a topic up to date: of several peers that have the same history, one
//! sends it, and the others are compared with when it has ended. Peers that lead begin when they
//! like; those that would send the same wait for their answer ([`Turns::receives_beside`]).

use std::collections::BTreeMap;

use myrhiza_kernel_api::TopicId;

use super::link::LinkId;
use super::switch::Switch;
use crate::sync::Role;

/// Milliseconds without progress after which another takes its turn beside.
const SLOW_MS: u64 = 5_000;

#[derive(Debug, Default)]
pub(super) struct Turns(BTreeMap<TopicId, Turn>);

#[derive(Debug)]
struct Turn {
    link: LinkId,
    /// When there was progress last.
    since_ms: u64,
    /// The peer has events that are not here.
    receives: bool,
}

impl Turns {
    /// A connection has made progress with a topic. Where the peer leads and has more, it is its turn
    /// if it is nobody's.
    pub(super) fn note(&mut self, topic: TopicId, link: LinkId, receives: bool, now_ms: u64) {
        let turn = Turn { link, since_ms: now_ms, receives };
        match self.0.get_mut(&topic) {
            Some(at) if at.link == link => *at = turn,
            None if receives => drop(self.0.insert(topic, turn)),
            _ => {}
        }
    }

    /// Whether the history of a topic comes by another connection.
    pub(super) fn receives_beside(&self, topic: TopicId, link: LinkId) -> bool {
        self.0.get(&topic).is_some_and(|turn| turn.receives && turn.link != link)
    }
}

impl Switch {
    /// Begins a topic's exchange with a peer, if none is under way with another. Where the peer
    /// leads, it is the peer that begins.
    pub(super) fn take_turn(&mut self, id: LinkId, topic: TopicId) {
        let leads = self.links.get(&id).is_some_and(|link| link.role == Role::Dialer);
        if leads && !self.turns.0.contains_key(&topic) {
            self.give_turn(id, topic);
        }
    }

    fn give_turn(&mut self, id: LinkId, topic: TopicId) {
        self.turns.0.insert(topic, Turn { link: id, since_ms: self.now_ms, receives: false });
        if let Some(exchange) = self.links.get_mut(&id).and_then(|l| l.topics.get_mut(&topic)) {
            exchange.begun = true;
        }
        self.session(id, |session, view, now_ms| session.begin(topic, view, now_ms));
    }

    /// It is another's turn, if it was this one's.
    pub(super) fn end_turn(&mut self, id: LinkId, topic: TopicId) {
        if self.turns.0.get(&topic).is_some_and(|turn| turn.link == id) {
            self.turns.0.remove(&topic);
            self.next_turn(topic);
        }
    }

    fn next_turn(&mut self, topic: TopicId) {
        let waits = |link: &super::link::Link| {
            link.role == Role::Dialer
                && link
                    .topics
                    .get(&topic)
                    .is_some_and(|exchange| !exchange.begun && !exchange.denied)
        };
        let next = self.links.iter().find(|(_, link)| waits(link)).map(|(id, _)| *id);
        if let Some(id) = next {
            self.give_turn(id, topic);
        }
    }

    /// Who makes no progress does not hold up the others.
    pub(super) fn pass_slow_turns(&mut self) {
        let now_ms = self.now_ms;
        let slow = |turn: &Turn| now_ms.saturating_sub(turn.since_ms) > SLOW_MS;
        let topics: Vec<_> =
            self.turns.0.iter().filter(|(_, turn)| slow(turn)).map(|(topic, _)| *topic).collect();
        for topic in topics {
            self.turns.0.remove(&topic);
            self.next_turn(topic);
        }
    }
}
