//! The body: what an event's id is the hash of.

use std::ops::Range;

use myrhiza_kernel_api::limits::{PARENTS, PAYLOAD_BYTES};
use myrhiza_kernel_api::{EventId, PublicKey, TopicId};

use super::{Header, Kind};
use crate::codec::{CodecError, Reader, Writer};
use crate::hash::{Context, derive};

/// Version of the body's layout.
const VERSION: u64 = 1;
/// Items of the body's array.
const FIELDS: usize = 11;
/// Room for everything in a body but parents and payload.
const FIXED_BYTES: usize = 176;

/// A body in its one byte form, with its id. A candidate in a dry run is one; signed, an event.
///
/// Layout: `[1, topic, scope, seq, prev or null, [parent..], hlc, generation, kind, variant, payload]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Body {
    id: EventId,
    header: Header,
    bytes: Vec<u8>,
    /// Where in `bytes` the payload is.
    payload: Range<usize>,
}

/// Why an event cannot be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BodyError {
    /// The payload is longer than [`PAYLOAD_BYTES`].
    #[error("the event's payload has {0} bytes, at most {PAYLOAD_BYTES} are allowed: split it")]
    Payload(usize),
    /// There are more parents than [`PARENTS`].
    #[error("the event names {0} parents, at most {PARENTS} are allowed: name the highest")]
    Parents(usize),
    /// The parents do not ascend strictly.
    #[error("the event's parents are not strictly ascending: sort them and drop doubles")]
    ParentOrder,
    /// The key that is to sign is not the one the body names as its author.
    #[error("the event's author is scope {scope}, it cannot be signed by {key}")]
    Signer {
        /// The author named.
        scope: PublicKey,
        /// The key that was to sign.
        key: PublicKey,
    },
}

impl Body {
    /// Encodes and hashes an event that is to be signed, or only tried.
    ///
    /// # Errors
    /// [`BodyError`] where the limits of one event are passed.
    pub fn new(header: Header, payload: &[u8]) -> Result<Self, BodyError> {
        if payload.len() > PAYLOAD_BYTES {
            return Err(BodyError::Payload(payload.len()));
        }
        if header.parents.len() > PARENTS {
            return Err(BodyError::Parents(header.parents.len()));
        }
        if !header.parents.is_sorted_by(|a, b| a < b) {
            return Err(BodyError::ParentOrder);
        }
        let room = FIXED_BYTES + 34 * header.parents.len() + payload.len();
        let mut w = Writer::with_capacity(room);
        w.array(FIELDS).u64(VERSION).bytes(header.topic).bytes(header.scope).u64(header.seq);
        w.option(header.prev, |w, prev| {
            w.bytes(prev);
        });
        w.list(header.parents.iter(), |w, parent| {
            w.bytes(parent);
        });
        w.u64(header.hlc).u64(header.generation.into()).u64(header.kind.number());
        w.u64(header.variant.into()).bytes(payload);
        let bytes = w.into_bytes();
        let payload = bytes.len() - payload.len()..bytes.len();
        Ok(Self { id: id_of(&bytes), header, bytes, payload })
    }

    /// Reads a body in the midst of an event. `known_id` spares the hash where it is known.
    pub(super) fn read(r: &mut Reader<'_>, known_id: Option<EventId>) -> Result<Self, CodecError> {
        let start = r.position();
        r.versioned("body", VERSION, FIELDS)?;
        let topic = TopicId(r.fixed("topic")?);
        let scope = PublicKey(r.fixed("scope")?);
        let seq = r.u64()?;
        let prev = r.option(|r| r.fixed("prev").map(EventId))?;
        let parents = r.ascending("parents", PARENTS, |r| r.fixed("parent").map(EventId))?;
        let hlc = r.u64()?;
        let generation = r.u32("generation")?;
        let kind_number = r.u64()?;
        let kind =
            Kind::from_number(kind_number).ok_or_else(|| r.update_needed("kind", kind_number))?;
        let variant = r.u32("variant")?;
        let payload = r.bytes("payload", PAYLOAD_BYTES)?;
        let bytes = r.consumed_since(start).to_vec();
        let payload = bytes.len() - payload.len()..bytes.len();
        let header = Header { topic, scope, seq, prev, parents, hlc, generation, kind, variant };
        Ok(Self { id: known_id.unwrap_or_else(|| id_of(&bytes)), header, bytes, payload })
    }

    /// The event's identity: the hash of [`Self::bytes`].
    pub const fn id(&self) -> EventId {
        self.id
    }

    /// The topic the event is of: a genesis event's is the one it founds.
    pub const fn topic(&self) -> TopicId {
        match self.header.kind {
            Kind::Genesis => TopicId(self.id.0),
            _ => self.header.topic,
        }
    }

    /// Everything but the payload.
    pub const fn header(&self) -> &Header {
        &self.header
    }

    /// The payload.
    pub fn payload(&self) -> &[u8] {
        self.bytes.get(self.payload.clone()).unwrap_or_default()
    }

    /// The encoding.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

fn id_of(body: &[u8]) -> EventId {
    EventId(derive(Context::EventId, &[body]).0)
}
