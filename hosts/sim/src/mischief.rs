//! What goes wrong on purpose: stores that fail, authors that lie, people who are ended.

use anyhow::{Result, anyhow};
use myrhiza_kernel::codec::Canonical;
use myrhiza_kernel::event::payload::{Delegate, Invitation, Payload, Terms};
use myrhiza_kernel::event::{Body, Event, Header, Kind, Ticket};
use myrhiza_kernel::identity::{Certificate, ScopeKind, SecretKey};
use myrhiza_kernel::runtime::RuntimeError;
use myrhiza_store_kit::Operation as Failing;

use crate::history::{History, KEYS};
use crate::ledger::Operation;
use crate::told::Fault;

impl History<'_> {
    /// One of the next operations of a node's store fails.
    pub(crate) fn fail_store(&mut self, node: usize) -> Result<()> {
        self.happened(Fault::StoreFailure);
        let kind = match self.chance.below(4) {
            0 => Failing::CommitBefore,
            1 => Failing::CommitAfter,
            2 => Failing::Snapshot,
            _ => Failing::Read,
        };
        let passing = self.chance.below(if kind == Failing::Read { 60 } else { 3 }) as u64;
        self.nodes[node].faults.arm(kind, passing);
        self.propose(node)?;
        self.nodes[node].faults.disarm();
        self.check_acknowledged(node)
    }

    /// An author makes a second event with a number it has used, and tells others.
    pub(crate) fn equivocate(&mut self, node: usize) -> Result<()> {
        let own = self.own_events(node)?;
        let Some(twin) = self.chance.pick(&own).cloned() else { return Ok(()) };
        let header = twin.header().clone();
        if header.kind != Kind::App {
            return Ok(());
        }
        self.forge(node, header, Fault::Equivocation)
    }

    /// An author goes on from an old event of its own, as if it had not seen what came since.
    pub(crate) fn back_date(&mut self, node: usize) -> Result<()> {
        let own = self.own_events(node)?;
        let Some(old) = self.chance.pick(&own).cloned() else { return Ok(()) };
        let mut header = old.header().clone();
        header.seq += 1;
        header.prev = Some(old.id());
        header.kind = Kind::App;
        header.parents = Vec::new();
        self.forge(node, header, Fault::BackDated)
    }

    /// Signs what no home of ours would, since it never ran dry, and tells the others.
    fn forge(&mut self, node: usize, header: Header, fault: Fault) -> Result<()> {
        self.happened(fault);
        let operations = [Operation::Set, Operation::Set, Operation::Trap, Operation::Refused];
        let operation = self.chance.pick(&operations).copied().unwrap_or(Operation::Set);
        let payload = operation.payload(&[b'k', self.chance.below(KEYS) as u8]);
        let event = Event::sign(Body::new(header, &payload)?, &self.nodes[node].scope)?;
        let to = self.chance.below(self.nodes.len());
        self.ingest(to, std::slice::from_ref(&event))?;
        self.publish(to, event, false)
    }

    /// A node signs an invitation without looking whether it still may, and a stranger comes in by it.
    pub(crate) fn smuggle(&mut self, node: usize) -> Result<()> {
        if self.full() || self.nodes[node].hostile.is_some() {
            return Ok(());
        }
        let Some(ticket) = self.ticket_of(node)? else { return Ok(()) };
        self.happened(Fault::Smuggling);
        let peers = self.peers(node);
        self.come_in(&ticket.with_peers(peers))
    }

    /// A member holds the key of another's home: forks its scope at the first event, introduces it as
    /// their own, and goes on from there.
    pub(crate) fn steal(&mut self, node: usize) -> Result<()> {
        let thief = self.chance.below(self.nodes.len());
        let own = self.own_events(thief)?;
        let joins = |event: &&Event| matches!(event.header().kind, Kind::Genesis | Kind::Join);
        let Some(joined) = own.iter().find(joins) else { return Ok(()) };
        let (person, scope) = (&self.nodes[thief].person_key, &self.nodes[node].scope);
        let certificate = Certificate::issue(person, scope.public(), ScopeKind::Device, "stolen")?;
        let header = Header {
            topic: self.topic,
            scope: scope.public(),
            seq: 0,
            prev: None,
            parents: vec![joined.id()],
            hlc: 0,
            generation: 0,
            kind: Kind::Delegate,
            variant: 0,
        };
        let payload = Delegate { certificate }.to_bytes();
        let entry = Event::sign(Body::new(header.clone(), &payload)?, scope)?;
        let (prev, to) = (Some(entry.id()), self.chance.below(self.nodes.len()));
        self.ingest(to, std::slice::from_ref(&entry))?;
        self.publish(to, entry, false)?;
        let next = Header { seq: 1, prev, parents: Vec::new(), kind: Kind::App, ..header };
        self.forge(node, next, Fault::StolenKey)
    }

    /// A node joins once more by somebody's invitation; where it is in already, it is told so.
    pub(crate) fn retry(&mut self, node: usize) -> Result<()> {
        let by = self.chance.below(self.nodes.len());
        let Some(ticket) = self.ticket_of(by)? else { return Ok(()) };
        let made =
            self.nodes[node].act(self.now_ms, &mut self.chance, |runtime, signer, ambient| {
                runtime.join(&ticket, None, signer, ambient)
            });
        match made {
            Ok(topic) => {
                self.happened(Fault::Retry);
                let own = self.own_events(node)?;
                let last = own.into_iter().max_by_key(|event| event.header().seq);
                let last = last.ok_or_else(|| anyhow!("a join is not in its own log {topic}"))?;
                self.publish(node, last, true)
            }
            // It is in, or the ticket does not hold for it: by its chain or by the dry run.
            Err(
                RuntimeError::HaveTopic { .. }
                | RuntimeError::NotAccepted(_)
                | RuntimeError::BadInput { .. }
                | RuntimeError::Waits { .. }
                | RuntimeError::Busy { .. }
                | RuntimeError::Fault(_),
            ) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// A ticket signed by a node's scope, by the chain of its first join.
    fn ticket_of(&mut self, node: usize) -> Result<Option<Ticket>> {
        let events = self.nodes[node].events(self.topic)?;
        let Some(genesis) = events.first().cloned() else { return Ok(None) };
        let scope = self.nodes[node].scope.public();
        let own = events.iter().find(|event| event.header().scope == scope);
        let chain = match own.map(|event| Payload::decode(event.body())).transpose()? {
            Some(Payload::Genesis(_)) => Vec::new(),
            Some(Payload::Join(join)) => join.chain().to_vec(),
            _ => return Ok(None),
        };
        let secret = SecretKey::from_seed(&self.chance.seed());
        let terms = Terms { uses: self.chance.below(3) as u32, may_invite: true, expiry: 0 };
        let by = &self.nodes[node];
        let certificate = by.certificate.clone();
        let invitation =
            Invitation::issue(self.topic, secret.public(), terms, certificate, &by.scope)?;
        // An issuer who was let in without the right to invite makes no ticket.
        Ok(Ticket::invite(genesis, chain, invitation, secret).ok())
    }

    pub(crate) fn own_events(&self, node: usize) -> Result<Vec<Event>> {
        let scope = self.nodes[node].scope.public();
        let mut events = self.nodes[node].events(self.topic)?;
        events.retain(|event| event.header().scope == scope);
        Ok(events)
    }

    /// A person ends one of their scopes, from another or from itself.
    pub(crate) fn revoke(&mut self, node: usize) -> Result<()> {
        let person = self.nodes[node].person;
        let scopes: Vec<_> = self
            .nodes
            .iter()
            .filter(|other| other.person == person)
            .map(|other| other.scope.public())
            .collect();
        let Some(scope) = self.chance.pick(&scopes).copied() else { return Ok(()) };
        if person == 0 && scopes.len() == 1 {
            return Ok(());
        }
        let (topic, key) = (self.topic, self.nodes[node].person_key.clone());
        let made =
            self.nodes[node].act(self.now_ms, &mut self.chance, |runtime, signer, ambient| {
                runtime.revoke(topic, &key, &[scope], signer, ambient)
            });
        self.ended(node, made.map(|authored| authored.event), Fault::Revocation)
    }

    /// Somebody tries to remove somebody.
    pub(crate) fn remove(&mut self, node: usize) -> Result<()> {
        let other = self.chance.below(self.nodes.len());
        let (topic, person) = (self.topic, self.nodes[other].person_public());
        let made =
            self.nodes[node].act(self.now_ms, &mut self.chance, |runtime, signer, ambient| {
                runtime.remove_person(topic, person, signer, ambient)
            });
        self.ended(node, made.map(|authored| authored.event), Fault::Removal)
    }

    fn ended(
        &mut self,
        node: usize,
        made: Result<Event, RuntimeError>,
        fault: Fault,
    ) -> Result<()> {
        match made {
            Ok(event) => {
                self.happened(fault);
                self.publish(node, event, true)
            }
            Err(
                RuntimeError::NotAccepted(_)
                | RuntimeError::NotAMember { .. }
                | RuntimeError::BadInput { .. }
                | RuntimeError::Waits { .. }
                | RuntimeError::Busy { .. }
                | RuntimeError::Body(_),
            ) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}
