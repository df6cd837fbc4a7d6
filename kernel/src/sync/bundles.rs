//! What a topic is folded through, from a peer that has it.

use myrhiza_kernel_api::limits::BUNDLE_BYTES;
use myrhiza_kernel_api::{BundleId, TopicId};

use super::limits::BUNDLES;
use super::message::{Message, Number};
use super::session::{Done, Stop};
use super::{Blob, Effect, Host, Offence, Session};
use crate::fault::Fault;

impl Session {
    /// Asks the peer for a bundle of a topic; [`Effect::Bundle`] tells its answer. Once for each.
    ///
    /// # Errors
    /// [`Fault`]
    pub fn want_bundle(
        &mut self,
        topic: TopicId,
        bundle: BundleId,
        host: &dyn Host,
        now_ms: u64,
    ) -> Result<Vec<Effect>, Fault> {
        self.act(host, now_ms, |session| {
            if session.served(topic, host)?.is_none() {
                return Ok(());
            }
            let Some(shared) = session.topics.get_mut(&topic) else { return Ok(()) };
            if shared.bundles.insert(bundle) {
                let message = Message::BundleWanted { topic: shared.mine, bundle };
                session.send(&message);
            }
            Ok(())
        })
    }

    /// Tells the peer of a bundle it asked for.
    ///
    /// # Errors
    /// [`Fault`]
    pub fn bundle(
        &mut self,
        topic: TopicId,
        bundle: BundleId,
        blob: Option<Blob>,
        host: &dyn Host,
        now_ms: u64,
    ) -> Result<Vec<Effect>, Fault> {
        self.act(host, now_ms, |session| {
            if session.served(topic, host)?.is_some()
                && let Some(shared) = session.topics.get(&topic)
            {
                let message = Message::Bundle { topic: shared.mine, bundle, blob };
                session.send(&message);
            }
            Ok(())
        })
    }

    /// What the peer gave as a bundle was another thing.
    ///
    /// # Errors
    /// [`Fault`]
    pub fn bundle_was_a_lie(&mut self, host: &dyn Host, now_ms: u64) -> Result<Vec<Effect>, Fault> {
        self.act(host, now_ms, |_| Err(Stop::Offence(Offence::Lie)))
    }

    pub(super) fn bundle_wanted(
        &mut self,
        number: Number,
        bundle: BundleId,
        host: &dyn Host,
    ) -> Done {
        let Some((topic, _)) = self.serving(number, host)? else { return Ok(()) };
        let Some(shared) = self.topics.get_mut(&topic) else { return Ok(()) };
        shared.bundles_asked += 1;
        if shared.bundles_asked > BUNDLES {
            return Err(Stop::Offence(Offence::Flood));
        }
        self.tell(Effect::BundleWanted { topic, bundle });
        Ok(())
    }

    pub(super) fn bundle_told(
        &mut self,
        number: Number,
        bundle: BundleId,
        blob: Option<Blob>,
    ) -> Done {
        let topic = self.named(number)?;
        let Some(shared) = self.topics.get_mut(&topic) else { return Ok(()) };
        if !shared.bundles.remove(&bundle) {
            return Err(Stop::Offence(Offence::Order));
        }
        if blob.is_some_and(|blob| blob.bytes > BUNDLE_BYTES as u64) {
            return Err(Stop::Offence(Offence::Flood));
        }
        self.tell(Effect::Bundle { topic, bundle, blob });
        Ok(())
    }
}
