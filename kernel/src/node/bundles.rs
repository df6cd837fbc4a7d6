//! Bundles among peers: what a topic here needs is asked for where the topic is shared, what the user
//! wants of everybody, and what is asked for is served. And what of the installed ones is withdrawn.
//! How they are fetched is in [`super::fetches`].

use std::collections::{BTreeMap, BTreeSet};

use myrhiza_kernel_api::{BundleId, Hash, TopicId};

use super::fetches::Fetches;
use super::link::{Link, LinkId};
use super::switch::Switch;
use super::told::Told;
use super::traffic::Output;
use crate::runtime::RuntimeError;
use crate::sync::Blob;
use crate::sync::limits::ASK_AGAIN_MS;

/// Bundles whose blobs are remembered; the least id is forgotten, and made a blob once more.
const BLOBS: usize = 64;
/// Milliseconds between two requests for the same bundle on a connection: more than its other end
/// wants between them, as the clocks differ.
pub(super) const ASK_MS: u64 = 2 * ASK_AGAIN_MS;
/// Milliseconds after which it is looked whether the bundles that are served are still here.
const LOOK_MS: u64 = 60_000;

/// What a node knows of bundles on their way.
#[derive(Debug, Default)]
pub(super) struct Bundles {
    /// What bundles are served as.
    blobs: BTreeMap<BundleId, Blob>,
    /// When it was last looked whether they are here.
    looked_ms: u64,
    /// Who waits for a bundle to be made a blob.
    waiting: BTreeMap<BundleId, BTreeSet<(LinkId, Option<TopicId>)>>,
    /// Who waits for a bundle that this home lacks as well, and may come to have.
    lacking: BTreeSet<(BundleId, LinkId, TopicId)>,
    pub(super) fetches: Fetches,
    /// When a bundle that a topic needs was last asked for.
    asked: BTreeMap<(LinkId, BundleId), u64>,
    /// Asked for since the user wanted them, once on each connection and each time.
    pub(super) wanted: BTreeSet<(LinkId, BundleId, u32)>,
    /// Installed ones that the user was told are withdrawn.
    withdrawn: BTreeSet<BundleId>,
}

impl Bundles {
    /// A connection has ended.
    pub(super) fn forget(&mut self, link: LinkId) {
        self.asked.retain(|(asked, _), _| *asked != link);
        self.wanted.retain(|(asked, ..)| *asked != link);
        self.lacking.retain(|(_, waiting, _)| *waiting != link);
        self.fetches.forget(link);
    }

    /// Whether a blob is what a bundle is served as.
    pub(super) fn serves(&self, hash: Hash) -> bool {
        self.blobs.values().any(|blob| blob.hash == hash)
    }

    /// Whether a bundle is being made a blob, nobody knows which yet.
    pub(super) fn makes_blobs(&self) -> bool {
        !self.waiting.is_empty()
    }

    /// Serves a bundle as this blob from now on. What is served no longer is left for those who were
    /// told of it a moment ago.
    pub(super) fn serve(&mut self, bundle: BundleId, blob: Blob, now_ms: u64) {
        if self.blobs.len() >= BLOBS
            && !self.blobs.contains_key(&bundle)
            && let Some((_, last)) = self.blobs.pop_first()
        {
            self.fetches.leave(last.hash, now_ms);
        }
        // What was fetched is packed as its author has packed it, what was made here perhaps otherwise.
        if let Some(before) = self.blobs.insert(bundle, blob).filter(|old| old.hash != blob.hash) {
            self.fetches.leave(before.hash, now_ms);
        }
    }
}

impl Switch {
    /// Asks a peer for the bundle that a topic needs, if it is not here and the peer was not asked
    /// just now.
    pub(super) fn ask_for_bundle(&mut self, link: LinkId, topic: TopicId) {
        let Some(bundle) = self.lacks(topic) else { return };
        let before = self.bundles.asked.get(&(link, bundle)).copied();
        let just_now = before.is_some_and(|ms| self.now_ms.saturating_sub(ms) < ASK_MS);
        if just_now || self.bundles.fetches.knows(bundle, link) {
            return;
        }
        self.bundles.asked.insert((link, bundle), self.now_ms);
        self.session(link, |session, view, now_ms| {
            session.want_bundle(Some(topic), bundle, view, now_ms)
        });
    }

    /// The same of everybody who shares the topic.
    pub(super) fn ask_all_for_bundle(&mut self, topic: TopicId) {
        let shares = |link: &Link| link.topics.contains_key(&topic);
        let links = self.links.iter().filter(|(_, link)| shares(link));
        for id in links.map(|(id, _)| *id).collect::<Vec<_>>() {
            self.ask_for_bundle(id, topic);
        }
    }

    /// The same after events came, among which an upgrade may be: once on each connection.
    pub(super) fn ask_for_new_bundle(&mut self, topic: TopicId) {
        let Some(bundle) = self.lacks(topic) else { return };
        let shares = |link: &Link| link.topics.contains_key(&topic);
        let links = self.links.iter().filter(|(_, link)| shares(link));
        for id in links.map(|(id, _)| *id).collect::<Vec<_>>() {
            if !self.bundles.asked.contains_key(&(id, bundle)) {
                self.ask_for_bundle(id, topic);
            }
        }
    }

    /// Asks everybody for what the user wants.
    pub(super) fn ask_for_wanted(&mut self) {
        let wanted = match self.seat.runtime.wanted() {
            Ok(wanted) => wanted,
            Err(error) => {
                return self.tell(Told::Fault { what: "bundles were not asked for", error });
            }
        };
        let still = |bundle| wanted.iter().any(|(wanted, _)| *wanted == bundle);
        self.bundles.wanted.retain(|(_, bundle, _)| still(*bundle));
        for (bundle, times) in wanted {
            let greeted = self.links.iter().filter(|(_, link)| link.session.is_greeted());
            for id in greeted.map(|(id, _)| *id).collect::<Vec<_>>() {
                if self.bundles.wanted.insert((id, bundle, times)) {
                    self.session(id, |session, view, now_ms| {
                        session.want_bundle(None, bundle, view, now_ms)
                    });
                }
            }
        }
    }

    /// What an author's topic has brought may be a withdrawal.
    pub(super) fn look_at_withdrawals(&mut self, topic: TopicId) {
        let of_author = self.seat.runtime.founding_of(topic).is_ok_and(|of| of.author().is_some());
        if of_author {
            self.tell_of_withdrawn();
        }
    }

    /// Tells of installed bundles that are withdrawn and that the user has not been told of.
    pub(super) fn tell_of_withdrawn(&mut self) {
        let open = match self.seat.runtime.withdrawn_apps() {
            Ok(open) => open,
            Err(error) => {
                return self.tell(Told::Fault { what: "withdrawals were not looked at", error });
            }
        };
        for (app, withdrawn) in open {
            if self.bundles.withdrawn.insert(app.id()) {
                let (bundle, name) = (app.id(), app.manifest().name.clone());
                self.tell(Told::Withdrawn { bundle, name, reason: withdrawn.reason });
            }
        }
    }

    /// Answers who wants a bundle. Whether it may be told of is looked at each time, also of one that
    /// others have been told of: who shares one topic learns nothing of what another is folded through.
    pub(super) fn bundle_wanted(&mut self, link: LinkId, topic: Option<TopicId>, bundle: BundleId) {
        let runtime = &self.seat.runtime;
        let served = match topic {
            Some(topic) => runtime.serves(topic, bundle),
            None => runtime.serves_public(bundle),
        };
        match served {
            Ok(true) => self.serve_bundle(link, topic, bundle),
            // A neighbour asks once: what this home is to get itself it is told of then.
            Ok(false) if topic.is_some_and(|topic| self.is_to_get(topic, bundle)) => {
                self.bundles.lacking.extend(topic.map(|topic| (bundle, link, topic)));
            }
            Ok(false) => self.tell_of_bundle(link, topic, bundle, None),
            Err(error) => {
                self.tell(Told::Fault { what: "a bundle was not read", error });
                self.tell_of_bundle(link, topic, bundle, None);
            }
        }
    }

    /// Tells of a bundle that is here as soon as it is a blob.
    fn serve_bundle(&mut self, link: LinkId, topic: Option<TopicId>, bundle: BundleId) {
        if let Some(blob) = self.bundles.blobs.get(&bundle).copied() {
            return self.tell_of_bundle(link, topic, bundle, Some(blob));
        }
        if !self.bundles.waiting.contains_key(&bundle) {
            match self.seat.runtime.packed(bundle) {
                Ok(Some(bytes)) => self.out.push(Output::Keep { bundle, bytes }),
                Ok(None) => return self.tell_of_bundle(link, topic, bundle, None),
                Err(error) => {
                    self.tell(Told::Fault { what: "a bundle was not read", error });
                    return self.tell_of_bundle(link, topic, bundle, None);
                }
            }
        }
        self.bundles.waiting.entry(bundle).or_default().insert((link, topic));
    }

    /// What is to be done about bundles as time passes.
    pub(super) fn tick_bundles(&mut self) {
        // Whoever waits for what is here now.
        for (bundle, link, topic) in std::mem::take(&mut self.bundles.lacking) {
            self.bundle_wanted(link, Some(topic), bundle);
        }
        self.tick_fetches();
        if self.now_ms.saturating_sub(self.bundles.looked_ms) < LOOK_MS {
            return;
        }
        self.bundles.looked_ms = self.now_ms;
        let Bundles { blobs, fetches, .. } = &mut self.bundles;
        let (runtime, now_ms) = (&self.seat.runtime, self.now_ms);
        blobs.retain(|bundle, blob| {
            // What cannot be read is looked at again.
            let here = runtime.has_bundle(*bundle).unwrap_or(true);
            if !here {
                fetches.leave(blob.hash, now_ms);
            }
            here
        });
    }

    /// Whether a topic needs a bundle that this home has yet to get.
    pub(super) fn is_to_get(&mut self, topic: TopicId, bundle: BundleId) -> bool {
        self.lacks(topic) == Some(bundle)
    }

    /// The bundle that a topic needs and this home has yet to get.
    fn lacks(&mut self, topic: TopicId) -> Option<BundleId> {
        match self.seat.runtime.lacks(topic) {
            Ok(bundle) => bundle,
            Err(RuntimeError::NoTopic { .. }) => None,
            Err(error) => {
                self.tell(Told::Fault { what: "a topic was not looked at", error });
                None
            }
        }
    }

    pub(super) fn kept(&mut self, bundle: BundleId, blob: Option<Blob>) {
        if let Some(blob) = blob {
            self.bundles.serve(bundle, blob, self.now_ms);
        }
        for (link, topic) in self.bundles.waiting.remove(&bundle).unwrap_or_default() {
            self.tell_of_bundle(link, topic, bundle, blob);
        }
    }

    fn tell_of_bundle(
        &mut self,
        link: LinkId,
        topic: Option<TopicId>,
        bundle: BundleId,
        blob: Option<Blob>,
    ) {
        self.session(link, |session, view, now_ms| {
            session.bundle(topic, bundle, blob, view, now_ms)
        });
    }
}
