//! Random modules: instrumented, they do what they did, and stop where they must.
//!
//! `MYRHIZA_ROUNDS` sets how many.
#![allow(clippy::unwrap_used)]

use myrhiza_component_tests::{APPLY, Engine, Outcome, Rules, rounds, smith};
use myrhiza_kernel::component::{Rule, admit};

const FUEL: u64 = 200_000;

/// What must be equal whether or not a component is instrumented.
fn seen(outcome: &Outcome) -> (&Option<(u32, Vec<u8>)>, &[String]) {
    (&outcome.verdict, &outcome.trace)
}

/// [COMPONENTS-5] Reset and reused equals new, fuel included; and both equal the original, as far as fuel goes.
#[test]
fn random_modules_compute_the_same_again_and_again() {
    let engine = Engine::new();
    let bounded = Engine::with(512 << 10, Some(2_000_000));
    let rules = APPLY.fuel(FUEL);
    let (mut admitted, mut calls, mut verdicts) = (0, 0, 0);
    let rounds = rounds(80);
    for seed in 0..rounds {
        let (original, functions) = smith(seed);
        let instrumented = match admit(&original, &rules) {
            Ok(instrumented) => instrumented.bytes,
            Err(findings) => {
                let known = |rule| matches!(rule, Rule::Unsupported | Rule::Memory);
                assert!(findings.0.iter().all(|f| known(f.rule)), "seed {seed}: {findings}");
                continue;
            }
        };
        admitted += 1;
        // [COMPONENTS-6] Making an instance cannot trap, so none of these may.
        let lasting = admit(&original, &rules.lasting()).unwrap().bytes;
        let [original, instrumented, lasting] =
            [(&bounded, &original), (&engine, &instrumented), (&engine, &lasting)]
                .map(|(engine, bytes)| engine.compile(bytes).unwrap());
        let mut reused = engine.instance(&instrumented).unwrap();
        for round in 0..2 {
            for seq in 0..functions {
                let again = reused.call(seq, &[]);
                let new = engine.instance(&instrumented).unwrap().call(seq, &[]);
                let place = format!("seed {seed}, function {seq}, round {round}");
                assert_eq!(again, new, "{place}: reused and new");
                let free = engine.instance(&lasting).unwrap().call(seq, &[]);
                assert_eq!(seen(&free), seen(&new), "{place}: with and without reset");
                assert_eq!(free.left, new.left, "{place}: fuel with and without reset");
                if again.verdict.is_none() {
                    reused = engine.instance(&instrumented).unwrap();
                } else {
                    let plain = bounded.instance(&original).unwrap().call(seq, &[]);
                    assert_eq!(seen(&again), seen(&plain), "{place}: instrumented and original");
                    verdicts += 1;
                }
                calls += 1;
            }
        }
    }
    println!("{admitted} of {rounds} admitted, {calls} calls, {verdicts} verdicts");
    assert!(admitted * 2 > rounds, "too few modules are admitted to mean anything: {admitted}");
    assert!(verdicts * 4 > calls, "too few calls end to mean anything: {verdicts} of {calls}");
}

/// [METERING-1] With one unit less than it used, a call stops; with any amount, it stops at the same place.
#[test]
fn fuel_ends_a_call_at_one_place() {
    let engine = Engine::new();
    for seed in 0..rounds(80).div_ceil(8) {
        let (original, functions) = smith(seed);
        let run = |fuel: u64, seq| {
            let bytes = admit(&original, &APPLY.fuel(fuel)).ok()?.bytes;
            Some(engine.start(&bytes).unwrap().call(seq, &[]))
        };
        let seq = seed % functions.max(1);
        let Some(whole) = run(FUEL, seq) else { continue };
        let Some(left) = whole.left else { continue };
        let used = FUEL - left;
        let just = run(used, seq).unwrap();
        assert_eq!((seen(&just), just.left), (seen(&whole), Some(0)), "seed {seed}");
        for less in [used - 1, used / 2, used / 3, 0] {
            let (a, b) = (run(less, seq).unwrap(), run(less, seq).unwrap());
            assert_eq!(a, b, "seed {seed}, fuel {less}");
            assert_eq!(a.verdict, None, "seed {seed}, fuel {less}");
            assert!(whole.trace.starts_with(&a.trace), "seed {seed}, fuel {less}");
        }
    }
}
