//! A signed event, before and after its signature is checked.

use myrhiza_kernel_api::limits::EVENT_BYTES;
use myrhiza_kernel_api::{EventId, Signature, TopicId};

use super::{Body, BodyError, Header};
use crate::codec::{Canonical, CodecError, Reader, Writer};
use crate::hash::Context;
use crate::identity::{SecretKey, SignatureError, verify};

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
        Self::from_bytes(bytes)
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
        self.verify_signature()?;
        Ok(self.assume_verified())
    }

    pub(super) fn verify_signature(&self) -> Result<(), SignatureError> {
        let (author, id) = (&self.body.header().scope, self.id());
        verify(author, Context::EventSignature, &[&id.0], &self.signature)
    }

    pub(super) fn assume_verified(self) -> Event {
        Event { body: self.body, signature: self.signature }
    }
}

impl Canonical for UnverifiedEvent {
    const WHAT: &'static str = "an event";
    const MAX_BYTES: usize = EVENT_BYTES;

    fn write(&self, w: &mut Writer) {
        write(&self.body, &self.signature, w);
    }

    fn read(r: &mut Reader<'_>) -> Result<Self, CodecError> {
        read(r, None)
    }
}

fn read(r: &mut Reader<'_>, known_id: Option<EventId>) -> Result<UnverifiedEvent, CodecError> {
    r.fields("event", 2)?;
    let body = Body::read(r, known_id)?;
    let signature = Signature(r.fixed("signature")?);
    Ok(UnverifiedEvent { body, signature })
}

fn write(body: &Body, signature: &Signature, w: &mut Writer) {
    w.array(2).raw(body.bytes()).bytes(signature);
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
        let mut r = Reader::new(UnverifiedEvent::WHAT, bytes, EVENT_BYTES)?;
        let event = read(&mut r, Some(id))?;
        r.finish()?;
        Ok(event.assume_verified())
    }

    pub(super) fn to_unverified(&self) -> UnverifiedEvent {
        UnverifiedEvent { body: self.body.clone(), signature: self.signature }
    }

    /// Its identity.
    pub const fn id(&self) -> EventId {
        self.body.id()
    }

    /// The topic it is of: a genesis event's is the one it founds.
    pub const fn topic(&self) -> TopicId {
        self.body.topic()
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
        write(&self.body, &self.signature, &mut w);
        w.into_bytes()
    }
}

impl PartialEq for Event {
    fn eq(&self, other: &Self) -> bool {
        self.id() == other.id()
    }
}

impl Eq for Event {}
