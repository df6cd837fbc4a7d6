//! The topics of a home.

use std::collections::{BTreeMap, BTreeSet};

use myrhiza_kernel::event::payload::Admission;
use myrhiza_kernel::identity::names;
use myrhiza_kernel::runtime::{Membership, NewTopic, Runtime, RuntimeError, TopicSummary, Waits};
use myrhiza_kernel_api::{BundleId, PublicKey, TopicId};
use serde::Serialize;

use super::{act, apps};
use crate::error::told;
use crate::{Answer, Desk, Error};

/// A topic in a line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Topic {
    /// Its id.
    pub id: String,
    /// What it is called here.
    pub name: String,
    /// `null` where the app is not installed.
    pub app: Option<String>,
    /// The bundle in force.
    pub bundle: String,
    /// Upgrades so far.
    pub generation: u32,
    /// The bundle it waits for; `null` where it does not wait.
    pub waits: Option<String>,
    /// `open`, `invite` or `author`.
    pub admission: &'static str,
    /// Who founded it.
    pub founder: String,
    /// Events in its log.
    pub events: u64,
    /// Every one of them is folded.
    pub folded: bool,
    /// Whether this home can act in it; `null` where it is not folded.
    pub member: Option<bool>,
    /// Whether the author of its bundle has revoked that, and it is not pinned.
    pub revoked: bool,
    /// Whether no peer shares it with this home, though some that have it were reached; `null` where
    /// no node is up.
    pub denied: Option<bool>,
}

/// The same, with what a page says beside it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Shown {
    #[serde(flatten)]
    topic: Topic,
    /// Its id for people.
    id_name: String,
    founder_name: String,
    /// The version in force; `null` where the app is not installed.
    version: Option<String>,
    /// How this home stands in it: see [`standing`].
    standing: &'static str,
    /// Why its join was rejected, if it was.
    why: String,
    /// The name and version of an upgrade that it waits for.
    next: Option<Next>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct Next {
    name: String,
    version: String,
}

/// A topic that was founded or joined.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Entered {
    pub(super) topic: String,
    pub(super) name: String,
}

/// How a home stands in a topic, in one word.
const fn standing(membership: &Membership) -> &'static str {
    match membership {
        Membership::Member => "member",
        Membership::Elsewhere => "elsewhere",
        Membership::Removed => "removed",
        Membership::Revoked => "revoked",
        Membership::Rejected(_) => "rejected",
        Membership::Awaited => "awaited",
        Membership::Outside => "outside",
        Membership::Unknown => "unknown",
    }
}

/// A home's topics in the order in which people are shown them: by name, whatever the case of its letters.
///
/// # Errors
/// [`RuntimeError::Fault`]
pub fn by_name(runtime: &Runtime) -> Result<Vec<TopicSummary>, RuntimeError> {
    let mut topics = runtime.topics()?;
    topics.sort_by_cached_key(|topic| (topic.record.name.to_lowercase(), topic.id));
    Ok(topics)
}

/// What a listing looks up once for all topics.
pub struct Lister<'r> {
    runtime: &'r Runtime,
    apps: BTreeMap<BundleId, (String, String)>,
    revoked: Vec<BundleId>,
    scope: PublicKey,
    person: PublicKey,
    denied: Option<&'r BTreeSet<TopicId>>,
}

impl<'r> Lister<'r> {
    /// For a home's scope and person, and where its node is up, the topics that nobody shares with it.
    ///
    /// # Errors
    /// [`RuntimeError::Fault`]
    pub fn new(
        runtime: &'r Runtime,
        (scope, person): (PublicKey, PublicKey),
        denied: Option<&'r BTreeSet<TopicId>>,
    ) -> Result<Self, RuntimeError> {
        let apps = runtime.apps()?.into_iter().map(|bundle| {
            let manifest = bundle.manifest();
            (bundle.id(), (manifest.name.clone(), manifest.version.to_string()))
        });
        let revoked = runtime.withdrawn_apps()?.into_iter().map(|(app, _)| app.id());
        let (apps, revoked) = (apps.collect(), revoked.collect());
        Ok(Self { runtime, apps, revoked, scope, person, denied })
    }

    /// A topic in a line.
    ///
    /// # Errors
    /// [`RuntimeError`]
    pub fn topic(&self, topic: &TopicSummary) -> Result<Topic, RuntimeError> {
        Ok(self.with_standing(topic)?.0)
    }

    fn with_standing(&self, topic: &TopicSummary) -> Result<(Topic, Membership), RuntimeError> {
        let folded = topic.record.settled();
        let bundle = topic.in_force.bundle;
        let membership = self.runtime.membership(topic.id, self.scope, self.person)?;
        let member = match &membership {
            _ if !folded => None,
            Membership::Unknown | Membership::Awaited => None,
            membership => Some(matches!(membership, Membership::Member | Membership::Elsewhere)),
        };
        let listed = Topic {
            id: topic.id.to_string(),
            name: topic.record.name.clone(),
            app: self.apps.get(&bundle).map(|(name, _)| name.clone()),
            bundle: bundle.to_string(),
            generation: topic.in_force.generation,
            waits: topic.waits.as_ref().map(|waits| waits.bundle().to_string()),
            admission: match topic.topic.genesis().admission {
                Admission::Open => "open",
                Admission::Invite => "invite",
                Admission::Author => "author",
            },
            founder: topic.topic.founder().to_string(),
            events: topic.record.events,
            folded,
            member,
            revoked: self.revoked.contains(&bundle),
            denied: self.denied.map(|denied| denied.contains(&topic.id)),
        };
        Ok((listed, membership))
    }

    fn shown(&self, topic: &TopicSummary) -> Result<Shown, RuntimeError> {
        let (listed, membership) = self.with_standing(topic)?;
        Ok(Shown {
            topic: listed,
            id_name: names::topic(&topic.id),
            founder_name: names::person(&topic.topic.founder()),
            version: self.apps.get(&topic.in_force.bundle).map(|(_, version)| version.clone()),
            standing: standing(&membership),
            why: match membership {
                Membership::Rejected(reason) => reason,
                _ => String::new(),
            },
            next: match &topic.waits {
                Some(Waits::Upgrade { name, version, .. }) => {
                    Some(Next { name: name.clone(), version: version.to_string() })
                }
                _ => None,
            },
        })
    }
}

pub(crate) fn answer(desk: &Desk<'_, '_>) -> Result<Answer, Error> {
    let all = || -> Result<Vec<_>, RuntimeError> {
        let who = (desk.scope(), desk.person());
        let lister = Lister::new(desk.runtime(), who, Some(&desk.status.denied))?;
        by_name(desk.runtime())?.iter().map(|topic| lister.shown(topic)).collect()
    };
    all().map(Answer::Topics).map_err(told("the topics were not read"))
}

pub(crate) fn found(
    desk: &mut Desk<'_, '_>,
    bundle: BundleId,
    name: &str,
    open: bool,
) -> Result<Answer, Error> {
    let what = "no topic was made";
    apps::refuse(desk, bundle, what)?;
    let admission = if open { Admission::Open } else { Admission::Invite };
    let new = NewTopic { bundle, name, admission };
    let made =
        desk.signing(|runtime, signer, ambient, _| runtime.create_topic(signer, ambient, &new))?;
    let id = made.map_err(told(what))?;
    Ok(Answer::Entered(Entered { topic: id.to_string(), name: name.into() }))
}

pub(crate) fn leave(desk: &mut Desk<'_, '_>, topic: TopicId) -> Result<Answer, Error> {
    let seat = &mut *desk.seat;
    seat.runtime.leave(topic, &seat.certificate).map_err(told("the topic was not left"))?;
    Ok(Answer::Done {})
}

pub(crate) fn upgrade(
    desk: &mut Desk<'_, '_>,
    topic: TopicId,
    bundle: BundleId,
) -> Result<Answer, Error> {
    let what = "the topic was not upgraded";
    apps::refuse(desk, bundle, what)?;
    let done = desk.signing(|runtime, signer, ambient, _| {
        runtime.take_part(topic, signer, ambient)?;
        runtime.upgrade(topic, signer, ambient, bundle, Vec::new())
    })?;
    act::finish(done, what)
}
