//! The next bundle of a topic, and what a topic waits for that has not got it.

use std::fmt;

use myrhiza_kernel_api::{BundleId, EventId, Snapshot, TopicId};

use super::author::Draft;
use super::loaded::installed;
use super::{Ambient, Authored, Runtime, RuntimeError, Signer, Subject, TopicRecord, blobs};
use crate::apply::InForce;
use crate::bundle::Version;
use crate::codec::Canonical;
use crate::dag::Graph;
use crate::event::payload::{HandOver, Payload, Upgrade};
use crate::event::{Founding, Kind};
use crate::fault::Fault;
use crate::order::TopicKeys;
use crate::schema;

/// What keeps a topic from being folded on: a bundle that is not installed here, which is also how
/// a user says that they do not want it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Waits {
    /// The topic's first bundle, or one that came into force: nothing is folded.
    App(BundleId),
    /// The bundle of an upgrade. All before it is folded and can be read.
    Upgrade {
        /// The upgrade.
        event: EventId,
        /// Its bundle.
        bundle: BundleId,
        /// What the app is called.
        name: String,
        /// Its version.
        version: Version,
    },
}

impl Waits {
    /// The bundle.
    pub const fn bundle(&self) -> BundleId {
        match self {
            Self::App(bundle) | Self::Upgrade { bundle, .. } => *bundle,
        }
    }
}

impl fmt::Display for Waits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::App(bundle) => write!(f, "bundle {bundle}"),
            Self::Upgrade { bundle, name, version, .. } => {
                write!(f, "version {version} of the app `{name}`, bundle {bundle}")
            }
        }
    }
}

impl Runtime {
    /// Goes on with another bundle of the topic's app, which is installed: from here on for this
    /// home, and for every other that has installed it. `hand_overs` lead from the app's first
    /// author to the bundle's, where they are two.
    ///
    /// # Errors
    /// [`RuntimeError::NotInstalled`], [`RuntimeError::BadInput`] if it is of another app,
    /// [`RuntimeError::NotAccepted`] if this person may not, the version is not above that in force
    /// or its migration traps.
    pub fn upgrade(
        &mut self,
        topic: TopicId,
        signer: Signer<'_>,
        ambient: &mut Ambient<'_>,
        bundle: BundleId,
        hand_overs: Vec<HandOver>,
    ) -> Result<Authored, RuntimeError> {
        let opened = self.open(topic)?;
        let from = opened.ready()?.bundle;
        let to = installed(&opened.overlay, bundle)?.signed_manifest();
        let upgrade = Upgrade { from, to, hand_overs };
        let lineage = opened.topic.genesis().lineage;
        upgrade.verify(lineage).map_err(|error| RuntimeError::BadInput {
            what: Subject::Bundle,
            cause: error.to_string(),
        })?;
        let payload = upgrade.to_bytes();
        let draft = Draft { kind: Kind::Upgrade, variant: 0, payload, parents: Vec::new() };
        self.author(opened, signer, ambient, draft)
    }
}

/// What a topic waits for, if it is not folded to its tip for want of a bundle.
pub(super) fn waits(
    reader: &dyn Snapshot,
    topic: &Founding,
    record: &TopicRecord,
) -> Result<Option<Waits>, Fault> {
    if record.settled() || record.rewind.is_some() {
        return Ok(None);
    }
    let has = |bundle: BundleId| blobs::holds(reader, schema::BUNDLES, bundle.as_bytes());
    if topic.author().is_some() {
        return Ok(None);
    }
    let InForce { bundle, .. } = InForce::of(reader, topic)?;
    if !has(bundle)? {
        return Ok(Some(Waits::App(bundle)));
    }
    let keys = TopicKeys { topic: topic.topic() };
    let rest = keys.places_after(record.folded);
    let next = keys.scan_places(reader, schema::LOG, rest, (false, 1))?.pop();
    let Some(place) = next else { return Ok(None) };
    let event = Graph::new(reader, topic.topic()).event(place)?;
    match Payload::decode(event.body()) {
        Ok(Payload::Upgrade(Upgrade { to, .. })) if !has(to.id())? => {
            let (name, version) = (to.manifest().name.clone(), to.manifest().version);
            Ok(Some(Waits::Upgrade { event: place.id, bundle: to.id(), name, version }))
        }
        _ => Ok(None),
    }
}
