use myrhiza_kernel_api::{BundleId, EventId, LineageId, PublicKey, TopicId};

use crate::bundle::Bundle;
use crate::codec::Canonical;
use crate::event::payload::{
    Admission, Cut, CutList, Delegate, Genesis, HandOver, Invitation, InvitationCut, Join, Link,
    Notice, Remove, Revoke, Terms, Upgrade, Upgraders,
};
use crate::event::{Body, Event, Founding, Header, Kind, author_genesis};
use crate::identity::{Certificate, ScopeKind, SecretKey};

/// The key of a number.
pub(crate) fn key(n: u16) -> SecretKey {
    let mut seed = [7; 32];
    seed[..2].copy_from_slice(&n.to_be_bytes());
    SecretKey::from_seed(&seed)
}

/// A scope of a person, and what it made last.
#[derive(Clone)]
pub(crate) struct Scope {
    pub(crate) person: SecretKey,
    pub(crate) device: SecretKey,
    pub(crate) certificate: Certificate,
    /// By which its person came in.
    pub(crate) chain: Vec<Link>,
    pub(crate) last: Option<(u64, EventId)>,
}

impl Scope {
    pub(crate) fn new(person: u16, device: u16, kind: ScopeKind) -> Self {
        let (person, device) = (key(person), key(device));
        let certificate = Certificate::issue(&person, device.public(), kind, "home").unwrap();
        Self { person, device, certificate, chain: Vec::new(), last: None }
    }

    /// Another device of whoever has signed the test's app.
    pub(crate) fn of_author(device: u16) -> Self {
        let (person, device) = (super::app::author(), key(device));
        let certificate =
            Certificate::issue(&person, device.public(), ScopeKind::Device, "desk").unwrap();
        Self { person, device, certificate, chain: Vec::new(), last: None }
    }

    pub(crate) fn id(&self) -> PublicKey {
        self.device.public()
    }

    pub(crate) fn person(&self) -> PublicKey {
        self.person.public()
    }

    pub(crate) fn last(&self) -> Option<EventId> {
        self.last.map(|(_, id)| id)
    }
}

/// A topic and its founder.
pub(crate) struct World {
    pub(crate) bundle: Bundle,
    pub(crate) topic: Founding,
    pub(crate) genesis: Event,
    pub(crate) founder: Scope,
}

impl World {
    pub(crate) fn new(admission: Admission) -> Self {
        Self::founded_by(admission, 1)
    }

    /// The topic of another founder.
    pub(crate) fn founded_by(admission: Admission, person: u16) -> Self {
        Self::of_app(admission, person, LineageId([3; 32]), super::app::BUNDLE.clone())
    }

    /// A topic that later versions of the test's app are for.
    pub(crate) fn upgradable() -> Self {
        Self::upgradable_from(super::app::BUNDLE.clone())
    }

    /// The same, whose first version is that.
    pub(crate) fn upgradable_from(bundle: Bundle) -> Self {
        Self::of_app(Admission::Invite, 1, bundle.lineage(), bundle)
    }

    /// An open topic of that version of the test's app.
    pub(crate) fn open_to_all(bundle: Bundle) -> Self {
        Self::of_app(Admission::Open, 1, bundle.lineage(), bundle)
    }

    /// A topic with anchors after every so many events.
    pub(crate) fn with_interval(admission: Admission, interval: u32) -> Self {
        let bundle = super::app::bundle_with_interval(interval);
        Self::of_app(admission, 1, LineageId([3; 32]), bundle)
    }

    fn of_app(admission: Admission, person: u16, lineage: LineageId, bundle: Bundle) -> Self {
        let mut founder = Scope::new(person, 1000 + person, ScopeKind::Device);
        let genesis = Genesis {
            lineage,
            bundle: bundle.id(),
            seed: [5; 32],
            name: "garden".into(),
            admission,
            upgraders: Upgraders::Founder,
            checkpointer: None,
            founder: founder.certificate.clone(),
        };
        let genesis = event(
            (Header::NO_TOPIC, 0),
            &founder.device,
            (0, None),
            &[],
            (Kind::Genesis, 0, &genesis.to_bytes()),
        );
        founder.last = Some((0, genesis.id()));
        Self { bundle, topic: Founding::of(&genesis).unwrap(), genesis, founder }
    }

    /// The topic of whoever has signed the test's app, and a device of theirs.
    pub(crate) fn of_author() -> Self {
        let founder = Scope::of_author(1001);
        let genesis = author_genesis(founder.person()).unwrap();
        let bundle = super::app::BUNDLE.clone();
        Self { bundle, topic: Founding::of(&genesis).unwrap(), genesis, founder }
    }

    /// A scope comes into an open or an author's topic.
    pub(crate) fn enter(&self, scope: &mut Scope) -> Event {
        let join = Join::Open(scope.certificate.clone()).to_bytes();
        self.next(scope, &[self.genesis.id()], (Kind::Join, 0, &join))
    }

    /// What an author says at that clock.
    pub(crate) fn notice(
        &self,
        scope: &mut Scope,
        (hlc, notice): (u64, &Notice),
        parents: &[EventId],
    ) -> Event {
        let place = scope.last.map_or((0, None), |(seq, last)| (seq + 1, Some(last)));
        let payload = notice.to_bytes();
        let what = (Kind::Notice, 0, &payload[..]);
        let event = event_at(hlc, (self.id(), 0), &scope.device, place, parents, what);
        scope.last = Some((place.0, event.id()));
        event
    }

    pub(crate) fn id(&self) -> TopicId {
        self.topic.topic()
    }

    /// The next event of a scope, which remembers it.
    pub(crate) fn next(
        &self,
        scope: &mut Scope,
        parents: &[EventId],
        what: (Kind, u32, &[u8]),
    ) -> Event {
        self.made_for(0, scope, parents, what)
    }

    /// The same, made for that generation.
    pub(crate) fn made_for(
        &self,
        generation: u32,
        scope: &mut Scope,
        parents: &[EventId],
        what: (Kind, u32, &[u8]),
    ) -> Event {
        let place = scope.last.map_or((0, None), |(seq, last)| (seq + 1, Some(last)));
        let event = event((self.id(), generation), &scope.device, place, parents, what);
        scope.last = Some((place.0, event.id()));
        event
    }

    /// An app event on what the scope made last and on `parents`.
    pub(crate) fn app(
        &self,
        scope: &mut Scope,
        parents: &[EventId],
        variant: u32,
        payload: &[u8],
    ) -> Event {
        self.next(scope, parents, (Kind::App, variant, payload))
    }

    /// `joiner` comes in by invitation `n` of `inviter`.
    pub(crate) fn join(
        &self,
        inviter: &Scope,
        joiner: &mut Scope,
        (n, uses): (u16, u32),
        parents: &[EventId],
    ) -> Event {
        let secret = key(2000 + n);
        let terms = Terms { uses, may_invite: true, expiry: 0 };
        let issuer = inviter.certificate.clone();
        let invitation =
            Invitation::issue(self.id(), secret.public(), terms, issuer, &inviter.device).unwrap();
        joiner.chain = inviter.chain.clone();
        joiner.chain.push(Link::accept(invitation, joiner.certificate.clone(), &secret));
        let payload = Join::Invited(joiner.chain.clone()).to_bytes();
        self.next(joiner, parents, (Kind::Join, 0, &payload))
    }

    /// Another scope of a member, whose membership is among the parents.
    pub(crate) fn delegate(&self, scope: &mut Scope, parents: &[EventId]) -> Event {
        let payload = Delegate { certificate: scope.certificate.clone() }.to_bytes();
        self.next(scope, parents, (Kind::Delegate, 0, &payload))
    }

    /// `author` carries the word of `person`.
    pub(crate) fn revoke(
        &self,
        author: &mut Scope,
        person: &SecretKey,
        cuts: CutList,
        parents: &[EventId],
    ) -> Event {
        let payload = Revoke::sign(person, self.id(), author.id(), cuts).to_bytes();
        self.next(author, parents, (Kind::Revoke, 0, &payload))
    }

    pub(crate) fn remove(
        &self,
        author: &mut Scope,
        person: PublicKey,
        cuts: CutList,
        parents: &[EventId],
    ) -> Event {
        let payload = Remove::new(person, cuts).to_bytes();
        self.next(author, parents, (Kind::Remove, 0, &payload))
    }

    pub(crate) fn upgrade(
        &self,
        author: &mut Scope,
        (from, to): (BundleId, &Bundle),
        hand_overs: &[HandOver],
        parents: &[EventId],
    ) -> Event {
        let upgrade = Upgrade { from, to: to.signed_manifest(), hand_overs: hand_overs.to_vec() };
        self.next(author, parents, (Kind::Upgrade, 0, &upgrade.to_bytes()))
    }

    /// CutList of scopes.
    pub(crate) fn cuts(scopes: &[(PublicKey, Option<EventId>)]) -> CutList {
        let scopes = scopes.iter().map(|(scope, last)| Cut { scope: *scope, last: *last });
        CutList { scopes: scopes.collect(), ..CutList::default() }
    }

    /// A cut of invitation `n`.
    pub(crate) fn invitation_cut(n: u16, acceptors: &[PublicKey]) -> CutList {
        let invitation = key(2000 + n).public();
        let cut = InvitationCut { invitation, acceptors: acceptors.to_vec() };
        CutList { invitations: vec![cut], ..CutList::default() }
    }
}

/// A signed event.
fn event(
    topic: (TopicId, u32),
    author: &SecretKey,
    place: (u64, Option<EventId>),
    parents: &[EventId],
    what: (Kind, u32, &[u8]),
) -> Event {
    event_at(0, topic, author, place, parents, what)
}

/// The same at that clock.
fn event_at(
    hlc: u64,
    (topic, generation): (TopicId, u32),
    author: &SecretKey,
    (seq, prev): (u64, Option<EventId>),
    parents: &[EventId],
    (kind, variant, payload): (Kind, u32, &[u8]),
) -> Event {
    let mut parents = parents.to_vec();
    parents.sort_unstable();
    parents.dedup();
    let scope = author.public();
    let header = Header { topic, scope, seq, prev, parents, hlc, generation, kind, variant };
    Event::sign(Body::new(header, payload).unwrap(), author).unwrap()
}

/// Numbers from a seed (SplitMix64).
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ z >> 31) % n as u64) as usize
    }

    pub(crate) fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }

    /// The same in another order, some of it twice.
    pub(crate) fn shuffled<T: Clone>(&mut self, from: &[T]) -> Vec<T> {
        let mut all = from.to_vec();
        for _ in 0..from.len() / 4 {
            all.push(self.pick(from).clone());
        }
        for n in (1..all.len()).rev() {
            all.swap(n, self.below(n + 1));
        }
        all
    }
}
