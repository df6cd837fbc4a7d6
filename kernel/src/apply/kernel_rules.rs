//! The kernel's own `state-apply`: folds its event kinds into the part of the state guests cannot
//! write.

use myrhiza_kernel_api::limits::PERSON_SCOPES;
use myrhiza_kernel_api::{EventId, PublicKey, TopicId};

use super::facts::{Facts, FactsMut, Member, ScopeRecord};
use super::{Cuts, Ruling};
use crate::dag::Graph;
use crate::event::Body;
use crate::event::payload::{Join, Payload};
use crate::fault::Fault;
use crate::identity::Certificate;
use crate::order::Place;
use crate::state::Overlay;

/// Folds one event of a kernel kind. It writes only if it accepts.
pub(super) fn fold(
    overlay: &mut Overlay,
    topic: TopicId,
    cuts: &Cuts,
    body: &Body,
    place: Place,
) -> Result<Ruling, Fault> {
    let payload = match Payload::decode(body) {
        Ok(payload) => payload,
        Err(cause) => return Err(Fault::damaged(format!("event {}", body.id()), cause)),
    };
    let mut rules = Rules { overlay, topic, place, prev: body.header().prev };
    match payload {
        Payload::App | Payload::Upgrade(_) | Payload::Notice(_) => {
            Err(Fault::damaged(format!("event {}", body.id()), "a kind folded elsewhere"))
        }
        // Who founds an author's topic is nobody.
        Payload::Genesis(genesis) if genesis.author().is_some() => Ok(Ruling::accept(0)),
        Payload::Genesis(genesis) => {
            let founder = genesis.founder.person();
            rules.admit(founder, &genesis.founder);
            Ok(Ruling::accept(0))
        }
        Payload::Join(join) => rules.join(&join),
        Payload::Delegate(delegate) => {
            let certificate = &delegate.certificate;
            let facts = Facts::new(&*rules.overlay, topic);
            if facts.member(certificate.person())?.is_none() {
                return Ok(Ruling::kernel_reject("the person is not a member"));
            }
            if let Some(ruling) = rules.no_room(certificate)? {
                return Ok(ruling);
            }
            rules.introduce(certificate);
            Ok(Ruling::accept(0))
        }
        // It counts whoever carries it, also where it cuts its own author; see `Cuts`.
        Payload::Revoke(_) => Ok(Ruling::accept(0)),
        Payload::Remove(remove) if cuts.counts(body.id()) => {
            rules.write().delete_member(remove.person());
            Ok(Ruling::accept(0))
        }
        Payload::Remove(_) => Ok(Ruling::kernel_reject(
            "the author does not stand above that person in the invitation tree, or is cut off",
        )),
    }
}

struct Rules<'a> {
    overlay: &'a mut Overlay,
    topic: TopicId,
    place: Place,
    prev: Option<EventId>,
}

impl Rules<'_> {
    fn write(&mut self) -> FactsMut<'_> {
        FactsMut::new(self.overlay, self.topic)
    }

    fn admit(&mut self, inviter: PublicKey, certificate: &Certificate) {
        let person = certificate.person();
        let member = Member { person, inviter, joined: self.place.id };
        self.write().put_member(member);
        self.introduce(certificate);
    }

    fn introduce(&mut self, certificate: &Certificate) {
        let id = self.place.id;
        self.write().put_scope(certificate.scope(), id, &ScopeRecord::of(certificate));
    }

    /// Why a scope cannot come in, whoever lets it.
    fn no_room(&self, certificate: &Certificate) -> Result<Option<Ruling>, Fault> {
        let facts = Facts::new(&*self.overlay, self.topic);
        // On this chain. Whoever else holds the scope's key can fork it, and what they say of it on
        // their branch takes nothing from its owner.
        if let Some(prev) = self.prev
            && let Some(prev) = Graph::new(&*self.overlay, self.topic).node(prev)?
            && facts.author(prev.entry)?.is_some()
        {
            return Ok(Some(Ruling::kernel_reject("the scope is in the topic already")));
        }
        let (scope, person) = (certificate.scope(), certificate.person());
        let full =
            facts.scopes_of(person)?.len() >= PERSON_SCOPES && !facts.is_of(scope, person)?;
        let why = "the person has as many scopes in the topic as a person may have";
        Ok(full.then(|| Ruling::kernel_reject(why)))
    }

    fn join(&mut self, join: &Join) -> Result<Ruling, Fault> {
        let Some(certificate) = join.certificate() else {
            return Ok(Ruling::kernel_reject("a join without a certificate"));
        };
        if let Some(ruling) = self.no_room(certificate)? {
            return Ok(ruling);
        }
        let facts = Facts::new(&*self.overlay, self.topic);
        // Who was let in over the count cannot let others in: every link of the chain is a use,
        // counted once for each scope that accepts, whichever join shows it first.
        let mut uses = Vec::new();
        for link in join.chain() {
            let (invitation, acceptor) = (&link.invitation, link.acceptor.scope());
            if facts.accepted(invitation.key(), acceptor)? {
                continue;
            }
            let used = facts.uses(invitation.key())?;
            let most = invitation.terms().uses;
            if most != 0 && used >= most {
                return Ok(Ruling::kernel_reject("the invitation is spent"));
            }
            uses.push((invitation.key(), acceptor, used.saturating_add(1)));
        }
        let inviter = join.chain().last().map(|link| link.invitation.issuer().person());
        let inviter = inviter.unwrap_or(certificate.person());
        let place = self.place;
        for (invitation, acceptor, used) in uses {
            self.write().put_use(invitation, acceptor, used);
        }
        for link in join.chain() {
            self.write().put_link(link, place);
        }
        let known = Facts::new(&*self.overlay, self.topic).member(certificate.person())?.is_some();
        if known {
            self.introduce(certificate);
        } else {
            self.admit(inviter, certificate);
        }
        Ok(Ruling::accept(0))
    }
}
