//! Bundles that peers gave for topics of this home, and that its user has not agreed to yet.

use std::collections::BTreeSet;

use myrhiza_kernel_api::{BundleId, Keyspace, TopicId};

use super::apps::{Needed, needed};
use super::record::topic_ids;
use super::upgrade::waits;
use super::{Runtime, RuntimeError, Subject, TopicRecord, Waits, blobs};
use crate::bundle::{self, Bundle};
use crate::dag::founding;
use crate::fault::Fault;
use crate::schema;
use crate::state::Overlay;

/// Bundles that wait for the user's word; with another, what was wanted longest ago goes, or if the
/// user wanted none of them the least id. Never the newest.
const OFFERS: usize = 16;
/// Where a bundle can be.
const PLACES: [Keyspace; 3] = [schema::BUNDLES, schema::PUBLISHED, schema::OFFERS];

impl Runtime {
    /// The bundle that a topic waits for, if it is neither installed nor offered.
    ///
    /// # Errors
    /// [`RuntimeError::NoTopic`]
    pub fn lacks(&self, topic: TopicId) -> Result<Option<BundleId>, RuntimeError> {
        let reader = self.read()?;
        let record = TopicRecord::load(&*reader, topic)?;
        let waits = waits(&*reader, &founding(&*reader, topic)?, &record)?;
        let Some(bundle) = waits.as_ref().map(Waits::bundle) else { return Ok(None) };
        let offered = blobs::holds(&*reader, schema::OFFERS, bundle.as_bytes())?;
        Ok((!offered).then_some(bundle))
    }

    /// Whether a peer that shares this topic may have a bundle: it is here, and one of the topic's.
    ///
    /// # Errors
    /// [`RuntimeError::NoTopic`]
    pub fn serves(&self, topic: TopicId, bundle: BundleId) -> Result<bool, RuntimeError> {
        let reader = self.read()?;
        TopicRecord::load(&*reader, topic)?;
        // What is not here need not be looked for among the topic's.
        let here = blobs::holds(&*reader, schema::BUNDLES, bundle.as_bytes())?
            || blobs::holds(&*reader, schema::OFFERS, bundle.as_bytes())?;
        let needed = |needed: &Needed| needed.bundle == bundle;
        Ok(here && self::needed(&*reader, &founding(&*reader, topic)?)?.iter().any(needed))
    }

    /// Whether a bundle is here, be it installed, offered or published.
    ///
    /// # Errors
    /// [`RuntimeError::Fault`]
    pub fn has_bundle(&self, bundle: BundleId) -> Result<bool, RuntimeError> {
        let reader = self.read()?;
        for keyspace in PLACES {
            if blobs::holds(&*reader, keyspace, bundle.as_bytes())? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// A bundle that is here, for those who may have it.
    ///
    /// # Errors
    /// [`RuntimeError::Fault`]
    pub fn packed(&self, bundle: BundleId) -> Result<Option<Vec<u8>>, RuntimeError> {
        let reader = self.read()?;
        for keyspace in PLACES {
            let bytes = blobs::get(&*reader, keyspace, bundle.as_bytes())?;
            if !bytes.is_empty() {
                return Ok(Some(bytes));
            }
        }
        Ok(None)
    }

    /// Keeps a bundle that was asked for until the user has agreed to it, or all topics that need it
    /// are gone. What is not that bundle, whole and signed, is refused. False if nobody needs it any
    /// more, and it is not kept.
    ///
    /// # Errors
    /// [`RuntimeError::BadInput`], and [`RuntimeError::UpdateNeeded`] of a later format
    pub fn offer(&mut self, wanted: BundleId, bytes: &[u8]) -> Result<bool, RuntimeError> {
        let bad = |cause: String| RuntimeError::BadInput { what: Subject::SentBundle, cause };
        let bundle = bundle::open(bytes).map_err(|error| match error.is_update_needed() {
            true => {
                RuntimeError::UpdateNeeded { what: Subject::SentBundle, cause: error.to_string() }
            }
            false => bad(error.to_string()),
        })?;
        if bundle.id() != wanted {
            return Err(bad(format!("it is {}, and {wanted} was asked for", bundle.id())));
        }
        let mut overlay = Overlay::new(self.read()?);
        let mut needed = self.needed_bundles()?;
        needed.extend(self.wanted.iter().map(|(bundle, _)| bundle));
        for id in blobs::list(&overlay, schema::OFFERS)? {
            if !needed.contains(&BundleId(id)) {
                blobs::delete(&mut overlay, schema::OFFERS, &id)?;
            }
        }
        let (kept, mut goes) = (needed.contains(&wanted), None);
        if kept {
            let mut others = blobs::list(&overlay, schema::OFFERS)?;
            others.retain(|id| id != wanted.as_bytes());
            if others.len() >= OFFERS {
                let mut oldest = self.wanted.iter().map(|(bundle, _)| *bundle.as_bytes());
                let oldest = oldest.find(|id| others.contains(id));
                goes = oldest.or(others.first().copied());
            }
            if let Some(goes) = &goes {
                blobs::delete(&mut overlay, schema::OFFERS, goes)?;
            }
            blobs::put(&mut overlay, schema::OFFERS, wanted.as_bytes(), bytes);
        }
        self.store.commit(overlay.into_batch())?;
        // Nor is it asked for again, which would take the place of another.
        if let Some(goes) = goes {
            self.wanted.remove(BundleId(goes));
        }
        Ok(kept)
    }

    /// The bundles that wait for the user's word, ascending by id.
    ///
    /// # Errors
    /// [`RuntimeError::Fault`]
    pub fn offers(&self) -> Result<Vec<Bundle>, RuntimeError> {
        let reader = self.read()?;
        let open = |id: [u8; 32]| {
            let bytes = blobs::get(&*reader, schema::OFFERS, &id)?;
            let what = || format!("offered bundle {}", BundleId(id));
            Ok(bundle::open(&bytes).map_err(|cause| Fault::damaged(what(), cause))?)
        };
        blobs::list(&*reader, schema::OFFERS)?.into_iter().map(open).collect()
    }

    /// Forgets a bundle that was offered and that the user does not want; false if it stays, because a
    /// topic needs it and peers would be asked for it again. It is installed no more than before.
    ///
    /// # Errors
    /// [`RuntimeError::Fault`]
    pub fn refuse_offer(&mut self, bundle: BundleId) -> Result<bool, RuntimeError> {
        self.wanted.remove(bundle);
        if self.needed_bundles()?.contains(&bundle) {
            return Ok(false);
        }
        let mut overlay = Overlay::new(self.read()?);
        blobs::delete(&mut overlay, schema::OFFERS, bundle.as_bytes())?;
        self.store.commit(overlay.into_batch())?;
        Ok(true)
    }

    /// The bundles of this home's topics.
    fn needed_bundles(&self) -> Result<BTreeSet<BundleId>, RuntimeError> {
        let (reader, mut bundles) = (self.read()?, BTreeSet::new());
        for topic in topic_ids(&*reader)? {
            let needed = needed(&*reader, &founding(&*reader, topic)?)?;
            bundles.extend(needed.iter().map(|needed| needed.bundle));
        }
        Ok(bundles)
    }
}
