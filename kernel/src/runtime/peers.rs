//! Where a home may find others with its topics. Hearsay, of this home alone: it decides no state, no
//! export carries it, and it goes with the topic.

use std::collections::BTreeMap;
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

/// Remembers peers, the first as the latest. Who is remembered already has the new addresses from
/// then on. Where they become too many, the topic with most of them forgets who it heard of longest
/// ago, so that none crowds out the others.
pub(super) fn remember(
    overlay: &mut Overlay,
    topic: TopicId,
    peers: &[PeerAddress],
) -> Result<(), Fault> {
    if peers.is_empty() {
        return Ok(());
    }
    let rows = all(overlay)?;
    let mut heard = rows.iter().map(|row| row.heard).max().unwrap_or(0);
    let mut kept: BTreeMap<TopicId, BTreeMap<u64, PublicKey>> = BTreeMap::new();
    let is_told = |row: &Row| row.topic == topic && peers.iter().any(|p| p.key == row.peer.key);
    for row in rows.iter().filter(|row| !is_told(row)) {
        kept.entry(row.topic).or_default().insert(row.heard, row.peer.key);
    }
    for peer in peers.iter().take(PEERS).rev() {
        heard = heard.saturating_add(1);
        let here = kept.entry(topic).or_default();
        here.retain(|_, key| *key != peer.key);
        here.insert(heard, peer.key);
        let value = [&heard.to_be_bytes()[..], &peer.to_bytes()].concat();
        overlay.put(schema::PEERS, Row::key(topic, peer.key), value);
    }
    let mut surplus = kept.values().map(BTreeMap::len).sum::<usize>().saturating_sub(PEERS);
    while surplus > 0
        && let Some((topic, peers)) = kept.iter_mut().max_by_key(|(_, peers)| peers.len())
        && peers.len() > 1
        && let Some((_, key)) = peers.pop_first()
    {
        overlay.delete(schema::PEERS, Row::key(*topic, key));
        surplus -= 1;
    }
    Ok(())
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
        Ok(rows.into_iter().map(|row| row.peer).collect())
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
        let mut overlay = Overlay::new(self.read()?);
        TopicRecord::load(&overlay, topic)?;
        // Whoever comes back tells the same as before, and each write is synced to disk.
        if self.peers_of(topic)?.iter().take(peers.len()).eq(peers) {
            return Ok(());
        }
        remember(&mut overlay, topic, peers)?;
        Ok(self.store.commit(overlay.into_batch())?)
    }
}
