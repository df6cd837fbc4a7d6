//! What a topic is folded through, and what authors have published, from a peer that has it.

use std::collections::{BTreeMap, BTreeSet};

use myrhiza_kernel_api::limits::BUNDLE_BYTES;
use myrhiza_kernel_api::{BundleId, TopicId};

use super::limits::{ASK_AGAIN_MS, BUNDLES};
use super::message::{Message, Number};
use super::session::{Done, Stop};
use super::{Blob, Effect, Host, Offence, Session};
use crate::fault::Fault;

/// The bundles that a peer has asked for lately, and when it last did.
#[derive(Debug, Default)]
pub(super) struct Asked(BTreeMap<BundleId, u64>);

impl Asked {
    /// The peer asks for a bundle. What is wrong with it, if anything: there are more than it may ask
    /// for, or it has just asked for this one. An honest node waits for twice as long before it asks
    /// again, unless its user asks anew, and nobody does that twice a second, as fast as it is
    /// forgiven.
    fn again(&mut self, bundle: BundleId, now_ms: u64) -> Option<Offence> {
        if self.0.len() >= BUNDLES {
            self.0.retain(|_, asked_ms| now_ms.saturating_sub(*asked_ms) < ASK_AGAIN_MS);
        }
        if self.0.len() >= BUNDLES && !self.0.contains_key(&bundle) {
            return Some(Offence::Flood);
        }
        let before = self.0.insert(bundle, now_ms);
        let soon = before.is_some_and(|ms| now_ms.saturating_sub(ms) < ASK_AGAIN_MS);
        soon.then_some(Offence::Repeat)
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }
}

impl Session {
    /// Asks the peer for a bundle of a topic, or without one for a bundle that its author has
    /// published; [`Effect::Bundle`] tells its answer. Nothing is asked while an answer is due, or
    /// where the peer does not serve the topic.
    ///
    /// # Errors
    /// [`Fault`]
    pub fn want_bundle(
        &mut self,
        topic: Option<TopicId>,
        bundle: BundleId,
        host: &dyn Host,
        now_ms: u64,
    ) -> Result<Vec<Effect>, Fault> {
        self.act(host, now_ms, |session| {
            if let Some(number) = session.speaks_of(topic, host)?
                && session.due_bundles(topic).is_some_and(|due| due.insert(bundle))
            {
                session.send(&Message::BundleWanted { topic: number, bundle });
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
        topic: Option<TopicId>,
        bundle: BundleId,
        blob: Option<Blob>,
        host: &dyn Host,
        now_ms: u64,
    ) -> Result<Vec<Effect>, Fault> {
        self.act(host, now_ms, |session| {
            if let Some(number) = session.speaks_of(topic, host)? {
                session.send(&Message::Bundle { topic: number, bundle, blob });
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
        number: Option<Number>,
        bundle: BundleId,
        host: &dyn Host,
    ) -> Done {
        let (topic, asked) = match number {
            None => (None, &mut self.bundles_asked),
            Some(number) => {
                let Some((topic, _)) = self.serving(number, host)? else { return Ok(()) };
                let Some(shared) = self.topics.get_mut(&topic) else { return Ok(()) };
                (Some(topic), &mut shared.bundles_asked)
            }
        };
        let offence = asked.again(bundle, self.now_ms);
        if offence != Some(Offence::Flood) {
            self.tell(Effect::BundleWanted { topic, bundle });
        }
        offence.map_or(Ok(()), |offence| Err(Stop::Offence(offence)))
    }

    pub(super) fn bundle_told(
        &mut self,
        number: Option<Number>,
        bundle: BundleId,
        blob: Option<Blob>,
    ) -> Done {
        let topic = number.map(|number| self.named(number)).transpose()?;
        let Some(due) = self.due_bundles(topic) else { return Ok(()) };
        if !due.remove(&bundle) {
            return Err(Stop::Offence(Offence::Order));
        }
        if blob.is_some_and(|blob| blob.bytes > BUNDLE_BYTES as u64) {
            return Err(Stop::Offence(Offence::Flood));
        }
        self.tell(Effect::Bundle { topic, bundle, blob });
        Ok(())
    }

    /// What this side calls a topic that the peer is served, or that there is none; nothing if the
    /// peer is not to be spoken to of it.
    fn speaks_of(
        &mut self,
        topic: Option<TopicId>,
        host: &dyn Host,
    ) -> Result<Option<Option<Number>>, Stop> {
        let Some(topic) = topic else { return Ok(self.is_greeted().then_some(None)) };
        if self.served(topic, host)?.is_none() {
            return Ok(None);
        }
        Ok(self.topics.get(&topic).map(|shared| Some(shared.mine)))
    }

    /// The bundles that the peer was asked for and has not told of.
    fn due_bundles(&mut self, topic: Option<TopicId>) -> Option<&mut BTreeSet<BundleId>> {
        match topic {
            None => Some(&mut self.bundles),
            Some(topic) => self.topics.get_mut(&topic).map(|shared| &mut shared.bundles),
        }
    }
}
