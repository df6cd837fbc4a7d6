use myrhiza_kernel_api::{BundleId, Snapshot, TopicId};

use super::loaded::installed;
use super::open::Opened;
use super::record::topic_ids;
use super::standing::unpin;
use super::{Change, Runtime, RuntimeError, TopicRecord, blobs};
use crate::apply::{Verdict, read_verdict};
use crate::bundle::{Bundle, InstallPlan, Installed};
use crate::dag::{Graph, founding};
use crate::event::Founding;
use crate::event::payload::Payload;
use crate::fault::Fault;
use crate::order::TopicKeys;
use crate::schema;
use crate::state::Overlay;

impl Runtime {
    /// The installed apps, ascending by bundle.
    ///
    /// # Errors
    /// [`RuntimeError::Fault`]
    pub fn apps(&self) -> Result<Vec<Bundle>, RuntimeError> {
        let reader = self.read()?;
        let ids = blobs::list(&*reader, schema::BUNDLES)?;
        ids.into_iter().map(|id| installed(&*reader, BundleId(id))).collect()
    }

    /// What installing a bundle would mean: who signed it, what it may do, what is new.
    ///
    /// # Errors
    /// [`RuntimeError::Install`] if anything in it is refused, with all that is.
    pub fn plan_install(&self, bundle: &Bundle) -> Result<InstallPlan, RuntimeError> {
        let installed: Vec<_> = self.apps()?.iter().map(Installed::from).collect();
        Ok(InstallPlan::new(bundle, &installed, &self.loaded.profiles)?)
    }

    /// Installs what the user confirmed, and folds the topics that waited for it. That is also the
    /// user's consent to an upgrade to it: nothing else is to be confirmed, since all that a bundle
    /// may do was shown with the plan.
    ///
    /// # Errors
    /// As [`Runtime::plan_install`]: nothing is installed that a plan would refuse.
    pub fn install(&mut self, bundle: &Bundle) -> Result<(), RuntimeError> {
        self.plan_install(bundle)?;
        let mut overlay = Overlay::new(self.read()?);
        let mut waiting = Vec::new();
        for topic in topic_ids(&overlay)? {
            let waits = Opened::load(self, topic)?.waits()?;
            waiting.extend(waits.filter(|waits| waits.bundle() == bundle.id()).map(|_| topic));
        }
        blobs::put(&mut overlay, schema::BUNDLES, bundle.id().as_bytes(), &bundle.to_bytes());
        blobs::delete(&mut overlay, schema::OFFERS, bundle.id().as_bytes())?;
        self.store.commit(overlay.into_batch())?;
        self.wanted.remove(bundle.id());
        let mut spent = 0u64;
        for topic in waiting {
            // Of many topics not each has a part at once.
            if self.part.is_none_or(|part| spent < part) {
                let opened = Opened::load(self, topic)?;
                spent = spent.saturating_add(self.fold(opened)?.total());
            } else {
                self.note_at_work(topic, true);
            }
            self.changed(topic, Change::Events(Vec::new()));
        }
        Ok(())
    }

    /// Removes an app no topic needs. With its last version goes what it keeps in this home.
    ///
    /// # Errors
    /// [`RuntimeError::NotInstalled`], [`RuntimeError::InUse`]
    pub fn uninstall(&mut self, bundle: BundleId) -> Result<(), RuntimeError> {
        let mut overlay = Overlay::new(self.read()?);
        if !blobs::holds(&overlay, schema::BUNDLES, bundle.as_bytes())? {
            return Err(RuntimeError::NotInstalled { bundle });
        }
        for topic in topic_ids(&overlay)? {
            let founded = founding(&overlay, topic)?;
            if needed(&overlay, &founded)?.iter().any(|needed| needed.bundle == bundle) {
                let needed = installed(&overlay, bundle)?;
                return Err(RuntimeError::InUse {
                    app: needed.manifest().name.clone(),
                    version: needed.manifest().version,
                    topic: TopicRecord::load(&overlay, topic)?.name,
                });
            }
        }
        let app = installed(&overlay, bundle)?.lineage();
        let is_last = self.apps()?.iter().filter(|other| other.lineage() == app).count() == 1;
        blobs::delete(&mut overlay, schema::BUNDLES, bundle.as_bytes())?;
        unpin(&mut overlay, bundle);
        self.store.commit(overlay.into_batch())?;
        self.loaded.unload(bundle);
        if is_last { self.clear_kept(app) } else { Ok(()) }
    }

    /// The installed bundles that a topic is folded through from its genesis on, in the order they
    /// came into force, and those that an upgrade tried.
    ///
    /// # Errors
    /// [`RuntimeError::NoTopic`]; [`RuntimeError::NotInstalled`] if one is not there that was folded
    /// through, or the topic's first.
    pub fn bundles_of(&self, topic: TopicId) -> Result<Vec<Bundle>, RuntimeError> {
        let reader = self.read()?;
        TopicRecord::load(&*reader, topic)?;
        let mut bundles = Vec::new();
        for Needed { bundle, folded } in needed(&*reader, &founding(&*reader, topic)?)? {
            if folded || blobs::holds(&*reader, schema::BUNDLES, bundle.as_bytes())? {
                bundles.push(installed(&*reader, bundle)?);
            }
        }
        Ok(bundles)
    }
}

/// A bundle that a topic cannot be folded without.
pub(super) struct Needed {
    pub(super) bundle: BundleId,
    /// False of what an upgrade names that is not judged yet.
    folded: bool,
}

/// The bundles a topic needs: its first, and all that upgrades name but those that were rejected
/// without a look at the bundle. Each once.
pub(super) fn needed(reader: &dyn Snapshot, topic: &Founding) -> Result<Vec<Needed>, Fault> {
    if topic.author().is_some() {
        return Ok(Vec::new());
    }
    let (graph, keys) = (Graph::new(reader, topic.topic()), TopicKeys { topic: topic.topic() });
    let mut needed = vec![Needed { bundle: topic.genesis().bundle, folded: true }];
    let all = (false, usize::MAX);
    for place in keys.scan_places(reader, schema::UPGRADES, keys.places_after(None), all)? {
        let ruling = read_verdict(reader, topic.topic(), place)?;
        if ruling.as_ref().is_some_and(|ruling| ruling.verdict == Verdict::Reject) {
            continue;
        }
        let Ok(Payload::Upgrade(upgrade)) = Payload::decode(graph.event(place)?.body()) else {
            return Err(Fault::damaged(format!("the upgrade at {place}"), "another kind"));
        };
        let bundle = upgrade.to.id();
        match needed.iter_mut().find(|known| known.bundle == bundle) {
            Some(known) => known.folded |= ruling.is_some(),
            None => needed.push(Needed { bundle, folded: ruling.is_some() }),
        }
    }
    Ok(needed)
}
