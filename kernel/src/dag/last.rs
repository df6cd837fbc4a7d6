//! Where the chain below an introduction ends.

use std::cmp::Reverse;

use myrhiza_kernel_api::{EventId, Snapshot as _};

use crate::dag::{Graph, Node};
use crate::fault::Fault;
use crate::order::TopicKeys;
use crate::schema;
use crate::state::Overlay;

/// The last event below an introduction: of the greatest number; of several with it, the least id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Last {
    seq: u64,
    id: Reverse<EventId>,
}

/// The key of an introduction under [`schema::ENTRIES`].
pub(super) fn key(keys: TopicKeys, introduction: &Node) -> Vec<u8> {
    keys.key(&[introduction.scope.as_ref(), &introduction.place.to_bytes()])
}

impl Last {
    const LEN: usize = 8 + EventId::LEN;

    pub(super) fn of(node: &Node) -> Self {
        Self { seq: node.seq, id: Reverse(node.place.id) }
    }

    pub(super) const fn id(self) -> EventId {
        self.id.0
    }

    /// `seq ‖ id`, the value under [`schema::ENTRIES`].
    pub(super) fn to_bytes(self) -> [u8; Self::LEN] {
        let mut bytes = [0; Self::LEN];
        bytes[..8].copy_from_slice(&self.seq.to_be_bytes());
        bytes[8..].copy_from_slice(self.id.0.as_ref());
        bytes
    }

    pub(super) fn from_bytes(bytes: &[u8]) -> Result<Self, Fault> {
        let parse = || {
            let (seq, id) = bytes.split_first_chunk()?;
            Some(Self { seq: u64::from_be_bytes(*seq), id: Reverse(EventId::from_slice(id)?) })
        };
        parse().ok_or_else(|| Fault::damaged("the last event below an introduction", "bad layout"))
    }

    /// Writes it under the introduction, unless a later one is there.
    pub(super) fn save(
        self,
        overlay: &mut Overlay,
        keys: TopicKeys,
        entry: EventId,
    ) -> Result<(), Fault> {
        let key = key(keys, &Graph::new(overlay, keys.topic).known(entry)?);
        let before = overlay.get(schema::ENTRIES, &key)?;
        let before = before.map(|bytes| Self::from_bytes(&bytes)).transpose()?;
        if before < Some(self) {
            overlay.put(schema::ENTRIES, key, self.to_bytes());
        }
        Ok(())
    }
}
