//! Bundles from peers: what a topic here needs is asked for where the topic is shared, what the user
//! wants of everybody, and what is asked for is served. And what of the installed ones is withdrawn.

use std::collections::{BTreeMap, BTreeSet};

use myrhiza_kernel_api::{BundleId, PeerAddress, TopicId};

use super::link::{Link, LinkId};
use super::switch::Switch;
use super::told::Told;
use super::traffic::Output;
use crate::runtime::RuntimeError;
use crate::sync::Blob;

/// Bundles whose blobs are remembered; the least id is forgotten, and made a blob once more.
const BLOBS: usize = 64;

/// What a node knows of bundles on their way.
#[derive(Debug, Default)]
pub(super) struct Bundles {
    /// What bundles are served as.
    blobs: BTreeMap<BundleId, Blob>,
    /// Who waits for a bundle to be made a blob.
    waiting: BTreeMap<BundleId, BTreeSet<(LinkId, Option<TopicId>)>>,
    /// Who waits for a bundle that this home lacks as well, and may come to have.
    lacking: BTreeSet<(BundleId, LinkId, TopicId)>,
    /// Being fetched.
    fetching: BTreeSet<BundleId>,
    /// Asked for when events brought the need, once on each connection.
    asked: BTreeSet<(LinkId, BundleId)>,
    /// Asked for since the user wanted them, once on each connection and each time.
    wanted: BTreeSet<(LinkId, BundleId, u32)>,
    /// Installed ones that the user was told are withdrawn.
    withdrawn: BTreeSet<BundleId>,
}

impl Bundles {
    /// A connection has ended.
    pub(super) fn forget(&mut self, link: LinkId) {
        self.asked.retain(|(asked, _)| *asked != link);
        self.wanted.retain(|(asked, ..)| *asked != link);
        self.lacking.retain(|(_, waiting, _)| *waiting != link);
    }
}

impl Switch {
    /// Asks a peer for the bundle that a topic needs, if it is not here.
    pub(super) fn ask_for_bundle(&mut self, link: LinkId, topic: TopicId) {
        match self.seat.runtime.lacks(topic) {
            Ok(Some(bundle)) if !self.bundles.fetching.contains(&bundle) => {
                self.session(link, |session, view, now_ms| {
                    session.want_bundle(Some(topic), bundle, view, now_ms)
                });
            }
            Ok(_) | Err(RuntimeError::NoTopic { .. }) => {}
            Err(error) => self.tell(Told::Fault { what: "a topic was not looked at", error }),
        }
    }

    /// The same of everybody after events came, among which an upgrade may be.
    pub(super) fn ask_for_new_bundle(&mut self, topic: TopicId) {
        let Ok(Some(bundle)) = self.seat.runtime.lacks(topic) else { return };
        let shares = |link: &Link| link.topics.contains_key(&topic);
        let links = self.links.iter().filter(|(_, link)| shares(link));
        for id in links.map(|(id, _)| *id).collect::<Vec<_>>() {
            if self.bundles.asked.insert((id, bundle)) {
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

    pub(super) fn bundle_wanted(&mut self, link: LinkId, topic: Option<TopicId>, bundle: BundleId) {
        let (runtime, blob) = (&self.seat.runtime, self.bundles.blobs.get(&bundle).copied());
        let packed = match (topic, blob) {
            (Some(_), Some(_)) => return self.tell_of_bundle(link, topic, bundle, blob),
            (Some(topic), None) => runtime.packed(topic, bundle),
            (None, _) => match (runtime.is_public(bundle), blob) {
                (Ok(true), Some(_)) => return self.tell_of_bundle(link, topic, bundle, blob),
                (Ok(true), None) => runtime.packed_public(bundle),
                (Ok(false), _) => Ok(None),
                (Err(error), _) => Err(error),
            },
        };
        match packed {
            Ok(Some(bytes)) => {
                let waiting = self.bundles.waiting.entry(bundle).or_default();
                let first = waiting.is_empty();
                waiting.insert((link, topic));
                if first {
                    self.out.push(Output::Keep { bundle, bytes });
                }
            }
            // A neighbour asks once: what this home is to get itself it is told of then.
            Ok(None) if topic.is_some_and(|topic| self.is_to_get(topic, bundle)) => {
                self.bundles.lacking.extend(topic.map(|topic| (bundle, link, topic)));
            }
            Ok(None) => self.tell_of_bundle(link, topic, bundle, None),
            Err(error) => {
                self.tell(Told::Fault { what: "a bundle was not read", error });
                self.tell_of_bundle(link, topic, bundle, None);
            }
        }
    }

    /// Looks whether bundles that others wait for are here now.
    pub(super) fn answer_those_who_wait(&mut self) {
        for (bundle, link, topic) in std::mem::take(&mut self.bundles.lacking) {
            self.bundle_wanted(link, Some(topic), bundle);
        }
    }

    fn is_to_get(&self, topic: TopicId, bundle: BundleId) -> bool {
        matches!(self.seat.runtime.lacks(topic), Ok(Some(lacking)) if lacking == bundle)
    }

    pub(super) fn kept(&mut self, bundle: BundleId, blob: Option<Blob>) {
        if let Some(blob) = blob {
            if self.bundles.blobs.len() >= BLOBS {
                self.bundles.blobs.pop_first();
            }
            self.bundles.blobs.insert(bundle, blob);
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

    pub(super) fn bundle_told(
        &mut self,
        id: LinkId,
        topic: Option<TopicId>,
        bundle: BundleId,
        blob: Option<Blob>,
    ) {
        let Some(link) = self.links.get(&id) else { return };
        let key = link.peer;
        let Some(blob) = blob else {
            let cause = "the peer does not have it".into();
            return self.tell(Told::NotFetched { peer: key, bundle, cause });
        };
        let runtime = &self.seat.runtime;
        let is_lacking = match topic {
            Some(topic) => {
                matches!(runtime.lacks(topic), Ok(Some(lacking)) if lacking == bundle)
            }
            None => runtime.wanted().is_ok_and(|wanted| wanted.iter().any(|(id, _)| *id == bundle)),
        };
        if is_lacking && self.bundles.fetching.insert(bundle) {
            let from = PeerAddress { key, addresses: self.dialer.addresses(&key) };
            self.out.push(Output::Fetch { bundle, blob, link: id, from });
        }
    }

    pub(super) fn fetched(&mut self, bundle: BundleId, id: LinkId, bytes: Result<Vec<u8>, String>) {
        self.bundles.fetching.remove(&bundle);
        let peer = self.links.get(&id).map(|link| link.peer);
        let not_fetched = match bytes.map(|bytes| self.seat.runtime.offer(bundle, &bytes)) {
            Ok(Ok(())) => return self.tell(Told::Offered { bundle }),
            Ok(Err(RuntimeError::BadInput { cause, .. })) => {
                self.session(id, |session, view, now_ms| session.bundle_was_a_lie(view, now_ms));
                cause
            }
            Ok(Err(error)) => {
                return self.tell(Told::Fault { what: "a bundle was not kept", error });
            }
            Err(cause) => cause,
        };
        if let Some(peer) = peer {
            self.tell(Told::NotFetched { peer, bundle, cause: not_fetched });
        }
        // Somebody else may have it.
        let others: Vec<_> = self.links.keys().copied().filter(|other| *other != id).collect();
        for other in others {
            let topics: Vec<_> = match self.links.get(&other) {
                Some(link) => link.topics.keys().copied().collect(),
                None => continue,
            };
            topics.into_iter().for_each(|topic| self.ask_for_bundle(other, topic));
        }
        self.bundles.wanted.retain(|(asked, of, _)| *of != bundle || *asked == id);
        self.ask_for_wanted();
    }
}
