#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
//! Convergence and durability over simulated histories, a sixth of them over a network.

use myrhiza_sim::{Ground, Over, Shape, run, sweep};

/// Histories in a test run; more by `cargo xtask sim --seeds N`.
const SEEDS: u64 = 1000;

#[test]
fn equal_event_sets_have_equal_roots_and_nothing_acknowledged_is_lost() {
    let ground = Ground::new().unwrap();
    let swept = sweep(&ground, 0..SEEDS, |seed| Shape::of(seed, Shape::LMDB_EVERY), |_| {});
    println!("{swept}");
    assert!(swept.failed.is_empty(), "{:?}", swept.failed);
    assert_eq!(swept.passed, SEEDS);
    assert!(swept.votes() > 1_000, "homes did not compare their states");
}

#[test]
fn a_seed_is_the_same_history_every_time() {
    let ground = Ground::new().unwrap();
    for over in [Over::Events, Over::Network] {
        let shape = Shape { over, ..Shape::of(7, 0) };
        let [once, again] = [(); 2].map(|()| format!("{}", run(&ground, 7, shape).unwrap()));
        assert_eq!(once, again);
    }
}

#[test]
fn no_seeds_are_none_also_at_the_end_of_all() {
    let ground = Ground::new().unwrap();
    for seeds in [u64::MAX..u64::MAX, 7..7] {
        let swept = sweep(&ground, seeds, |seed| Shape::of(seed, 0), |_| {});
        assert_eq!((swept.passed, swept.failed.len()), (0, 0));
    }
}
