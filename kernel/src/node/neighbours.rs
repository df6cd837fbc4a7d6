//! Who a node is connected to: those it has chosen, and those who have chosen it.
//!
//! A connection that this node opened is ended when others were chosen and have the same topics; one
//! that a peer opened is the peer's to end, but makes room for somebody new when there are too many.

use std::collections::{BTreeMap, BTreeSet};

use myrhiza_kernel_api::transport::ADDRESSES;
use myrhiza_kernel_api::{PeerAddress, PublicKey, TopicId};

use super::dial::CHOSEN;
use super::link::{Link, LinkId};
use super::switch::Switch;
use super::told::{Told, Why};
use super::traffic::Output;
use crate::sync::Role;

/// Connections at one time.
pub const LINKS: usize = 128;
/// Of these, those that peers opened. The rest is this node's own choice, which nobody can take.
const INCOMING: usize = LINKS - CHOSEN;
/// Milliseconds for a peer to show that it shares a topic, if its place is wanted.
const SHOW_MS: u64 = 2_000;
/// Milliseconds without anything new after which a connection may have to make room.
const IDLE_MS: u64 = 60_000;

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
    /// itself is its own to say; of others it only adds, so that it leads nobody away from them.
    pub(super) fn heard_of(
        &mut self,
        teller: PublicKey,
        topic: TopicId,
        mut peers: Vec<PeerAddress>,
    ) {
        peers.retain(|peer| peer.key != self.node.key && !peer.addresses.is_empty());
        for peer in peers.iter_mut().filter(|peer| peer.key != teller) {
            let mut known = self.dialer.addresses(&peer.key);
            known.extend(std::mem::take(&mut peer.addresses));
            let mut seen = BTreeSet::new();
            known.retain(|address| seen.insert(address.clone()));
            known.truncate(ADDRESSES);
            peer.addresses = known;
        }
        if let Err(error) = self.seat.runtime.remember_peers(topic, &peers) {
            self.tell(Told::Fault { what: "a topic's peers were not remembered", error });
        }
        peers.into_iter().for_each(|peer| self.hear_of(topic, peer));
    }

    fn hear_of(&mut self, topic: TopicId, peer: PeerAddress) {
        let key = peer.key;
        if key == self.node.key {
            return;
        }
        self.dialer.hear_of(topic, peer, self.now_ms);
        if self.peers.contains_key(&key) {
            self.dialer.up(key);
        }
    }

    /// Wants to be connected to a peer, whatever it has.
    pub(super) fn want(&mut self, peer: PeerAddress) {
        if peer.key == self.node.key {
            return;
        }
        let key = peer.key;
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

    /// Makes room for one more connection, if need be in the place of one that a peer opened and that
    /// serves nothing yet, or was of use longest ago. So nobody keeps others out by being there
    /// first, and what brings something new stays.
    pub(super) fn make_room(&mut self, role: Role) -> bool {
        let incoming = self.links.values().filter(|link| link.role == Role::Listener).count();
        let full = match role {
            Role::Dialer => self.links.len() >= LINKS,
            Role::Listener => incoming >= INCOMING,
        };
        if !full {
            return true;
        }
        let may_go = |link: &Link| {
            link.role == Role::Listener
                && !self.dialer.is_chosen(&link.peer)
                && match link.is_of_use() {
                    true => self.now_ms.saturating_sub(link.useful_ms) > IDLE_MS,
                    false => self.now_ms.saturating_sub(link.opened_ms) >= SHOW_MS,
                }
        };
        let last = self
            .links
            .iter()
            .filter(|(_, link)| may_go(link))
            .min_by_key(|(id, link)| (link.is_of_use(), link.useful_ms, **id))
            .map(|(id, _)| *id);
        if let Some(id) = last {
            self.end_link(id, Why::Displaced);
        }
        last.is_some()
    }
}
