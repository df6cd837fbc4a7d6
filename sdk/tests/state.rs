//! Typed state against the collections it is named after.
#![allow(clippy::unwrap_used)]

use std::collections::{BTreeMap, BTreeSet};

use myrhiza_sdk::prelude::*;
use myrhiza_sdk::testing::{Host, Topic};
use proptest::prelude::*;

type Key = (String, i16);

const CELL: Cell<Vec<u64>> = Cell::new("x");
const LIST: List<String> = List::new("y");
const MAP: Map<Key, u32> = Map::new("z");
const SET: Set<u8> = Set::new("za");

#[derive(Clone, Debug)]
enum Write {
    Cell(Option<Vec<u64>>),
    Push(String),
    Pop,
    Replace(u64, String),
    Insert(Key, u32),
    Remove(Key),
    Include(u8),
    Exclude(u8),
    ClearMap,
    ClearSet,
}

fn key() -> impl Strategy<Value = Key> {
    (prop::sample::select(vec!["", "a", "a\0", "b", "ÿ"]).prop_map(String::from), -3..3i16)
}

fn write() -> impl Strategy<Value = Write> {
    prop_oneof![
        1 => any::<Option<Vec<u64>>>().prop_map(Write::Cell),
        2 => ".{0,3}".prop_map(Write::Push),
        1 => Just(Write::Pop),
        1 => (0..6u64, ".{0,3}").prop_map(|(i, text)| Write::Replace(i, text)),
        6 => (key(), any::<u32>()).prop_map(|(key, n)| Write::Insert(key, n)),
        3 => key().prop_map(Write::Remove),
        9 => any::<u8>().prop_map(Write::Include),
        2 => any::<u8>().prop_map(Write::Exclude),
        1 => Just(Write::ClearMap),
        1 => Just(Write::ClearSet),
    ]
}

#[derive(Debug, Default, PartialEq)]
struct Model {
    cell: Option<Vec<u64>>,
    list: Vec<String>,
    map: BTreeMap<Key, u32>,
    set: BTreeSet<u8>,
}

impl Model {
    fn read(host: &Host) -> Self {
        Self {
            cell: CELL.get(host),
            list: LIST.iter(host).collect(),
            map: MAP.iter(host).collect(),
            set: SET.iter(host).collect(),
        }
    }
}

fn both(host: &mut Host, model: &mut Model, write: Write) {
    match write {
        Write::Cell(Some(value)) => {
            CELL.set(host, &value);
            model.cell = Some(value);
        }
        Write::Cell(None) => {
            CELL.remove(host);
            model.cell = None;
        }
        Write::Push(text) => {
            assert_eq!(LIST.push(host, &text), model.list.len() as u64);
            model.list.push(text);
        }
        Write::Pop => assert_eq!(LIST.pop(host), model.list.pop()),
        Write::Replace(i, text) => {
            let there = LIST.set(host, i, &text);
            assert_eq!(there, model.list.get_mut(i as usize).map(|old| *old = text).is_some());
        }
        Write::Insert(key, n) => {
            MAP.set(host, &key, &n);
            model.map.insert(key, n);
        }
        Write::Remove(key) => {
            assert_eq!(MAP.contains(host, &key), model.map.contains_key(&key));
            MAP.remove(host, &key);
            model.map.remove(&key);
        }
        Write::Include(n) => assert_eq!(SET.insert(host, &n), model.set.insert(n)),
        Write::Exclude(n) => assert_eq!(SET.remove(host, &n), model.set.remove(&n)),
        Write::ClearMap => {
            MAP.clear(host);
            model.map.clear();
        }
        Write::ClearSet => {
            SET.clear(host);
            model.set.clear();
        }
    }
}

/// An empty state.
fn host() -> Host {
    #[derive(Event, Intent)]
    enum Never {
        #[n(0)]
        Never,
    }
    fn apply(_: &mut Host, _: Never) -> Result<(), Reject> {
        Ok(())
    }
    fn propose(_: &Host, never: Never) -> Result<Never, Refusal> {
        Ok(never)
    }
    fn view(_: &Host, _: &mut View) {}
    Topic::new(["ann"], apply, propose, view).host("ann")
}

proptest! {
    #[test]
    fn state_holds_what_the_collections_of_rust_would(
        writes in proptest::collection::vec(write(), 0..150), from in key(),
    ) {
        let (mut host, mut model) = (host(), Model::default());
        for write in writes {
            both(&mut host, &mut model, write);
        }
        prop_assert_eq!(LIST.len(&host), model.list.len() as u64);
        prop_assert_eq!(LIST.is_empty(&host), model.list.is_empty());
        let rest: Vec<_> = MAP.iter_from(&host, &from).collect();
        prop_assert_eq!(rest, model.map.range(from.clone()..).map(|(k, n)| (k.clone(), *n)).collect::<Vec<_>>());
        let under: Vec<_> = MAP.iter_under(&host, &from.0).collect();
        let first = |key: &Key| key.0 == from.0;
        prop_assert_eq!(under, model.map.iter().filter(|(k, _)| first(k)).map(|(k, n)| (k.clone(), *n)).collect::<Vec<_>>());
        prop_assert_eq!(Model::read(&host), model);
    }
}

#[test]
fn what_nothing_was_put_into_leaves_nothing_in_the_state() {
    let mut host = host();
    SET.insert(&mut host, &1);
    SET.clear(&mut host);
    MAP.set(&mut host, &("a".into(), 1), &1);
    MAP.remove(&mut host, &("a".into(), 1));
    CELL.set(&mut host, &vec![1]);
    CELL.remove(&mut host);
    assert!(host.entries().is_empty());
}

#[test]
#[should_panic(expected = "not of the type that reads it")]
fn a_value_of_another_type_is_a_fault() {
    let mut host = host();
    Cell::<bool>::new("x").set(&mut host, &true);
    CELL.get(&host);
}

#[test]
#[should_panic(expected = "longer than 384 bytes")]
fn a_key_too_long_is_a_fault() {
    MAP.set(&mut host(), &("a".repeat(400), 1), &1);
}

#[test]
fn entries_go_on_after_a_key_as_long_as_one_can_be() {
    type Long = [u8; 382];
    const LONG: Set<Long> = Set::new("z");
    let mut host = host();
    // Two pages and one more entry; with the name, each key fills the 384 bytes.
    let mut keys: Vec<Long> = (0..127).map(|n| [n; 382]).collect();
    let mut carries = [100; 382];
    carries[300..].fill(255);
    keys.extend([carries, [255; 382]]);
    keys.sort();
    for key in &keys {
        LONG.insert(&mut host, key);
    }
    SET.insert(&mut host, &1);
    assert_eq!(LONG.iter(&host).collect::<Vec<_>>(), keys);
    for (at, from) in keys.iter().enumerate() {
        let rest = Map::<Long, ()>::new("z")
            .iter_from(&host, from)
            .map(|(key, ())| key)
            .collect::<Vec<_>>();
        assert_eq!(rest, keys[at..]);
    }
    LONG.clear(&mut host);
    assert_eq!(SET.iter(&host).collect::<Vec<_>>(), [1]);
}

#[test]
#[should_panic(expected = "a bound of a scan is longer than 384 bytes")]
fn a_bound_too_long_is_a_fault() {
    MAP.iter_from(&host(), &("a".repeat(400), 1)).next();
}

#[test]
fn the_bytes_in_the_state_are_these() {
    let mut host = host();
    CELL.set(&mut host, &vec![1]);
    LIST.push(&mut host, &"a".into());
    MAP.set(&mut host, &("b".into(), -1), &7);
    let entries: Vec<_> = host.entries().iter().map(|(k, v)| (&k[..], &v[..])).collect();
    assert_eq!(
        entries,
        [
            (&b"x"[..], &[0x81, 1][..]),
            (b"y", &[1]),
            (b"y\0\0\0\0\0\0\0\0\0", &[0x61, b'a']),
            (b"z\0b\0\x01\x7f\xff", &[7]),
        ]
    );
}
