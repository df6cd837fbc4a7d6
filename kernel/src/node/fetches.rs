//! How bundles are fetched: from whoever has said first that it has one, and beside who is slow from
//! another. Who sends what would be all of it in half an hour is left at it, since anybody can say that
//! they have it as well; who does not makes room and has another turn later. What turns out to be no
//! bundle is not kept, nor is what came of one without end.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use myrhiza_kernel_api::{BundleId, Hash, PeerAddress, TopicId};

use super::bundles::ASK_MS;
use super::link::LinkId;
use super::switch::Switch;
use super::told::Told;
use super::traffic::Output;
use crate::runtime::RuntimeError;
use crate::sync::Blob;

/// Fetches of one bundle at one time.
const AT_ONCE: usize = 3;
/// Milliseconds after which a fetch is slow, so that another begins beside it.
pub(super) const SLOW_MS: u64 = 5_000;
/// Milliseconds in which all of a bundle has to come from one who is not to make room for another.
pub(super) const WHOLE_MS: u64 = 1_800_000;
/// Bytes that may have come and are not known of, as there is a word on it now and then only; of a large
/// bundle this part of it.
const UNKNOWN_BYTES: u64 = 32 << 10;
const UNKNOWN_PART: u64 = 64;
/// Milliseconds for which what came of a blob is left, for another fetch to go on with.
pub(super) const LEFT_MS: u64 = 600_000;
/// Blobs of which something is left; with another, what would go first goes.
const LEFT: usize = 8;
/// Blobs of a later format that are remembered; with another, the least hash is fetched once more.
const NEWER: usize = 64;

/// What is being fetched, and what could be.
#[derive(Debug, Default)]
pub(super) struct Fetches {
    bundles: BTreeMap<BundleId, Sources>,
    /// When to ask for a bundle again that nobody gave, and for which topic.
    again: BTreeMap<BundleId, (u64, Option<TopicId>)>,
    /// Blobs of no use but to who may go on with them, and until when they are left.
    left: BTreeMap<Hash, u64>,
    /// Blobs that only a later version of this program can read: fetched again they would be the same.
    /// Which bundle they are, if any, nobody here can tell.
    newer: BTreeSet<Hash>,
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
    /// What was here as of the first word on it, and as of the last.
    bytes: Option<(u64, u64)>,
}

impl Fetch {
    /// What has come since it began, as far as is known.
    fn came(&self) -> u64 {
        self.bytes.map_or(0, |(first, bytes)| bytes.saturating_sub(first))
    }

    fn is_slow(&self, now_ms: u64) -> bool {
        now_ms.saturating_sub(self.since_ms) >= SLOW_MS
    }

    /// Whether it goes on, and so fast that another is not to have its place.
    fn gets_on(&self, now_ms: u64) -> bool {
        let (whole, passed) = (self.source.blob.bytes, now_ms.saturating_sub(self.since_ms));
        let unknown = (whole / UNKNOWN_PART).max(UNKNOWN_BYTES);
        let due = whole.saturating_mul(passed) / WHOLE_MS;
        self.bytes.is_some() && passed < WHOLE_MS && self.came().saturating_add(unknown) >= due
    }
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

    /// A blob is of no more use but to who may go on with it. Of too many the first goes of which nobody
    /// is known who would.
    pub(super) fn leave(&mut self, hash: Hash, now_ms: u64) {
        self.left.insert(hash, now_ms.saturating_add(LEFT_MS));
        if self.left.len() > LEFT {
            let goes_on = |hash: &Hash| {
                let mut others = self.bundles.values().flat_map(|sources| &sources.others);
                others.any(|source| source.blob.hash == *hash)
            };
            let first = self.left.iter().min_by_key(|(hash, until)| (goes_on(hash), **until));
            if let Some(hash) = first.map(|(hash, _)| *hash) {
                self.left.insert(hash, now_ms);
            }
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
        let peer = link.peer;
        let Some(blob) = blob else {
            let cause = "the peer does not have it".into();
            return self.tell(Told::NotFetched { peer, bundle, cause });
        };
        let is_lacking = match topic {
            Some(topic) => self.is_to_get(topic, bundle),
            None => match self.seat.runtime.wanted() {
                Ok(wanted) => wanted.iter().any(|(id, _)| *id == bundle),
                Err(error) => {
                    return self.tell(Told::Fault { what: "bundles were not asked for", error });
                }
            },
        };
        if is_lacking && self.bundles.fetches.newer.contains(&blob.hash) {
            let what = format!("bundle {bundle} is of a later format");
            return self.tell(Told::UpdateNeeded { peer, what });
        }
        if is_lacking && !self.bundles.fetches.knows(bundle, id) {
            let sources = self.bundles.fetches.bundles.entry(bundle).or_default();
            sources.others.push_back(Source { link: id, topic, blob });
            self.fetch_on(bundle);
        }
    }

    /// Begins to fetch from the next who has a bundle, unless one of those who are at it is not slow.
    /// Where too many are at it, in the place of the one of those who do not get on that has sent
    /// least.
    fn fetch_on(&mut self, bundle: BundleId) {
        let now_ms = self.now_ms;
        let fetches = &mut self.bundles.fetches;
        let Some(Sources { running, others }) = fetches.bundles.get_mut(&bundle) else { return };
        others.retain(|source| self.links.contains_key(&source.link));
        if others.is_empty() || !running.values().all(|fetch| fetch.is_slow(now_ms)) {
            return;
        }
        if running.len() >= AT_ONCE {
            let behind = running.iter().filter(|(_, fetch)| !fetch.gets_on(now_ms));
            let least = behind.min_by_key(|(_, fetch)| (fetch.came(), fetch.since_ms));
            let least = least.map(|(link, _)| *link);
            let Some((link, fetch)) = least.and_then(|link| running.remove_entry(&link)) else {
                return;
            };
            // Who has sent anything has another turn, and goes on with that.
            if fetch.bytes.is_some() {
                others.push_back(fetch.source);
            }
            self.out.push(Output::EndFetch { bundle, link });
            fetches.leave(fetch.source.blob.hash, now_ms);
        }
        let Some(Sources { running, others }) = fetches.bundles.get_mut(&bundle) else { return };
        let Some(source) = others.pop_front() else { return };
        let Source { link, blob, .. } = source;
        let Some(key) = self.links.get(&link).map(|link| link.peer) else { return };
        running.insert(link, Fetch { source, since_ms: now_ms, bytes: None });
        let from = PeerAddress { key, addresses: self.dialer.addresses(&key) };
        self.out.push(Output::Fetch { bundle, blob, link, from });
    }

    /// So much of a bundle has come from one who has it.
    pub(super) fn fetching(&mut self, bundle: BundleId, link: LinkId, bytes: u64, total: u64) {
        let sources = self.bundles.fetches.bundles.get_mut(&bundle);
        let Some(fetch) = sources.and_then(|sources| sources.running.get_mut(&link)) else {
            return;
        };
        fetch.bytes = Some((fetch.bytes.map_or(bytes, |(first, _)| first), bytes));
        self.tell(Told::Fetching { bundle, bytes, total });
    }

    pub(super) fn fetched(&mut self, bundle: BundleId, id: LinkId, bytes: Result<Vec<u8>, String>) {
        let sources = self.bundles.fetches.bundles.get_mut(&bundle);
        // One that was ended may have come to its end by itself before.
        let Some(fetch) = sources.and_then(|sources| sources.running.remove(&id)) else { return };
        let Source { topic, blob: Blob { hash, .. }, .. } = fetch.source;
        let length = bytes.as_ref().map_or(0, Vec::len) as u64;
        let cause = match bytes.map(|bytes| self.seat.runtime.offer(bundle, &bytes)) {
            Ok(Ok(false)) => {
                self.end_fetches(bundle);
                self.bundles.fetches.leave(hash, self.now_ms);
                return self.forget_blobs();
            }
            Ok(Err(RuntimeError::UpdateNeeded { cause, .. })) => {
                return self.found_newer(bundle, id, hash, &cause);
            }
            Ok(Ok(true)) => {
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
                cause
            }
        };
        if let Some(peer) = self.links.get(&id).map(|link| link.peer) {
            self.tell(Told::NotFetched { peer, bundle, cause });
        }
        self.fetch_next(bundle);
        // Who was asked in vain is asked again, also while others are at it.
        let again = self.now_ms.saturating_add(ASK_MS);
        self.bundles.fetches.again.entry(bundle).or_insert((again, topic));
        self.forget_blobs();
    }

    /// One fetch of a bundle has ended without it: others go on.
    fn fetch_next(&mut self, bundle: BundleId) {
        self.fetch_on(bundle);
        let bundles = &mut self.bundles.fetches.bundles;
        if bundles.get(&bundle).is_none_or(|sources| sources.running.is_empty()) {
            bundles.remove(&bundle);
        }
    }

    /// A blob can be read by a later version of this program only. That may be nobody's fault, or not be
    /// the bundle at all: who told of another blob is asked for that.
    fn found_newer(&mut self, bundle: BundleId, link: LinkId, hash: Hash, cause: &str) {
        let fetches = &mut self.bundles.fetches;
        fetches.newer.insert(hash);
        if fetches.newer.len() > NEWER {
            fetches.newer.pop_first();
        }
        if let Some(Sources { others, .. }) = fetches.bundles.get_mut(&bundle) {
            others.retain(|source| source.blob.hash != hash);
        }
        fetches.leave(hash, self.now_ms);
        self.fetch_next(bundle);
        if let Some(peer) = self.links.get(&link).map(|link| link.peer) {
            let what = format!("bundle {bundle}: {cause}");
            self.tell(Told::UpdateNeeded { peer, what });
        }
        self.forget_blobs();
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_would_send_all_of_it_in_half_an_hour_gets_on_and_nobody_else_does() {
        let blob = Blob { hash: Hash([1; 32]), bytes: 8 << 20 };
        let source = Source { link: LinkId(1), topic: None, blob };
        let fetch = |bytes| Fetch { source, since_ms: 1_000, bytes };
        for passed in (0..WHOLE_MS).step_by(10_000) {
            let bytes = blob.bytes * passed / WHOLE_MS;
            assert!(fetch(Some((0, bytes))).gets_on(1_000 + passed), "{passed}");
        }
        assert!(!fetch(None).gets_on(1_000));
        assert!(!fetch(Some((0, blob.bytes))).gets_on(1_000 + WHOLE_MS));
        // What was here before came on another turn.
        assert!(!fetch(Some((4 << 20, 4 << 20))).gets_on(121_000));
        assert!(fetch(Some((4 << 20, 5 << 20))).gets_on(121_000));
    }

    #[test]
    fn what_nobody_would_go_on_with_makes_room_first() {
        let (mut fetches, hash) = (Fetches::default(), |n: u8| Hash([n; 32]));
        let blob = Blob { hash: hash(0), bytes: 1 };
        let source = Source { link: LinkId(1), topic: None, blob };
        let sources = fetches.bundles.entry(BundleId([1; 32])).or_default();
        sources.others.push_back(source);
        (0..=LEFT as u8).for_each(|n| fetches.leave(hash(n), n.into()));
        let gone = fetches.left.iter().filter(|(_, until)| **until < LEFT_MS);
        assert_eq!(gone.map(|(hash, _)| *hash).collect::<Vec<_>>(), [hash(1)]);
    }
}
