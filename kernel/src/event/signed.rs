//! A signed event, before and after its signature is checked.

use myrhiza_kernel_api::limits::EVENT_BYTES;
use myrhiza_kernel_api::{EventId, Signature};

use super::{Body, BodyError, Header};
use crate::codec::{CodecError, Reader, Writer};
use crate::hash::Context;
use crate::identity::{SecretKey, SignatureError, verify};

const WHAT: &str = "an event";

/// A well-formed event whose signature nobody has looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnverifiedEvent {
    pub(super) body: Body,
    pub(super) signature: Signature,
}

/// An event by its author: that a value of this type exists means that the signature is valid.
///
/// Layout: `[body, signature]`, signed is the id. Two events with one id are equal even if their
/// signatures differ, which an author's key can bring about.
#[derive(Clone, Debug)]
pub struct Event {
    body: Body,
    signature: Signature,
}

impl UnverifiedEvent {
    /// Decodes a signed event, at most [`EVENT_BYTES`] long.
    ///
    /// # Errors
    /// [`CodecError`]; [`CodecError::UpdateNeeded`] for an unknown version or kind.
    pub fn decode(bytes: &[u8]) -> Result<Self, CodecError> {
        decode(bytes, None)
    }

    /// The body.
    pub const fn body(&self) -> &Body {
        &self.body
    }

    /// The event's identity.
    pub const fn id(&self) -> EventId {
        self.body.id()
    }

    /// Checks the signature. For many events, [`super::verify_all`] is several times as fast.
    ///
    /// # Errors
    /// [`SignatureError`]
    pub fn verify(self) -> Result<Event, SignatureError> {
        let id = self.id();
        verify(&self.body.header().scope, Context::EventSignature, &[&id.0], &self.signature)?;
        Ok(self.assume_verified())
    }

    pub(super) fn assume_verified(self) -> Event {
        Event { body: self.body, signature: self.signature }
    }
}

fn decode(bytes: &[u8], known_id: Option<EventId>) -> Result<UnverifiedEvent, CodecError> {
    let mut r = Reader::new(WHAT, bytes, EVENT_BYTES)?;
    r.fields("event", 2)?;
    let body = Body::read(&mut r, known_id)?;
    let signature = Signature(r.fixed("signature")?);
    r.finish()?;
    Ok(UnverifiedEvent { body, signature })
}

impl Event {
    /// Signs a body as its author.
    ///
    /// # Errors
    /// [`BodyError::Signer`] if `key` is another than the body's scope.
    pub fn sign(body: Body, key: &SecretKey) -> Result<Self, BodyError> {
        let scope = body.header().scope;
        if key.public() != scope {
            return Err(BodyError::Signer { scope, key: key.public() });
        }
        let signature = key.sign(Context::EventSignature, &[&body.id().0]);
        Ok(Self { body, signature })
    }

    /// Decodes an event out of this home's own store, where nothing gets unverified: neither id
    /// nor signature is checked again. Never for bytes from elsewhere.
    ///
    /// # Errors
    /// [`CodecError`] if the store is damaged, or was written by a later version.
    pub fn decode_stored(id: EventId, bytes: &[u8]) -> Result<Self, CodecError> {
        decode(bytes, Some(id)).map(UnverifiedEvent::assume_verified)
    }

    /// Its identity.
    pub const fn id(&self) -> EventId {
        self.body.id()
    }

    /// Everything but the payload.
    pub const fn header(&self) -> &Header {
        self.body.header()
    }

    /// The payload.
    pub fn payload(&self) -> &[u8] {
        self.body.payload()
    }

    /// The body.
    pub const fn body(&self) -> &Body {
        &self.body
    }

    /// The signature.
    pub const fn signature(&self) -> &Signature {
        &self.signature
    }

    /// The encoding, as it is stored and sent.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut w = Writer::with_capacity(self.body.bytes().len() + 1 + 2 + Signature::LEN);
        w.array(2).raw(self.body.bytes()).bytes(self.signature);
        w.into_bytes()
    }
}

impl PartialEq for Event {
    fn eq(&self, other: &Self) -> bool {
        self.id() == other.id()
    }
}

impl Eq for Event {}
