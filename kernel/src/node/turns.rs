//! Whose turn it is to bring a topic up to date: of several peers that have the same history, one
//! sends it, and the others are compared with when it has ended. Peers that lead begin when they
//! like; those that would send the same wait for their answer ([`Turns::receives_beside`]).
//!
//! Who is slow does not hold up the others: they are given turns beside it, twice as many each time,
//! so that a crowd of peers that send next to nothing is soon through. Nor does who is fast, and has no
//! end: with the longest that a turn lasts it goes on beside the others as well.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use myrhiza_kernel_api::TopicId;

use super::link::{Link, LinkId};
use super::switch::Switch;
use crate::sync::Role;

/// Milliseconds without progress after which others take their turn beside.
const SLOW_MS: u64 = 5_000;
/// Milliseconds that each event may take, beside these: progress that is slower is none.
const EVENT_MS: u64 = 20;
/// Milliseconds that a turn lasts at most, whatever comes. Divided by how many have it, so that of a crowd
/// all have had theirs in twice as long.
const TURN_MS: u64 = 180_000;

#[derive(Debug, Default)]
pub(super) struct Turns(BTreeMap<TopicId, Turn>);

#[derive(Debug)]
struct Turn {
    /// Whose it is.
    links: BTreeSet<LinkId>,
    /// To how many it was given, if there were as many.
    width: usize,
    begun_ms: u64,
    /// When there was progress last.
    since_ms: u64,
    /// Events here when it was first told of, and now.
    events: Option<(u64, u64)>,
    /// A peer has events that are not here.
    receives: bool,
}

impl Turns {
    /// A connection has made progress with a topic: so many events are here, of so many. Where the
    /// peer leads and has more, it is its turn if it is nobody's.
    pub(super) fn note(
        &mut self,
        topic: TopicId,
        link: LinkId,
        (known, total): (u64, u64),
        now_ms: u64,
    ) {
        let receives = known < total;
        let turn = match self.0.entry(topic) {
            Entry::Occupied(turn) => turn.into_mut(),
            Entry::Vacant(none) if receives => none.insert(Turn::new([link].into(), 1, now_ms)),
            Entry::Vacant(_) => return,
        };
        if turn.links.contains(&link) {
            let first = turn.events.map_or(known, |(first, _)| first);
            (turn.since_ms, turn.events, turn.receives) = (now_ms, Some((first, known)), receives);
        }
    }

    /// Whether the history of a topic comes by another connection.
    pub(super) fn receives_beside(&self, topic: TopicId, link: LinkId) -> bool {
        self.0.get(&topic).is_some_and(|turn| turn.receives && !turn.links.contains(&link))
    }
}

impl Turn {
    const fn new(links: BTreeSet<LinkId>, width: usize, now_ms: u64) -> Self {
        Self { links, width, begun_ms: now_ms, since_ms: now_ms, events: None, receives: false }
    }

    fn is_silent(&self, now_ms: u64) -> bool {
        now_ms.saturating_sub(self.since_ms) > SLOW_MS
    }

    fn is_slow(&self, now_ms: u64) -> bool {
        let came = self.events.map_or(0, |(first, now)| now.saturating_sub(first));
        let may_take = SLOW_MS.saturating_add(came.saturating_mul(EVENT_MS));
        now_ms.saturating_sub(self.begun_ms) > may_take
    }

    /// Whether it has lasted as long as any may.
    fn is_over(&self, now_ms: u64) -> bool {
        now_ms.saturating_sub(self.begun_ms) > TURN_MS / (self.width as u64).max(1)
    }
}

impl Switch {
    /// Begins a topic's exchange with a peer, if none is under way with another. Where the peer
    /// leads, it is the peer that begins.
    pub(super) fn take_turn(&mut self, id: LinkId, topic: TopicId) {
        let leads = self.links.get(&id).is_some_and(|link| link.role == Role::Dialer);
        if leads && !self.turns.0.contains_key(&topic) {
            self.give_turn(topic, vec![id], 1);
        }
    }

    fn give_turn(&mut self, topic: TopicId, ids: Vec<LinkId>, width: usize) {
        let turn = Turn::new(ids.iter().copied().collect(), width, self.now_ms);
        self.turns.0.insert(topic, turn);
        for id in ids {
            if let Some(exchange) = self.links.get_mut(&id).and_then(|l| l.topics.get_mut(&topic)) {
                exchange.begun = true;
            }
            self.session(id, |session, view, now_ms| session.begin(topic, view, now_ms));
        }
    }

    /// A connection has nothing to bring any more: if it was its turn alone, it is another's.
    pub(super) fn end_turn(&mut self, id: LinkId, topic: TopicId) {
        let Some(turn) = self.turns.0.get_mut(&topic) else { return };
        if turn.links.remove(&id) && turn.links.is_empty() {
            self.turns.0.remove(&topic);
            self.next_turn(topic, 1);
        }
    }

    /// A connection has brought all it has, if it was its turn: the others have little to add.
    pub(super) fn turn_done(&mut self, id: LinkId, topic: TopicId) {
        if self.turns.0.get(&topic).is_some_and(|turn| turn.links.contains(&id)) {
            self.turns.0.remove(&topic);
            self.next_turn(topic, 1);
        }
    }

    fn next_turn(&mut self, topic: TopicId, width: usize) {
        let waits = |link: &Link| {
            let exchange = link.topics.get(&topic);
            link.role == Role::Dialer
                && exchange.is_some_and(|exchange| !exchange.begun && exchange.is_served())
        };
        let next = self.links.iter().filter(|(_, link)| waits(link)).map(|(id, _)| *id);
        let next: Vec<_> = next.take(width).collect();
        if !next.is_empty() {
            self.give_turn(topic, next, width);
        }
    }

    /// Who makes no progress, or hardly any, does not hold up the others, nor does who comes to no end.
    pub(super) fn pass_slow_turns(&mut self) {
        let now_ms = self.now_ms;
        // What was sent and is still being taken here is not the peer's to answer for, until its turn is
        // over: of a batch of heavy events nothing is told before all of it is taken.
        let at_work = |id: &LinkId| self.links.get(id).is_some_and(|l| !l.session.is_idle());
        let slow = |turn: &Turn| {
            let hardly = turn.is_silent(now_ms) || turn.is_slow(now_ms);
            turn.is_over(now_ms) || hardly && !turn.links.iter().any(at_work)
        };
        let slow = self.turns.0.iter().filter(|(_, turn)| slow(turn));
        let slow: Vec<_> = slow.map(|(topic, turn)| (*topic, turn.width)).collect();
        for (topic, width) in slow {
            self.turns.0.remove(&topic);
            self.next_turn(topic, width.saturating_mul(2));
        }
    }
}
