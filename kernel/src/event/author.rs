//! The topic in which an author says what they have published and withdrawn. It follows from the
//! author's key alone, so whoever has a bundle knows which topic to ask for, without a ticket.
//!
//! Its genesis is an event like any other, but by a key that everybody can know: its seed is derived
//! from the author's key. So everybody can make that event, byte by byte, and nothing is gained by
//! it, since nobody comes in by that key. Layout: `docs/spec/authors.md`.

use myrhiza_kernel_api::{BundleId, LineageId, PublicKey, TopicId};

use super::payload::{Admission, Genesis, Upgraders};
use super::{Body, BodyError, Event, Header, Kind};
use crate::codec::Canonical;
use crate::hash::{Context, derive};
use crate::identity::{Certificate, SecretKey};

/// The genesis event of an author's topic.
///
/// # Errors
/// None that the limits of an event bring about: it is small.
pub fn author_genesis(author: PublicKey) -> Result<Event, BodyError> {
    let key = SecretKey::from_seed(&derive(Context::AuthorTopic, &[&author.0]).0);
    let genesis = Genesis {
        lineage: LineageId([0; 32]),
        bundle: BundleId([0; 32]),
        seed: author.0,
        name: String::new(),
        admission: Admission::Author,
        upgraders: Upgraders::Founder,
        checkpointer: None,
        founder: Certificate::of_itself(&key),
    };
    let header = Header {
        topic: Header::NO_TOPIC,
        scope: key.public(),
        seq: 0,
        prev: None,
        parents: Vec::new(),
        hlc: 0,
        generation: 0,
        kind: Kind::Genesis,
        variant: 0,
    };
    Event::sign(Body::new(header, &genesis.to_bytes())?, &key)
}

/// The id of an author's topic.
///
/// # Errors
/// As [`author_genesis`].
pub fn author_topic(author: PublicKey) -> Result<TopicId, BodyError> {
    author_genesis(author).map(|genesis| genesis.topic())
}
