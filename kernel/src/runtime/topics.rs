use myrhiza_kernel_api::{BundleId, EventId, PeerAddress, PublicKey, Snapshot, TopicId};

use super::author::Draft;
use super::leave::{is_behind, is_being_removed, last_before_leaving, own};
use super::loaded::installed;
use super::open::Opened;
use super::parts::whole;
use super::record::topic_ids;
use super::upgrade::waits;
use super::ways::{self, is_tried};
use super::{Ambient, Change, Runtime, RuntimeError, Signer, Subject, TopicRecord, Waits};
use crate::apply::{Facts, InForce};
use crate::clock;
use crate::codec::Canonical;
use crate::dag::{Graph, IngestReport, founding};
use crate::event::payload::{
    Admission, Genesis, Invitation, Join, Link, Payload, Terms, Upgraders,
};
use crate::event::{AdmissionError, Body, Event, Founding, Header, Kind, Ticket, TicketError};
use crate::fault::Fault;
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

/// How a topic comes into a home.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entrance<'a> {
    /// What it is called here.
    pub(super) name: &'a str,
    /// Its first events, the genesis first.
    pub(super) events: &'a [Event],
    /// Peers that may have more of it.
    pub(super) peers: &'a [PeerAddress],
    /// What is shown to them as long as this home is not in.
    pub(super) way: Option<&'a [Link]>,
}

impl<'a> Entrance<'a> {
    /// With nobody to ask for more of it.
    pub(super) const fn of(name: &'a str, events: &'a [Event]) -> Self {
        Self { name, events, peers: &[], way: None }
    }
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
        self.enter(&Entrance::of(new.name, std::slice::from_ref(&event)), ambient.now_ms)?;
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
    /// [`RuntimeError::NotAMember`], [`RuntimeError::Busy`]; [`RuntimeError::BadInput`] if this person may
    /// not invite.
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
        whole(&*reader, topic)?;
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
    /// another ticket. The ticket's peers are remembered, also where there is nothing else to do
    /// ([`RuntimeError::HaveTopic`]).
    ///
    /// A home that was in the topic before, or whose join by another ticket others may not accept, makes
    /// no join yet: it shows this ticket until the topic has come, and is in then or comes in
    /// ([`Runtime::arrived`], [`Runtime::take_part`]).
    ///
    /// # Errors
    /// [`RuntimeError::HaveTopic`], [`RuntimeError::NameTaken`], [`RuntimeError::NotAccepted`],
    /// [`RuntimeError::BadInput`]
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
        let offline = offline_join(ticket, &payload, signer, ambient);
        let mut opened = match self.open(id) {
            Ok(opened) => opened,
            Err(RuntimeError::NoTopic { .. }) => {
                let (mut events, mut way) = (vec![ticket.genesis().clone()], None);
                match (last_before_leaving(&*self.read()?, id)?, &join) {
                    (None, _) => events.push(offline?),
                    (Some(_), Join::Invited(chain)) => (_, way) = (offline?, Some(&chain[..])),
                    // Everybody is served, and what was made before is in the log again.
                    (Some(_), Join::Open(_)) => {}
                }
                let name = name.unwrap_or(&ticket.founding().genesis().name);
                let entrance = Entrance { name, events: &events, peers: ticket.peers(), way };
                self.enter(&entrance, ambient.now_ms)?;
                return Ok(id);
            }
            Err(error) => return Err(error),
        };
        opened.record.check_named(id, name)?;
        let (settled, behind) = (opened.record.settled(), is_behind(&opened.overlay, id)?);
        let have = match settled {
            true => Facts::new(&opened.overlay, id).is_of(scope, signer.person())?,
            false => !Graph::new(&opened.overlay, id).entries(scope)?.is_empty(),
        };
        if have && !(offline.is_ok() && is_another(&opened, scope, &join)?) {
            // Whoever came by a file has nobody to ask for more of it.
            self.remember_named(id, ticket.peers())?;
            return Err(RuntimeError::HaveTopic { topic: id, name: opened.record.name });
        }
        self.remember_with(&mut opened.overlay, id, ticket.peers())?;
        if have || behind {
            offline?;
            if let Join::Invited(chain) = &join {
                ways::keep(&mut opened.overlay, id, chain);
            }
            self.store.commit(opened.overlay.into_batch())?;
        } else if settled {
            // What is shown to peers from now on is the join that is made.
            ways::forget(&mut opened.overlay, id);
            let draft = Draft { kind: Kind::Join, variant: 0, payload, parents: Vec::new() };
            self.author(opened, signer, ambient, draft)?;
        } else {
            let Opened { overlay, record, topic } = opened;
            self.ingest_into(overlay, &topic, record, &[offline?], ambient.now_ms)?;
        }
        if matches!(join, Join::Invited(_)) {
            // Peers that denied it are met anew.
            self.changed(id, Change::Entered);
        }
        Ok(id)
    }

    /// Takes a topic in with its first events, and what this home made in it before it left.
    pub(super) fn enter(
        &mut self,
        entrance: &Entrance<'_>,
        now_ms: u64,
    ) -> Result<IngestReport, RuntimeError> {
        let Entrance { name, events, peers, way } = *entrance;
        let genesis = events.first().ok_or_else(|| RuntimeError::BadInput {
            what: Subject::Topic,
            cause: "it has no genesis".into(),
        })?;
        let topic = Founding::of(genesis).map_err(|error| RuntimeError::BadInput {
            what: Subject::Genesis,
            cause: error.to_string(),
        })?;
        let mut overlay = Overlay::new(self.read()?);
        self.check_absent(&overlay, topic.topic())?;
        if is_being_removed(&overlay, topic.topic())? {
            self.swept(topic.topic())?;
            overlay = Overlay::new(self.read()?);
        }
        // Those of authors have no names here.
        if topic.author().is_none() {
            self.check_name(name)?;
        }
        self.remember_with(&mut overlay, topic.topic(), peers)?;
        if let Some(way) = way {
            ways::keep(&mut overlay, topic.topic(), way);
        }
        let own = own(&overlay, topic.topic())?;
        let events = [events, &own].concat();
        let record = TopicRecord::empty(name.into(), Root::empty().hash);
        let report = self.ingest_into(overlay, &topic, record, &events, now_ms);
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
        // Of an app's name the first is the protocol's to say; what a topic is called here is not.
        if !crate::bundle::is_name(name) || crate::bundle::is_blank(name) {
            return Err(RuntimeError::Name { name: name.into() });
        }
        match self.indexed(|index| index.is_taken(name))? {
            true => Err(RuntimeError::NameTaken { name: name.into() }),
            false => Ok(()),
        }
    }
}

/// Whether a ticket may let in where this home's own join, which is here, does not: nobody here can tell
/// as long as nothing is there but what this home has made, and it has not tried this one.
fn is_another(opened: &Opened, scope: PublicKey, join: &Join) -> Result<bool, Fault> {
    let (reader, topic) = (&opened.overlay, opened.topic.topic());
    let Some(link) = join.chain().last() else { return Ok(false) };
    let last = Graph::new(reader, topic).last_of(scope, link.acceptor.person())?;
    let own = last.map_or(0, |last| last.seq.saturating_add(1));
    // The genesis is there too.
    let alone = opened.record.events <= own.saturating_add(1);
    Ok(alone && !is_tried(reader, topic, scope, link.invitation.key())?)
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
        what: Subject::Ticket,
        cause: error.to_string(),
    };
    ticket.founding().check(&join).map_err(bad)?;
    Ok(join)
}
