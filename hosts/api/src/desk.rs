use std::collections::BTreeSet;

use myrhiza_kernel::bundle::KERNEL;
use myrhiza_kernel::identity::{Keys, names};
use myrhiza_kernel::node::{PeerStatus, Seat};
use myrhiza_kernel::runtime::{Ambient, Runtime, Signer};
use myrhiza_kernel_api::{Address, PublicKey, TopicId};
use serde::Serialize;

use crate::methods::{
    act, apps, asked, dag, drift, event, log, members, offers, peers, root, state, surface,
    tickets, topics, view,
};
use crate::{Answer, Answered, Ask, Error, Journal, Request};

/// A node at one instant.
pub struct Status {
    /// Its key.
    pub key: PublicKey,
    /// How others reach it.
    pub addresses: Vec<Address>,
    /// The peers it is connected to.
    pub peers: Vec<PeerStatus>,
    /// The topics that no peer serves this home, though some that have them were reached.
    pub denied: BTreeSet<TopicId>,
}

/// A home's keys, as its host lends them for one request.
pub trait Custody {
    /// The keys, before anything is signed with any of them. A host that guards them does so here.
    ///
    /// # Errors
    /// Why nothing is to be signed.
    fn keys(&mut self) -> Result<Keys, Error>;
}

/// What a request is answered with.
pub struct Desk<'a, 'r> {
    /// The home, as its node acts for it.
    pub seat: &'a mut Seat,
    /// The node, as it was when the request came.
    pub status: &'a Status,
    /// What it has told lately.
    pub journal: &'a Journal,
    /// The host, of itself.
    pub host: &'a About,
    /// The keys.
    pub custody: &'a mut dyn Custody,
    /// Time and chance.
    pub ambient: &'a mut Ambient<'r>,
}

/// A program and what it runs on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct About {
    /// `node` or `browser`.
    pub host: &'static str,
    /// The program's version.
    pub version: String,
    /// The kernel's.
    pub kernel: String,
    /// What runs components, with its version.
    pub engine: String,
    /// What the home is kept in.
    pub store: String,
    /// What else the host has to say, as for where the home is.
    pub more: Vec<Fact>,
}

/// Something a host says of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Fact {
    /// What.
    pub name: String,
    /// What it is.
    pub value: String,
}

impl About {
    /// What a host of that kind and version says, over a home's runtime.
    pub fn new(host: &'static str, version: &str, store: &str, runtime: &Runtime) -> Self {
        Self {
            host,
            version: version.into(),
            kernel: format!("{}.{}", KERNEL.major, KERNEL.minor),
            engine: runtime.backend().version(),
            store: store.into(),
            more: Vec::new(),
        }
    }
}

/// Whose home it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Who {
    /// The person's key.
    pub id: String,
    /// Their name.
    pub name: String,
    /// The home's own key.
    pub scope: String,
    /// What its person calls it.
    pub scope_name: String,
}

impl Desk<'_, '_> {
    /// Does what is asked.
    ///
    /// # Errors
    /// Why it was not done, with the next step.
    pub fn answer(&mut self, request: Request) -> Result<Answered, Error> {
        Ok(match request {
            Request::Who {} => Answer::Who(self.who()).into(),
            Request::About {} => Answer::About(self.host.clone()).into(),
            Request::Topics {} => topics::answer(self)?.into(),
            Request::View { topic, known, limit } => {
                view::answer(self, topic, known.as_deref(), limit)?.into()
            }
            Request::Surface { topic, known, input } => {
                surface::answer(self, topic, known.as_deref(), input)?.into()
            }
            Request::Act { topic, intent } => act::answer(self, topic, &intent)?.into(),
            Request::Press { topic, words } => asked::press(self, topic, &words)?.into(),
            Request::Asked { topic } => asked::list(self, topic).into(),
            Request::Complete { token, said } => asked::complete(self, &token, said)?.into(),
            Request::Found { bundle, name, open } => {
                topics::found(self, bundle, &name, open)?.into()
            }
            Request::Leave { topic } => topics::leave(self, topic)?.into(),
            Request::Upgrade { topic, bundle } => topics::upgrade(self, topic, bundle)?.into(),
            Request::Ticket { ticket } => tickets::show(self, &ticket)?.into(),
            Request::Join { ticket, name, even_if_expired } => {
                tickets::join(self, &ticket, name.as_deref(), even_if_expired)?.into()
            }
            Request::Invite { topic, uses, lasts_ms, may_invite, device } => {
                let wanted = tickets::Wanted { uses, lasts_ms, may_invite, device };
                tickets::invite(self, topic, &wanted)?.into()
            }
            Request::EndTicket { ticket } => tickets::end(self, &ticket)?.into(),
            Request::Members { topic } => members::answer(self, topic)?.into(),
            Request::Remove { topic, person } => members::remove(self, topic, person)?.into(),
            Request::Apps {} => apps::answer(self)?.into(),
            Request::Offers {} => offers::list(self)?.into(),
            Request::Offer { bundle } => offers::show(self, bundle)?.into(),
            Request::Take { bytes } => offers::take(self, &bytes)?.into(),
            Request::Confirm { bundle, shown, pin } => {
                offers::confirm(self, bundle, &shown, pin)?.into()
            }
            Request::Refuse { bundle } => offers::refuse(self, bundle)?.into(),
            Request::Pin { bundle } => apps::pin(self, bundle)?.into(),
            Request::Uninstall { bundle } => apps::uninstall(self, bundle)?.into(),
            Request::Peers {} => peers::answer(self)?.into(),
            Request::Connect { peer } => {
                let peer = peers::parse(&peer)?;
                Answered { answer: Answer::Done {}, ask: Some(Ask::Connect(peer)) }
            }
            Request::Journal { after } => Answer::Lines(self.journal.after(after)).into(),
            Request::Log { topic, after, before, limit } => {
                log::answer(self, topic, &log::Asked { after, before, limit })?.into()
            }
            Request::Event { topic, event } => event::answer(self, topic, event)?.into(),
            Request::State { topic, after, limit } => {
                state::answer(self, topic, after.as_deref(), limit)?.into()
            }
            Request::Root { topic } => root::answer(self, topic)?.into(),
            Request::Drift { topic } => drift::answer(self, topic)?.into(),
            Request::Compare { topic } => {
                let answer = drift::compare(self, topic);
                Answered { answer, ask: Some(Ask::Compare(topic)) }
            }
            Request::Forks { topic } => dag::forks(self, topic)?.into(),
            Request::Pending { topic } => dag::pending(self, topic)?.into(),
        })
    }

    /// The home's runtime.
    pub(crate) fn runtime(&self) -> &Runtime {
        &self.seat.runtime
    }

    /// The person whose home it is.
    pub(crate) fn person(&self) -> PublicKey {
        self.seat.certificate.person()
    }

    /// The home's own scope.
    pub(crate) fn scope(&self) -> PublicKey {
        self.seat.scope.public()
    }

    /// Does something that signs.
    pub(crate) fn signing<T>(
        &mut self,
        what: impl FnOnce(&mut Runtime, Signer<'_>, &mut Ambient<'_>, &Keys) -> T,
    ) -> Result<T, Error> {
        let keys = self.custody.keys()?;
        let (runtime, signer) = self.seat.parts();
        Ok(what(runtime, signer, self.ambient, &keys))
    }

    fn who(&self) -> Who {
        let certificate = &self.seat.certificate;
        Who {
            id: certificate.person().to_string(),
            name: names::person(&certificate.person()),
            scope: certificate.scope().to_string(),
            scope_name: certificate.name().into(),
        }
    }
}
