//! Who a node is connected to: those it has chosen, and those who have chosen it.
//!
//! A connection that this node opened is ended when others were chosen and have the same topics; one
//! that a peer opened when nothing is shared on it, or to make room for somebody new.

use std::collections::{BTreeMap, BTreeSet};

use myrhiza_kernel_api::transport::ADDRESSES;
use myrhiza_kernel_api::{PeerAddress, PublicKey, TopicId};

use super::dial::CHOSEN;
use super::link::{Link, LinkId};
use super::switch::Switch;
use super::told::{Told, Why};
use super::traffic::Output;
use crate::sync::Role;

/// Connections at one time: this node's own choice, which nobody can take, and those that peers
/// opened.
pub const LINKS: usize = CHOSEN + INCOMING + ENTRANCE;
/// Connections that peers opened.
pub(super) const INCOMING: usize = 64;
/// As many more, until it is seen whether they share a topic.
const ENTRANCE: usize = 16;
/// Milliseconds for a peer to show that it shares a topic, if its place is wanted.
const SHOW_MS: u64 = 2_000;
/// Milliseconds without anything new after which a connection may have to make room.
const IDLE_MS: u64 = 60_000;

/// Milliseconds between two writes of what was heard of peers, each of which is synced to disk. Who is
/// met first is kept at once: a node that is killed before could not find them again.
const KEEP_MS: u64 = 100;
/// Peers of a topic that are remembered when another speaks of one more.
pub(super) const HEARSAY: usize = 16;

/// What is to be read again.
#[derive(Default)]
pub(super) struct Unread {
    /// Which topics there are.
    pub(super) all: bool,
    /// The peers of these topics.
    pub(super) topics: BTreeSet<TopicId>,
}

impl Switch {
    /// Knows those who may have any topic.
    pub(super) fn look_for_all(&mut self) {
        match self.seat.runtime.topic_ids() {
            Ok(topics) => topics.into_iter().for_each(|topic| self.look_for_peers(topic)),
            Err(error) => {
                self.unread.all = true;
                self.tell(Told::Fault { what: "the topics were not read", error });
            }
        }
    }

    /// Tries again what could not be read.
    pub(super) fn look_again(&mut self) {
        let Unread { all, topics } = std::mem::take(&mut self.unread);
        if all {
            self.look_for_all();
        }
        topics.into_iter().for_each(|topic| self.look_for_peers(topic));
    }

    /// Knows those whom tickets have named, also of topics that were here.
    pub(super) fn look_for_named(&mut self) {
        let topics = self.seat.runtime.take_named_peers();
        topics.into_iter().for_each(|topic| self.look_for_peers(topic));
    }

    /// Knows those who may have a topic.
    pub(super) fn look_for_peers(&mut self, topic: TopicId) {
        match self.seat.runtime.peers_of(topic) {
            Ok(peers) => {
                for peer in peers {
                    let key = peer.key;
                    self.hear_of(topic, peer);
                    self.dialer.anew(key, self.now_ms);
                }
            }
            Err(error) => {
                self.unread.topics.insert(topic);
                self.tell(Told::Fault { what: "a topic's peers were not read", error });
            }
        }
    }

    /// A peer says where a topic may be had, which is remembered for the next start too. Where it is
    /// itself is its own to say; of others it only adds to what is known or remembered, so that it
    /// leads nobody away from them.
    pub(super) fn heard_of(
        &mut self,
        teller: PublicKey,
        topic: TopicId,
        mut peers: Vec<PeerAddress>,
    ) {
        peers.retain(|peer| peer.key != self.node.key && !peer.addresses.is_empty());
        let remembered = match self.seat.runtime.peers_of(topic) {
            Ok(remembered) => remembered,
            Err(error) => {
                return self.tell(Told::Fault { what: "a topic's peers were not read", error });
            }
        };
        for peer in peers.iter_mut().filter(|peer| peer.key != teller) {
            let mut known = self.dialer.addresses(&peer.key);
            let before = remembered.iter().filter(|before| before.key == peer.key);
            known.extend(before.flat_map(|before| before.addresses.iter().cloned()));
            known.extend(std::mem::take(&mut peer.addresses));
            let mut seen = BTreeSet::new();
            known.retain(|address| seen.insert(address.clone()));
            known.truncate(ADDRESSES);
            peer.addresses = known;
        }
        // What a peer says of others is kept for the next start while little is: who is met is not
        // forgotten for it.
        let mut places = HEARSAY.saturating_sub(remembered.len());
        let kept: Vec<_> = peers
            .iter()
            .filter(|peer| {
                let known = remembered.iter().any(|before| before.key == peer.key);
                let keeps = known || peer.key == teller || places > 0;
                places = places.saturating_sub(usize::from(!known && peer.key != teller));
                keeps
            })
            .cloned()
            .collect();
        if let Err(error) = self.seat.runtime.hear_of_peers(topic, &kept) {
            self.tell(Told::Fault { what: "a topic's peers were not remembered", error });
        }
        peers.into_iter().for_each(|peer| self.hear_of(topic, peer));
    }

    /// Keeps what was heard of peers since the last time.
    pub(super) fn keep_peers(&mut self) {
        self.kept_ms = self.now_ms;
        if let Err(error) = self.seat.runtime.keep_peers() {
            self.tell(Told::Fault { what: "peers were not remembered", error });
        }
    }

    /// Keeps what was heard of peers, if that was not done just now.
    pub(super) fn keep_peers_in_time(&mut self) {
        if self.seat.runtime.has_heard_of_peers()
            && self.now_ms.saturating_sub(self.kept_ms) >= KEEP_MS
        {
            self.keep_peers();
        }
    }

    fn hear_of(&mut self, topic: TopicId, peer: PeerAddress) {
        let key = peer.key;
        if key == self.node.key {
            return;
        }
        let is_up = self.peers.contains_key(&key);
        self.dialer.hear_of(topic, peer, is_up, self.now_ms);
    }

    /// Wants to be connected to a peer, whatever it has.
    pub(super) fn want(&mut self, peer: PeerAddress) {
        if peer.key == self.node.key {
            return;
        }
        let key = peer.key;
        self.merits.forgive(&key, self.now_ms);
        self.dialer.want(peer, self.now_ms);
        if self.peers.contains_key(&key) {
            self.dialer.up(key);
        }
    }

    pub(super) fn choose(&mut self) {
        let (links, peers, now_ms) = (&self.links, &self.peers, self.now_ms);
        let refused = |key: &_, topic: &_| {
            let link = peers.get(key).and_then(|id| links.get(id));
            link.is_some_and(|link| link.refuses(topic, now_ms))
        };
        self.dialer.choose(refused, now_ms);
    }

    pub(super) fn dial(&mut self) {
        if self.dialer.has_changed() {
            self.choose();
        }
        for peer in self.dialer.due(self.now_ms) {
            self.out.push(Output::Dial(peer));
        }
    }

    /// Ends connections that this node opened and that it has no more use for: as many others as it
    /// chooses have each of their topics, and all the events of it.
    pub(super) fn let_surplus_go(&mut self) {
        let surplus = |link: &Link| {
            link.role == Role::Dialer
                && !self.dialer.is_chosen(&link.peer)
                && link.is_settled(self.now_ms)
                && link.is_of_use()
                && !link.drift.is_inquiring()
        };
        let surplus: Vec<LinkId> =
            self.links.iter().filter(|(_, link)| surplus(link)).map(|(id, _)| *id).collect();
        if surplus.is_empty() {
            return;
        }
        let mut complete = BTreeMap::<TopicId, usize>::new();
        for link in self.links.values().filter(|link| self.dialer.is_chosen(&link.peer)) {
            for topic in link.complete() {
                *complete.entry(topic).or_default() += 1;
            }
        }
        let enough = |topic: &TopicId| {
            complete.get(topic).is_some_and(|chosen| *chosen >= self.dialer.degree())
        };
        let served = |link: &Link| link.served().all(|topic| enough(&topic));
        let surplus: Vec<LinkId> =
            surplus.into_iter().filter(|id| self.links.get(id).is_some_and(served)).collect();
        surplus.into_iter().for_each(|id| self.end_link(id, Why::Surplus));
    }

    /// Lets one more connection in, or says why not. If need be, one that a peer opened makes room;
    /// for one more of these only who has shown nothing yet, as long as it has not either.
    pub(super) fn admit(&mut self, peer: PublicKey, role: Role) -> Result<(), &'static str> {
        if peer == self.node.key {
            return Err("it has this node's own key; is a copy of this home in use?");
        }
        if self.merits.is_barred(&peer, self.now_ms) {
            return Err("it misbehaved a short while ago");
        }
        if self.peers.contains_key(&peer) {
            return Ok(());
        }
        let incoming = self.links.values().filter(|link| link.role == Role::Listener).count();
        let (full, limit) = match role {
            Role::Dialer => (self.links.len(), LINKS),
            Role::Listener => (incoming, INCOMING),
        };
        if full < limit {
            return Ok(());
        }
        let displaced = match self.shows_nothing() {
            None if role == Role::Dialer => self.least_useful(None),
            found => found,
        };
        if let Some(id) = displaced {
            self.end_link(id, Why::Displaced);
            return Ok(());
        }
        if role == Role::Listener && self.merits.yields(&peer, self.now_ms) {
            return Err("it made room for another just now");
        }
        match role == Role::Listener && incoming < INCOMING + ENTRANCE {
            true => Ok(()),
            false => Err("there are too many connections"),
        }
    }

    /// A peer has shown that it shares a topic: of those that peers opened and that do, another may
    /// have to go for it.
    pub(super) fn take_place(&mut self, id: LinkId) {
        if let Some(link) = self.links.get(&id) {
            self.merits.showed(&link.peer);
        }
        let settled = self.links.values().filter(|l| l.role == Role::Listener && l.is_of_use());
        let is_incoming = |link: &Link| link.role == Role::Listener;
        if settled.count() > INCOMING && self.links.get(&id).is_some_and(is_incoming) {
            let goes = self.least_useful(Some(id)).unwrap_or(id);
            self.end_link(goes, Why::Displaced);
        }
    }

    /// A connection that a peer opened and that shows no topic, though it had the time to.
    fn shows_nothing(&self) -> Option<LinkId> {
        let since_ms = |link: &Link| {
            let merit = self.merits.of(&link.peer, self.now_ms);
            // Who never showed anything does not begin anew with each connection.
            if merit.shown { link.opened_ms } else { merit.since_ms }
        };
        let late = |link: &Link| self.now_ms.saturating_sub(since_ms(link)) >= SHOW_MS;
        let idle = self
            .links
            .iter()
            .filter(|(_, link)| self.may_go(link) && !link.is_of_use() && late(link));
        idle.min_by_key(|(id, link)| (link.opened_ms, **id)).map(|(id, _)| *id)
    }

    /// Of the connections that peers opened, whose peer is there longest of those that never brought
    /// anything new; if all did, whose peer did so longest ago, a minute at least. So nobody keeps
    /// others out by being there first or by coming again and again, and what brings something new
    /// stays.
    fn least_useful(&self, but: Option<LinkId>) -> Option<LinkId> {
        let others = self.links.iter().filter(|(id, link)| but != Some(**id) && self.may_go(link));
        let mut least = None;
        for (id, link) in others.filter(|(_, link)| link.is_of_use()) {
            let merit = self.merits.of(&link.peer, self.now_ms);
            let is_idle = |ms: u64| self.now_ms.saturating_sub(ms) > IDLE_MS;
            if merit.useful_ms.is_none_or(is_idle) {
                let place = (merit.useful_ms, merit.since_ms, *id);
                least = Some(least.map_or(place, |least: (_, _, _)| least.min(place)));
            }
        }
        least.map(|(_, _, id)| id)
    }

    /// Whether a connection may have to make room: a peer opened it, and this node did not choose it.
    fn may_go(&self, link: &Link) -> bool {
        link.role == Role::Listener && !self.dialer.is_chosen(&link.peer)
    }
}
