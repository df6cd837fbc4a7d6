use myrhiza_kernel_api::{BundleId, EventId, PeerAddress, Snapshot, TopicId};

use super::author::Draft;
use super::leave::last_before_leaving;
use super::loaded::installed;
use super::open::{Opened, founding};
use super::record::topic_ids;
use super::upgrade::waits;
use super::{Ambient, Change, Runtime, RuntimeError, Signer, TopicRecord, Waits};
use crate::apply::{Facts, InForce};
use crate::clock;
use crate::codec::Canonical;
use crate::dag::Graph;
use crate::event::payload::{Admission, Genesis, Invitation, Link, Payload, Terms, Upgraders};
use crate::event::{AdmissionError, Body, Event, Founding, Header, Kind, Ticket, TicketError};
use crate::identity::SecretKey;
use crate::state::Overlay;
use crate::state::trie::Root;

/// A topic that is to be.
#[derive(Clone, Debug)]
pub struct NewTopic<'a> {
    /// The app, installed.
    pub bundle: BundleId,
    /// What its founder calls it.
    pub name: &'a str,
    /// Who may join.
    pub admission: Admission,
}

/// A topic of this home.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TopicSummary {
    /// Its id.
    pub id: TopicId,
    /// What this home keeps of it.
    pub record: TopicRecord,
    /// What it was founded as.
    pub topic: Founding,
    /// What it is folded through, as far as it is.
    pub in_force: InForce,
    /// What it waits for, if it is not folded to its tip for want of a bundle.
    pub waits: Option<Waits>,
}

impl Runtime {
    /// Founds a topic.
    ///
    /// # Errors
    /// [`RuntimeError::NotInstalled`], [`RuntimeError::NameTaken`], [`RuntimeError::Name`]
    pub fn create_topic(
        &mut self,
        signer: Signer<'_>,
        ambient: &mut Ambient<'_>,
        new: &NewTopic<'_>,
    ) -> Result<TopicId, RuntimeError> {
        let overlay = Overlay::new(self.read()?);
        let bundle = installed(&overlay, new.bundle)?;
        self.check_name(new.name)?;
        let genesis = Genesis {
            lineage: bundle.lineage(),
            bundle: new.bundle,
            seed: ambient.bytes(),
            name: new.name.into(),
            admission: new.admission,
            upgraders: Upgraders::Founder,
            checkpointer: None,
            founder: signer.certificate.clone(),
        };
        let header = Header {
            topic: Header::NO_TOPIC,
            scope: signer.scope.public(),
            seq: 0,
            prev: None,
            parents: Vec::new(),
            hlc: clock::tick(0, ambient.now_ms),
            generation: 0,
            kind: Kind::Genesis,
            variant: 0,
        };
        let event = Event::sign(Body::new(header, &genesis.to_bytes())?, signer.scope)?;
        let id = TopicId(event.id().0);
        self.enter(new.name, std::slice::from_ref(&event), &[], ambient.now_ms)?;
        Ok(id)
    }

    /// The topics of this home, ascending by id, but for those of authors
    /// ([`Runtime::authors`]).
    ///
    /// # Errors
    /// [`RuntimeError::Fault`]
    pub fn topics(&self) -> Result<Vec<TopicSummary>, RuntimeError> {
        let reader = self.read()?;
        let summary = |id: TopicId| {
            let (record, topic) = (TopicRecord::load(&*reader, id)?, founding(&*reader, id)?);
            let in_force = InForce::of(&*reader, &topic)?;
            let waits = waits(&*reader, &topic, &record)?;
            Ok(TopicSummary { id, record, topic, in_force, waits })
        };
        let all = topic_ids(&*reader)?.into_iter().map(summary);
        let of_people = |topic: &Result<TopicSummary, RuntimeError>| {
            topic.as_ref().map_or(true, |topic| topic.topic.author().is_none())
        };
        all.filter(of_people).collect()
    }

    /// The ids of all topics, ascending, also of those of authors.
    ///
    /// # Errors
    /// [`RuntimeError::Fault`]
    pub fn topic_ids(&self) -> Result<Vec<TopicId>, RuntimeError> {
        topic_ids(&*self.read()?)
    }

    /// Makes a ticket: whoever holds it can join. For an open topic it only names the topic.
    ///
    /// # Errors
    /// [`RuntimeError::NotAMember`]; [`RuntimeError::BadInput`] if this person may not invite.
    pub fn invite(
        &self,
        topic: TopicId,
        signer: Signer<'_>,
        ambient: &mut Ambient<'_>,
        terms: Terms,
    ) -> Result<Ticket, RuntimeError> {
        let (genesis, chain) = match self.way_of(topic, signer)? {
            (genesis, Some(chain)) => (genesis, chain),
            (genesis, None) => return Ok(Ticket::open(genesis)?),
        };
        let secret = SecretKey::from_seed(&ambient.bytes());
        let certificate = signer.certificate.clone();
        let invitation =
            Invitation::issue(topic, secret.public(), terms, certificate, signer.scope)
                .map_err(TicketError::from)?;
        Ok(Ticket::invite(genesis, chain, invitation, secret)?)
    }

    /// Makes a ticket for more homes of this person, who need not have the right to invite; it lets in
    /// nobody else. For an open topic it only names the topic.
    ///
    /// # Errors
    /// [`RuntimeError::NotAMember`]
    pub fn device_ticket(
        &self,
        topic: TopicId,
        signer: Signer<'_>,
    ) -> Result<Ticket, RuntimeError> {
        Ok(match self.way_of(topic, signer)? {
            (genesis, Some(chain)) => Ticket::devices(genesis, chain)?,
            (genesis, None) => Ticket::open(genesis)?,
        })
    }

    /// A topic's genesis, and how this person came in; `None` where everybody may.
    fn way_of(
        &self,
        topic: TopicId,
        signer: Signer<'_>,
    ) -> Result<(Event, Option<Vec<Link>>), RuntimeError> {
        let reader = self.read()?;
        let founding = founding(&*reader, topic)?;
        let graph = Graph::new(&*reader, topic);
        let genesis = graph.event(graph.known(EventId(topic.0))?.place)?;
        if founding.genesis().admission == Admission::Open {
            return Ok((genesis, None));
        }
        let member = Facts::new(&*reader, topic).member(signer.person())?;
        let member = member.ok_or(RuntimeError::NotAMember { topic })?;
        let joined = graph.event(graph.known(member.joined)?.place)?;
        let chain = match Payload::decode(joined.body()) {
            Ok(Payload::Join(join)) => join.chain().to_vec(),
            _ => Vec::new(),
        };
        Ok((genesis, Some(chain)))
    }

    /// Joins the topic of a ticket. It works offline, since a ticket carries the genesis: then the
    /// verdict on the join is known only when the rest of the topic has come. Where the topic is here
    /// already, only a join that is accepted is made; one that was rejected can be tried again with
    /// another ticket. The ticket's peers are remembered.
    ///
    /// # Errors
    /// [`RuntimeError::HaveTopic`], [`RuntimeError::Left`], [`RuntimeError::NameTaken`],
    /// [`RuntimeError::NotAccepted`], [`RuntimeError::BadInput`]
    pub fn join(
        &mut self,
        ticket: &Ticket,
        name: Option<&str>,
        signer: Signer<'_>,
        ambient: &mut Ambient<'_>,
    ) -> Result<TopicId, RuntimeError> {
        let (id, scope) = (ticket.founding().topic(), signer.scope.public());
        let Some(join) = ticket.join(signer.certificate.clone()) else {
            return self.join_as_device(ticket, name, signer, ambient);
        };
        let payload = join.to_bytes();
        let mut opened = match self.open(id) {
            Ok(opened) => opened,
            Err(RuntimeError::NoTopic { .. }) => {
                let join = offline_join(ticket, &payload, signer, ambient)?;
                let left = last_before_leaving(&*self.read()?, id)?.is_some();
                if left {
                    return Err(RuntimeError::Left { topic: id });
                }
                let name = name.unwrap_or(&ticket.founding().genesis().name);
                let events = [ticket.genesis().clone(), join];
                self.enter(name, &events, ticket.peers(), ambient.now_ms)?;
                return Ok(id);
            }
            Err(error) => return Err(error),
        };
        opened.record.check_named(id, name)?;
        let graph = Graph::new(&opened.overlay, id);
        let have = match opened.record.settled() {
            true => Facts::new(&opened.overlay, id).is_of(scope, signer.person())?,
            false => !graph.entries(scope)?.is_empty(),
        };
        if have {
            return Err(RuntimeError::HaveTopic { topic: id, name: opened.record.name });
        }
        self.remember_with(&mut opened.overlay, id, ticket.peers())?;
        if opened.record.settled() {
            let draft = Draft { kind: Kind::Join, variant: 0, payload, parents: Vec::new() };
            self.author(opened, signer, ambient, draft)?;
        } else if last_before_leaving(&opened.overlay, id)?.is_some() {
            return Err(RuntimeError::Left { topic: id });
        } else {
            let join = offline_join(ticket, &payload, signer, ambient)?;
            let Opened { overlay, record, topic } = opened;
            self.ingest_into(overlay, &topic, record, &[join], ambient.now_ms)?;
        }
        Ok(id)
    }

    /// Takes a topic in with its first events, and peers that may have more of it.
    pub(super) fn enter(
        &mut self,
        name: &str,
        events: &[Event],
        peers: &[PeerAddress],
        now_ms: u64,
    ) -> Result<super::IngestReport, RuntimeError> {
        let genesis = events.first().ok_or_else(|| RuntimeError::BadInput {
            what: "the topic",
            cause: "it has no genesis".into(),
        })?;
        let topic = Founding::of(genesis).map_err(|error| RuntimeError::BadInput {
            what: "the genesis",
            cause: error.to_string(),
        })?;
        self.sweep(topic.topic())?;
        let mut overlay = Overlay::new(self.read()?);
        self.check_absent(&overlay, topic.topic())?;
        // Those of authors have no names here.
        if topic.author().is_none() {
            self.check_name(name)?;
        }
        self.remember_with(&mut overlay, topic.topic(), peers)?;
        let record = TopicRecord::empty(name.into(), Root::empty().hash);
        let report = self.ingest_into(overlay, &topic, record, events, now_ms);
        match &report {
            Ok(_) => self.index_entered(topic.topic(), name, topic.author()),
            // Of a long fold some may be committed although it failed.
            Err(_) => self.forget_index(),
        }
        let report = report?;
        self.changed(topic.topic(), Change::Entered);
        Ok(report)
    }

    fn check_absent(&self, reader: &dyn Snapshot, topic: TopicId) -> Result<(), RuntimeError> {
        match TopicRecord::load(reader, topic) {
            Ok(record) => Err(RuntimeError::HaveTopic { topic, name: record.name }),
            Err(RuntimeError::NoTopic { .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }

    pub(super) fn check_name(&self, name: &str) -> Result<(), RuntimeError> {
        if !crate::bundle::is_name(name) {
            return Err(RuntimeError::Name { name: name.into() });
        }
        match self.indexed(|index| index.is_taken(name))? {
            true => Err(RuntimeError::NameTaken { name: name.into() }),
            false => Ok(()),
        }
    }
}

/// A join that knows nothing of the topic but its genesis.
fn offline_join(
    ticket: &Ticket,
    payload: &[u8],
    signer: Signer<'_>,
    ambient: &Ambient<'_>,
) -> Result<Event, RuntimeError> {
    let header = Header {
        topic: ticket.founding().topic(),
        scope: signer.scope.public(),
        seq: 0,
        prev: None,
        parents: vec![ticket.genesis().id()],
        hlc: clock::tick(0, ambient.now_ms),
        generation: 0,
        kind: Kind::Join,
        variant: 0,
    };
    let join = Event::sign(Body::new(header, payload)?, signer.scope)?;
    let bad = |error: AdmissionError| RuntimeError::BadInput {
        what: "the ticket",
        cause: error.to_string(),
    };
    ticket.founding().check(&join).map_err(bad)?;
    Ok(join)
}
