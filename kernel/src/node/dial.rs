//! Whom to connect to and when: of the peers that may have a topic a few are chosen, with a back-off
//! that grows while it is in vain; the others are a reserve.

use std::collections::{BTreeMap, BTreeSet};

use myrhiza_kernel_api::{Address, PeerAddress, PublicKey, TopicId};

use super::choice::Choice;

/// Peers that are kept in mind.
pub const PEERS: usize = 256;
/// Peers that are chosen at one time, over all topics.
pub(super) const CHOSEN: usize = 64;
/// Peers that are kept in mind for one topic.
const TOPIC_PEERS: usize = 64;
/// Attempts in vain after which a peer that is not chosen makes room for another.
const GIVEN_UP: u32 = 4;
/// Attempts under way at one time.
const AT_ONCE: usize = 8;
/// Milliseconds after the first attempt that failed; doubled with each.
const FIRST_MS: u64 = 500;
/// Milliseconds between two attempts at most, and up to a quarter more.
const LAST_MS: u64 = 300_000;
/// Doublings until then.
const DOUBLINGS: u32 = 10;

/// Whom this node knows, and whom of them it wants to be connected to.
#[derive(Debug)]
pub(super) struct Dialer {
    choice: Choice,
    targets: BTreeMap<PublicKey, Target>,
    chosen: BTreeSet<PublicKey>,
    /// Others may be chosen now.
    changed: bool,
}

#[derive(Debug)]
struct Target {
    addresses: Vec<Address>,
    /// The user wants to be connected to it.
    asked: bool,
    /// What it may have.
    topics: BTreeSet<TopicId>,
    state: State,
    /// Attempts in a row that led to nothing.
    failures: u32,
}

#[derive(Debug, PartialEq, Eq)]
enum State {
    Waits { until_ms: u64 },
    Dials,
    Up,
}

impl Target {
    fn waits(&self, now_ms: u64) -> bool {
        matches!(self.state, State::Waits { until_ms } if until_ms > now_ms)
    }

    fn is_due(&self, now_ms: u64) -> bool {
        matches!(self.state, State::Waits { until_ms } if until_ms <= now_ms)
    }

    /// True if it fills a place: it is there, or may well be. Who was not reached before is tried
    /// beside the others, so that it holds up none.
    fn counts(&self) -> bool {
        self.state == State::Up || self.failures == 0
    }
}

impl Dialer {
    /// Knows nobody yet.
    pub(super) const fn new(choice: Choice) -> Self {
        Self { choice, targets: BTreeMap::new(), chosen: BTreeSet::new(), changed: true }
    }

    /// Peers of each topic that are chosen.
    pub(super) const fn degree(&self) -> usize {
        self.choice.degree
    }

    /// Wants a peer, now and for good: what is known of it is replaced, and a back-off ends. With
    /// too many others, one that was in vain most often is forgotten, but for a peer that is up.
    pub(super) fn want(&mut self, peer: PeerAddress, now_ms: u64) {
        if !self.targets.contains_key(&peer.key) && !self.make_room(|_| true) {
            return;
        }
        self.changed = true;
        let target = self.learn(peer, now_ms);
        target.asked = true;
        target.failures = 0;
        if matches!(target.state, State::Waits { .. }) {
            target.state = State::Waits { until_ms: now_ms };
        }
    }

    /// Learns where a peer may be that may have a topic. One that is new is known while there is
    /// room for it; one that is up, also in the place of one that was in vain or is of no topic. The
    /// back-off of one that is known goes on: hearsay costs no more attempts.
    pub(super) fn hear_of(&mut self, topic: TopicId, peer: PeerAddress, is_up: bool, now_ms: u64) {
        let key = peer.key;
        let in_vain = if is_up { 1 } else { GIVEN_UP };
        let goes = |target: &Target| {
            let is_of_no_use = is_up && target.topics.is_empty();
            !target.asked && (target.failures >= in_vain || is_of_no_use)
        };
        if !self.targets.contains_key(&key) && !self.make_room(goes) {
            return;
        }
        self.learn(peer, now_ms);
        if is_up {
            self.up(key);
        }
        self.may_have(key, topic);
    }

    /// A peer may have a topic. Of too many that may, one that was in vain again and again makes
    /// room, and for a peer that is up anyone that is not; else this one is not kept in mind.
    pub(super) fn may_have(&mut self, key: PublicKey, topic: TopicId) {
        let Some(target) = self.targets.get(&key) else { return };
        if target.topics.contains(&topic) {
            return;
        }
        let is_up = target.state == State::Up;
        let others = self.targets.values().filter(|target| target.topics.contains(&topic));
        if others.count() >= TOPIC_PEERS {
            let goes = |target: &Target| {
                target.topics.contains(&topic)
                    && !target.asked
                    && target.state != State::Up
                    && (is_up || target.failures >= GIVEN_UP)
            };
            let worst = self.targets.values_mut().filter(|target| goes(target));
            let Some(worst) = worst.max_by_key(|target| target.failures) else { return };
            worst.topics.remove(&topic);
        }
        if let Some(target) = self.targets.get_mut(&key) {
            target.topics.insert(topic);
            self.changed = true;
        }
    }

    /// Nobody is wanted for a topic any more.
    pub(super) fn forget_topic(&mut self, topic: TopicId) {
        self.changed = true;
        for target in self.targets.values_mut() {
            target.topics.remove(&topic);
        }
    }

    fn learn(&mut self, peer: PeerAddress, now_ms: u64) -> &mut Target {
        let changed = &mut self.changed;
        let target = self.targets.entry(peer.key).or_insert_with(|| {
            *changed = true;
            Target {
                addresses: Vec::new(),
                asked: false,
                topics: BTreeSet::new(),
                state: State::Waits { until_ms: now_ms },
                failures: 0,
            }
        });
        target.addresses = peer.addresses;
        target
    }

    /// Makes room for one more, if need be in the place of one that is not up and that may go: the
    /// one that was in vain most often.
    fn make_room(&mut self, may_go: impl Fn(&Target) -> bool) -> bool {
        if self.targets.len() < PEERS {
            return true;
        }
        let down = self.targets.iter();
        let down = down.filter(|(_, target)| target.state != State::Up && may_go(target));
        let worst = down.max_by_key(|(_, target)| target.failures).map(|(key, _)| *key);
        worst.is_some_and(|key| self.targets.remove(&key).is_some())
    }

    /// Where a peer may be, as far as is known.
    pub(super) fn addresses(&self, key: &PublicKey) -> Vec<Address> {
        self.targets.get(key).map(|target| target.addresses.clone()).unwrap_or_default()
    }

    /// Whether a connection to it is kept up.
    pub(super) fn is_chosen(&self, key: &PublicKey) -> bool {
        self.chosen.contains(key)
    }

    /// Whether others may be chosen now.
    pub(super) const fn has_changed(&self) -> bool {
        self.changed
    }

    /// Chooses anew: whom the user asked for, and of those that may have a topic the first by rank.
    /// A peer that is chosen for several topics counts for each. `refused` says of which topics a
    /// connected peer is of no use.
    pub(super) fn choose(&mut self, refused: impl Fn(&PublicKey, &TopicId) -> bool, now_ms: u64) {
        self.changed = false;
        self.chosen.clear();
        let mut ranked: BTreeMap<TopicId, Vec<_>> = BTreeMap::new();
        for (key, target) in &self.targets {
            if target.asked {
                self.chosen.insert(*key);
            }
            if target.waits(now_ms) {
                continue;
            }
            let rank = self.choice.rank_of_peer(key, now_ms);
            for topic in target.topics.iter().filter(|topic| !refused(key, topic)) {
                ranked.entry(*topic).or_default().push((rank, *key));
            }
        }
        let mut walks: Vec<_> = ranked
            .into_iter()
            .map(|(topic, mut peers)| {
                peers.sort_unstable();
                (self.choice.rank_of_topic(&topic, now_ms), peers.into_iter())
            })
            .collect();
        walks.sort_unstable_by_key(|(rank, _)| *rank);
        // One for each topic, then the next: none takes what others need.
        for _ in 0..self.choice.degree {
            for (_, peers) in &mut walks {
                for (_, key) in peers {
                    if self.chosen.len() >= CHOSEN && !self.chosen.contains(&key) {
                        continue;
                    }
                    self.chosen.insert(key);
                    if self.targets.get(&key).is_some_and(Target::counts) {
                        break;
                    }
                }
            }
        }
    }

    /// The chosen peers whose turn it is.
    pub(super) fn due(&mut self, now_ms: u64) -> Vec<PeerAddress> {
        let dialing = self.targets.values().filter(|target| target.state == State::Dials).count();
        let chosen = &self.chosen;
        let ready = self.targets.iter_mut();
        let ready = ready.filter(|(key, target)| target.is_due(now_ms) && chosen.contains(key));
        let mut peers = Vec::new();
        for (key, target) in ready.take(AT_ONCE.saturating_sub(dialing)) {
            target.state = State::Dials;
            peers.push(PeerAddress { key: *key, addresses: target.addresses.clone() });
        }
        peers
    }

    /// A connection to it is there, whoever opened it.
    pub(super) fn up(&mut self, key: PublicKey) {
        if let Some(target) = self.targets.get_mut(&key) {
            target.state = State::Up;
            self.changed = true;
        }
    }

    /// It was of use: the next back-off starts anew.
    pub(super) fn useful(&mut self, key: PublicKey) {
        if let Some(target) = self.targets.get_mut(&key) {
            target.failures = 0;
        }
    }

    /// A back-off ends.
    pub(super) fn anew(&mut self, key: PublicKey, now_ms: u64) {
        if let Some(target) = self.targets.get_mut(&key)
            && matches!(target.state, State::Waits { .. })
        {
            target.state = State::Waits { until_ms: now_ms };
            self.changed = true;
        }
    }

    /// All back-offs end: what was in vain may not be any more, since the machine slept or has another
    /// network.
    pub(super) fn all_anew(&mut self, now_ms: u64) {
        for target in self.targets.values_mut().filter(|target| target.waits(now_ms)) {
            target.state = State::Waits { until_ms: now_ms };
            target.failures = target.failures.min(1);
            self.changed = true;
        }
    }

    /// A connection was ended, since there are enough others.
    pub(super) fn let_go(&mut self, key: PublicKey, now_ms: u64) {
        if let Some(target) = self.targets.get_mut(&key) {
            target.state = State::Waits { until_ms: now_ms };
            self.changed = true;
        }
    }

    /// An attempt failed, or the connection ended.
    pub(super) fn down(&mut self, key: PublicKey, now_ms: u64) {
        let salt = self.choice.salt();
        if let Some(target) = self.targets.get_mut(&key) {
            let wait = (FIRST_MS << target.failures.min(DOUBLINGS)).min(LAST_MS);
            let spread = salt.rotate_left(target.failures) % (wait / 4 + 1);
            target.failures = target.failures.saturating_add(1);
            let until_ms = now_ms.saturating_add(wait + spread);
            target.state = State::Waits { until_ms };
            self.changed = true;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOPIC: TopicId = TopicId([1; 32]);

    fn peer(n: u8) -> PeerAddress {
        PeerAddress { key: PublicKey([n; 32]), addresses: Vec::new() }
    }

    fn dialer(seed: u8) -> Dialer {
        Dialer::new(Choice::new([seed; 32]))
    }

    /// Those whose turn it is when nobody refuses anything.
    fn due(dialer: &mut Dialer, now_ms: u64) -> Vec<PeerAddress> {
        dialer.choose(|_, _| false, now_ms);
        dialer.due(now_ms)
    }

    /// When its turn comes.
    fn turn(dialer: &Dialer, peer: &PeerAddress) -> u64 {
        match dialer.targets[&peer.key].state {
            State::Waits { until_ms } => until_ms,
            ref other => panic!("it does not wait: {other:?}"),
        }
    }

    #[test]
    fn attempts_in_vain_become_rare_and_a_useful_connection_starts_anew() {
        let mut dialer = dialer(0);
        dialer.want(peer(1), 1_000);
        assert_eq!(due(&mut dialer, 1_000), [peer(1)]);
        assert_eq!(due(&mut dialer, 2_000), []);
        let (mut now, mut waits) = (1_000, Vec::new());
        for _ in 0..14 {
            dialer.down(peer(1).key, now);
            let next = turn(&dialer, &peer(1));
            waits.push(next - now);
            now = next;
            assert_eq!(due(&mut dialer, now - 1), []);
            assert_eq!(due(&mut dialer, now), [peer(1)]);
        }
        assert_eq!(waits[0], 500);
        assert!(waits.is_sorted() && waits[13] <= LAST_MS + LAST_MS / 4);
        dialer.up(peer(1).key);
        dialer.useful(peer(1).key);
        dialer.down(peer(1).key, now);
        assert_eq!(turn(&dialer, &peer(1)), now + FIRST_MS);
    }

    #[test]
    fn who_was_in_vain_for_long_is_tried_at_once_where_the_network_is_another() {
        let mut dialer = dialer(0);
        dialer.want(peer(1), 0);
        (0..14).for_each(|_| dialer.down(peer(1).key, 0));
        assert_eq!(due(&mut dialer, 1_000), []);
        dialer.all_anew(1_000);
        assert_eq!(due(&mut dialer, 1_000), [peer(1)]);
        // One that is under way goes on, and the next wait is short again.
        dialer.all_anew(1_000);
        assert_eq!(due(&mut dialer, 1_000), []);
        dialer.down(peer(1).key, 1_000);
        assert!(turn(&dialer, &peer(1)) <= 1_000 + 2 * FIRST_MS + FIRST_MS / 2);
    }

    #[test]
    fn few_are_dialed_at_once_and_few_are_kept_in_mind() {
        let mut dialer = dialer(u8::MAX);
        (0..=255).for_each(|n| dialer.want(peer(n), 0));
        assert_eq!(due(&mut dialer, 0).len(), AT_ONCE);
        assert_eq!(due(&mut dialer, 0).len(), 0);
        for n in 0..AT_ONCE as u8 {
            dialer.down(peer(n).key, 0);
        }
        assert_eq!(due(&mut dialer, 0).len(), AT_ONCE);
        let key = PublicKey(std::array::from_fn(|n| n as u8));
        dialer.want(PeerAddress { key, addresses: Vec::new() }, 0);
        assert!(dialer.targets.contains_key(&key));
        assert_eq!(dialer.targets.len(), PEERS);
        // Hearsay takes no place of whom the user asked for.
        let key = PublicKey(std::array::from_fn(|n| n as u8 + 1));
        dialer.hear_of(TOPIC, PeerAddress { key, addresses: Vec::new() }, false, 0);
        assert!(!dialer.targets.contains_key(&key));
    }

    #[test]
    fn hearsay_takes_the_place_of_who_was_in_vain_and_of_nobody_else() {
        let mut dialer = dialer(1);
        let heard = |n: u16| {
            let key = PublicKey(std::array::from_fn(|at| n.to_be_bytes()[at % 2]));
            PeerAddress { key, addresses: Vec::new() }
        };
        (0..PEERS as u16).for_each(|n| dialer.hear_of(TOPIC, heard(n), false, 0));
        dialer.hear_of(TOPIC, heard(999), false, 0);
        assert!(!dialer.targets.contains_key(&heard(999).key));
        (0..GIVEN_UP).for_each(|_| dialer.down(heard(7).key, 0));
        dialer.hear_of(TOPIC, heard(999), false, 0);
        assert!(dialer.targets.contains_key(&heard(999).key));
        assert!(!dialer.targets.contains_key(&heard(7).key));
        let of_topic = dialer.targets.values().filter(|target| !target.topics.is_empty());
        assert_eq!(of_topic.count(), TOPIC_PEERS);
    }

    #[test]
    fn who_is_there_is_kept_in_mind_though_all_places_are_taken_by_who_is_not() {
        let mut dialer = dialer(1);
        let topic = |n: usize| TopicId([n as u8; 32]);
        // As many topics as it takes: nobody is without one.
        (0..=255).for_each(|n: u8| {
            dialer.hear_of(topic(usize::from(n) / TOPIC_PEERS), peer(n), false, 0);
        });
        let key = PublicKey(std::array::from_fn(|n| n as u8));
        let newcomer = PeerAddress { key, addresses: Vec::new() };
        dialer.hear_of(topic(0), newcomer.clone(), true, 0);
        assert!(!dialer.targets.contains_key(&key), "these may all be there");
        dialer.down(peer(200).key, 0);
        dialer.hear_of(topic(0), newcomer.clone(), false, 0);
        assert!(!dialer.targets.contains_key(&key), "hearsay takes nobody's place so soon");
        dialer.hear_of(topic(0), newcomer, true, 0);
        let target = &dialer.targets[&key];
        assert!(target.state == State::Up && target.topics.contains(&topic(0)));
        assert!(!dialer.targets.contains_key(&peer(200).key));
        assert_eq!(dialer.targets.len(), PEERS);
    }

    #[test]
    fn a_few_of_each_topic_are_chosen_and_one_that_is_lost_is_replaced() {
        let mut dialer = dialer(1);
        (0..40).for_each(|n| dialer.hear_of(TOPIC, peer(n), false, 0));
        let first = due(&mut dialer, 0);
        assert_eq!(first.len(), dialer.degree());
        first.iter().for_each(|peer| {
            dialer.up(peer.key);
            dialer.useful(peer.key);
        });
        assert_eq!(due(&mut dialer, 1), []);
        // One is not reached: another is tried at once, and it again later, beside the others.
        dialer.down(first[2].key, 1_000);
        let second = due(&mut dialer, 1_000);
        assert_eq!(second.len(), 1);
        assert!(!first.contains(&second[0]));
        dialer.up(second[0].key);
        assert_eq!(due(&mut dialer, 2_000), [first[2].clone()]);
        assert_eq!(dialer.chosen.len(), dialer.degree() + 1);
        dialer.up(first[2].key);
        assert_eq!(due(&mut dialer, 2_000), []);
        assert!(!dialer.is_chosen(&second[0].key), "it is a reserve again");
    }

    #[test]
    fn who_refuses_a_topic_is_not_chosen_for_it_and_one_peer_counts_for_many_topics() {
        let mut dialer = dialer(2);
        let topics: Vec<_> = (0..50).map(|n| TopicId([n; 32])).collect();
        for topic in &topics {
            (0..30).for_each(|n| dialer.hear_of(*topic, peer(n), false, 0));
        }
        dialer.choose(|_, _| false, 0);
        assert_eq!(dialer.chosen.len(), dialer.degree());
        let before = dialer.chosen.clone();
        let refuses = before.first().copied().unwrap();
        dialer.choose(|key, topic| *key == refuses && *topic == topics[0], 0);
        assert_eq!(dialer.chosen.len(), dialer.degree() + 1);
        dialer.choose(|key, _| *key == refuses, 0);
        assert!(!dialer.is_chosen(&refuses));
    }

    #[test]
    fn topics_of_different_peers_share_what_there_is() {
        let mut dialer = dialer(3);
        for n in 0..60 {
            (0..4).for_each(|m| dialer.hear_of(TopicId([n; 32]), peer(4 * n + m), false, 0));
        }
        dialer.choose(|_, _| false, 0);
        assert_eq!(dialer.chosen.len(), CHOSEN);
        let has_one = |n: &u8| (0..4).any(|m| dialer.is_chosen(&peer(4 * n + m).key));
        assert_eq!((0..60).filter(has_one).count(), 60);
    }

    #[test]
    fn who_is_chosen_changes_in_time() {
        let mut dialer = dialer(4);
        (0..40).for_each(|n| dialer.hear_of(TOPIC, peer(n), false, 0));
        let mut seen = BTreeSet::new();
        for hour in 0..30 {
            dialer.choose(|_, _| false, hour * 3_600_000);
            assert_eq!(dialer.chosen.len(), dialer.degree());
            seen.extend(dialer.chosen.iter().copied());
        }
        assert!(seen.len() > 35, "{}", seen.len());
    }
}
