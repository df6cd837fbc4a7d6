//! How bundles are fetched: from whoever has said first that it has one, and beside who is slow from
//! another. What turns out to be no bundle is not kept, nor is what came of one without end.

use std::collections::{BTreeMap, VecDeque};

use myrhiza_kernel_api::{BundleId, Hash, PeerAddress, TopicId};

use super::bundles::ASK_MS;
use super::link::LinkId;
use super::switch::Switch;
use super::told::{Told, Why};
use super::traffic::Output;
use crate::runtime::RuntimeError;
use crate::sync::Blob;

/// Fetches of one bundle at one time.
const AT_ONCE: usize = 3;
/// Milliseconds after which a fetch is slow, so that another begins beside it.
pub(super) const SLOW_MS: u64 = 5_000;
/// Milliseconds for which what came of a blob is left, for another fetch to go on with.
pub(super) const LEFT_MS: u64 = 600_000;
/// Blobs of which something is left; with another, what would go first goes.
const LEFT: usize = 8;

/// What is being fetched, and what could be.
#[derive(Debug, Default)]
pub(super) struct Fetches {
    bundles: BTreeMap<BundleId, Sources>,
    /// When to ask for a bundle again that nobody gave, and for which topic.
    again: BTreeMap<BundleId, (u64, Option<TopicId>)>,
    /// Blobs of no use but to who may go on with them, and until when they are left.
    left: BTreeMap<Hash, u64>,
}

/// Who has said that it has a bundle. Each was asked, so there are not more than connections.
#[derive(Debug, Default)]
struct Sources {
    running: BTreeMap<LinkId, Fetch>,
    /// In the order they said so.
    others: VecDeque<Source>,
}

#[derive(Clone, Copy, Debug)]
struct Source {
    link: LinkId,
    /// What it was asked for.
    topic: Option<TopicId>,
    blob: Blob,
}

#[derive(Debug)]
struct Fetch {
    source: Source,
    since_ms: u64,
    /// What has come, as of the last word on it.
    bytes: u64,
}

impl Fetches {
    /// A connection has ended. A fetch goes another way, so it may still come to its end.
    pub(super) fn forget(&mut self, link: LinkId) {
        for sources in self.bundles.values_mut() {
            sources.others.retain(|source| source.link != link);
        }
        self.bundles
            .retain(|_, Sources { running, others }| !running.is_empty() || !others.is_empty());
    }

    /// Whether a peer has said that it has a bundle, and was not found wanting.
    pub(super) fn knows(&self, bundle: BundleId, link: LinkId) -> bool {
        let is_known = |Sources { running, others }: &Sources| {
            running.contains_key(&link) || others.iter().any(|source| source.link == link)
        };
        self.bundles.get(&bundle).is_some_and(is_known)
    }

    /// A blob is of no more use but to who may go on with it.
    pub(super) fn leave(&mut self, hash: Hash, now_ms: u64) {
        self.left.insert(hash, now_ms.saturating_add(LEFT_MS));
        if self.left.len() > LEFT
            && let Some((_, until)) = self.left.iter_mut().min_by_key(|(_, until)| **until)
        {
            *until = now_ms.min(*until);
        }
    }

    fn is_running(&self, hash: Hash) -> bool {
        let mut running = self.bundles.values().flat_map(|sources| sources.running.values());
        running.any(|fetch| fetch.source.blob.hash == hash)
    }
}

impl Switch {
    /// A peer has said whether it has a bundle that it was asked for.
    pub(super) fn bundle_told(
        &mut self,
        id: LinkId,
        topic: Option<TopicId>,
        bundle: BundleId,
        blob: Option<Blob>,
    ) {
        let Some(link) = self.links.get(&id) else { return };
        let Some(blob) = blob else {
            let (peer, cause) = (link.peer, "the peer does not have it".into());
            return self.tell(Told::NotFetched { peer, bundle, cause });
        };
        let is_lacking = match topic {
            Some(topic) => self.is_to_get(topic, bundle),
            None => {
                let wanted = self.seat.runtime.wanted();
                wanted.is_ok_and(|wanted| wanted.iter().any(|(id, _)| *id == bundle))
            }
        };
        if is_lacking && !self.bundles.fetches.knows(bundle, id) {
            let sources = self.bundles.fetches.bundles.entry(bundle).or_default();
            sources.others.push_back(Source { link: id, topic, blob });
            self.fetch_on(bundle);
        }
    }

    /// Begins to fetch from the next who has a bundle, unless one of those who are at it is not slow.
    /// Where too many are at it, who has sent least is passed over.
    fn fetch_on(&mut self, bundle: BundleId) {
        let now_ms = self.now_ms;
        let fetches = &mut self.bundles.fetches;
        let Some(Sources { running, others }) = fetches.bundles.get_mut(&bundle) else { return };
        let is_slow = |fetch: &Fetch| now_ms.saturating_sub(fetch.since_ms) >= SLOW_MS;
        if !running.values().all(is_slow) {
            return;
        }
        let Some((source, peer)) = (loop {
            let Some(source) = others.pop_front() else { break None };
            if let Some(link) = self.links.get(&source.link) {
                break Some((source, link.peer));
            }
        }) else {
            return;
        };
        let slowest = running.iter().min_by_key(|(_, fetch)| fetch.bytes).map(|(link, _)| *link);
        let slowest = slowest.filter(|_| running.len() >= AT_ONCE);
        let ended = slowest.and_then(|link| running.remove_entry(&link));
        let Source { link, blob, .. } = source;
        running.insert(link, Fetch { source, since_ms: now_ms, bytes: 0 });
        if let Some((link, fetch)) = ended {
            self.out.push(Output::EndFetch { bundle, link });
            fetches.leave(fetch.source.blob.hash, now_ms);
        }
        let from = PeerAddress { key: peer, addresses: self.dialer.addresses(&peer) };
        self.out.push(Output::Fetch { bundle, blob, link, from });
    }

    /// So much of a bundle has come from one who has it.
    pub(super) fn fetching(&mut self, bundle: BundleId, link: LinkId, bytes: u64, total: u64) {
        let sources = self.bundles.fetches.bundles.get_mut(&bundle);
        let Some(fetch) = sources.and_then(|sources| sources.running.get_mut(&link)) else {
            return;
        };
        fetch.bytes = bytes;
        self.tell(Told::Fetching { bundle, bytes, total });
    }

    pub(super) fn fetched(&mut self, bundle: BundleId, id: LinkId, bytes: Result<Vec<u8>, String>) {
        let sources = self.bundles.fetches.bundles.get_mut(&bundle);
        // One that was ended may have come to its end by itself before.
        let Some(fetch) = sources.and_then(|sources| sources.running.remove(&id)) else { return };
        let Source { topic, blob: Blob { hash, .. }, .. } = fetch.source;
        let mut dead_end = false;
        let length = bytes.as_ref().map_or(0, Vec::len) as u64;
        let cause = match bytes.map(|bytes| self.seat.runtime.offer(bundle, &bytes)) {
            Ok(Ok(())) => {
                self.end_fetches(bundle);
                self.bundles.serve(bundle, Blob { hash, bytes: length }, self.now_ms);
                return self.tell(Told::Offered { bundle });
            }
            Ok(Err(RuntimeError::BadInput { cause, .. })) => {
                self.lied(bundle, id, hash);
                cause
            }
            Ok(Err(error)) => {
                self.bundles.fetches.leave(hash, self.now_ms);
                let cause = error.to_string();
                self.tell(Told::Fault { what: "a bundle was not kept", error });
                cause
            }
            Err(cause) => {
                self.bundles.fetches.leave(hash, self.now_ms);
                dead_end = fetch.bytes == 0;
                cause
            }
        };
        if let Some(peer) = self.links.get(&id).map(|link| link.peer) {
            self.tell(Told::NotFetched { peer, bundle, cause });
        }
        self.fetch_on(bundle);
        let fetches = &mut self.bundles.fetches;
        if fetches.bundles.get(&bundle).is_none_or(|sources| sources.running.is_empty()) {
            fetches.bundles.remove(&bundle);
            fetches.again.insert(bundle, (self.now_ms.saturating_add(ASK_MS), topic));
        }
        self.forget_blobs();
        if dead_end {
            self.meet_anew(id);
        }
    }

    /// A transport may still send where the peer was before, as long as it has a connection with it: of
    /// one that took the place of another nothing more is to be had until both have met anew.
    fn meet_anew(&mut self, id: LinkId) {
        if self.links.get(&id).is_some_and(|link| link.replaces) {
            let cause = "no bundle comes from where it came back; it is met anew";
            self.end_link(id, Why::Lost(cause.into()));
        }
    }

    /// A blob is another thing than the bundle that it was said to be, by whoever has said so.
    fn lied(&mut self, bundle: BundleId, link: LinkId, hash: Hash) {
        let mut liars = vec![link];
        if let Some(Sources { others, .. }) = self.bundles.fetches.bundles.get_mut(&bundle) {
            let alike = others.iter().filter(|source| source.blob.hash == hash);
            liars.extend(alike.map(|source| source.link));
            others.retain(|source| source.blob.hash != hash);
        }
        self.bundles.fetches.left.insert(hash, self.now_ms);
        for link in liars {
            self.session(link, |session, view, now_ms| session.bundle_was_a_lie(view, now_ms));
        }
    }

    /// A bundle is here.
    fn end_fetches(&mut self, bundle: BundleId) {
        let fetches = &mut self.bundles.fetches;
        fetches.again.remove(&bundle);
        let Some(Sources { running, .. }) = fetches.bundles.remove(&bundle) else { return };
        for (link, fetch) in running {
            self.out.push(Output::EndFetch { bundle, link });
            self.bundles.fetches.leave(fetch.source.blob.hash, self.now_ms);
        }
    }

    /// What the transport has of blobs since before the start: what is not asked for soon goes.
    pub(super) fn held(&mut self, hashes: Vec<Hash>) {
        let until = self.now_ms.saturating_add(LEFT_MS);
        self.bundles.fetches.left.extend(hashes.into_iter().map(|hash| (hash, until)));
    }

    pub(super) fn tick_fetches(&mut self) {
        let now_ms = self.now_ms;
        let bundles: Vec<_> = self.bundles.fetches.bundles.keys().copied().collect();
        bundles.into_iter().for_each(|bundle| self.fetch_on(bundle));
        let due = |(_, (ms, _)): &(&BundleId, &(u64, _))| *ms <= now_ms;
        let again = self.bundles.fetches.again.iter().filter(due);
        let again: Vec<_> = again.map(|(bundle, (_, topic))| (*bundle, *topic)).collect();
        for (bundle, topic) in again {
            self.bundles.fetches.again.remove(&bundle);
            match topic {
                Some(topic) => self.ask_all_for_bundle(topic),
                None => self.bundles.wanted.retain(|(_, wanted, _)| *wanted != bundle),
            }
        }
        self.forget_blobs();
    }

    /// Has removed what is left of blobs that are of no more use. None while a bundle is being made a
    /// blob, which may be one of them.
    fn forget_blobs(&mut self) {
        let left = self.bundles.fetches.left.iter();
        let due: Vec<_> =
            left.filter(|(_, until)| **until <= self.now_ms).map(|(hash, _)| *hash).collect();
        for hash in due {
            let in_use = self.bundles.serves(hash) || self.bundles.fetches.is_running(hash);
            if !in_use && self.bundles.makes_blobs() {
                continue;
            }
            self.bundles.fetches.left.remove(&hash);
            if !in_use {
                self.out.push(Output::Forget { hash });
            }
        }
    }
}
