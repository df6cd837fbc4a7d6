//! People, devices and a topic to test with.

use myrhiza_kernel_api::{BundleId, EventId, LineageId, PublicKey, TopicId};

use crate::codec::Canonical;
use crate::event::payload::{Admission, Genesis, Invitation, Join, Link, Terms, Upgraders};
use crate::event::{Body, Event, Founding, Header, Kind};
use crate::identity::{Certificate, ScopeKind, SecretKey};

/// A person with one device.
#[derive(Clone)]
pub(super) struct Member {
    pub(super) person: SecretKey,
    pub(super) device: SecretKey,
    pub(super) certificate: Certificate,
}

/// A person whose keys follow from a number.
pub(super) fn member(n: u8) -> Member {
    let person = SecretKey::from_seed(&[n; 32]);
    let device = SecretKey::from_seed(&[n ^ 0x80; 32]);
    let certificate =
        Certificate::issue(&person, device.public(), ScopeKind::Device, "laptop").unwrap();
    Member { person, device, certificate }
}

impl Member {
    /// The long-term key.
    pub(super) fn id(&self) -> PublicKey {
        self.person.public()
    }
}

/// A header that every check of one event passes, for an app event with number 1.
pub(super) fn header(topic: TopicId, author: &SecretKey) -> Header {
    Header {
        topic,
        scope: author.public(),
        seq: 1,
        prev: Some(EventId([1; 32])),
        parents: vec![EventId([1; 32]), EventId([2; 32])],
        hlc: 1 << 40,
        generation: 0,
        kind: Kind::App,
        variant: 5,
    }
}

/// A header for the first event of a scope.
pub(super) fn first(topic: TopicId, author: &SecretKey, kind: Kind) -> Header {
    let parents = vec![EventId(topic.0)];
    Header { seq: 0, prev: None, parents, kind, variant: 0, ..header(topic, author) }
}

/// A header for the genesis event.
pub(super) fn genesis_header(author: &SecretKey) -> Header {
    Header { parents: vec![], ..first(Header::NO_TOPIC, author, Kind::Genesis) }
}

pub(super) fn sign(header: Header, payload: &[u8], key: &SecretKey) -> Event {
    Event::sign(Body::new(header, payload).unwrap(), key).unwrap()
}

pub(super) fn genesis(founder: &Member, admission: Admission) -> Genesis {
    Genesis {
        lineage: LineageId([3; 32]),
        bundle: BundleId([4; 32]),
        seed: [5; 32],
        name: "garden".into(),
        admission,
        upgraders: Upgraders::Founder,
        checkpointer: None,
        founder: founder.certificate.clone(),
    }
}

/// A topic founded by member 1.
pub(super) fn found(admission: Admission) -> (Founding, Event) {
    let founder = member(1);
    let payload = genesis(&founder, admission).to_bytes();
    let event = sign(genesis_header(&founder.device), &payload, &founder.device);
    (Founding::of(&event).unwrap(), event)
}

/// The one-time secret of a number.
pub(super) fn secret(n: u8) -> SecretKey {
    SecretKey::from_seed(&[n.wrapping_add(200); 32])
}

pub(super) const TERMS: Terms = Terms { uses: 1, may_invite: true, expiry: 0 };

pub(super) fn invite(topic: TopicId, issuer: &Member, n: u8, terms: Terms) -> Invitation {
    let key = secret(n).public();
    Invitation::issue(topic, key, terms, issuer.certificate.clone(), &issuer.device).unwrap()
}

pub(super) fn link(topic: TopicId, issuer: &Member, acceptor: &Member, n: u8) -> Link {
    let invitation = invite(topic, issuer, n, TERMS);
    Link::accept(invitation, acceptor.certificate.clone(), &secret(n))
}

/// Members 1 to `len + 1`, each invited by the one before.
pub(super) fn chain(topic: TopicId, len: u8) -> Vec<Link> {
    (1..=len).map(|n| link(topic, &member(n), &member(n + 1), n)).collect()
}

pub(super) fn join(topic: TopicId, joiner: &Member, join: &Join) -> Event {
    sign(first(topic, &joiner.device, Kind::Join), &join.to_bytes(), &joiner.device)
}
