use myrhiza_kernel_api::{EventId, PublicKey};

use crate::event::Kind;
use crate::fault::Fault;
use crate::order::Place;

/// What the DAG keeps of an event beside its bytes, so that a child is judged without reading it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Node {
    /// Where it stands.
    pub place: Place,
    /// Its author's scope.
    pub scope: PublicKey,
    /// Its number in that scope.
    pub seq: u64,
    /// Its kind.
    pub kind: Kind,
    /// The event that introduces its scope on its own chain: the last of those at or before it, by
    /// `prev`.
    pub entry: EventId,
}

impl Node {
    const LEN: usize = 4 + 8 + 8 + 32 + 1 + 32;

    /// `epoch ‖ height ‖ seq ‖ scope ‖ kind ‖ entry`, the value under [`crate::schema::IDS`].
    pub(super) fn to_bytes(self) -> [u8; Self::LEN] {
        let mut bytes = [0; Self::LEN];
        bytes[..12].copy_from_slice(&self.place.to_bytes()[..12]);
        bytes[12..20].copy_from_slice(&self.seq.to_be_bytes());
        bytes[20..52].copy_from_slice(self.scope.as_ref());
        bytes[52] = self.kind.number() as u8;
        bytes[53..].copy_from_slice(self.entry.as_ref());
        bytes
    }

    pub(super) fn from_bytes(id: EventId, bytes: &[u8]) -> Result<Self, Fault> {
        Self::parse(id, bytes)
            .ok_or_else(|| Fault::damaged(format!("the index entry of event {id}"), "bad layout"))
    }

    fn parse(id: EventId, bytes: &[u8]) -> Option<Self> {
        let bytes: &[u8; Self::LEN] = bytes.try_into().ok()?;
        let (epoch, rest) = bytes.split_first_chunk()?;
        let (height, rest) = rest.split_first_chunk()?;
        let (seq, rest) = rest.split_first_chunk()?;
        let (scope, rest) = rest.split_first_chunk::<32>()?;
        let (kind, entry) = rest.split_first()?;
        let place =
            Place { epoch: u32::from_be_bytes(*epoch), height: u64::from_be_bytes(*height), id };
        Some(Self {
            place,
            scope: PublicKey(*scope),
            seq: u64::from_be_bytes(*seq),
            kind: Kind::from_number(u64::from(*kind))?,
            entry: EventId::from_slice(entry)?,
        })
    }
}
