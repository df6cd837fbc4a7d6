//! The trie against a model: a sorted map.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use myrhiza_kernel_api::{EventId, Hash, TopicId};
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;

use super::*;
use crate::state::Overlay;
use crate::state::testing::{empty, entries};

const TOPIC: TopicId = TopicId([9; 32]);
const STATE: Trie = Trie::state(TOPIC);
const LOG: Trie = Trie::log(TOPIC);

type Model = BTreeMap<Vec<u8>, u8>;

/// Enough keys for three levels, few enough that changes meet.
fn key() -> impl Strategy<Value = Vec<u8>> {
    (0..2u8, 0..400u16).prop_map(|(side, n)| [&[side][..], &n.to_be_bytes()].concat())
}

fn model(size: usize) -> impl Strategy<Value = Model> {
    btree_map(key(), any::<u8>(), 0..size)
}

fn set(key: &[u8], value: u8) -> Change {
    Change::state(key, Some(&[value]))
}

fn built(model: &Model) -> Overlay {
    let mut overlay = empty();
    STATE.apply(&mut overlay, model.iter().map(|(key, value)| set(key, *value)).collect()).unwrap();
    overlay
}

fn differences(trie: Trie, here: &Overlay, there: &Overlay) -> Vec<Difference> {
    let mut found = Vec::new();
    let mut visit = |difference| {
        found.push(difference);
        ControlFlow::Continue(())
    };
    trie.diff(here, there, &mut visit).unwrap();
    found
}

/// Few and short ids at few heights, so that heights share buckets and split.
fn event() -> impl Strategy<Value = (u64, EventId)> {
    let height = prop_oneof![0..4u64, 0..200u64, Just(u64::MAX), Just(1 << 60)];
    (height, 0..64u8, 0..2u8).prop_map(|(height, first, last)| {
        let mut id = [0; 32];
        (id[0], id[31]) = (first, last);
        (height, EventId(id))
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn the_root_and_the_records_depend_on_the_map_alone(
        start in model(300), batches in vec(vec((key(), proptest::option::of(any::<u8>())), 0..60), 0..5),
        emptied: bool,
    ) {
        let (mut overlay, mut model) = (built(&start), start);
        for batch in batches {
            let change = |(key, value): &(Vec<u8>, Option<u8>)| {
                Change::state(key, value.as_ref().map(std::slice::from_ref))
            };
            let root = STATE.apply(&mut overlay, batch.iter().map(change).collect()).unwrap();
            for (key, value) in batch {
                match value {
                    Some(value) => model.insert(key, value),
                    None => model.remove(&key),
                };
            }
            prop_assert_eq!(root.count, model.len() as u64);
            prop_assert_eq!(STATE.root(&overlay).unwrap(), root);
        }
        if emptied {
            let gone = model.keys().map(|key| Change::state(key, None)).collect();
            prop_assert_eq!(STATE.apply(&mut overlay, gone).unwrap(), Root::empty());
            model.clear();
        }
        let fresh = built(&model);
        prop_assert_eq!(STATE.root(&overlay).unwrap(), STATE.root(&fresh).unwrap());
        let records = |overlay: &Overlay| entries(overlay, schema::STATE_TRIE);
        prop_assert_eq!(records(&overlay), records(&fresh));
    }

    #[test]
    fn the_difference_of_two_tries_is_that_of_their_maps(
        shared in model(300), here in model(40), there in model(40), disjoint: bool,
    ) {
        let with = |own: Model| match disjoint {
            true => own,
            false => shared.clone().into_iter().chain(own).collect(),
        };
        let (here, there) = (with(here), with(there));
        let mut want = Vec::new();
        for key in here.keys().chain(there.keys()) {
            let leaf = |model: &Model| model.get(key).map(|value| state_leaf(key, &[*value]));
            if leaf(&here) != leaf(&there) {
                want.push(Difference { key: key.clone(), here: leaf(&here), there: leaf(&there) });
            }
        }
        want.sort_by(|a, b| a.key.cmp(&b.key));
        want.dedup();
        let mut got = differences(STATE, &built(&here), &built(&there));
        got.sort_by(|a, b| a.key.cmp(&b.key));
        prop_assert_eq!(got, want);
    }

    #[test]
    fn every_key_there_or_not_has_a_proof_and_no_flipped_bit_passes(
        model in model(300), key in key(), flip in any::<prop::sample::Index>(), bit in 0..8u32,
    ) {
        let overlay = built(&model);
        let root = STATE.root(&overlay).unwrap().hash;
        let want = model.get(&key).map(|value| state_leaf(&key, &[*value]));
        let mut proof = STATE.prove(&overlay, &key).unwrap();
        prop_assert_eq!(verify_state(root, &key, &proof), Ok(want));

        let at = flip.index(proof.len());
        proof[at] ^= 1 << bit;
        prop_assert!(verify_state(root, &key, &proof).is_err());
        proof[at] ^= 1 << bit;
        prop_assert!(verify_state(root, &key, &proof[..at]).is_err());
        prop_assert!(verify_state(root, &key, &[&proof[..], &[0]].concat()).is_err());
        prop_assert_eq!(verify_state(Hash([1; 32]), &key, &proof), Err(ProofError::Root));
    }

    #[test]
    fn the_log_differs_in_canonical_order_and_proves_its_events(
        shared in vec(event(), 0..200), here in vec(event(), 0..20), there in vec(event(), 0..20),
    ) {
        let built = |own: &[(u64, EventId)]| {
            let mut overlay = empty();
            let events = shared.iter().chain(own);
            LOG.apply(&mut overlay, events.map(|(h, id)| Change::log(*h, *id)).collect()).unwrap();
            overlay
        };
        let (left, right) = (built(&here), built(&there));
        let got: Vec<_> = differences(LOG, &left, &right).into_iter().map(|d| d.key).collect();
        let set = |own: &[(u64, EventId)]| -> std::collections::BTreeSet<_> {
            shared.iter().chain(own).map(|(height, id)| log_key(*height, *id).to_vec()).collect()
        };
        let (a, b) = (set(&here), set(&there));
        prop_assert_eq!(got, a.symmetric_difference(&b).cloned().collect::<Vec<_>>());

        let root = LOG.root(&left).unwrap();
        prop_assert_eq!(root.count, a.len() as u64);
        for (height, id) in here.iter().chain(&there) {
            let key = log_key(*height, *id);
            let proof = LOG.prove(&left, &key).unwrap();
            prop_assert_eq!(verify_log(root.hash, *height, *id, &proof), Ok(a.contains(&key[..])));
        }
    }

    #[test]
    fn no_bytes_panic_the_verifier(proof in vec(any::<u8>(), 0..200), key in key()) {
        let _result = verify_state(Hash([0; 32]), &key, &[&[1], &proof[..]].concat());
    }
}

#[test]
fn the_last_of_several_changes_to_a_key_counts() {
    let mut overlay = empty();
    STATE.apply(&mut overlay, vec![set(b"a", 1), set(b"b", 1), set(b"a", 2)]).unwrap();
    let want = built(&Model::from([(b"a".to_vec(), 2), (b"b".to_vec(), 1)]));
    assert_eq!(STATE.root(&overlay).unwrap(), STATE.root(&want).unwrap());
}

#[test]
fn a_batch_of_changed_keys_reads_the_state_it_is_over() {
    let mut overlay = empty();
    let map = crate::state::StateMap::guest(TOPIC);
    map.set(&mut overlay, b"k", *b"v");
    let root = Trie::update_state(TOPIC, &mut overlay, [b"\x01k"]).unwrap();
    let proof = STATE.prove(&overlay, b"\x01k").unwrap();
    assert_eq!(verify_state(root.hash, b"\x01k", &proof), Ok(Some(state_leaf(b"\x01k", b"v"))));
    map.delete(&mut overlay, b"k");
    assert_eq!(Trie::update_state(TOPIC, &mut overlay, [b"\x01k"]).unwrap(), Root::empty());
}

#[test]
fn a_change_rewrites_its_path_and_nothing_else() {
    let model = (0..20_000u32).map(|n| (n.to_be_bytes().to_vec(), 0)).collect();
    let mut overlay = Overlay::new(Box::new(built(&model)));
    STATE.apply(&mut overlay, vec![set(&7u32.to_be_bytes(), 1)]).unwrap();
    // 20,000 leaves: three inner levels and a bucket, or one more.
    assert!(matches!(overlay.into_batch().writes().len(), 4..=5));
}

#[test]
fn topics_and_tries_do_not_meet() {
    let mut overlay = empty();
    let other = Trie::state(TopicId([8; 32]));
    let root = STATE.apply(&mut overlay, vec![set(b"a", 1)]).unwrap();
    LOG.apply(&mut overlay, vec![Change::log(0, EventId([0; 32]))]).unwrap();
    assert_eq!(other.root(&overlay).unwrap(), Root::empty());
    assert_eq!(STATE.root(&overlay).unwrap(), root);
}

/// Part of the protocol: a change here is a new version.
#[test]
fn roots_are_pinned() {
    let hex = |root: Root| root.hash.to_string();
    let model = (0..100u8).map(|n| (vec![1, n], n)).collect();
    let state = built(&model);
    let mut log = empty();
    let events = (0..100u64).map(|n| Change::log(n / 2, EventId([n as u8; 32]))).collect();
    let log_root = LOG.apply(&mut log, events).unwrap();
    let roots = [Root::empty(), STATE.root(&state).unwrap(), log_root].map(hex);
    let pinned = [
        "bfe433759918794277a786de57838b652fe0f7e08e511e772250c28275c326a1",
        "0881863d03e2ccb3ee70afe80a1b4423725e9692e39d0dc60f5b680db7337726",
        "21069e707a86b456272dcb65adf263e9c1d01ed6792849ca6d3050e013e5af35",
    ];
    assert_eq!(roots, pinned);
}
