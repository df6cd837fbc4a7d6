//! Two events of one author with one number.

use myrhiza_kernel_api::limits::EVENT_BYTES;
use myrhiza_kernel_api::{PublicKey, TopicId};

use super::{Event, UnverifiedEvent};
use crate::codec::{Canonical, CodecError, Reader, Writer};
use crate::identity::SignatureError;

/// A pair of signed events that shows, alone, that their author equivocated.
///
/// Layout: `[1, event, event]`, both whole, the smaller id first: at most
/// `2 ·` [`EVENT_BYTES`] `+ 2` bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForkProof {
    first: UnverifiedEvent,
    second: UnverifiedEvent,
}

/// What a valid proof shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fork {
    /// The topic of both events.
    pub topic: TopicId,
    /// Their author.
    pub scope: PublicKey,
    /// Their number.
    pub seq: u64,
}

/// Why a pair of events is no proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ForkProofError {
    /// They are one event, or not in order of their ids.
    #[error("a fork proof is of two different events, the smaller id first")]
    Order,
    /// They differ in topic, author or number.
    #[error("the two events differ in topic, author or number, so they prove nothing")]
    Unrelated,
    /// One is not by the author.
    #[error("an event of the fork proof is not valid: {0}")]
    Signature(#[from] SignatureError),
}

impl ForkProof {
    /// The proof that two events make, in either order.
    ///
    /// # Errors
    /// [`ForkProofError`] if they make none.
    pub fn new(one: &Event, other: &Event) -> Result<Self, ForkProofError> {
        let (first, second) = if one.id() < other.id() { (one, other) } else { (other, one) };
        let proof = Self { first: first.to_unverified(), second: second.to_unverified() };
        proof.related()?;
        Ok(proof)
    }

    /// Checks everything: that the events are different ones of one author, topic and number, and
    /// both signatures.
    ///
    /// # Errors
    /// [`ForkProofError`]
    pub fn verify(&self) -> Result<Fork, ForkProofError> {
        let fork = self.related()?;
        self.first.verify_signature()?;
        self.second.verify_signature()?;
        Ok(fork)
    }

    fn related(&self) -> Result<Fork, ForkProofError> {
        let (first, second) = (self.first.body(), self.second.body());
        if first.id() >= second.id() {
            return Err(ForkProofError::Order);
        }
        // The effective topic: two genesis events found two topics, which is no fork.
        let [one, other] = [first, second].map(|body| Fork {
            topic: body.topic(),
            scope: body.header().scope,
            seq: body.header().seq,
        });
        if one == other { Ok(one) } else { Err(ForkProofError::Unrelated) }
    }
}

impl Canonical for ForkProof {
    const WHAT: &'static str = "a fork proof";
    const MAX_BYTES: usize = 2 * EVENT_BYTES + 2;

    fn write(&self, w: &mut Writer) {
        w.array(3).u64(1);
        self.first.write(w);
        self.second.write(w);
    }

    fn read(r: &mut Reader<'_>) -> Result<Self, CodecError> {
        r.versioned("fork proof", 1, 3)?;
        Ok(Self { first: UnverifiedEvent::read(r)?, second: UnverifiedEvent::read(r)? })
    }
}
