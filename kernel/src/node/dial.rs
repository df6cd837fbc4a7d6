//! Whom to connect to and when, with a back-off that grows while it is in vain.

use std::collections::BTreeMap;

use myrhiza_kernel_api::{Address, PeerAddress, PublicKey};

/// Peers that are kept in mind.
pub const PEERS: usize = 256;
/// Attempts under way at one time.
const AT_ONCE: usize = 8;
/// Milliseconds after the first attempt that failed; doubled with each.
const FIRST_MS: u64 = 500;
/// Milliseconds between two attempts at most, and up to a quarter more.
const LAST_MS: u64 = 300_000;
/// Doublings until then.
const DOUBLINGS: u32 = 10;

/// Whom this node wants to be connected to.
#[derive(Debug)]
pub(super) struct Dialer {
    /// Spreads the attempts of many nodes that lose one peer at one time.
    salt: u64,
    targets: BTreeMap<PublicKey, Target>,
}

#[derive(Debug)]
struct Target {
    addresses: Vec<Address>,
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

impl Dialer {
    /// Wants nobody yet. `salt` is another for each node.
    pub(super) fn new(salt: u64) -> Self {
        Self { salt, targets: BTreeMap::new() }
    }

    /// Wants a peer, now: what is known of it is replaced, and a back-off ends. With too many
    /// others, one that was in vain most often is forgotten, but for a peer that is up.
    pub(super) fn want(&mut self, peer: PeerAddress, now_ms: u64) {
        if !self.targets.contains_key(&peer.key) && self.targets.len() >= PEERS {
            let down = self.targets.iter().filter(|(_, target)| target.state != State::Up);
            let Some(worst) = down.max_by_key(|(_, target)| target.failures).map(|(key, _)| *key)
            else {
                return;
            };
            self.targets.remove(&worst);
        }
        let state = State::Waits { until_ms: now_ms };
        let target = self.targets.entry(peer.key).or_insert(Target {
            addresses: Vec::new(),
            state,
            failures: 0,
        });
        target.addresses = peer.addresses;
        target.failures = 0;
        if matches!(target.state, State::Waits { .. }) {
            target.state = State::Waits { until_ms: now_ms };
        }
    }

    /// Learns where a peer may be. One that is new is tried while there is room for it, and the
    /// back-off of one that is known goes on: hearsay costs no more attempts.
    pub(super) fn hear_of(&mut self, peer: PeerAddress, now_ms: u64) {
        if let Some(target) = self.targets.get_mut(&peer.key) {
            target.addresses = peer.addresses;
        } else if self.targets.len() < PEERS {
            self.want(peer, now_ms);
        }
    }

    /// Where a peer may be, as far as is known.
    pub(super) fn addresses(&self, key: &PublicKey) -> Vec<Address> {
        self.targets.get(key).map(|target| target.addresses.clone()).unwrap_or_default()
    }

    /// The peers whose turn it is.
    pub(super) fn due(&mut self, now_ms: u64) -> Vec<PeerAddress> {
        let dialing = self.targets.values().filter(|target| target.state == State::Dials).count();
        let due = |target: &Target| matches!(target.state, State::Waits { until_ms } if until_ms <= now_ms);
        let ready = self.targets.iter_mut().filter(|(_, target)| due(target));
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
        }
    }

    /// It was of use: the next back-off starts anew.
    pub(super) fn useful(&mut self, key: PublicKey) {
        if let Some(target) = self.targets.get_mut(&key) {
            target.failures = 0;
        }
    }

    /// An attempt failed, or the connection ended.
    pub(super) fn down(&mut self, key: PublicKey, now_ms: u64) {
        let salt = self.salt;
        if let Some(target) = self.targets.get_mut(&key) {
            let wait = (FIRST_MS << target.failures.min(DOUBLINGS)).min(LAST_MS);
            let spread = salt.rotate_left(target.failures) % (wait / 4 + 1);
            target.failures = target.failures.saturating_add(1);
            let until_ms = now_ms.saturating_add(wait + spread);
            target.state = State::Waits { until_ms };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn peer(n: u8) -> PeerAddress {
        PeerAddress { key: PublicKey([n; 32]), addresses: Vec::new() }
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
        let mut dialer = Dialer::new(0);
        dialer.want(peer(1), 1_000);
        assert_eq!(dialer.due(1_000), [peer(1)]);
        assert_eq!(dialer.due(2_000), []);
        let (mut now, mut waits) = (1_000, Vec::new());
        for _ in 0..14 {
            dialer.down(peer(1).key, now);
            let next = turn(&dialer, &peer(1));
            waits.push(next - now);
            now = next;
            assert_eq!(dialer.due(now - 1), []);
            assert_eq!(dialer.due(now), [peer(1)]);
        }
        assert_eq!(waits[0], 500);
        assert!(waits.is_sorted() && waits[13] <= LAST_MS + LAST_MS / 4);
        dialer.up(peer(1).key);
        dialer.useful(peer(1).key);
        dialer.down(peer(1).key, now);
        assert_eq!(turn(&dialer, &peer(1)), now + FIRST_MS);
    }

    #[test]
    fn few_are_dialed_at_once_and_few_are_kept_in_mind() {
        let mut dialer = Dialer::new(u64::MAX);
        (0..=255).for_each(|n| dialer.want(peer(n), 0));
        assert_eq!(dialer.due(0).len(), AT_ONCE);
        assert_eq!(dialer.due(0).len(), 0);
        for n in 0..AT_ONCE as u8 {
            dialer.down(peer(n).key, 0);
        }
        assert_eq!(dialer.due(0).len(), AT_ONCE);
        let key = PublicKey(std::array::from_fn(|n| n as u8));
        dialer.want(PeerAddress { key, addresses: Vec::new() }, 0);
        assert!(dialer.targets.contains_key(&key));
        assert_eq!(dialer.targets.len(), PEERS);
    }
}
