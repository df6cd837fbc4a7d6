//! Who takes part in a topic, who is whose neighbour, and how a message spreads.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use myrhiza_kernel_api::PublicKey;
use myrhiza_kernel_api::transport::GossipEvent;

use crate::mailbox::Mailbox;

/// The nodes that take part, by number.
#[derive(Default)]
pub(crate) struct Topic {
    members: BTreeMap<u64, Member>,
}

struct Member {
    key: PublicKey,
    mailboxes: Vec<Arc<Mailbox>>,
    /// Nodes it was told of, which may take part or come to.
    known: BTreeSet<u64>,
    /// Those it exchanges messages with, and their keys.
    neighbours: BTreeMap<u64, PublicKey>,
}

impl Member {
    fn tell(&self, event: &GossipEvent) {
        self.mailboxes.iter().for_each(|mailbox| mailbox.put(event.clone()));
    }
}

impl Topic {
    pub(crate) fn join(&mut self, node: u64, key: PublicKey, mailbox: Arc<Mailbox>) {
        let member = self.members.entry(node).or_insert_with(|| Member {
            key,
            mailboxes: Vec::new(),
            known: BTreeSet::new(),
            neighbours: BTreeMap::new(),
        });
        // A node's second subscriber finds it with neighbours.
        for key in member.neighbours.values() {
            mailbox.put(GossipEvent::Up(*key));
        }
        member.mailboxes.push(mailbox);
    }

    pub(crate) fn introduce(&mut self, node: u64, known: impl IntoIterator<Item = u64>) {
        if let Some(member) = self.members.get_mut(&node) {
            member.known.extend(known.into_iter().filter(|other| *other != node));
        }
    }

    /// Ends one subscription; with its last, the node leaves.
    pub(crate) fn leave(&mut self, node: u64, mailbox: &Arc<Mailbox>) {
        if let Some(member) = self.members.get_mut(&node) {
            member.mailboxes.retain(|other| !Arc::ptr_eq(other, mailbox));
            if member.mailboxes.is_empty() {
                self.remove(node);
            }
        }
    }

    /// Ends all subscriptions of a node.
    pub(crate) fn remove(&mut self, node: u64) {
        if let Some(gone) = self.members.remove(&node) {
            gone.mailboxes.iter().for_each(|mailbox| mailbox.close());
            for neighbour in gone.neighbours.into_keys() {
                if let Some(member) = self.members.get_mut(&neighbour) {
                    member.neighbours.remove(&node);
                    member.tell(&GossipEvent::Down(gone.key));
                }
            }
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// Joins those who know of each other and are not `cut`, and parts those who are.
    pub(crate) fn relink(&mut self, cut: impl Fn(PublicKey, PublicKey) -> bool) {
        let nodes: Vec<(u64, PublicKey)> =
            self.members.iter().map(|(node, member)| (*node, member.key)).collect();
        for (at, (a, a_key)) in nodes.iter().enumerate() {
            for (b, b_key) in &nodes[at + 1..] {
                let known = self.knows(*a, *b) || self.knows(*b, *a);
                let linked = known && !cut(*a_key, *b_key);
                self.set_linked((*a, *a_key), (*b, *b_key), linked);
            }
        }
    }

    fn knows(&self, a: u64, b: u64) -> bool {
        self.members.get(&a).is_some_and(|member| member.known.contains(&b))
    }

    fn set_linked(&mut self, a: (u64, PublicKey), b: (u64, PublicKey), linked: bool) {
        for ((node, _), (other, other_key)) in [(a, b), (b, a)] {
            if let Some(member) = self.members.get_mut(&node) {
                if linked && member.neighbours.insert(other, other_key).is_none() {
                    member.tell(&GossipEvent::Up(other_key));
                } else if !linked && member.neighbours.remove(&other).is_some() {
                    member.tell(&GossipEvent::Down(other_key));
                }
            }
        }
    }

    /// Brings a message to everybody whom a way of neighbours leads to, each once.
    pub(crate) fn spread(&self, origin: u64, bytes: &[u8]) {
        let mut reached = BTreeSet::from([origin]);
        let mut next = VecDeque::from([origin]);
        while let Some(from) = next.pop_front().and_then(|node| self.members.get(&node)) {
            for neighbour in from.neighbours.keys() {
                if let Some(member) = self.members.get(neighbour)
                    && reached.insert(*neighbour)
                {
                    let bytes = bytes.to_vec();
                    member.tell(&GossipEvent::Message { from: from.key, bytes });
                    next.push_back(*neighbour);
                }
            }
        }
    }
}
