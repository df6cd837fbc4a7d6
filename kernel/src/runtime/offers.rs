//! Bundles that peers gave for topics of this home, and that its user has not agreed to yet.

use std::collections::BTreeSet;

use myrhiza_kernel_api::{BundleId, TopicId};

use super::{Runtime, RuntimeError, blobs};
use crate::bundle::{self, Bundle};
use crate::fault::Fault;
use crate::schema;
use crate::state::Overlay;

/// Bundles that wait for the user's word; with another, the least id goes.
const OFFERS: usize = 16;

impl Runtime {
    /// The bundle that a topic needs to be folded on, if it is neither installed nor offered.
    ///
    /// # Errors
    /// [`RuntimeError::NoTopic`]
    pub fn lacks(&self, topic: TopicId) -> Result<Option<BundleId>, RuntimeError> {
        let reader = self.read()?;
        super::TopicRecord::load(&*reader, topic)?;
        let bundle = super::open::founding(&*reader, topic)?.genesis().bundle;
        for keyspace in [schema::BUNDLES, schema::OFFERS] {
            if blobs::holds(&*reader, keyspace, bundle.as_bytes())? {
                return Ok(None);
            }
        }
        Ok(Some(bundle))
    }

    /// A bundle as a peer that shares this topic may have it; none if it is not here, or none of the
    /// topic's.
    ///
    /// # Errors
    /// [`RuntimeError::NoTopic`]
    pub fn packed(
        &self,
        topic: TopicId,
        bundle: BundleId,
    ) -> Result<Option<Vec<u8>>, RuntimeError> {
        let reader = self.read()?;
        super::TopicRecord::load(&*reader, topic)?;
        if super::open::founding(&*reader, topic)?.genesis().bundle != bundle {
            return Ok(None);
        }
        for keyspace in [schema::BUNDLES, schema::OFFERS] {
            let bytes = blobs::get(&*reader, keyspace, bundle.as_bytes())?;
            if !bytes.is_empty() {
                return Ok(Some(bytes));
            }
        }
        Ok(None)
    }

    /// Keeps a bundle that was asked for until the user has agreed to it, or all topics that need it
    /// are gone. What is not that bundle, whole and signed, is refused.
    ///
    /// # Errors
    /// [`RuntimeError::BadInput`]
    pub fn offer(&mut self, wanted: BundleId, bytes: &[u8]) -> Result<(), RuntimeError> {
        let bad = |cause: String| RuntimeError::BadInput { what: "the bundle a peer sent", cause };
        let bundle = bundle::open(bytes).map_err(|error| bad(error.to_string()))?;
        if bundle.id() != wanted {
            return Err(bad(format!("it is {}, and {wanted} was asked for", bundle.id())));
        }
        let mut overlay = Overlay::new(self.read()?);
        let needed = self.needed()?;
        for id in blobs::list(&overlay, schema::OFFERS)? {
            if !needed.contains(&BundleId(id)) {
                blobs::delete(&mut overlay, schema::OFFERS, &id)?;
            }
        }
        if needed.contains(&wanted) {
            let offers = blobs::list(&overlay, schema::OFFERS)?;
            if let Some(least) = offers.first().filter(|_| offers.len() >= OFFERS) {
                blobs::delete(&mut overlay, schema::OFFERS, least)?;
            }
            blobs::put(&mut overlay, schema::OFFERS, wanted.as_bytes(), bytes);
        }
        Ok(self.store.commit(overlay.into_batch())?)
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

    /// The bundles of this home's topics.
    fn needed(&self) -> Result<BTreeSet<BundleId>, RuntimeError> {
        let reader = self.read()?;
        let bundle = |topic| Ok(super::open::founding(&*reader, topic)?.genesis().bundle);
        super::record::topic_ids(&*reader)?.into_iter().map(bundle).collect()
    }
}
