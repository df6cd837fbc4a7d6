//! Checks that need nothing but the event and the genesis of its topic.
//!
//! What depends on the causal past (parents present, the scope's chain, membership) is `dag`'s;
//! what depends on the whole set (uses, cuts) is judged in the fold.

use myrhiza_kernel_api::{EventId, PublicKey, TopicId};

use super::payload::{
    Admission, ChainError, Genesis, Join, NoticeError, Payload, UpgradeError, verify_chain,
};
use super::{Event, Header, Kind, author_genesis};
use crate::codec::{Canonical, CodecError};
use crate::identity::{Certificate, SignatureError};

/// A topic's id and what its genesis fixes: all that the checks here know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Founding {
    topic: TopicId,
    genesis: Genesis,
}

/// Why an event can be no event of the topic.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AdmissionError {
    /// It is of another topic.
    #[error("event {event} is of topic {topic}, not of this one")]
    ForeignTopic {
        /// The event.
        event: EventId,
        /// Its topic.
        topic: TopicId,
    },
    /// A genesis event is expected.
    #[error("a topic begins with a genesis event, not with {}", .0.name())]
    NotGenesis(Kind),
    /// A genesis event that is not the beginning.
    #[error("a genesis event has no topic, number, predecessor, parents, generation or variant")]
    GenesisShape,
    /// `seq` and `prev` contradict each other.
    #[error("event number {seq} of a scope {}", if *.seq == 0 { "has no predecessor" } else { "names its predecessor" })]
    SeqShape {
        /// The number.
        seq: u64,
    },
    /// A scope's first event is of another kind than those that introduce one, or a later is of one.
    #[error("event number {seq} of a scope cannot be {}", .kind.name())]
    KindPlace {
        /// The number.
        seq: u64,
        /// The kind.
        kind: Kind,
    },
    /// An event that is not the genesis and hangs in the air.
    #[error("the first event of a scope names at least one parent")]
    NoParents,
    /// A payload of the kernel's with a variant.
    #[error("a {} event has variant 0, not {variant}", .kind.name())]
    Variant {
        /// The kind.
        kind: Kind,
        /// The variant.
        variant: u32,
    },
    /// The payload is not what the kind demands.
    #[error(transparent)]
    Payload(#[from] CodecError),
    /// The author is not the scope that the event introduces, so it did not consent.
    #[error("the event introduces scope {certified} but is signed by {author}")]
    NotTheScope {
        /// The certified scope.
        certified: PublicKey,
        /// The event's author.
        author: PublicKey,
    },
    /// A certificate is not by the person it names.
    #[error("the scope's certificate is not by the person it names: {0}")]
    Certificate(#[source] SignatureError),
    /// The chain of invitations does not hold.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// A join in the way of the other admission rule.
    #[error("a join {}", match .0 {
        Admission::Open => "of an open topic carries a certificate, not invitations",
        Admission::Invite => "of this topic needs an invitation",
        Admission::Author => "of an author's topic carries a certificate by the author",
    })]
    WayOfJoining(Admission),
    /// A revocation is not by the person it names.
    #[error("the revocation is not by the person it names: {0}")]
    Revocation(#[source] SignatureError),
    /// An upgrade is not to a bundle of the topic's app.
    #[error(transparent)]
    Upgrade(#[from] UpgradeError),
    /// A genesis event of an author's topic other than the one that follows from the author's key.
    #[error("this is not the topic of author {0}, which follows from their key")]
    AuthorGenesis(PublicKey),
    /// A kind of event that is for an author's topic only, or not for one.
    #[error("a {} event has no place in this topic: {}", .0.name(), match .0 {
        Kind::Notice => "it is for the topic of a bundle's author",
        _ => "an author's topic is for what they say of their bundles",
    })]
    KindOfTopic(Kind),
    /// The key that founds an author's topic, which everybody can know, says something more.
    #[error("the key that founds an author's topic makes nothing but its genesis")]
    KnownKey,
    /// A notice is not the author's.
    #[error(transparent)]
    Notice(#[from] NoticeError),
}

impl Founding {
    /// Reads and checks a topic's genesis event.
    ///
    /// # Errors
    /// [`AdmissionError`]
    pub fn of(event: &Event) -> Result<Self, AdmissionError> {
        let header = event.header();
        let Header { topic, scope, seq, prev, parents, hlc: _, generation, kind, variant } = header;
        if *kind != Kind::Genesis {
            return Err(AdmissionError::NotGenesis(*kind));
        }
        let blank = *topic == Header::NO_TOPIC && prev.is_none() && parents.is_empty();
        if !blank || (*seq, *generation, *variant) != (0, 0, 0) {
            return Err(AdmissionError::GenesisShape);
        }
        let genesis = Genesis::from_bytes(event.payload())?;
        introduces(&genesis.founder, *scope)?;
        if let Some(author) = genesis.author()
            && author_genesis(author).ok().map(|derived| derived.id()) != Some(event.id())
        {
            return Err(AdmissionError::AuthorGenesis(author));
        }
        Ok(Self { topic: event.topic(), genesis })
    }

    /// Reads a genesis event out of this home's own store, where none gets unchecked. Never for
    /// one from elsewhere.
    ///
    /// # Errors
    /// [`CodecError`] if the store is damaged.
    pub fn of_stored(event: &Event) -> Result<Self, CodecError> {
        Ok(Self { topic: event.topic(), genesis: Genesis::from_bytes(event.payload())? })
    }

    /// The topic.
    pub const fn topic(&self) -> TopicId {
        self.topic
    }

    /// What the genesis fixes.
    pub const fn genesis(&self) -> &Genesis {
        &self.genesis
    }

    /// Whose topic it is, if it is an author's.
    pub fn author(&self) -> Option<PublicKey> {
        self.genesis.author()
    }

    /// The founder's person key.
    pub const fn founder(&self) -> PublicKey {
        self.genesis.founder.person()
    }

    /// Checks an event of the topic and reads its payload, if it is the kernel's.
    ///
    /// # Errors
    /// [`AdmissionError`]
    pub fn check(&self, event: &Event) -> Result<Payload, AdmissionError> {
        if event.topic() != self.topic {
            return Err(AdmissionError::ForeignTopic { event: event.id(), topic: event.topic() });
        }
        let header = event.header();
        if header.kind == Kind::Genesis {
            return Self::of(event).map(|founding| Payload::Genesis(founding.genesis));
        }
        shape(header)?;
        self.check_kind(header)?;
        let payload = Payload::decode(event.body())?;
        match &payload {
            Payload::Genesis(_) | Payload::App | Payload::Remove(_) => {}
            Payload::Join(join) => self.join(join, header.scope)?,
            Payload::Delegate(delegate) => introduces(&delegate.certificate, header.scope)?,
            Payload::Revoke(revoke) => {
                revoke.verify(self.topic, header.scope).map_err(AdmissionError::Revocation)?;
            }
            Payload::Upgrade(upgrade) => upgrade.verify(self.genesis.lineage)?,
            Payload::Notice(notice) => {
                let author = self.author().ok_or(AdmissionError::KindOfTopic(header.kind))?;
                notice.verify(author)?;
            }
        }
        Ok(payload)
    }

    /// What is for an author's topic has no place in others, and what is for those none in it.
    fn check_kind(&self, header: &Header) -> Result<(), AdmissionError> {
        let of_authors = match header.kind {
            Kind::Join | Kind::Revoke => self.author().is_some(),
            kind => kind == Kind::Notice,
        };
        if of_authors != self.author().is_some() {
            return Err(AdmissionError::KindOfTopic(header.kind));
        }
        if of_authors && header.scope == self.genesis.founder.scope() {
            return Err(AdmissionError::KnownKey);
        }
        Ok(())
    }

    fn join(&self, join: &Join, author: PublicKey) -> Result<(), AdmissionError> {
        match (join, self.genesis.admission) {
            (Join::Open(certificate), Admission::Open) => introduces(certificate, author),
            (Join::Invited(chain), Admission::Invite) => {
                verify_chain(self.topic, self.founder(), chain)?;
                let [.., link] = &chain[..] else { return Err(ChainError::Length(0).into()) };
                consents(&link.acceptor, author)
            }
            (Join::Open(certificate), Admission::Author)
                if Some(certificate.person()) == self.author() =>
            {
                introduces(certificate, author)
            }
            (_, admission) => Err(AdmissionError::WayOfJoining(admission)),
        }
    }
}

/// What every event but the genesis has to look like.
fn shape(header: &Header) -> Result<(), AdmissionError> {
    let Header { seq, kind, variant, .. } = *header;
    if (seq == 0) != header.prev.is_none() {
        return Err(AdmissionError::SeqShape { seq });
    }
    // Later ones are another try, where the first was rejected.
    if seq == 0 && !matches!(kind, Kind::Join | Kind::Delegate) {
        return Err(AdmissionError::KindPlace { seq, kind });
    }
    if seq == 0 && header.parents.is_empty() {
        return Err(AdmissionError::NoParents);
    }
    if kind != Kind::App && variant != 0 {
        return Err(AdmissionError::Variant { kind, variant });
    }
    Ok(())
}

/// Refuses an event that introduces a scope which did not sign it.
fn consents(certificate: &Certificate, author: PublicKey) -> Result<(), AdmissionError> {
    let certified = certificate.scope();
    if certified == author {
        Ok(())
    } else {
        Err(AdmissionError::NotTheScope { certified, author })
    }
}

fn introduces(certificate: &Certificate, author: PublicKey) -> Result<(), AdmissionError> {
    consents(certificate, author)?;
    certificate.verify().map_err(AdmissionError::Certificate)
}
