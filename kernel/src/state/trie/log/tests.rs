//! Two logs find what differs by what they send each other, and no lie is believed.

use std::collections::BTreeSet;

use myrhiza_kernel_api::Hash;
use proptest::collection::btree_set;
use proptest::prelude::*;

use super::hints::Hint;
use super::*;
use crate::state::Overlay;
use crate::state::testing::empty;
use crate::state::trie::Change;

const TOPIC: TopicId = TopicId([9; 32]);

type Keys = BTreeSet<LogKey>;

fn key() -> impl Strategy<Value = LogKey> {
    let height = prop_oneof![0..4u64, 0..300u64, Just(u64::MAX)];
    (height, 0..64u8, 0..2u8).prop_map(|(height, first, last)| {
        let mut id = [0; 32];
        (id[0], id[31]) = (first, last);
        LogKey { height, id: EventId(id) }
    })
}

fn log(keys: &Keys) -> Overlay {
    let mut overlay = empty();
    let changes = keys.iter().map(|key| Change::log(key.height, key.id)).collect();
    Trie::log(TOPIC).apply(&mut overlay, changes).unwrap();
    overlay
}

/// Walks until nothing is left, and counts the questions.
fn walk(here: LogTrie<'_>, there: LogTrie<'_>, hints: usize, bytes: usize) -> (Keys, Keys, usize) {
    let (mut need, mut give, mut rounds) = (Keys::new(), Keys::new(), 0);
    let mut open = vec![(Address::ROOT, there.root().unwrap())];
    if here.root().unwrap() == there.root().unwrap() {
        open.clear();
    }
    while let Some((at, named)) = open.pop() {
        rounds += 1;
        let mut budget = bytes;
        let hints = here.hints(at, hints).unwrap();
        let records = there.records(at, &hints, &mut budget).unwrap().unwrap();
        open.push((at, named));
        for (at, record) in records {
            let n = open.iter().position(|(open, _)| *open == at).expect("a record nobody named");
            let (at, named) = open.remove(n);
            let found = here.compare(at, named, &record, usize::MAX).unwrap().unwrap();
            open.extend(found.below);
            need.extend(found.there);
            give.extend(found.here);
        }
    }
    (need, give, rounds)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn a_walk_finds_the_difference_of_two_logs_in_both_directions(
        shared in btree_set(key(), 0..300), a in btree_set(key(), 0..60), b in btree_set(key(), 0..60),
        hints in 0..600usize, bytes in 0..4000usize,
    ) {
        let (a, b): (Keys, Keys) = (&shared | &a, &shared | &b);
        let (here, there) = (log(&a), log(&b));
        let (here, there) = (LogTrie::new(&here, TOPIC), LogTrie::new(&there, TOPIC));
        let (need, give, _) = walk(here, there, hints, bytes);
        prop_assert_eq!(need, &b - &a);
        prop_assert_eq!(give, &a - &b);
    }

    #[test]
    fn the_root_up_to_an_event_is_that_of_the_events_up_to_it(
        keys in btree_set(key(), 0..300), last in key(), some in any::<prop::sample::Index>(), there: bool,
    ) {
        let last = if there && !keys.is_empty() { *some.get(&keys.iter().copied().collect::<Vec<_>>()) } else { last };
        let whole = log(&keys);
        let up_to = log(&keys.iter().copied().filter(|key| *key <= last).collect());
        let want = LogTrie::new(&up_to, TOPIC).root().unwrap();
        prop_assert_eq!(LogTrie::new(&whole, TOPIC).root_up_to(last).unwrap(), want);
    }

    #[test]
    fn a_changed_record_is_not_believed(
        keys in btree_set(key(), 1..300), at in any::<prop::sample::Index>(), bit in 0..8u8, cut: bool,
    ) {
        let (here, there) = (empty(), log(&keys));
        let there = LogTrie::new(&there, TOPIC);
        let mut budget = 1 << 20;
        let records = there.records(Address::ROOT, &[0], &mut budget).unwrap().unwrap();
        let (_, mut record) = records[0].clone();
        let at = at.index(record.len());
        if cut { record.truncate(at) } else { record[at] ^= 1 << bit }
        let here = LogTrie::new(&here, TOPIC);
        let named = there.root().unwrap();
        prop_assert!(here.compare(Address::ROOT, named, &record, 9).unwrap().is_err());
    }

    #[test]
    fn no_bytes_make_hints_or_an_address_fail_otherwise(bytes in proptest::collection::vec(any::<u8>(), 0..80)) {
        let _ = Hint::decode(&bytes);
        if let Some(address) = Address::from_bytes(&bytes) {
            prop_assert_eq!(address.to_bytes(), bytes);
        }
    }
}

#[test]
fn events_that_do_not_belong_below_a_place_are_a_lie() {
    let key = LogKey { height: 7, id: EventId([1; 32]) };
    let there = log(&[key].into());
    let (there, here) = (LogTrie::new(&there, TOPIC), empty());
    let records = there.records(Address::ROOT, &[0], &mut 999).unwrap().unwrap();
    let elsewhere = Address(Place::ROOT.child(3));
    let compared =
        LogTrie::new(&here, TOPIC).compare(elsewhere, there.root().unwrap(), &records[0].1, 9);
    assert_eq!(compared.unwrap(), Err(Lie::Misplaced));
    let named = Root { hash: Hash([0; 32]), count: 1 };
    let compared = LogTrie::new(&here, TOPIC).compare(Address::ROOT, named, &records[0].1, 9);
    assert_eq!(compared.unwrap(), Err(Lie::Other));
}

#[test]
fn what_is_left_out_is_taken_from_here_and_checked() {
    let all: Keys = (0..500u64).map(|n| LogKey { height: n, id: EventId([n as u8; 32]) }).collect();
    let one: Keys = [LogKey { height: 77, id: EventId([1; 32]) }].into();
    let (here, there) = (log(&all), log(&(&all | &one)));
    let (here, there) = (LogTrie::new(&here, TOPIC), LogTrie::new(&there, TOPIC));
    let hints = here.hints(Address::ROOT, HINT_BYTES).unwrap();
    let short = there.records(Address::ROOT, &hints, &mut 9999).unwrap().unwrap();
    let whole = there.records(Address::ROOT, &[0], &mut 9999).unwrap().unwrap();
    assert!(short[0].1.len() < whole[0].1.len());
    let (named, empty) = (there.root().unwrap(), empty());
    let compare =
        |log: LogTrie<'_>, record: &[u8]| log.compare(Address::ROOT, named, record, 9).unwrap();
    assert_eq!(compare(here, &short[0].1), compare(here, &whole[0].1));
    assert!(compare(here, &short[0].1).is_ok());
    assert_eq!(compare(LogTrie::new(&empty, TOPIC), &short[0].1), Err(Lie::Unclear));
    let mut other = short[0].1.clone();
    *other.last_mut().unwrap() ^= 1;
    assert_eq!(compare(here, &other), Err(Lie::Unclear));
}

#[test]
fn a_few_of_many_are_found_in_one_question() {
    let all: Keys = (0..20_000u64)
        .map(|height| LogKey {
            height,
            id: EventId(
                crate::hash::derive(crate::hash::Context::LogLeaf, &[&height.to_be_bytes()]).0,
            ),
        })
        .collect();
    let few: Keys = all.iter().copied().filter(|key| key.height % 2000 == 77).collect();
    let (here, there) = (log(&(&all - &few)), log(&all));
    let (here, there) = (LogTrie::new(&here, TOPIC), LogTrie::new(&there, TOPIC));
    assert_eq!(walk(here, there, HINT_BYTES, 64 << 10), (few, Keys::new(), 1));
}
