//! Where a home may find others with its topics. Hearsay, of this home alone: it decides no state, no
//! export carries it, and it goes with the topic.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::{Bound, ControlFlow};

use myrhiza_kernel_api::{PeerAddress, PublicKey, Snapshot, StoreExt, TopicId};

use super::{Runtime, RuntimeError, TopicRecord};
use crate::codec::Canonical;
use crate::fault::Fault;
use crate::order::TopicKeys;
use crate::schema;
use crate::state::Overlay;

/// Peers that are remembered over all topics, but that each topic keeps at least one.
const PEERS: usize = 64;

/// What is kept under topic ‖ key of the peer. Layout: `heard (u64, big-endian) ‖ CBOR of the peer`.
struct Row {
    topic: TopicId,
    /// Counts up with each peer that is remembered: the greatest is the latest.
    heard: u64,
    peer: PeerAddress,
}

impl Row {
    fn read(key: &[u8], value: &[u8]) -> Option<Self> {
        let (heard, peer) = value.split_first_chunk()?;
        let peer = PeerAddress::from_bytes(peer).ok()?;
        let (topic, of) = key.split_first_chunk()?;
        let row = Self { topic: TopicId(*topic), heard: u64::from_be_bytes(*heard), peer };
        (of == row.peer.key.as_ref()).then_some(row)
    }

    fn key(topic: TopicId, peer: PublicKey) -> Vec<u8> {
        TopicKeys { topic }.key(&[peer.as_ref()])
    }
}

fn damaged() -> Fault {
    Fault::damaged("what is remembered of a peer", "layout")
}

/// Everybody who is remembered.
fn all(reader: &dyn Snapshot) -> Result<Vec<Row>, Fault> {
    let (mut rows, mut whole) = (Vec::new(), true);
    let range = (Bound::Unbounded, Bound::Unbounded);
    reader.scan(schema::PEERS, range, false, &mut |key, value| {
        let row = Row::read(key, value);
        whole &= row.is_some();
        rows.extend(row);
        ControlFlow::Continue(())
    })?;
    if whole { Ok(rows) } else { Err(damaged()) }
}

/// Who is remembered, without where they are.
#[derive(Debug, Default)]
struct Kept {
    /// The greatest number that was given.
    heard: u64,
    /// By topic, by when each was heard of.
    topics: BTreeMap<TopicId, BTreeMap<u64, PublicKey>>,
    /// How many of each topic.
    sizes: BTreeSet<(usize, TopicId)>,
    /// Of all.
    count: usize,
}

impl Kept {
    fn of(reader: &dyn Snapshot) -> Result<Self, Fault> {
        let mut kept = Self::default();
        for Row { topic, heard, peer } in all(reader)? {
            kept.heard = kept.heard.max(heard);
            kept.change(topic, |peers| peers.insert(heard, peer.key));
        }
        Ok(kept)
    }

    fn change<T>(
        &mut self,
        topic: TopicId,
        change: impl FnOnce(&mut BTreeMap<u64, PublicKey>) -> T,
    ) -> T {
        let peers = self.topics.entry(topic).or_default();
        let before = peers.len();
        let changed = change(peers);
        let after = peers.len();
        self.sizes.remove(&(before, topic));
        if after > 0 {
            self.sizes.insert((after, topic));
        } else {
            self.topics.remove(&topic);
        }
        self.count = self.count + after - before;
        changed
    }

    /// Remembers peers, the first as the latest. Who is remembered already has the new addresses from
    /// then on. Where they become too many, the topic with most of them forgets who it heard of longest
    /// ago, so that none crowds out the others.
    fn remember(&mut self, overlay: &mut Overlay, topic: TopicId, peers: &[PeerAddress]) {
        for peer in peers.iter().take(PEERS).rev() {
            self.heard = self.heard.saturating_add(1);
            let heard = self.heard;
            self.change(topic, |kept| {
                kept.retain(|_, key| *key != peer.key);
                kept.insert(heard, peer.key);
            });
            let value = [&heard.to_be_bytes()[..], &peer.to_bytes()].concat();
            overlay.put(schema::PEERS, Row::key(topic, peer.key), value);
        }
        while self.count > PEERS
            && let Some((most, topic)) = self.sizes.last().copied()
            && most > 1
            && let Some((_, key)) = self.change(topic, BTreeMap::pop_first)
        {
            overlay.delete(schema::PEERS, Row::key(topic, key));
        }
    }
}

/// What a home knows of peers beside what its store has.
#[derive(Debug, Default)]
pub(super) struct Peers {
    /// What the store has, so that it is not read again for each that is heard of; none where it has
    /// to be.
    kept: Option<Kept>,
    /// Heard of and not kept yet: a write is synced to disk, and one who is met tells of many topics.
    heard: BTreeMap<TopicId, Vec<PeerAddress>>,
    /// Topics for which a ticket has named some, since a node last asked.
    named: BTreeSet<TopicId>,
}

impl Peers {
    /// Nobody knows what of the store is committed.
    pub(super) fn forget(&mut self) {
        self.kept = None;
    }

    /// A topic is left.
    pub(super) fn forget_topic(&mut self, topic: TopicId) {
        self.kept = None;
        self.heard.remove(&topic);
        self.named.remove(&topic);
    }
}

/// Peers, and those of others that are not among them.
fn and_others(
    peers: impl IntoIterator<Item = PeerAddress>,
    others: impl IntoIterator<Item = PeerAddress>,
) -> Vec<PeerAddress> {
    let mut seen = BTreeSet::new();
    let all = peers.into_iter().chain(others);
    all.filter(|peer| seen.insert(peer.key)).collect()
}

impl Runtime {
    /// Who may have a topic, the latest heard of first.
    ///
    /// # Errors
    /// [`RuntimeError::Fault`]
    pub fn peers_of(&self, topic: TopicId) -> Result<Vec<PeerAddress>, RuntimeError> {
        let rows = self.read()?.prefix(schema::PEERS, topic.as_ref(), usize::MAX)?;
        let row = |(key, value): (Vec<u8>, Vec<u8>)| Row::read(&key, &value).ok_or_else(damaged);
        let mut rows = rows.into_iter().map(row).collect::<Result<Vec<_>, _>>()?;
        rows.sort_unstable_by_key(|row| std::cmp::Reverse(row.heard));
        let heard = self.peers.heard.get(&topic).into_iter().flatten().cloned();
        Ok(and_others(heard, rows.into_iter().map(|row| row.peer)))
    }

    /// Remembers peers that may have a topic, the first as the latest, with their addresses in place
    /// of those known before. A home keeps the latest 64 of all topics, the topics sharing evenly.
    ///
    /// # Errors
    /// [`RuntimeError::NoTopic`]
    pub fn remember_peers(
        &mut self,
        topic: TopicId,
        peers: &[PeerAddress],
    ) -> Result<(), RuntimeError> {
        self.hear_of_peers(topic, peers)?;
        self.keep_peers()
    }

    /// The same, until the process ends or [`Runtime::keep_peers`] is called, which it calls itself
    /// where it is much.
    ///
    /// # Errors
    /// [`RuntimeError::NoTopic`]
    pub fn hear_of_peers(
        &mut self,
        topic: TopicId,
        peers: &[PeerAddress],
    ) -> Result<(), RuntimeError> {
        TopicRecord::load(&*self.read()?, topic)?;
        // Whoever comes back tells the same as before.
        if self.peers_of(topic)?.iter().take(peers.len()).eq(peers) {
            return Ok(());
        }
        let heard = self.peers.heard.entry(topic).or_default();
        *heard = and_others(peers.iter().cloned(), std::mem::take(heard));
        heard.truncate(PEERS);
        let many = self.peers.heard.values().map(Vec::len).sum::<usize>() > PEERS;
        if many { self.keep_peers() } else { Ok(()) }
    }

    /// Whether something was heard of peers that is not kept yet.
    pub fn has_heard_of_peers(&self) -> bool {
        !self.peers.heard.is_empty()
    }

    /// Keeps what was heard of peers, in one transaction. What cannot be kept is forgotten.
    ///
    /// # Errors
    /// [`RuntimeError::Fault`]
    pub fn keep_peers(&mut self) -> Result<(), RuntimeError> {
        if self.peers.heard.is_empty() {
            return Ok(());
        }
        let heard = std::mem::take(&mut self.peers.heard);
        let mut overlay = Overlay::new(self.read()?);
        let mut kept = match self.peers.kept.take() {
            Some(kept) => kept,
            None => Kept::of(&overlay)?,
        };
        for (topic, peers) in heard {
            kept.remember(&mut overlay, topic, &peers);
        }
        self.store.commit(overlay.into_batch())?;
        self.peers.kept = Some(kept);
        Ok(())
    }

    /// The topics for which tickets have named peers since the last call: a node looks for them at
    /// once.
    pub(crate) fn take_named_peers(&mut self) -> BTreeSet<TopicId> {
        std::mem::take(&mut self.peers.named)
    }

    /// Remembers the peers of a ticket to a topic that is here.
    pub(super) fn remember_named(
        &mut self,
        topic: TopicId,
        peers: &[PeerAddress],
    ) -> Result<(), RuntimeError> {
        if peers.is_empty() {
            return Ok(());
        }
        let mut overlay = Overlay::new(self.read()?);
        self.remember_with(&mut overlay, topic, peers)?;
        Ok(self.store.commit(overlay.into_batch())?)
    }

    /// Remembers the peers of a ticket together with what else an overlay holds, which may come to
    /// nothing.
    pub(super) fn remember_with(
        &mut self,
        overlay: &mut Overlay,
        topic: TopicId,
        peers: &[PeerAddress],
    ) -> Result<(), Fault> {
        if !peers.is_empty() {
            self.peers.forget();
            self.peers.named.insert(topic);
            Kept::of(overlay)?.remember(overlay, topic, peers);
        }
        Ok(())
    }
}
