//! What peers have earned and what they owe, by key and for some minutes, so that nobody begins anew
//! by opening another connection.

use std::collections::BTreeMap;

use myrhiza_kernel_api::PublicKey;

use crate::sync::Offence;
use crate::sync::limits::{CLOSE_POINTS, FORGIVEN_POINTS, THROTTLE_POINTS};

/// Peers that are remembered; of those that are not there, who left longest ago is forgotten first.
const PEERS: usize = 1_024;
/// Milliseconds after which who left is a stranger again.
const KEPT_MS: u64 = 600_000;
/// Milliseconds after a connection made room for another in which its peer has no right to a place.
const BACK_MS: u64 = 5_000;

#[derive(Default)]
pub(crate) struct Merits(BTreeMap<PublicKey, Merit>);

/// What a peer has earned and owes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Merit {
    /// Since when it is there, or comes back again and again.
    pub(super) since_ms: u64,
    /// When it brought something new last.
    pub(super) useful_ms: Option<u64>,
    /// It has shown a topic.
    pub(super) shown: bool,
    /// For its offences.
    points: Points,
    /// For what an honest peer can come to do as well, on this connection.
    by_chance: Points,
    /// It is not talked to before, for what it did.
    barred_ms: u64,
    /// It has no right to the place of another before.
    yields_ms: u64,
    /// None while it is there.
    left_ms: Option<u64>,
}

impl Merit {
    const fn new(now_ms: u64) -> Self {
        Self {
            since_ms: now_ms,
            useful_ms: None,
            shown: false,
            points: Points::none(now_ms),
            by_chance: Points::none(now_ms),
            barred_ms: 0,
            yields_ms: 0,
            left_ms: None,
        }
    }

    /// Points that are not forgiven yet.
    fn points(&self, now_ms: u64) -> u32 {
        self.points.left(now_ms).saturating_add(self.by_chance.left(now_ms))
    }
}

/// Points, as of a time.
#[derive(Clone, Copy, Debug)]
struct Points {
    points: u32,
    as_of_ms: u64,
}

impl Points {
    const fn none(now_ms: u64) -> Self {
        Self { points: 0, as_of_ms: now_ms }
    }

    /// Those that are not forgiven yet.
    fn left(&self, now_ms: u64) -> u32 {
        let seconds = now_ms.saturating_sub(self.as_of_ms) / 1_000;
        let forgiven = seconds * u64::from(FORGIVEN_POINTS);
        self.points.saturating_sub(u32::try_from(forgiven).unwrap_or(u32::MAX))
    }

    fn add(&mut self, points: u32, now_ms: u64) {
        // What is left of a second counts towards the next.
        let begun_ms = now_ms.saturating_sub(self.as_of_ms) % 1_000;
        self.points = self.left(now_ms).saturating_add(points);
        self.as_of_ms = now_ms.saturating_sub(begun_ms);
    }
}

impl Merits {
    pub(super) fn of(&self, peer: &PublicKey, now_ms: u64) -> Merit {
        let is_known =
            |merit: &&Merit| merit.left_ms.is_none_or(|ms| now_ms.saturating_sub(ms) <= KEPT_MS);
        self.0.get(peer).filter(is_known).copied().unwrap_or(Merit::new(now_ms))
    }

    /// A connection to it is there.
    pub(crate) fn came(&mut self, peer: PublicKey, now_ms: u64) {
        let by_chance = Points::none(now_ms);
        let merit = Merit { left_ms: None, by_chance, ..self.of(&peer, now_ms) };
        self.0.insert(peer, merit);
        while self.0.len() > PEERS {
            let gone = self.0.iter().filter_map(|(key, merit)| Some((merit.left_ms?, *key)));
            let Some((_, key)) = gone.min() else { return };
            self.0.remove(&key);
        }
    }

    /// No connection to it is there any more.
    pub(super) fn left(&mut self, peer: &PublicKey, now_ms: u64) {
        self.change(peer, |merit| merit.left_ms = Some(now_ms));
    }

    /// It has brought something new.
    pub(super) fn useful(&mut self, peer: &PublicKey, now_ms: u64) {
        self.change(peer, |merit| merit.useful_ms = Some(now_ms));
    }

    /// It has shown a topic.
    pub(super) fn showed(&mut self, peer: &PublicKey) {
        self.change(peer, |merit| merit.shown = true);
    }

    /// Its connection made room for another.
    pub(super) fn yielded(&mut self, peer: &PublicKey, now_ms: u64) {
        self.change(peer, |merit| merit.yields_ms = now_ms.saturating_add(BACK_MS));
    }

    /// It did something; its points now. What an honest peer can come to do counts on that connection
    /// alone, and not to answer ends it anyway.
    pub(crate) fn offended(&mut self, peer: &PublicKey, offence: Offence, now_ms: u64) -> u32 {
        if offence != Offence::Stalled {
            self.change(peer, |merit| {
                let points =
                    if offence.is_by_chance() { &mut merit.by_chance } else { &mut merit.points };
                points.add(offence.points(), now_ms);
            });
        }
        self.points(peer, now_ms)
    }

    /// Its connection was ended for what it did: it is not talked to until half of it is forgiven.
    pub(super) fn bar(&mut self, peer: &PublicKey, now_ms: u64) {
        let points = self.points(peer, now_ms).max(CLOSE_POINTS);
        let seconds = points.saturating_sub(THROTTLE_POINTS) / FORGIVEN_POINTS;
        let until_ms = now_ms.saturating_add(u64::from(seconds) * 1_000);
        self.change(peer, |merit| merit.barred_ms = until_ms);
    }

    /// The user wants to talk to it, whatever it did.
    pub(super) fn forgive(&mut self, peer: &PublicKey, now_ms: u64) {
        self.change(peer, |merit| {
            let none = Points::none(now_ms);
            (merit.barred_ms, merit.points, merit.by_chance) = (0, none, none);
        });
    }

    pub(crate) fn points(&self, peer: &PublicKey, now_ms: u64) -> u32 {
        self.of(peer, now_ms).points(now_ms)
    }

    pub(super) fn is_barred(&self, peer: &PublicKey, now_ms: u64) -> bool {
        now_ms < self.of(peer, now_ms).barred_ms
    }

    /// Whether it made room for another just now.
    pub(super) fn yields(&self, peer: &PublicKey, now_ms: u64) -> bool {
        now_ms < self.of(peer, now_ms).yields_ms
    }

    /// How many are remembered.
    #[cfg(test)]
    pub(super) fn count(&self) -> usize {
        self.0.len()
    }

    fn change(&mut self, peer: &PublicKey, what: impl FnOnce(&mut Merit)) {
        if let Some(merit) = self.0.get_mut(peer) {
            what(merit);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(n: u16) -> PublicKey {
        PublicKey(std::array::from_fn(|at| n.to_be_bytes()[at % 2]))
    }

    #[test]
    fn who_comes_back_is_who_left_for_some_minutes() {
        let mut merits = Merits::default();
        merits.came(key(1), 1_000);
        merits.useful(&key(1), 2_000);
        merits.left(&key(1), 3_000);
        merits.came(key(1), 4_000);
        let merit = merits.of(&key(1), 4_000);
        assert_eq!((merit.since_ms, merit.useful_ms), (1_000, Some(2_000)));
        // Who stays is remembered however long; who is gone for long is not.
        assert_eq!(merits.of(&key(1), 10 * KEPT_MS).since_ms, 1_000);
        merits.left(&key(1), 4_000);
        assert_eq!(merits.of(&key(1), 4_001 + KEPT_MS).since_ms, 4_001 + KEPT_MS);
    }

    #[test]
    fn who_left_first_is_forgotten_first_and_who_is_there_never() {
        let mut merits = Merits::default();
        merits.came(key(0), 0);
        for n in 1..=2 * PEERS as u16 {
            merits.came(key(n), n.into());
            merits.left(&key(n), n.into());
        }
        assert_eq!(merits.count(), PEERS);
        let now_ms = 2 * PEERS as u64;
        assert_eq!(merits.of(&key(0), now_ms).since_ms, 0);
        assert_eq!(merits.of(&key(now_ms as u16), now_ms).since_ms, now_ms);
        assert!(merits.0.contains_key(&key(2 * PEERS as u16)) && !merits.0.contains_key(&key(1)));
    }

    #[test]
    fn what_an_honest_peer_can_come_to_do_counts_on_its_connection_alone() {
        let mut merits = Merits::default();
        merits.came(key(1), 0);
        assert_eq!(merits.offended(&key(1), Offence::Repeat, 0), 10);
        assert_eq!(merits.offended(&key(1), Offence::Event, 0), 110);
        merits.left(&key(1), 10);
        merits.came(key(1), 20);
        assert_eq!(merits.points(&key(1), 20), 100);
    }

    #[test]
    fn points_are_forgiven_by_time_and_not_by_leaving() {
        let mut merits = Merits::default();
        merits.came(key(1), 0);
        assert_eq!(merits.offended(&key(1), Offence::Lie, 0), 600);
        merits.left(&key(1), 1_500);
        merits.came(key(1), 1_500);
        assert_eq!(merits.points(&key(1), 1_500), 580);
        assert_eq!(merits.offended(&key(1), Offence::Useless, 1_500), 590);
        assert_eq!(merits.points(&key(1), 2_000), 570);
        assert_eq!(merits.offended(&key(1), Offence::Stalled, 2_000), 570);
        assert_eq!(merits.offended(&key(1), Offence::Lie, 2_000), 1_170);
        merits.bar(&key(1), 2_000);
        assert!(merits.is_barred(&key(1), 34_999) && !merits.is_barred(&key(1), 35_000));
        merits.forgive(&key(1), 2_000);
        assert!(!merits.is_barred(&key(1), 2_000) && merits.points(&key(1), 2_000) == 0);
    }
}
